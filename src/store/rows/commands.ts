import type { Command, Store } from '../../deploy/ports.ts';
import type { Database } from '../database.ts';
import { parsed } from './facts.ts';

type CommandRows = Pick<
  Store,
  'acceptCommand' | 'command' | 'beginCommand' | 'answerCommand' | 'endCommand' | 'unfinishedCommands'
>;

export function commandRows(database: Database): CommandRows {
  const change = async (id: string, changed: (command: Command) => Command) => {
    await database.write((sql) => {
      const command = parsed<Command>(sql.get('SELECT facts FROM commands WHERE id = ?', id));
      if (command) sql.run('UPDATE commands SET facts = ? WHERE id = ?', JSON.stringify(changed(command)), id);
    });
  };
  return {
    acceptCommand: (command) =>
      database.write((sql) => {
        if (sql.get('SELECT 1 FROM commands WHERE key = ?', command.key)) return false;
        const facts = JSON.stringify(command);
        sql.run(
          'INSERT INTO commands (id, key, given_at, facts) VALUES (?, ?, ?, ?)',
          ...[command.id, command.key, Date.parse(command.at), facts],
        );
        return true;
      }),
    async command(id) {
      return parsed<Command>(database.get('SELECT facts FROM commands WHERE id = ? AND ended = 0', id));
    },
    beginCommand: (id, at) => change(id, (command) => ({ begunAt: at, ...command })),
    answerCommand: (id, answers) => change(id, (command) => ({ ...command, answers })),
    async endCommand(id, { keyIsFree = false } = {}) {
      // Keys are unique; with the id in it the key is one that no command will ever have.
      const key = keyIsFree ? ", key = key || ' ' || id" : '';
      await database.write((sql) => sql.run(`UPDATE commands SET ended = 1${key} WHERE id = ? AND ended = 0`, id));
    },
    async unfinishedCommands() {
      const rows = database.all<{ id: string }>('SELECT id FROM commands WHERE ended = 0 ORDER BY arrival');
      return rows.map((row) => row.id);
    },
  };
}
