import type { Answer } from './refused.ts';

/** A list that GitHub sent before, and the name (ETag) by which it can be asked whether that is still how it is. */
export interface Remembered {
  etag: string;
  answer: Answer;
}

export interface Answers {
  /** What was answered to a request of this token. An ETag is good for the token alone that it was given to. */
  recall(token: string, request: string): Remembered | undefined;
  /** Remembers an answer that is a whole list of its own, or `isPage`: one page that is wanted for itself. */
  learn(token: string, request: string, answer: Answer, isPage?: boolean): void;
}

/** Lists to remember, and entries in all of them: a deployment status takes some 3 kB. */
const mostLists = 500;
const mostEntries = 5_000;

/** Remembers lists, the ones used last. */
export function createAnswers(): Answers {
  const known = new Map<string, Remembered & { size: number }>();
  let entries = 0;

  function drop(key: string): void {
    entries -= known.get(key)?.size ?? 0;
    known.delete(key);
  }

  return {
    recall(token, request) {
      const key = `${token} ${request}`;
      const found = known.get(key);
      if (!found) return undefined;
      // To the end: a map is in the order of insertion.
      known.delete(key);
      known.set(key, found);
      return found;
    },
    learn(token, request, answer, isPage = false) {
      const key = `${token} ${request}`;
      drop(key);
      const { etag, link } = answer.headers;
      // One page of several says nothing of the others; and what was cut off on its way is no list.
      if (typeof etag !== 'string' || (link !== undefined && !isPage) || !Array.isArray(answer.data)) return;
      const size = answer.data.length;
      known.set(key, { etag, answer, size });
      entries += size;
      for (const oldest of known.keys()) {
        if (known.size <= mostLists && entries <= mostEntries) break;
        drop(oldest);
      }
    },
  };
}

/** The remembered answer to a 304. What the 304 itself says, of limits and of more pages, is newer. */
export const unchanged = ({ answer }: Remembered, headers: Answer['headers']): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
});
