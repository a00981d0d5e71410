import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';
import { type Connection, connect } from './connection.ts';

export interface Lock {
  release(): void;
}

const lookAgainMs = 250;

/** Also what keeps them alive: a connection that nobody refers to is collected, and its lock goes with it. */
const held = new Set<Connection>();

/**
 * Keeps a second process out: SQLite in WAL mode would let it write too. The lock is that of a transaction which stays
 * open in a database of its own, `file`, always empty: the operating system takes it back when the process dies, however
 * it dies, and knows who lives also across containers. Who has it is written beside it, in `<file>.owner`, for people.
 *
 * Waits up to `patienceMs` for the holder to go (a restart overlaps for a moment), then throws a sentence that says who
 * it is. Never delete `file` while it is held, which makes room for a second lock, nor open it elsewhere in this process:
 * closing that drops the lock (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export async function takeLock(
  file: string,
  { clock, log, patienceMs = 30_000 }: { clock: Clock; log: Logger; patienceMs?: number },
): Promise<Lock> {
  makePrivately(file);
  const giveUpAt = clock.now().getTime() + patienceMs;
  for (let waited = false; ; waited = true) {
    const connection = tryToTake(file);
    if (connection) {
      held.add(connection);
      sayWho(file, clock, log);
      return { release: () => release(file, connection) };
    }
    if (clock.now().getTime() >= giveUpAt) throw new Error(sentence(file, patienceMs));
    if (!waited) log.info({ file, holder: whoSaysToHave(file) }, 'another process has the database; waiting for it');
    await new Promise<void>((resolve) => {
      clock.at(new Date(clock.now().getTime() + lookAgainMs), resolve);
    });
  }
}

/** SQLite would let everybody read it. */
function makePrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It is there, or SQLite will say why it can't be.
  }
}

/**
 * Begins the transaction, or answers undefined where somebody else's is open. A connection that was refused is not used
 * again: what libsql leaves behind after SQLITE_BUSY goes with it.
 *
 * IMMEDIATE is one lock on one byte. EXCLUSIVE would take several in turn, and two that start at once could each keep the
 * other from the next. A file that can only be read begins all the same, for any number at once; writing tells. What is
 * written is never committed, and its journal in memory leaves no file behind.
 */
function tryToTake(file: string): Connection | undefined {
  let connection: Connection | undefined;
  try {
    connection = connect(file);
    connection.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY');
    connection.exec('BEGIN IMMEDIATE; PRAGMA user_version = 1');
    return connection;
  } catch (error) {
    connection?.close();
    if (isBusy(error)) return undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The data folder can't be locked. ${why} On a network file system, put DATA_DIR on a local disk.`, {
      cause: error,
    });
  }
}

function release(file: string, connection: Connection): void {
  if (!held.delete(connection)) return;
  try {
    rmSync(owner(file), { force: true });
  } catch {
    // Then the name stays, as after a kill.
  }
  connection.exec('ROLLBACK');
  connection.close();
}

const owner = (file: string): string => `${file}.owner`;

function sayWho(file: string, clock: Clock, log: Logger): void {
  try {
    const who = `process ${process.pid} on ${hostname()} (since ${clock.now().toISOString()})`;
    writeFileSync(owner(file), `${who}\n`, { mode: 0o600 });
  } catch (error) {
    log.warn({ err: error }, 'could not write down who has the database; it is locked all the same');
  }
}

/** Only for people: a holder that was killed leaves its name behind, and a new one is there before its name is. */
function whoSaysToHave(file: string): string | undefined {
  try {
    return readFileSync(owner(file), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** SQLite also takes the lack of a lock daemon (ENOLCK, NFS) for a lock of somebody else, who then has no name. */
function sentence(file: string, patienceMs: number): string {
  const holder = whoSaysToHave(file);
  return (
    `Another Deckhand uses this data folder: ${holder ?? 'a process that left no name'} has ${file} locked, ` +
    `and did not let go within ${patienceMs / 1000} s. Stop it, or give this one a DATA_DIR of its own.` +
    (holder ? '' : ' If there is none, the file system knows no locks: put DATA_DIR on a local disk.')
  );
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY');
}
