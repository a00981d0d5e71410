import type { Store } from '../../deploy/ports.ts';
import type { Watch } from '../../deploy/watch.ts';
import type { Database } from '../database.ts';
import { watchKey } from '../watch-key.ts';
import { allParsed } from './facts.ts';

type WatchRows = Pick<Store, 'addWatch' | 'dropWatch' | 'watches'>;

export function watchRows(database: Database): WatchRows {
  return {
    async addWatch(watch) {
      const sql = 'INSERT INTO watches (key, facts) VALUES (?, ?) ON CONFLICT DO NOTHING';
      return (await database.write((to) => to.run(sql, watchKey(watch), JSON.stringify(watch)))) === 1;
    },
    async dropWatch(watch) {
      return (await database.write((from) => from.run('DELETE FROM watches WHERE key = ?', watchKey(watch)))) === 1;
    },
    async watches() {
      return allParsed<Watch>(database.all('SELECT facts FROM watches ORDER BY arrival'));
    },
  };
}
