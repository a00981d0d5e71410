import type { Apps } from './apps.ts';
import { type Destination, readDestination } from './destination.ts';
import { ambiguous, extraWords, type Offers, unknownApp, unknownEnvironment } from './did-you-mean.ts';
import type { Phrase } from './phrase.ts';
import { Refusal } from './refusal.ts';
import { readings, spell, type Target, targetOf } from './target.ts';

/** What a phrase is about: a target, and where that is or goes to. */
export interface Aim {
  target: Target;
  destination?: Destination;
}

/** How a verb's lines are typed, for those that are offered instead of what can't be understood. */
export interface Manner {
  /** The whole line with something of its phrase changed. Throws a Refusal where that can't be understood either. */
  line(change: Partial<Phrase>): string;
  /** A line that works: about the app that was named, where one was. */
  example(target?: string): string;
  /** Whether a branch may follow the app. */
  takesRef: boolean;
  /** The words that would have been commands, for a misspelt one. */
  commands: readonly string[];
}

/** Reads a phrase. Throws a Refusal for everything that is not understood to the last word. */
export function readAim(phrase: Phrase, apps: Apps, manner: Manner): Aim {
  const offers: Offers = {
    instead: (change) => understood(() => manner.line(change)),
    example: () => manner.example(phrase.target),
    takesRef: manner.takesRef,
    commands: manner.commands,
  };
  const target = readTarget(phrase, apps, offers);
  const { app } = target;
  const destination = phrase.destination === undefined ? undefined : readDestination(phrase.destination, app);
  if (phrase.destination !== undefined && !destination) throw unknownEnvironment(phrase.destination, app, offers);
  if (phrase.extra.length > 0) throw extraWords(phrase, target, apps, offers);
  return { target, ...(destination && { destination }) };
}

/** A line with one mistake mended; where it has another, the only one that would be offered for that. */
function understood(line: () => string): string | undefined {
  try {
    return line();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [only, other] = error.buttons;
    return other ? undefined : only?.line;
  }
}

function readTarget(phrase: Phrase, apps: Apps, offers: Offers): Target {
  const found = isCommand(phrase.target, apps, offers.commands) ? [] : readings(phrase.target, apps);
  const [only] = found;
  if (!only) throw unknownApp(phrase, apps, offers);
  const read = (reading: typeof only): Target => {
    const name = spell({ app: reading.app }, apps);
    return targetOf(reading, (rest) => offers.instead({ target: name + rest, extra: [] }) ?? offers.example());
  };
  if (found.length === 1) return read(only);
  // A reading whose ref can't be one was not meant.
  const possible = found.flatMap((reading) => {
    try {
      return [read(reading)];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
  const [first, second] = possible;
  if (!first) return read(only);
  if (!second) return first;
  throw ambiguous(phrase.target, possible, apps, offers);
}

/** `--force status` is no repository of that name: the command was meant. */
const isCommand = (target: string, apps: Apps, commands: readonly string[]): boolean =>
  commands.includes(target.toLowerCase()) && !apps.find(target);
