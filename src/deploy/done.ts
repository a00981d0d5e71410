import type { Answer } from './ports.ts';
import type { Words } from './words.ts';

/** What is said of a change to GitHub: where no thread of ours tells it, the whole room is told, and not its author alone. */
export const done = (words: Words, isTold: boolean): Answer =>
  isTold ? { words } : { words, forAll: 'wanted', isNews: true };
