import { shown, shownLine } from './line.ts';
import { Refusal } from './refusal.ts';
import { prepositions } from './target.ts';
import { say } from './words.ts';

/** The words of a deploy line, each in its place. */
export interface Phrase {
  target: string;
  /** What follows `to`, `in` or `on`. */
  destination?: string;
  /** Whether a `!` stood by the target or at the end. */
  force: boolean;
  /** Words that have no place. */
  extra: readonly string[];
}

/**
 * Puts the words in their places: `["!"] target ["!"] [("to" | "in" | "on") destination] ["!"]`. A `!` may hang on the
 * word before it, and on the front of the target; it is force, and never part of a name. `example` is a line that works, about
 * what was named where something was.
 */
export function readPhrase(words: readonly string[], example: (target?: string) => string): Phrase {
  const left = [...words];
  let force = false;
  const exclamation = (): void => {
    while (/^!+$/.test(left[0] ?? '')) {
      force = true;
      left.shift();
    }
  };
  const name = (): string | undefined => {
    const word = left.shift();
    const bare = word?.replace(/!+$/, '');
    if (bare !== word) force = true;
    return bare || undefined;
  };

  exclamation();
  if (left[0]?.startsWith('!')) {
    force = true;
    left[0] = left[0].replace(/^!+/, '');
  }
  const target = name();
  if (target === undefined) {
    throw new Refusal('no-target', say`Say what to deploy, as in ${shownLine(example())}.`);
  }
  exclamation();
  const preposition = left[0];
  if (preposition === undefined || !prepositions.includes(preposition.toLowerCase())) {
    return { target, force, extra: left };
  }
  left.shift();
  const destination = name();
  if (destination === undefined) {
    throw new Refusal(
      'no-destination',
      say`The environment after ${shown(preposition)} is missing. Name one, as in ${shownLine(example(target))}.`,
    );
  }
  exclamation();
  return { target, destination, force, extra: left };
}
