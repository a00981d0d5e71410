import type { NoteLine } from '../../deploy/deployment.ts';
import type { Store } from '../../deploy/ports.ts';
import type { Database } from '../database.ts';

type NoteRows = Pick<Store, 'addNote' | 'notes' | 'saveNote'>;

export function noteRows(database: Database): NoteRows {
  return {
    async addNote(request, note) {
      const line: NoteLine = { key: note.key, at: note.at, note, telling: {} };
      const added = await database.write((sql) =>
        sql.run(
          'INSERT INTO notes (request, key, line) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          request,
          note.key,
          JSON.stringify(line),
        ),
      );
      return added === 1;
    },
    /** In the order in which they were added. */
    async notes(request) {
      const rows = database.all<{ line: string }>('SELECT line FROM notes WHERE request = ? ORDER BY arrival', request);
      return rows.map((row) => JSON.parse(row.line) as NoteLine);
    },
    async saveNote(request, line) {
      await database.write((sql) =>
        sql.run(
          `INSERT INTO notes (request, key, line) VALUES (?, ?, ?)
           ON CONFLICT (request, key) DO UPDATE SET line = excluded.line`,
          request,
          line.key,
          JSON.stringify(line),
        ),
      );
    },
  };
}
