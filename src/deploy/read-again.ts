import { deployOptions, readOptions } from './options.ts';
import type { DeployRequest } from './request.ts';

/** What may be said beside a verb that deploys a commit of before. It merges nothing, so that nothing can be said of that. */
export type Extras = Pick<DeployRequest, 'hosts' | 'force' | 'task' | 'description' | 'payload' | 'dryRun'>;

const { force, task, description, payload, set, host, 'dry-run': dryRun } = deployOptions;

/** For a task, unless another was typed. */
export const withTask = (extras: Extras, task: string | undefined): Extras =>
  task === undefined || extras.task !== undefined ? extras : { ...extras, task };

/** The options of such a verb. */
export const againOptions = { force, task, description, payload, set, host, 'dry-run': dryRun };

/** The words and options of such a verb, with every `!` taken for force. Throws a Refusal for values that make no sense. */
export function readExtras(
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
): { words: string[]; extras: Extras } {
  const bare = words.map((word) => word.replace(/!+$/, '')).filter((word) => word !== '');
  const isForced = bare.join(' ') !== words.join(' ');
  const asked = readOptions(options);
  const { hosts, dryRun, task, description, payload } = asked;
  const extras = {
    hosts,
    force: asked.force || isForced,
    dryRun,
    ...(task !== undefined && { task }),
    ...(description !== undefined && { description }),
    ...(payload && { payload }),
  };
  return { words: bare, extras };
}
