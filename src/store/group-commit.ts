import type { Connection, Sql } from './connection.ts';

interface Write {
  run(sql: Sql): unknown;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
  /** What it consists of, where that is several: to be tried one by one when the whole fails. */
  parts?(): Write[];
}

export interface GroupCommit {
  /**
   * Runs `write` in the next transaction, in the order of the calls, and resolves with its answer once that is on disk.
   * When something fails, `write` may be run a second time: it does nothing but SQL, and does it synchronously.
   */
  write<T>(write: (sql: Sql) => T): Promise<T>;
  /**
   * For rows that come in numbers: a function that takes one at a time, and gives all that come for a transaction to `write`
   * at once, in the place of the first of them. That answers as many, in their order, and may be run again with each alone.
   */
  together<In, Out>(write: (sql: Sql, given: readonly In[]) => readonly Out[]): (given: In) => Promise<Out>;
  /** Commits what waits now, instead of after the turn. Resolves when everything is on disk, or failed. */
  flush(): Promise<void>;
}

/** How commits get to the disk. */
export interface Disk {
  /** Resolves once it has everything that was committed. Rejects when nobody knows. */
  sync(): Promise<void>;
  /**
   * The long way, after a `sync` that failed: throws unless everything that was committed is there afterwards. The short
   * one can't be asked again: Linux tells once that a page could not be written, and takes it for written from then on.
   */
  recover(): void;
}

/**
 * Writes that arrive within two turns of the event loop share one transaction, and so one wait for the disk: at 50 callers
 * that is two to three times the rows a second. What arrives during such a wait is the next group, since it would have to
 * wait for another all the same. A write that fails does so alone; a COMMIT that fails fails all of its group. While
 * nobody knows what is on disk, nothing is written.
 */
export function groupCommit(connection: Connection, disk: Disk): GroupCommit {
  let waiting: Write[] = [];
  let turn: NodeJS.Immediate | undefined;
  let underWay: Promise<void> | undefined;
  let isSick = false;

  function flush(): Promise<void> {
    clearImmediate(turn);
    turn = undefined;
    const group = waiting;
    // A new list: what comes from now on joins nothing of the old one.
    waiting = [];
    const committed = isSick && !recovered(group) ? [] : commit(connection, group);
    if (committed.length === 0) return underWay ?? Promise.resolve();
    const acknowledged = acknowledge(committed).then(() => {
      if (underWay !== acknowledged) return;
      underWay = undefined;
      if (waiting.length > 0) plan();
    });
    underWay = acknowledged;
    return acknowledged;
  }

  async function acknowledge(group: readonly Committed[]): Promise<void> {
    const isThere = await disk.sync().then(
      () => true,
      () => recovered(group),
    );
    if (isThere) for (const { resolve, answer } of group) resolve(answer);
  }

  /** Whether the disk has come round. If not, these fail. */
  function recovered(group: readonly Write[]): boolean {
    try {
      disk.recover();
      isSick = false;
    } catch (error) {
      isSick = true;
      for (const { reject } of group) reject(error);
    }
    return !isSick;
  }

  /** One turn more: what the same poll of the sockets brings after this write is in the group as well. */
  function plan(): void {
    turn ??= setImmediate(() => {
      turn = setImmediate(() => void flush());
    });
  }

  function wait(write: Write): void {
    waiting.push(write);
    if (!underWay) plan();
  }

  return {
    write<T>(write: (sql: Sql) => T) {
      return new Promise<T>((resolve, reject) => wait({ run: write, resolve: resolve as Write['resolve'], reject }));
    },
    together<In, Out>(write: (sql: Sql, given: readonly In[]) => readonly Out[]) {
      let open: One<In, Out>[] = [];
      let openIn: Write[] | undefined;
      return (given: In) =>
        new Promise<Out>((resolve, reject) => {
          if (openIn !== waiting) {
            open = [];
            openIn = waiting;
            wait(asOne(write, open));
          }
          open.push({ given, resolve, reject });
        });
    },
    flush,
  };
}

interface One<In, Out> {
  given: In;
  resolve(answer: Out): void;
  reject(error: unknown): void;
}

function asOne<In, Out>(
  write: (sql: Sql, given: readonly In[]) => readonly Out[],
  all: readonly One<In, Out>[],
): Write {
  return {
    run: (sql) =>
      write(
        sql,
        all.map(({ given }) => given),
      ),
    resolve(answers) {
      for (const [index, { resolve }] of all.entries()) resolve((answers as readonly Out[])[index] as Out);
    },
    reject(error) {
      for (const { reject } of all) reject(error);
    },
    parts: () => all.map((one) => asOne(write, [one])),
  };
}

interface Committed extends Write {
  answer: unknown;
}

/** Runs a group, and rejects what failed. Answers the rest: it is committed, though not yet on disk. */
function commit(connection: Connection, group: readonly Write[]): Committed[] {
  if (group.length === 0) return [];
  const outcome = inOneTransaction(connection, group);
  if ('answers' in outcome) return group.map((write, index) => ({ ...write, answer: outcome.answers[index] }));
  const apart = group.flatMap((write) => write.parts?.() ?? [write]);
  if (outcome.failed === 'a row' && apart.length > 1) return apart.flatMap((write) => commit(connection, [write]));
  for (const write of group) write.reject(outcome.error);
  return [];
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
