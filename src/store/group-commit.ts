import type { Connection, Sql } from './connection.ts';

interface Write {
  run(sql: Sql): unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export interface GroupCommit {
  /**
   * Runs `write` in the next transaction, in the order of the calls, and resolves with its answer once that is on disk.
   * When something fails, `write` may be run a second time: it does nothing but SQL, and does it synchronously.
   */
  write<T>(write: (sql: Sql) => T): Promise<T>;
  /** Commits what waits now, instead of after the turn. */
  flush(): void;
}

/**
 * Writes that arrive within two turns of the event loop share one transaction, and so one wait for the disk: at 50 callers
 * that is two to three times the rows a second. A write that fails does so alone; a COMMIT that fails fails all of its group.
 */
export function groupCommit(connection: Connection): GroupCommit {
  let waiting: Write[] = [];
  let turn: NodeJS.Immediate | undefined;

  function flush(): void {
    clearImmediate(turn);
    turn = undefined;
    const group = waiting;
    waiting = [];
    if (group.length > 0) commit(connection, group);
  }

  return {
    write<T>(write: (sql: Sql) => T) {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ run: write, resolve: resolve as Write['resolve'], reject });
        // One turn more: what the same poll of the sockets brings after this write is in the group as well.
        turn ??= setImmediate(() => {
          turn = setImmediate(flush);
        });
      });
    },
    flush,
  };
}

function commit(connection: Connection, group: readonly Write[]): void {
  const outcome = inOneTransaction(connection, group);
  if ('answers' in outcome) {
    group.forEach((write, index) => {
      write.resolve(outcome.answers[index]);
    });
  } else if (outcome.failed === 'a row' && group.length > 1) {
    for (const write of group) commit(connection, [write]);
  } else {
    for (const write of group) write.reject(outcome.error);
  }
}

type Outcome = { answers: unknown[] } | { failed: 'a row' | 'the transaction'; error: unknown };

function inOneTransaction(connection: Connection, group: readonly Write[]): Outcome {
  let failed: 'a row' | 'the transaction' = 'the transaction';
  try {
    rollBack(connection);
    connection.exec('BEGIN IMMEDIATE');
    failed = 'a row';
    const answers = group.map((write) => write.run(connection));
    failed = 'the transaction';
    connection.exec('COMMIT');
    return { answers };
  } catch (error) {
    try {
      rollBack(connection);
    } catch {
      // The disk is in trouble; the next transaction begins with another attempt.
    }
    return { failed, error };
  }
}

/** After some errors, a full disk among them, SQLite has rolled back by itself. */
function rollBack(connection: Connection): void {
  if (connection.inTransaction) connection.exec('ROLLBACK');
}
