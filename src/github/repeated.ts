import { isAscii } from 'node:buffer';

/**
 * Reads the JSON of webhooks, of which most says again what others said: all about the repository, and all about each
 * person, where only names are wanted. Such a part that came before, to the letter, is not taken apart again but read as
 * its names alone. That takes half the time.
 */
export interface WebhookReader {
  /** As `JSON.parse`, but for what is left out of parts that come again. Throws where it is no JSON, or no UTF-8. */
  read(json: Buffer): unknown;
}

/** What is kept of a repository, or of a person or an organisation; nothing where it is neither. */
function namesOf({ full_name, default_branch, login }: Record<string, unknown>): object | undefined {
  if (typeof full_name === 'string') return { full_name, default_branch };
  return typeof login === 'string' ? { login } : undefined;
}

/** What they are called in webhooks. Not what people write themselves: a `payload` may hold anything. */
const partNames = new Set([
  ...['repository', 'head_repository', 'repo', 'owner', 'organization'],
  ...['sender', 'creator', 'actor', 'triggering_actor', 'user'],
]);

/** A part as it is written, and what is read in its place. */
interface Part {
  whole: string;
  names: string;
}

/** Of parts that are written in another way than ours, with escapes perhaps: they can't be known again. */
const unlike: readonly Part[] = [];

/** In characters. Shorter ones are not worth the search, and what is longer is nobody's and would be kept. */
const shortest = 400;
const longest = 10_000;
/** Bytes. Those of people who write a megabyte into a payload are rare, and are read without a search for anything. */
const longestBody = 100_000;
/** Repositories and people of which something is kept: some megabytes at most. */
const mostKept = 300;
/** Characters at the beginning of a part. The id is among them. */
const beginning = 40;
/** A repository is written in two or three ways, and in others after each push. */
const mostAlike = 3;
/** In a run of GitHub Actions, a person is in a commit's repository: objects in objects. */
const deepest = 5;

/** Every object that is the value of a name begins so. */
const objectBegins = ':{"';
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws where it is no UTF-8. Most webhooks are ASCII, which is read in a fraction of the time. */
export const text = (bytes: Buffer): string => (isAscii(bytes) ? bytes.toString('latin1') : utf8.decode(bytes));
/** All of it. Throws where it is no JSON, or no UTF-8. */
export const parsed = (json: Buffer): unknown => JSON.parse(text(json));

export function webhookReader(): WebhookReader {
  /** By their beginning; what was learnt last is at the end. */
  const known = new Map<string, readonly Part[]>();

  /**
   * With names for parts. They can't be part of a string: there, the quote with which a part begins would be its end, and no
   * name could follow. And what begins as a part does, to the last character, ends where it ends. Nothing, where a part is
   * new.
   */
  function abridged(json: string): string | undefined {
    let short = '';
    let done = 0;
    for (let at = json.indexOf(objectBegins); at !== -1; at = json.indexOf(objectBegins, at)) {
      const start = at + 1;
      const alike = known.get(json.slice(start, start + beginning));
      const part = alike?.find(({ whole }) => json.slice(start, start + whole.length) === whole);
      if (!part && alike !== unlike && partNames.has(nameBefore(json, at))) return undefined;
      at = start;
      if (!part) continue;
      short += json.slice(done, start) + part.names;
      at += part.whole.length;
      done = at;
    }
    return short + json.slice(done);
  }

  function learn(json: string, value: unknown, depth = 0): void {
    if (typeof value !== 'object' || value === null || depth > deepest) return;
    for (const [name, inner] of Object.entries(value)) {
      const names = partNames.has(name) && inner && namesOf(inner);
      const isKept = names && keep(json, JSON.stringify(inner), JSON.stringify(names));
      if (!isKept && name !== 'payload') learn(json, inner, depth + 1);
    }
  }

  /** Answers whether it will be known again. */
  function keep(json: string, whole: string, names: string): boolean {
    // A copy, which half of a character at its end survives: a slice would keep all of it.
    const key = Buffer.from(whole.slice(0, beginning), 'utf16le').toString('utf16le');
    const isLike = whole.length >= shortest && whole.length <= longest && json.includes(whole);
    const others = (known.get(key) ?? unlike).filter((part) => part.whole !== whole);
    known.delete(key);
    known.set(key, isLike ? [{ whole, names }, ...others.slice(0, mostAlike - 1)] : unlike);
    for (const [oldest] of known) {
      if (known.size <= mostKept) break;
      known.delete(oldest);
    }
    return isLike;
  }

  return {
    read(bytes) {
      const json = text(bytes);
      if (bytes.length > longestBody) return JSON.parse(json);
      const short = abridged(json);
      if (short !== undefined) return JSON.parse(short);
      const value = JSON.parse(json);
      learn(json, value);
      return value;
    },
  };
}

/** What stands before the colon at that place, between its quotes. */
function nameBefore(json: string, colon: number): string {
  return json.slice(json.lastIndexOf('"', colon - 2) + 1, colon - 1);
}
