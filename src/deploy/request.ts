import { readAim } from './aim.ts';
import type { App, Apps, Environment } from './apps.ts';
import { printDestination } from './destination.ts';
import { exampleOf } from './example.ts';
import { printOption, quote } from './line.ts';
import { type Asked, readOptions, readTask } from './options.ts';
import { type Phrase, readPhrase } from './phrase.ts';
import { Refusal } from './refusal.ts';
import { spell } from './target.ts';
import { code, say } from './words.ts';

/** What somebody asks for, in full: everything a line says, and nothing that GitHub or the catalogue would add. */
export interface DeployRequest {
  app: App;
  /** Omitted, as `pullRequest`: the default branch. */
  ref?: string;
  /** Instead of a ref: the head of that pull request. */
  pullRequest?: number;
  /** Omitted: the app's default. */
  environment?: Environment;
  hosts: readonly string[];
  /** Omitted: the app's. */
  task?: string;
  force: boolean;
  autoMerge?: boolean;
  /** Checks that must be green, beside those of the catalogue. */
  require?: readonly string[];
  description?: string;
  payload?: Record<string, unknown>;
  transient?: boolean;
  production?: boolean;
  dryRun: boolean;
}

/** A line that was split into its words and options; see `understand`. */
export interface DeployLine {
  /** `deploy`, or with a task or a `!`: `deploy:migrate!`. */
  verb: string;
  words: readonly string[];
  options: Readonly<Record<string, unknown>>;
}

/**
 * Reads a deploy line: `app/ref to environment/hosts`, with its options. Throws a Refusal for everything that is not
 * understood to the last word. `commands` are the words that would have been commands, for a misspelt one.
 */
export function parseDeploy(line: DeployLine, apps: Apps, commands: readonly string[] = []): DeployRequest {
  const asked = readOptions(line.options);
  const verb = readVerb(line.verb, asked);
  const phrase = readPhrase(line.words, (target) => exampleLine(apps, target));
  const force = asked.force || verb.force || phrase.force;
  if (force) mayBeForced(asked);
  const complete = { ...asked, ...(verb.task !== undefined && { task: verb.task }), force };
  return requestOf(phrase, complete, apps, commands);
}

function requestOf(phrase: Phrase, asked: Asked, apps: Apps, commands: readonly string[]): DeployRequest {
  const { target, destination } = readAim(phrase, apps, {
    line: (change) => printDeploy(requestOf({ ...phrase, ...change }, asked, apps, commands), apps),
    example: (named) => exampleLine(apps, named),
    takesRef: true,
    commands,
  });
  const { force, dryRun, hosts: alsoHosts, ...others } = asked;
  const hosts = [...new Set([...(destination?.hosts ?? []), ...alsoHosts])];
  return { ...target, ...(destination && { environment: destination.environment }), hosts, ...others, force, dryRun };
}

function exampleLine(apps: Apps, target?: string): string {
  const { app, environment } = exampleOf(apps, target);
  return `${app} to ${environment}`;
}

/** `deploy`, `deploy:task`, `deploy!`, `deploy:task!` */
function readVerb(verb: string, asked: Asked): { task?: string; force: boolean } {
  const force = verb.endsWith('!');
  const bare = verb.replace(/!+$/, '');
  const colon = bare.indexOf(':');
  if (colon < 0) return { force };
  // The whole word is the task, as hubot-deploy sent it and GitHub's own example has it: `deploy:migrations`.
  const task = bare.toLowerCase().startsWith('deploy:') ? `deploy${bare.slice(colon)}` : bare;
  if (bare.slice(colon + 1) === '') {
    throw new Refusal(
      'bad-task',
      say`The task after ${code(bare)} is missing. Write it without a space, as in ${code('/deploy deploy:migrate')}, or leave the colon out.`,
    );
  }
  if (asked.task !== undefined && asked.task !== task) {
    throw new Refusal(
      'two-tasks',
      say`Two tasks were named, ${code(task)} and ${code(asked.task)}. Keep one: leave out ${code(`--task ${asked.task}`)}.`,
    );
  }
  return { task: readTask(task), force };
}

function mayBeForced({ require, autoMerge }: Asked): void {
  const against = require ? '--require' : autoMerge ? '--auto-merge' : undefined;
  if (against === undefined) return;
  throw new Refusal(
    'force-conflict',
    say`Force waits for no check and merges nothing, so it can’t go together with ${code(against)}. Leave out one of the two: ${code(against)}, or ${code('--force')} and every ${code('!')}.`,
  );
}

/** A line, without the `/deploy` before it, that {@link parseDeploy} reads as this request and nothing else. */
export function printDeploy(request: DeployRequest, apps: Apps): string {
  const { app, environment, hosts } = request;
  const destination = environment && printDestination({ environment, hosts }, app);
  return [
    quote(spell(request, apps)),
    ...(destination ? ['to', quote(destination.text)] : []),
    ...printOptions({ ...request, hosts: destination?.printed ? [] : hosts }),
  ].join(' ');
}

/** The options that a request needs to be typed again. */
export function printOptions(request: Omit<DeployRequest, 'app'>): string[] {
  const options: Record<string, unknown> = {
    host: request.hosts,
    task: request.task,
    force: request.force || undefined,
    'auto-merge': request.autoMerge,
    require: request.require?.join(','),
    description: request.description,
    payload: request.payload && JSON.stringify(request.payload),
    transient: request.transient || undefined,
    production: request.production,
    'dry-run': request.dryRun || undefined,
  };
  return Object.entries(options).flatMap(([name, value]) => printOption(name, value));
}

export { deployOptions, type OptionSpec } from './options.ts';
