import { shown } from '../deploy/line.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';

/**
 * The whole number that was given with an option, from 1 to `most`; `otherwise` where it was left out. Throws a Refusal for
 * anything else.
 */
export function readCount(
  options: Readonly<Record<string, unknown>>,
  name: string,
  { most, otherwise }: { most: number; otherwise: number },
): number {
  const typed = options[name];
  if (typeof typed !== 'string') return otherwise;
  const count = /^\d{1,6}$/.test(typed) ? Number(typed) : 0;
  if (count >= 1 && count <= most) return count;
  throw new Refusal(
    'bad-number',
    say`${code(`--${name}`)} is a number from 1 to ${most}, and ${shown(typed)} is none. Try ${code(`--${name} ${otherwise}`)}.`,
  );
}

/** The value of an option that is text, if it was given. */
export function readText(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const typed = options[name];
  return typeof typed === 'string' ? typed : undefined;
}

/** The value of an option that is GitHub's id of a deployment, if it was given. Throws a Refusal where it is none. */
export function readId(options: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const typed = readText(options, name);
  if (typed === undefined) return undefined;
  const [, digits] = /^#?(\d{1,15})$/.exec(typed) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Refusal(
    'bad-id',
    say`${code(`--${name}`)} is a deployment’s id on GitHub, and ${shown(typed)} is none. Try ${code(`--${name} 1234567890`)}.`,
  );
}
