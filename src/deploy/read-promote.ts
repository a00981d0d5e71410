import { type App, type Apps, type Environment, environmentNamed } from './apps.ts';
import { type Destination, readDestination } from './destination.ts';
import { exampleOf } from './example.ts';
import { appHere, environmentHere, type Here, taskHere } from './here.ts';
import { quote, shown, shownLine } from './line.ts';
import { nearest } from './nearest.ts';
import { type PromoteRequest, promotionLine } from './promote.ts';
import { type Extras, readExtras, withTask } from './read-again.ts';
import { Refusal } from './refusal.ts';
import { printOptions } from './request.ts';
import { leavesOutApp, readSubject, type Wanted } from './subject.ts';
import { prepositions, spell } from './target.ts';
import { code, list, say } from './words.ts';

/**
 * Reads `[app] from environment [to environment[/hosts]]`, in either order. In a deployment's thread its app and its
 * environment, to promote from, may be left out. Throws a Refusal for everything that is not understood to the last word.
 */
export function readPromote(
  typed: readonly string[],
  options: Readonly<Record<string, unknown>>,
  apps: Apps,
  here: Here | undefined,
): PromoteRequest {
  const { words, extras: asked } = readExtras(typed, options);
  const phrase = readPhrase(words, apps);
  const besides = [...typedAfter('from', phrase.from), ...typedAfter('to', phrase.to), ...printOptions(asked)];
  const wanted: Wanted = { verb: 'promote', here, besides };
  withPrepositions(phrase, apps, here, printOptions(asked));
  const { app } = readSubject(phrase.about, apps, wanted);
  const name = quote(spell({ app }, apps));
  const line = (part: Partial<Phrase>): string => {
    const { from, to } = { ...phrase, ...part };
    return ['promote', name, ...typedAfter('from', from), ...typedAfter('to', to), ...printOptions(asked)].join(' ');
  };
  const source =
    phrase.from === undefined ? undefined : readEnvironment(phrase.from, app, phrase.to, (from) => line({ from }));
  const target =
    phrase.to === undefined ? undefined : readEnvironment(phrase.to, app, phrase.from, (to) => line({ to }));
  if (source && source.hosts.length > 0) {
    const whole = line({ from: source.environment.name });
    throw new Refusal(
      'bad-environment',
      say`What is live is live on every host: leave out ${shown(source.hosts.join())} after ${code('from')}, as in ${shownLine(whole)}.`,
    );
  }
  const from = source?.environment ?? environmentHere(here, app, apps);
  const hosts = [...new Set([...(target?.hosts ?? []), ...asked.hosts])];
  const inItsTask = leavesOutApp(phrase.about, apps, wanted) ? taskHere(here, app) : undefined;
  const extras = withTask({ ...asked, hosts }, inItsTask);
  return { app, ...bothOf({ app, from, to: target?.environment, extras }, apps), extras };
}

/** `promote hello staging production`: what stands between is missing. Production is never taken for granted, so it is offered. */
function withPrepositions({ about, from, to }: Phrase, apps: Apps, here: Here | undefined, options: string[]): void {
  const [first = '', ...others] = about;
  const named = apps.find(first);
  const app = named ?? (here && appHere(here, apps));
  const bare = named ? others : about;
  const free = (from === undefined ? 1 : 0) + (to === undefined ? 1 : 0);
  const areEnvironments = app !== undefined && bare.every((word) => environmentNamed(app, word) !== undefined);
  if (!app || bare.length === 0 || bare.length > free || !areEnvironments) return;
  const [one = '', two] = bare;
  const meant = two === undefined ? (to === undefined ? { from, to: one } : { from: one, to }) : { from: one, to: two };
  const name = quote(spell({ app }, apps));
  const parts = [...typedAfter('from', meant.from), ...typedAfter('to', meant.to)];
  const line = ['promote', name, ...parts, ...options].join(' ');
  throw new Refusal(
    'extra-words',
    say`${code('from')} and ${code('to')} tell where it is and where it goes. Did you mean ${shownLine(line)}?`,
    [{ label: line, line, danger: true }],
  );
}

/** A part of the line, as it was typed. */
const typedAfter = (word: string, name: string | undefined): string[] =>
  name === undefined ? [] : [word, quote(name)];

/**
 * An environment that somebody typed. `line` asks for the same with another one, which can't be the one of the `other` part.
 * Throws a Refusal that offers the nearest of those there are, else all.
 */
