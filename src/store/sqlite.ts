import type { Store } from '../deploy/ports.ts';
import type { Database } from './database.ts';
import { commandRows } from './rows/commands.ts';
import { deploymentRows } from './rows/deployments.ts';
import { noteRows } from './rows/notes.ts';
import { statusRows } from './rows/statuses.ts';

export { type Database, openSqlite } from './database.ts';

/** The embedded store. Every write is on disk when it resolves; a read sees everything that was acknowledged. */
export function sqliteStore(database: Database): Store {
  return {
    ...commandRows(database),
    ...deploymentRows(database),
    ...statusRows(database),
    ...noteRows(database),
    ready: database.ready,
    close: database.close,
  };
}
