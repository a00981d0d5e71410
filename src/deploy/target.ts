import type { App, Apps } from './apps.ts';
import { shown, shownLine } from './line.ts';
import { whatIsWrongWithRef } from './ref.ts';
import { Refusal } from './refusal.ts';
import { say } from './words.ts';

/** What is to be deployed: an app, and at most one of a ref and a pull request. */
export interface Target {
  app: App;
  ref?: string;
  pullRequest?: number;
}

/** One way to read a target: whose it is, and the ref or the pull request after it, its separator included. */
export interface Reading {
  app: App;
  rest: string;
}

/** Words between a target and its environment. They are never repositories that nobody listed. */
export const prepositions: readonly string[] = ['to', 'in', 'on'];

/**
 * Every way to read a target that the catalogue allows: `app…`, `owner/repo…`, and a repository of the owner that nobody
 * listed where that is allowed and nothing else fits. None: nobody knows it. More than one: only the person knows.
 */
export function readings(target: string, apps: Apps): Reading[] {
  const [, head = '', rest = ''] = /^([^/@#]*)([\s\S]*)$/.exec(target) ?? [];
  const app = apps.find(head);
  const found = [...(app ? [{ app, rest }] : []), ...inNamedRepository(head, rest, apps)];
  if (found.length > 0 || !apps.unlisted || apps.owner === undefined || !isRepositoryName(head)) return found;
  if (prepositions.includes(head.toLowerCase())) return [];
  return inRepository(`${apps.owner}/${head}`, rest, apps);
}

/** `owner/repo…`, where an app has that repository or the owner is the catalogue's. */
function inNamedRepository(owner: string, rest: string, apps: Apps): Reading[] {
  const [, name, more] = /^\/([^/@#]+)([\s\S]*)$/.exec(rest) ?? [];
  if (name === undefined || more === undefined || !isRepositoryName(name)) return [];
  const repository = `${owner}/${name}`;
  const ours = owner.toLowerCase() === apps.owner?.toLowerCase();
  return apps.inRepository(repository).length > 0 || (ours && apps.unlisted)
    ? inRepository(repository, more, apps)
    : [];
}

/** An app that is listed with a repository is never bypassed by its repository's own name. */
function inRepository(repository: string, rest: string, apps: Apps): Reading[] {
  const listed = apps.inRepository(repository);
  return (listed.length > 0 ? listed : [apps.unlistedApp(repository)]).map((app) => ({ app, rest }));
}

/** GitHub: letters, digits, `.`, `_` and `-`, at most 100 of them. */
const isRepositoryName = (name: string): boolean => /^[\w.-]{1,100}$/.test(name) && name !== '.' && name !== '..';

/**
 * The target that a reading means. Throws a Refusal where the ref or the number after the app can't be one; `line` is the
 * same line with something else after the app.
 */
export function targetOf({ app, rest }: Reading, line: (rest: string) => string): Target {
  if (rest === '') return { app };
  const after = rest.slice(1);
  if (rest.startsWith('#')) {
    if (/^[1-9]\d{0,9}$/.test(after)) return { app, pullRequest: Number(after) };
    throw new Refusal(
      'bad-pull-request',
      say`After ${shown(`${app.name}#`)} comes the number of a pull request, and ${shown(after)} is none. Try ${shownLine(line('#12'))}, or ${shownLine(line(''))}.`,
    );
  }
  const wrong = whatIsWrongWithRef(after);
  if (wrong === undefined) return { app, ref: after };
  throw new Refusal(
    'bad-ref',
    after === ''
      ? say`The branch, tag or commit after ${shown(`${app.name}${rest}`)} is missing. Name one, or leave it out for the default branch: ${shownLine(line(''))}.`
      : say`${shown(after)} can’t be a branch, tag or commit: it ${wrong}. Check its spelling, or leave it out for the default branch: ${shownLine(line(''))}.`,
  );
}

/** The shortest spelling that is read as this target and nothing else. */
export function spell(target: Target, apps: Apps): string {
  const { app, ref, pullRequest } = target;
  const rests = pullRequest !== undefined ? [`#${pullRequest}`] : ref !== undefined ? [`/${ref}`, `@${ref}`] : [''];
  const listed = apps.find(app.name)?.repository === app.repository;
  const names = listed ? [app.name, app.repository] : [app.repository, app.name];
  const spellings = names.flatMap((name) => rests.map((rest) => name + rest));
  return spellings.find((spelling) => means(spelling, target, apps)) ?? spellings[0] ?? app.name;
}

/** Whether a spelling has one reading, and that is the target. */
export function means(spelling: string, { app, ref, pullRequest }: Target, apps: Apps): boolean {
  const [reading, other] = readings(spelling, apps);
  if (!reading || other || reading.app.name !== app.name || reading.app.repository !== app.repository) return false;
  if (pullRequest !== undefined) return reading.rest === `#${pullRequest}`;
  return ref === undefined ? reading.rest === '' : /^[/@]/.test(reading.rest) && reading.rest.slice(1) === ref;
}
