import type { z } from 'zod';
import { nearest } from '../deploy/nearest.ts';

export type Path = readonly PropertyKey[];
export interface Position {
  line: number;
  col: number;
}

/** The catalogue can't be used; `mistakes` has one line for each, `file:line:column where: what and what instead`. */
export class CatalogError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'CatalogError';
    this.mistakes = mistakes;
  }
}

/** A book of mistakes in one file. Nothing that is noted may quote a value that could be a secret. */
export interface Mistakes {
  /** Notes one at the key or the value that `path` leads to; `text` goes on after the path and a colon. */
  add(path: Path, text: string, part?: 'key' | 'value'): void;
  addAt(position: Position, text: string): void;
  /** In the order of the file. */
  lines(): readonly string[];
}

export function mistakesIn(file: string, positionOf: (path: Path, part: 'key' | 'value') => Position): Mistakes {
  const noted: (Position & { text: string })[] = [];
  return {
    add(path, text, part = 'value') {
      const said = path.length === 0 ? text : `${spelled(path)}: ${text}`;
      noted.push({ ...positionOf(path, part), text: said });
    },
    addAt: (position, text) => void noted.push({ ...position, text }),
    lines() {
      const inOrder = noted.toSorted((a, b) => a.line - b.line || a.col - b.col);
      return [...new Set(inOrder.map(({ line, col, text }) => `${file}:${line}:${col} ${text}`))];
    },
  };
}

/** `apps.hello.environments.staging.aliases[0]`. */
function spelled(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index ? '.' : ''}${String(step)}`))
    .join('');
}

/** Notes what zod found, in our words. `keysAt` names the keys that may stand at a path. */
export function noteIssues(
  mistakes: Mistakes,
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  keysAt: (path: Path) => readonly string[],
): void {
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) mistakes.add([...issue.path, key], unknownKey(key, keysAt(issue.path)), 'key');
    } else if (issue.code === 'invalid_key') {
      mistakes.add(issue.path, issue.issues[0]?.message ?? 'can’t be used as a name', 'key');
    } else if (issue.code === 'invalid_union') {
      // Of “a mapping or something else” a mapping is meant as a mapping: what is wrong with it is what is wrong.
      const nested = issue.errors.find((branch) => !isOfAnotherKind(branch)) ?? issue.errors[0] ?? [];
      const placed = nested.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
      noteIssues(mistakes, placed, value, keysAt);
    } else {
      const isZodsOwnText = issue.code === 'invalid_type' && issue.message.startsWith('Invalid input');
      mistakes.add(issue.path, isZodsOwnText ? wrongType(issue.expected, at(value, issue.path)) : issue.message);
    }
  }
}

const isOfAnotherKind = (branch: readonly z.core.$ZodIssue[]): boolean =>
  branch.some(({ path, code }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'));

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near ? `unknown key; did you mean ${near}?` : `unknown key; there may be ${known.join(', ')}`;
}

const types: Readonly<Record<string, string>> = {
  string: 'must be text',
  boolean: 'must be true or false',
  array: 'must be a list, such as [one, two] or []',
  object: 'must be a mapping (keys with values)',
  record: 'must be a mapping (keys with values)',
};

function wrongType(expected: string, found: unknown): string {
  const must = types[expected] ?? `must be ${expected}`;
  if (found === undefined) return `is missing; it ${must}`;
  if (found === null) return `is empty; it ${must}, or leave the key out`;
  if (expected === 'string' && typeof found !== 'object') return `${must}, not a ${typeof found}: put it in quotes`;
  return `${must}, not ${kindOf(found)}`;
}

function kindOf(found: unknown): string {
  if (Array.isArray(found)) return 'a list';
  if (typeof found === 'object') return 'a mapping';
  return typeof found === 'string' ? 'text' : `a ${typeof found}`;
}

function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) here = (here as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return here;
}
