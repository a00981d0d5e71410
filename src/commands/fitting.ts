import type { Words } from '../deploy/words.ts';

/**
 * An answer has room for about so many characters of lines, counted with what nobody sees of them: the addresses of links,
 * and what has to be escaped. What is longer would be cut at its end, wherever that is.
 */
const answerHolds = 8_000;

/** How many of these lines, from the first, fit into one answer; one of them always. */
export function fitting(lines: readonly Words[]): number {
  let left = answerHolds;
  const over = lines.findIndex((line) => {
    left -= lengthOf(line);
    return left < 0;
  });
  return over < 0 ? lines.length : Math.max(1, over);
}

/** Of lines that are oldest first, so many of the newest as fit, `most` at most. */
export function newestFitting(lines: readonly Words[], most: number): readonly Words[] {
  const newest = lines.slice(-most);
  return newest.slice(newest.length - fitting(newest.toReversed()));
}

const lengthOf = (words: Words): number => words.reduce((sum, piece) => sum + lengthOfPiece(piece), 0);

/** Marks around a piece take two characters or three. */
function lengthOfPiece(piece: Words[number]): number {
  if (typeof piece === 'string') return escapedLength(piece);
  return Object.values(piece).reduce((sum, text) => sum + escapedLength(text) + 3, 0);
}

/** Three characters are written as others (`&amp;`). */
const escapedLength = (text: string): number => text.length + 4 * (text.match(/[&<>]/g)?.length ?? 0);
