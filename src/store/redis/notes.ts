import type { NoteLine } from '../../deploy/deployment.ts';
import type { Store } from '../../deploy/ports.ts';
import { escapeText } from '../escape.ts';
import type { Around, Write } from './around.ts';

type Notes = Pick<Store, 'addNote' | 'notes' | 'saveNote'>;

export function notes({ link, keys }: Around, write: Write): Notes {
  return {
    async addNote(request, note) {
      const line: NoteLine = { key: note.key, at: note.at, note, telling: {} };
      return (await write('add-note', [keys.notes(request)], [escapeText(note.key), JSON.stringify(line)])) === 1;
    },
    /** In the order in which they were added. */
    async notes(request) {
      const lines = await link.send((redis) => redis.hvals(keys.notes(request)));
      return lines
        .map((text) => /^(\d+) (.*)$/s.exec(text) ?? [])
        .sort(([, a], [, b]) => Number(a) - Number(b))
        .map(([, , line = '']) => JSON.parse(line) as NoteLine);
    },
    async saveNote(request, line) {
      await write('save-note', [keys.notes(request)], [escapeText(line.key), JSON.stringify(line)]);
    },
  };
}
