import type { Apps } from './apps.ts';
import { printTyped, quote } from './line.ts';
import type { Subject } from './subject.ts';
import { spell } from './target.ts';

/** A line of this verb that means this subject, with these options: values by name, those that are undefined left out. */
export function printQuestion(
  verb: string,
  { app, ref, pullRequest, environment }: Subject,
  options: Readonly<Record<string, unknown>>,
  apps: Apps,
): string {
  return [
    verb,
    quote(spell({ app, ...(pullRequest === undefined ? ref !== undefined && { ref } : { pullRequest }) }, apps)),
    ...(environment ? ['in', quote(environment.name)] : []),
    ...printTyped(options),
  ].join(' ');
}
