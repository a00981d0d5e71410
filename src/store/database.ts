import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';
import { type Connection, connect, type Reading, type Sql } from './connection.ts';
import { groupCommit } from './group-commit.ts';
import { takeLock } from './lock-file.ts';
import { migrate } from './migrations.ts';

/** The embedded database: one file, one process. Reads see everything that was acknowledged, and nothing else. */
export interface Database extends Reading {
  /**
   * Runs `write` inside the next transaction and resolves with its answer once that is on disk (synchronous=FULL).
   * It may be run twice, so it does nothing but SQL, synchronously. Rejects when the row or the commit fails.
   */
  write<T>(write: (sql: Sql) => T): Promise<T>;
  /** Rejects when no row can be written. */
  ready(): Promise<void>;
  /** Commits what was begun, takes nothing more, and lets another process in. */
  close(): Promise<void>;
}

/**
 * Opens `<folder>/deckhand.db`, making both where they are missing (for their owner alone), and brings its schema up to
 * date. Waits 30 s for another process to let go of it. Rejects with a sentence that says what is wrong and what to do.
 */
export async function openSqlite(options: { folder: string; clock: Clock; log: Logger }): Promise<Database> {
  const file = path.join(options.folder, 'deckhand.db');
  makePrivately(options.folder);
  const lock = await takeLock(path.join(options.folder, 'deckhand.lock'), options);
  try {
    makePrivately(options.folder, file);
    const connection = connect(file);
    configure(connection, file);
    migrate(connection, file);
    return database(connection, file, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** SQLite gives its `-wal` and `-shm` files the rights of the database, so that is made before SQLite sees it. */
function makePrivately(folder: string, file?: string): void {
  try {
    if (file) closeSync(openSync(file, 'a', 0o600));
    else makeFolder(folder);
  } catch (error) {
    const what = file ? `The database ${file}` : `The data folder ${folder}`;
    throw new Error(`${what} can't be made or written. Check DATA_DIR, who owns that folder, and its rights.`, {
      cause: error,
    });
  }
}

/** Like `mkdir -p`. Node's own tries for ever below /proc, where a new folder is ENOENT although its parent is there. */
function makeFolder(folder: string): void {
  const isThere = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isThere()) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process that starts now may have been quicker.
    if (!isThere()) throw error;
  }
}

function configure(connection: Connection, file: string): void {
  const mode = connection.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode;
  if (mode !== 'wal') {
    throw new Error(`The database ${file} can't use SQLite's write-ahead log. Put DATA_DIR on a local disk.`);
  }
  connection.exec('PRAGMA synchronous = FULL');
}

function database(connection: Connection, file: string, letGo: () => void): Database {
  const group = groupCommit(connection);
  let closed = false;

  function write<T>(run: (sql: Sql) => T): Promise<T> {
    return closed ? Promise.reject(new Error(`The database ${file} is closed.`)) : group.write(run);
  }

  return {
    get: connection.get,
    all: connection.all,
    write,
    async ready() {
      await write((sql) => sql.run('UPDATE pulse SET beat = beat + 1'));
    },
    async close() {
      if (closed) return;
      closed = true;
      group.flush();
      try {
        // One file that can be copied; where a reader stands in the way, the next start does it.
        connection.get('PRAGMA wal_checkpoint(TRUNCATE)');
      } finally {
        connection.close();
        letGo();
      }
    },
  };
}
