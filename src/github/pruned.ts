/** What is kept of an object: the members named, whole (`true`) or pruned in turn. */
export interface Kept {
  readonly [member: string]: true | Kept;
}

/** A member that is kept: its name as it stands in JSON, and what is kept of its value. */
interface Member {
  name: Uint8Array;
  within: Members | undefined;
}

/** By the length of their names, which most others have not got. */
type Members = readonly (readonly Member[])[];

/** Bytes. GitHub's webhooks of deployments have some 10 kB, those of pull requests some 30. */
const longest = 64 * 1024;
/** What is being pruned, in place: what is kept only ever moves towards the beginning. Some room for the quotes behind it. */
const text = Buffer.from(new ArrayBuffer(longest + 8));
/** The same, for reading four bytes at a time. */
const words = new DataView(text.buffer);
/** Of what is being pruned. */
let length = 0;
/** Of what was kept. */
let kept = 0;

/**
 * Makes a function that answers what is named of a JSON object's text, and leaves out the rest unread. Nine tenths of a
 * webhook's payload are addresses of GitHub's API, and JSON.parse, which makes a string of each, takes longer over them
 * than all else that a webhook needs. Answers nothing where the text is too long or does not look like a JSON object: then
 * it is for JSON.parse to say what it is.
 *
 * What is left out is looked at no further than for its quotes and brackets, and what is kept not at all: that is
 * JSON.parse's. The next call of any such function overwrites the answer.
 */
export function pruner(members: Kept): (json: Buffer) => Buffer | undefined {
  const wanted = membersOf(members);
  return (json) => {
    length = json.length;
    if (length > longest) return undefined;
    json.copy(text);
    // No string goes on behind the end.
    text.fill(quote, length, length + 4);
    kept = 0;
    const end = keepObject(afterSpace(0), wanted);
    return end > 0 && afterSpace(end) === length ? text.subarray(0, kept) : undefined;
  };
}

function membersOf(members: Kept): Members {
  const entries = Object.entries(members).map(([name, within]) => ({ name: Buffer.from(name), within }));
  const longestName = Math.max(0, ...entries.map(({ name }) => name.length));
  const byLength: Member[][] = Array.from({ length: longestName + 1 }, () => []);
  for (const { name, within } of entries) {
    byLength[name.length]?.push({ name, within: within === true ? undefined : membersOf(within) });
  }
  return byLength;
}

const quote = 0x22;
const colon = 0x3a;
const comma = 0x2c;
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];
const space = 0x20;

// Each of these takes where something begins, and answers where it is over: 0 where it is something else.

function keepObject(at: number, wanted: Members): number {
  if (text[at] !== openObject) return 0;
  put(openObject);
  const first = kept;
  let next = afterSpace(at + 1);
  if (text[next] !== closeObject) {
    for (;;) {
      const end = keepMember(next, wanted, first);
      if (end === 0) return 0;
      next = afterSpace(end);
      if (text[next] !== comma) break;
      next = afterSpace(next + 1);
    }
    if (text[next] !== closeObject) return 0;
  }
  put(closeObject);
  return next + 1;
}

function keepMember(at: number, wanted: Members, first: number): number {
  if (text[at] !== quote) return 0;
  const afterName = afterString(at);
  const between = afterSpace(afterName);
  if (text[between] !== colon) return 0;
  const value = afterSpace(between + 1);
  const member = named(wanted, at + 1, afterName - 1);
  if (!member) return afterValue(value);
  if (kept > first) put(comma);
  move(at, afterName);
  put(colon);
  if (member.within && text[value] === openObject) return keepObject(value, member.within);
  const end = afterValue(value);
  move(value, end);
  return end;
}

function named(wanted: Members, begin: number, end: number): Member | undefined {
  if (end - begin >= wanted.length) return undefined;
  const fitting = wanted[end - begin] as readonly Member[];
  for (let index = 0; index < fitting.length; index += 1) {
    const member = fitting[index] as Member;
    if (isNamed(member.name, begin)) return member;
  }
  return undefined;
}

function isNamed(name: Uint8Array, begin: number): boolean {
  let index = 0;
  while (index < name.length && name[index] === text[begin + index]) index += 1;
  return index === name.length;
}

function afterValue(at: number): number {
  const first = text[at];
  if (first === quote) return afterString(at);
  if (first === openObject || first === openArray) return afterBrackets(at);
  let next = at;
  while (isPlain(text[next] as number)) next += 1;
  return next === at ? 0 : next;
}

/** A number, or a word: the quotes behind the end are none. */
const isPlain = (byte: number): boolean =>
  byte > space && byte !== comma && byte !== closeObject && byte !== closeArray && byte !== quote && byte !== colon;

function afterBrackets(at: number): number {
  let open = 0;
  for (let next = at; next < length; ) {
    const byte = text[next] as number;
    if (byte === quote) {
      next = afterString(next);
      continue;
    }
    next += 1;
    if (byte === openObject || byte === openArray) open += 1;
    else if (byte === closeObject || byte === closeArray) {
      open -= 1;
      if (open === 0) return next;
    }
  }
  return 0;
}

function afterString(at: number): number {
  let next = at + 1;
  for (;;) {
    const marks = marksIn(words.getInt32(next, true));
    if (marks === 0) next += 4;
    else {
      // The lowest of them is of the first.
      next += (31 - Math.clz32(marks & -marks)) >> 3;
      if (text[next] === quote) return next + 1;
      next += 2;
    }
  }
}

/** A bit for the first of four bytes that is a quote or a backslash: where subtracting 1 from 0 borrows. */
function marksIn(word: number): number {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  return (((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080;
}

function afterSpace(at: number): number {
  let next = at;
  while (isSpace(text[next] as number)) next += 1;
  return next;
}

const isSpace = (byte: number): boolean =>
  byte <= space && (byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09);

function put(byte: number): void {
  text[kept] = byte;
  kept += 1;
}

function move(begin: number, end: number): void {
  let to = kept;
  for (let from = begin; from < end; from += 1, to += 1) text[to] = text[from] as number;
  kept = to;
}
