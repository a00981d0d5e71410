import type { Clock, Store } from '../deploy/ports.ts';
import type { Database } from './database.ts';
import { leases } from './leases.ts';
import { commandRows } from './rows/commands.ts';
import { deploymentRows } from './rows/deployments.ts';
import { forget } from './rows/forget.ts';
import { noteRows } from './rows/notes.ts';
import { statusRows } from './rows/statuses.ts';
import { watchRows } from './rows/watches.ts';

export { type Database, openSqlite } from './database.ts';

/** The embedded store. Every write is on disk when it resolves; a read sees everything that was acknowledged. */
export function sqliteStore(database: Database, clock: Clock): Store {
  const held = leases(clock);
  const store: Store = {
    ...commandRows(database),
    ...deploymentRows(database, clock),
    ...statusRows(database),
    ...noteRows(database),
    ...watchRows(database),
    lease: async (name) => held.take(name, store),
    forget: forget(database),
    ready: database.ready,
    async close() {
      held.close();
      await database.close();
    },
  };
  return store;
}
