import { type Manner, readAim } from './aim.ts';
import type { App, Apps, Environment } from './apps.ts';
import { isListed } from './did-you-mean.ts';
import { exampleOf } from './example.ts';
import { appHere, type Here } from './here.ts';
import { quote, shownLine } from './line.ts';
import { nearest } from './nearest.ts';
import { type Phrase, readPhrase } from './phrase.ts';
import { printQuestion } from './print-subject.ts';
import { Refusal } from './refusal.ts';
import { prepositions, readings, spell } from './target.ts';
import { code, list, say } from './words.ts';

/** What a question or a verb is about: `app[/ref] [in environment]`. */
export interface Subject {
  app: App;
  ref?: string;
  pullRequest?: number;
  environment?: Environment;
}

/** What a verb takes beside the app. */
export interface Wanted {
  /** The command's name, for the lines that are offered instead. */
  verb: string;
  ref?: boolean;
  pullRequest?: boolean;
  /** `bare`: `where app staging` is understood as well. */
  environment?: boolean | 'bare';
  /** The deployment in whose thread it was typed: its app may be left out. */
  here?: Here | undefined;
  /** What was typed besides, words and options, as it is typed: the lines that are offered say it again. */
  besides?: readonly string[];
}

/**
 * Reads what a verb is about, in the words of a deploy line. Throws a Refusal for everything that is not understood to the
 * last word; the lines that it offers are the verb's own, with all that was typed besides.
 */
export function readSubject(words: readonly string[], apps: Apps, wanted: Wanted): Subject {
  const example = (target?: string) => exampleLine(apps, wanted, target);
  const app = (wanted.here && appHere(wanted.here, apps)) ?? onlyApp(apps);
  const isBare = app !== undefined && isEnvironmentOf(app, words, apps, wanted);
  if (isBare) return subjectOf(readPhrase([spell({ app }, apps), 'in', ...words], example), apps, wanted);
  if (namesApp(words, apps)) {
    return subjectOf(readPhrase(prepared(words, apps, wanted), example), apps, wanted);
  }
  if (!app) throw whichApp(words, apps, wanted);
  if (words.length === 0) return { app };
  return subjectOf(readPhrase([spell({ app }, apps), ...words], example), apps, wanted);
}

/** Whether the words leave out the app, so that in a thread they are about its deployment. */
export function leavesOutApp(words: readonly string[], apps: Apps, wanted: Wanted): boolean {
  const app = wanted.here && appHere(wanted.here, apps);
  return !namesApp(words, apps) || (app !== undefined && isEnvironmentOf(app, words, apps, wanted));
}

/** A line may begin with what follows the app, where that is clear: in a thread, or because there is only one. */
const namesApp = ([first]: readonly string[], apps: Apps): boolean =>
  first !== undefined && (!isPreposition(first) || apps.find(first) !== undefined);

/**
 * `where production`, where it is clear which app is meant and none has that name. A repository that nobody listed may have
 * it; in the thread of a deployment that is not what somebody says.
 */
function isEnvironmentOf(app: App, [first]: readonly string[], apps: Apps, { environment, here }: Wanted): boolean {
  if (environment !== 'bare' || first === undefined || isPreposition(first) || apps.find(first)) return false;
  return (here !== undefined || readings(first, apps).length === 0) && isListed(first, app);
}

/** The only app there is need not be named. */
function onlyApp(apps: Apps): App | undefined {
  const [first, second] = apps.all();
  return second ? undefined : first;
}

function subjectOf(phrase: Phrase, apps: Apps, wanted: Wanted): Subject {
  const manner: Manner = {
    line: (change) => lineFor(subjectOf({ ...phrase, ...change }, apps, wanted), apps, wanted),
    example: (target) => exampleLine(apps, wanted, target),
    takesRef: wanted.ref === true,
    commands: [],
  };
  const { target, destination } = readAim(phrase, apps, manner);
  const { app, ref, pullRequest } = target;
  const environment = destination?.environment;
  const taken: Subject = {
    app,
    ...(wanted.ref && ref !== undefined && { ref }),
    ...(wanted.pullRequest && pullRequest !== undefined && { pullRequest }),
    ...(wanted.environment && environment && { environment }),
  };
  const not = (what: string) => {
    const line = lineFor(taken, apps, wanted);
    return new Refusal('extra-words', say`${code(wanted.verb)} takes no ${what}. Try ${shownLine(line)}.`, [
      { label: line, line },
    ]);
  };
  if (phrase.force) throw not('exclamation mark');
  if (destination && destination.hosts.length > 0) throw not('hosts');
  if (ref !== undefined && !wanted.ref) throw not('branch, tag or commit');
  if (pullRequest !== undefined && !wanted.pullRequest) throw not('pull request');
  if (environment && !wanted.environment) throw not('environment');
  return taken;
}

/** A line of this verb about that, with all that was typed besides. */
const lineFor = (subject: Subject, apps: Apps, { verb, besides = [] }: Wanted): string =>
  [printQuestion(verb, subject, {}, apps), ...besides].join(' ');

function exampleLine(apps: Apps, { verb, environment: takesOne, besides = [] }: Wanted, target?: string): string {
  const { app, environment } = exampleOf(apps, target);
  return [verb, app, ...(takesOne ? ['in', environment] : []), ...besides].join(' ');
}

/** `app environment`, without a word between them, where no deploy line would have a meaning for it. */
function prepared(words: readonly string[], apps: Apps, wanted: Wanted): readonly string[] {
  const [first = '', second, ...others] = words;
  if (wanted.environment !== 'bare' || second === undefined || isPreposition(second)) return words;
  const [reading] = readings(first, apps);
  const mayBeRef = wanted.ref === true && (reading?.rest ?? '') === '';
  const isMeant = reading !== undefined && isLikeOneOf(second, reading.app);
  return isMeant || (others.length === 0 && !mayBeRef) ? [first, 'in', second, ...others] : words;
}

/** An environment of the app, or a slip in its name. */
const isLikeOneOf = (word: string, app: App): boolean =>
  isListed(word, app) ||
  nearest(
    word,
    app.environments.flatMap(({ name, aliases }) => [name, ...aliases]),
  ) !== undefined;

const isPreposition = (word: string): boolean => prepositions.includes(word.toLowerCase());

function whichApp(words: readonly string[], apps: Apps, wanted: Wanted): Refusal {
  const { verb, besides = [] } = wanted;
  if (apps.all().length === 0) {
    return new Refusal('no-apps', say`The catalogue has no app yet. Whoever runs me can add one.`);
  }
  const lines = apps
    .all()
    .filter((app) => words.length === 0 || isUnderstood([spell({ app }, apps), ...words], apps, wanted))
    .slice(0, mostOffered)
    .map((app) => [verb, quote(spell({ app }, apps)), ...words.map(quote), ...besides].join(' '));
  if (lines.length === 0) {
    return new Refusal('which-app', say`Say which app, as in ${shownLine(exampleLine(apps, wanted))}.`);
  }
  return new Refusal(
    'which-app',
    say`Say which app, as in ${list(lines.slice(0, 3).map((line) => shownLine(line)))}.`,
    lines.map((line) => ({ label: line, line })),
  );
}

function isUnderstood(words: readonly string[], apps: Apps, wanted: Wanted): boolean {
  try {
    readSubject(words, apps, wanted);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** As many buttons as fit into a row. */
const mostOffered = 5;
