import { stripVTControlCharacters } from 'node:util';

/** What a deployment printed so far, to be read from its beginning and followed to its end. */
export interface LiveLog {
  /** Adds text in any portions; lines appear once they are whole. */
  write(text: string): void;
  /** No more lines will come; `outcome` is the last word, e.g. `success`. */
  end(outcome: string): void;
  outcome(): string | undefined;
  lines(): readonly string[];
  /** Tells every line from the first one on, then the end. Returns how to stop listening. */
  follow(reader: { line: (line: string) => void; end: (outcome: string) => void }): () => void;
}

/** A log that keeps at most `limit` lines: a script that never stops talking must not fill the memory. */
export function createLog(limit = 5_000): LiveLog {
  const lines: string[] = [];
  const readers = new Set<{ line: (line: string) => void; end: (outcome: string) => void }>();
  let unfinished = '';
  let outcome: string | undefined;

  function add(line: string): void {
    if (lines.length > limit) return;
    const text =
      lines.length === limit
        ? '… and more, which is not kept'
        : stripVTControlCharacters(line).replaceAll(/(?!\t)\p{Cc}/gu, '');
    lines.push(text);
    for (const reader of readers) reader.line(text);
  }

  return {
    write(text) {
      if (outcome !== undefined) return;
      const pieces = (unfinished + text).split('\n');
      unfinished = (pieces.pop() ?? '').slice(-10_000);
      for (const piece of pieces) add(piece);
    },
    end(word) {
      if (outcome !== undefined) return;
      if (unfinished) add(unfinished);
      outcome = word;
      for (const reader of readers) reader.end(word);
      readers.clear();
    },
    outcome: () => outcome,
    lines: () => lines,
    follow(reader) {
      for (const line of lines) reader.line(line);
      if (outcome === undefined) readers.add(reader);
      else reader.end(outcome);
      return () => readers.delete(reader);
    },
  };
}
