import { closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';
import { type Connection, connect, type Reading, type Sql } from './connection.ts';
import { durably } from './durably.ts';
import { groupCommit } from './group-commit.ts';
import { takeLock } from './lock-file.ts';
import { migrate } from './migrations.ts';

/**
 * The embedded database: one file, one process. Reads see everything that was acknowledged, and what will be once the disk
 * has it; by then whatever was written before is there as well.
 */
export interface Database extends Reading {
  /**
   * Runs `write` inside the next transaction and resolves with its answer once that is on disk.
   * It may be run twice, so it does nothing but SQL, synchronously. Rejects when the row or the commit fails.
   */
  write<T>(write: (sql: Sql) => T): Promise<T>;
  /** The same for rows that come in numbers, each given alone; see group-commit.ts. `write` is to be made once. */
  together<In, Out>(write: (sql: Sql, given: readonly In[]) => readonly Out[]): (given: In) => Promise<Out>;
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
  const link = path.join(options.folder, 'deckhand.db');
  makePrivately(options.folder);
  const lock = await takeLock(path.join(options.folder, 'deckhand.lock'), options);
  try {
    makePrivately(options.folder, link);
    // SQLite puts its other files beside what a symbolic link leads to.
    const file = realpathSync(link);
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
  // Commits are written and not waited for: `durably` does that, for several at once and beside the event loop. A
  // checkpoint still waits, for the log before and for the database after. Source: sqlite.org/pragma.html#pragma_synchronous
  connection.exec('PRAGMA synchronous = NORMAL');
}

const checkpoint = 'PRAGMA wal_checkpoint(TRUNCATE)';

/** Writes the whole log into the database and waits for the disk; throws where that fails or somebody reads the log. */
function intoTheDatabase(connection: Connection, file: string): void {
  const { busy } = connection.get<{ busy: number }>(checkpoint) ?? { busy: 1 };
  if (busy !== 0) throw new Error(`The disk could not say whether it has what was written to ${file}.`);
}

function database(connection: Connection, file: string, letGo: () => void): Database {
  const log = durably(`${file}-wal`);
  const group = groupCommit(connection, { sync: log.sync, recover: () => intoTheDatabase(connection, file) });
  let closed = false;

  const isClosed = () => Promise.reject(new Error(`The database ${file} is closed.`));
  function write<T>(run: (sql: Sql) => T): Promise<T> {
    return closed ? isClosed() : group.write(run);
  }

  return {
    get: connection.get,
    all: connection.all,
    write,
    together(run) {
      const add = group.together(run);
      return (given) => (closed ? isClosed() : add(given));
    },
    async ready() {
      await write((sql) => sql.run('UPDATE pulse SET beat = beat + 1'));
    },
    async close() {
      if (closed) return;
      closed = true;
      await group.flush();
      try {
        // One file that can be copied; where a reader stands in the way, the next start does it.
        connection.get(checkpoint);
      } finally {
        connection.close();
        log.close();
        letGo();
      }
    },
  };
}
