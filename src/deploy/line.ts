import { Refusal } from './refusal.ts';
import { code, type Piece, say } from './words.ts';

/** More than anybody types; what is pasted by mistake is not pored over for seconds. */
const longestLine = 8_000;

/** A word of a line, its quotes gone. */
export interface Word {
  text: string;
  /** Where it began in quotes, a dash at its beginning makes it no option. */
  quoted: boolean;
}

/**
 * Splits a line into words at white space. Quotes work as in a shell: within `'…'` everything is itself, within `"…"`
 * everything but `\"` and `\\`; they may begin inside a word. A backslash outside quotes is itself.
 * Throws a Refusal where a quote is left open (guessing where it was meant to end would swallow the rest of the line), and
 * for lines of more than 8,000 characters.
 */
export function splitLine(line: string): Word[] {
  if (line.length > longestLine) {
    throw new Refusal(
      'too-long',
      say`That is ${line.length} characters long, and I read ${longestLine} at most. Say it shorter, as in ${code('/deploy help')}.`,
    );
  }
  const words: Word[] = [];
  let word: Word | undefined;
  let open: string | undefined;
  // NUL can't be typed; as white space it can't reach anybody who gives it a meaning.
  const characters = [...line.replaceAll('\0', ' ')];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (open !== undefined) {
      const next = characters[index + 1];
      if (character === open) open = undefined;
      else if (open === '"' && character === '\\' && (next === '"' || next === '\\')) {
        if (word) word.text += next;
        index++;
      } else if (word) word.text += character;
    } else if (/\s/.test(character)) {
      if (word) words.push(word);
      word = undefined;
    } else if (character === '"' || character === "'") {
      word ??= { text: '', quoted: true };
      open = character;
    } else {
      word ??= { text: '', quoted: false };
      word.text += character;
    }
  }
  if (open !== undefined) {
    throw new Refusal(
      'unbalanced-quotes',
      say`There is an opening ${code(open)} without its closing one. Close it, or put the words that contain it in the other kind of quotes, as in ${code(
        open === '"' ? `--description 'a 4" screen'` : `--description "don't panic"`,
      )}.`,
    );
  }
  if (word) words.push(word);
  return words;
}

/** A word as {@link splitLine} reads it back, in quotes only where it needs them. */
export function quote(word: string): string {
  if (/^[^\s"'\0-][^\s"'\0]*$/u.test(word)) return word;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/[\\"]/g, (special) => `\\${special}`)}"`;
}

/** An option's name and value as they are typed. `--name value`, so that the value can be quoted whole. */
export function printOption(name: string, value: unknown): string[] {
  if (value === true) return [`--${name}`];
  if (value === false) return [`--no-${name}`];
  if (Array.isArray(value)) return value.flatMap((one) => printOption(name, one));
  return typeof value === 'string' ? [`--${name}`, quote(value)] : [];
}

/** The options of a line, by their names, as they are typed. */
export const printTyped = (options: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => printOption(name, value));

/** A word as it is shown in a sentence: short, on one line, and in fixed width. */
export const shown = (word: string): Piece => code(onOneLine(word, 80));

/** A line that is offered, as it is shown: whole, unless nobody would type it again. */
export const shownLine = (line: string): Piece => code(onOneLine(`/deploy ${line}`, 400));

function onOneLine(text: string, most: number): string {
  const points = [...text.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '\ufffd')];
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}
