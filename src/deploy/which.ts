import type { App, Apps } from './apps.ts';
import { quote, shown, shownLine } from './line.ts';
import { nearest } from './nearest.ts';
import { printWhich } from './print-which.ts';
import { Refusal } from './refusal.ts';
import { readings } from './target.ts';
import { code, say } from './words.ts';

/** Which deployment a verb is about, as it was typed: `[app] id`, or nothing in the deployment's own thread. */
export interface Which {
  app?: App;
  /** GitHub's id in digits, or a request of ours. */
  id?: string;
  /** The words after it. */
  rest: readonly string[];
}

/** GitHub's ids, with or without the sign that people put before numbers; and our requests, which are ULIDs. */
const idShape = /^#?(\d{1,15}|[0-9A-HJKMNP-TV-Z]{26})$/i;

/** The id that a word is, if it is one. */
export const readId = (word: string | undefined): string | undefined => idShape.exec(word ?? '')?.[1]?.toUpperCase();

/** Whose words they are: the verb's name, and its options as they were typed; see `printTyped`. */
export interface WhichOf {
  verb: string;
  options: readonly string[];
}

/**
 * Reads `[app] id` from the beginning of a verb's words. Without an id at either place nothing is taken, and the words are
 * all in `rest`. Throws a Refusal for an id after an app that nobody knows.
 */
export function readWhich(words: readonly string[], apps: Apps, of: WhichOf): Which {
  const [first = '', second, ...others] = words;
  const id = readId(first);
  if (id !== undefined) return { id, rest: words.slice(1) };
  const after = readId(second);
  if (after === undefined) return { rest: words };
  return { app: appNamed(first, [after, ...others], apps, of), id: after, rest: others };
}

/** The same for a verb that takes nothing else: every other word is refused. */
export function readOnlyWhich(words: readonly string[], apps: Apps, of: WhichOf): Which {
  const { verb, options } = of;
  const which = readWhich(words, apps, of);
  const [extra, second] = which.rest;
  if (extra === undefined) return which;
  if (which.id !== undefined) {
    const line = [verb, ...printWhich(which, apps), ...options].join(' ');
    throw new Refusal('extra-words', say`${shown(extra)} is one word too many. Try ${shownLine(line)}.`, [
      { label: line, line },
    ]);
  }
  const app = apps.find(extra);
  if (app && second === undefined) {
    throw new Refusal(
      'which-deployment',
      say`The id of the deployment is missing after ${code(app.name)}. ${code(`/deploy list ${app.name}`)} shows the ids there are.`,
    );
  }
  throw new Refusal(
    'bad-id',
    say`${shown(app ? (second ?? '') : extra)} is no id of a deployment. GitHub’s are numbers, as in ${code(`/deploy ${verb} 1234567890`)}; ${code('/deploy list')} with an app shows them.`,
  );
}

/** `after` is what stands behind the name, the id first. */
function appNamed(name: string, after: readonly string[], apps: Apps, { verb, options }: WhichOf): App {
  const [reading, other] = readings(name, apps);
  if (reading?.rest === '' && !other) return reading.app;
  const near = nearest(
    name,
    apps.all().map((each) => each.name),
  );
  const line = [verb, ...[...(near === undefined ? [] : [near]), ...after].map(quote), ...options].join(' ');
  throw new Refusal(
    'unknown-app',
    near === undefined
      ? say`There is no app ${shown(name)}. Leave it out, and I look in every repository: ${shownLine(line)}.`
      : say`There is no app ${shown(name)}. Did you mean ${shownLine(line)}?`,
    [{ label: near ?? line, line }],
  );
}