function readEnvironment(
  typed: string,
  app: App,
  other: string | undefined,
  line: (name: string) => string,
): Destination {
  const read = readDestination(typed, app);
  if (read) return read;
  const names = app.environments
    .filter(({ name, aliases }) => ![name, ...aliases].some((one) => one.toLowerCase() === other?.toLowerCase()))
    .map(({ name }) => name);
  const near = nearest(typed, names);
  const lines = (near === undefined ? names : [near]).slice(0, mostOffered).map(line);
  const what = say`${code(app.name)} has no environment ${shown(typed)}.`;
  if (lines.length === 0) throw new Refusal('unknown-environment', [...what, ...say` It has no other one to promote.`]);
  throw new Refusal(
    'unknown-environment',
    [...what, ...say` Try ${list(lines.slice(0, 3).map((each) => shownLine(each)))}.`],
    lines.map((each) => ({ label: each, line: each })),
  );
}

type Pair = Pick<PromoteRequest, 'from' | 'to'>;

/** What was typed; where from or where to may be left out. */
interface Asked {
  app: App;
  from: Environment | undefined;
  to: Environment | undefined;
  extras: Extras;
}

/**
 * Where from and where to. One of them may be left out where only one other environment stays; but production is never
 * taken for granted, so that it is offered instead.
 */
function bothOf({ app, from, to, extras }: Asked, apps: Apps): Pair {
  if (from && to) return different({ from, to });
  const others = app.environments.filter(({ name, transient }) => name !== (from ?? to)?.name && !transient);
  const pairs = from
    ? others.map((other) => ({ from, to: other }))
    : to
      ? others.map((other) => ({ from: other, to }))
      : others.slice(1).map((next, index) => ({ from: others[index] ?? next, to: next }));
  const [only, second] = pairs;
  const isMeant = to !== undefined || (from !== undefined && only !== undefined && !isProduction(only.to));
  if (only && !second && isMeant) return only;
  throw whichEnvironments(app, pairs, extras, apps);
}

function different(pair: Pair): Pair {
  if (pair.from.githubEnvironment !== pair.to.githubEnvironment) return pair;
  throw new Refusal(
    'same-environment',
    say`A promotion goes from one environment to another, and both are ${code(pair.from.name)}. To deploy there again, type ${code('/deploy redeploy')} with the id of a deployment.`,
  );
}

const isProduction = ({ production, githubEnvironment }: Environment): boolean =>
  production ?? githubEnvironment === 'production';

/** As many buttons as fit into a row. */
const mostOffered = 5;

function whichEnvironments(app: App, pairs: readonly Pair[], extras: Extras, apps: Apps): Refusal {
  const options = printOptions(extras);
  const lines = pairs.map((pair) => [promotionLine({ app, ...pair }, apps), ...options].join(' '));
  const [line = ['promote', quote(spell({ app }, apps)), 'from staging to production', ...options].join(' '), second] =
    lines;
  const [only] = pairs;
  if (only && second === undefined) {
    return new Refusal(
      'confirm-environment',
      say`That would go from ${code(only.from.name)} to ${code(only.to.name)}. Press the button, or type ${shownLine(line)}.`,
      [{ label: `Promote to ${only.to.name}`, line, confirming: true, danger: true }],
    );
  }
  const examples = [line, ...lines.slice(1, 3)].map((each) => shownLine(each));
  const buttons = lines.slice(0, mostOffered).map((each) => ({ label: each, line: each, danger: true }));
  return new Refusal('which-environment', say`Say from where and to where: ${list(examples)}.`, buttons);
}

/** The words after `from` and `to` (or `in`, `on`), and those before both. */
interface Phrase {
  about: string[];
  from?: string;
  to?: string;
}

function readPhrase(words: readonly string[], apps: Apps): Phrase {
  const phrase: Phrase = { about: [] };
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const lower = word.toLowerCase();
    const key = lower === 'from' ? 'from' : prepositions.includes(lower) ? 'to' : undefined;
    if (key === undefined) {
      phrase.about.push(word);
      continue;
    }
    const named = words[index + 1];
    if (named === undefined || phrase[key] !== undefined) {
      throw new Refusal(
        'no-destination',
        say`${named === undefined ? say`The environment after ${code(word)} is missing` : say`${code(word)} says where twice`}. Type it as in ${code(`/deploy promote ${exampleOf(apps, phrase.about[0]).app} from staging to production`)}.`,
      );
    }
    phrase[key] = named;
    index += 1;
  }
  return phrase;
}
