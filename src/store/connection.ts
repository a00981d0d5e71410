import Libsql from 'libsql';
import { escapeText, unescapeText } from './escape.ts';

/** What a column can hold. Numbers are finite; a bigint fits 64 bits, and is read back as a number. */
export type Value = string | number | bigint | Buffer | null;

export interface Reading {
  /** The first row, its columns by name. `Row` is what the caller knows the columns to be. */
  get<Row>(sql: string, ...values: Value[]): Row | undefined;
  all<Row>(sql: string, ...values: Value[]): Row[];
}

export interface Sql extends Reading {
  /** Answers how many rows changed. Only inside a transaction. */
  run(sql: string, ...values: Value[]): number;
}

export interface Connection extends Sql {
  /** Runs statements without values; they leave nothing behind that could stand in the way of a COMMIT. */
  exec(sql: string): void;
  readonly inTransaction: boolean;
  close(): void;
}

interface Prepared {
  statement: Libsql.Statement<unknown[]>;
  columns: string[];
  valueCount: number;
}

/**
 * How long a statement waits for another program's lock. The whole process waits with it, so it stays below the three
 * seconds that Slack gives.
 */
const busyTimeoutMs = 2_000;

/**
 * The one place that touches libsql, and closes its traps (0.5.29):
 * - binding a boolean aborts the process, and NaN, a Date or a missing value silently becomes NULL: only `Value`s get
 *   through, as many as the statement has `?`, and always as a list (a lone Buffer would be taken for named values);
 * - a prepared write that met SQLITE_BUSY makes every later COMMIT fail until it runs again: writes run only inside a
 *   transaction, which `exec` begins (and which can be busy without such an after-effect);
 * - rows carry a `_metadata` of their own: they are read as lists, and given their columns' names here;
 * - a closed connection goes on working: this one does not.
 */
export function connect(file: string): Connection {
  const db = explained(file, () => new Libsql(file, { timeout: busyTimeoutMs }));
  const prepared = new Map<string, Prepared>();

  function prepare(sql: string, values: readonly Value[]): Prepared {
    if (!db.open) throw new Error(`The database ${file} is closed.`);
    let entry = prepared.get(sql);
    if (!entry) {
      const statement = db.prepare(sql);
      if (statement.reader) statement.raw();
      const columns = statement.columns().map((column) => column.name);
      entry = { statement, columns, valueCount: sql.split('?').length - 1 };
      prepared.set(sql, entry);
    }
    if (values.length !== entry.valueCount) {
      throw new TypeError(`${entry.valueCount} values are wanted, ${values.length} were given: ${sql}`);
    }
    return entry;
  }

  return {
    get<Row>(sql: string, ...values: Value[]): Row | undefined {
      return explained(file, () => {
        const { statement, columns } = prepare(sql, values);
        const row = statement.get(values.map(bindable)) as unknown[] | undefined;
        return row && named<Row>(columns, row);
      });
    },
    all<Row>(sql: string, ...values: Value[]): Row[] {
      return explained(file, () => {
        const { statement, columns } = prepare(sql, values);
        const rows = statement.all(values.map(bindable)) as unknown[][];
        return rows.map((row) => named<Row>(columns, row));
      });
    },
    run(sql, ...values) {
      return explained(file, () => {
        const { statement } = prepare(sql, values);
        if (!db.inTransaction) throw new Error(`A write outside of a transaction: ${sql}`);
        return statement.run(values.map(bindable)).changes;
      });
    },
    exec(sql) {
      explained(file, () => {
        if (!db.open) throw new Error(`The database ${file} is closed.`);
        db.exec(sql);
      });
    },
    get inTransaction() {
      return db.inTransaction;
    },
    close() {
      prepared.clear();
      db.close();
    },
  };
}

const largest = 2n ** 63n - 1n;

function bindable(value: Value): Value {
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint' && value >= -largest && value <= largest) return value;
  if (value === null || Buffer.isBuffer(value)) return value;
  throw new TypeError(
    `A ${typeof value} can't be stored: only strings, finite numbers, 64-bit bigints, Buffers and null.`,
  );
}

function named<Row>(columns: readonly string[], row: readonly unknown[]): Row {
  return Object.fromEntries(
    columns.map((column, index) => {
      const value = row[index];
      return [column, typeof value === 'string' ? unescapeText(value) : value];
    }),
  ) as Row;
}

/** What SQLite's result codes mean to whoever runs the bot; https://www.sqlite.org/rescode.html */
const explanations: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full. Make room, and it goes on by itself',
  SQLITE_BUSY: 'another program holds its lock. End the transaction that is open there',
  SQLITE_READONLY: 'it can only be read. Check who owns the file and its folder, and their rights',
  SQLITE_CANTOPEN: 'it could not be opened. Check who owns the file and its folder, and their rights',
  SQLITE_IOERR: 'the disk reported an error. Check the disk and the system log',
  SQLITE_NOTADB: 'it is not a database. Move the file away, or put a backup in its place',
  SQLITE_CORRUPT: 'it is damaged. Put a backup in its place',
};

function explained<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // Extended codes are longer: SQLITE_IOERR_WRITE.
    const explanation = explanations[code.split('_').slice(0, 2).join('_')];
    if (explanation) throw new Error(`The database ${file}: ${explanation}.`, { cause: error });
    // Thrown before there is a connection that could have a code.
    if (error instanceof Error && error.message.startsWith('ConnectionFailed')) {
      throw new Error(`The database ${file}: ${explanations.SQLITE_CANTOPEN}.`, { cause: error });
    }
    throw error;
  }
}
