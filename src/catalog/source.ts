import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { type Mistakes, mistakesIn, type Path } from './mistakes.ts';

/** A parsed file: its value, and a book in which mistakes are noted at the places they were made. */
export interface Source {
  value: unknown;
  mistakes: Mistakes;
}

/** More uses of anchors than this is an attack (“billion laughs”), not a catalogue. */
const mostAliases = 100;

/**
 * Reads YAML 1.2, and so JSON too, with one reader: positions work in both. Duplicate keys, unknown tags, several
 * documents and runaway anchors are mistakes. With a syntax error the value is undefined.
 */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const mistakes = mistakesIn(file, (path, part) => lines.linePos(offsetOf(document, path, part)));

  for (const trouble of [...document.errors, ...document.warnings]) {
    mistakes.addAt(
      lines.linePos(trouble.pos[0]),
      inPlainWords(trouble.code, trouble.message, text.slice(trouble.pos[0])),
    );
  }
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      mistakes.addAt(lines.linePos(pair.key.range?.[0] ?? 0), '__proto__ is no name for anything: choose another');
    },
  });
  const unreadable = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  return { value: unreadable ? undefined : contentOf(document, mistakes), mistakes };
}

function contentOf(document: Document.Parsed, mistakes: Mistakes): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    // An anchor that contains itself makes a circle, which no payload can hold and no check would come back from.
    JSON.stringify(value);
    return value;
  } catch {
    // What the library says may quote the file, and with it a secret.
    mistakes.add([], 'uses anchors (&, *) that are unknown, contain themselves, or are far too many: write it out');
    return undefined;
  }
}

function inPlainWords(code: string, message: string, at: string): string {
  if (code === 'DUPLICATE_KEY') return `${/^["']?([^"'\s:]+)/.exec(at)?.[1] ?? 'this key'} is there twice: keep one`;
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---): a catalogue is one document';
  if (code === 'TAG_RESOLVE_FAILED')
    return 'a tag (!…) that is not known here: leave it out, or put the value in quotes';
  // What comes after the colon is quoted from the file, where secrets may be.
  return `can’t be read: ${message.replace(/: ".*$/s, '')}`;
}

/** Where a path begins in the text: its key or its value, or the nearest thing around it that is really there. */
function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let best = node?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    const isLast = index === path.length - 1;
    if (isMap(here)) {
      const pair = here.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (!pair) return best;
      const key = (pair.key as Node).range?.[0];
      node = pair.value as Node | null;
      best = (isLast && part === 'value' ? writtenAt(node) : undefined) ?? key ?? best;
    } else if (isSeq(here)) {
      node = here.items[Number(step)] as Node | null;
      best = node?.range?.[0] ?? best;
    } else return best;
  }
  return best;
}

/** A value that was left out (`staging:`) has a position, but on a line that may be the next key's. */
function writtenAt(node: Node | null): number | undefined {
  if (isScalar(node) && node.value === null && !node.source) return undefined;
  return node?.range?.[0];
}
