import { isDone, type Status, type Telling } from '../../deploy/deployment.ts';
import type { Recorded } from '../../deploy/ports.ts';
import type { Sql, Value } from '../connection.ts';
import { isNobodys, toldToNobody } from '../status-line.ts';

/**
 * Stores statuses, each once. Every webhook waits for it, so that it is made for what most of them are: several at a time of
 * deployments that others began, and none of them known. Whose a deployment is is looked up once, and many rows are added by
 * one statement, which says itself what all strangers' rows have in common.
 */
export function recordStatuses(sql: Sql, given: readonly Status[]): Recorded[] {
  const isOurs = oursIn(sql);
  const strangers = given.map((status) => isNobodys(status) && !isOurs(status));
  const isNew = strangers.includes(false)
    ? added(
        sql,
        anyRows,
        given.map((status, index) => rowOf(status, strangers[index] ? toldToNobody : {})),
      )
    : added(sql, strangersRows, given.map(strangersRow));
  return isNew.map((isNew, index) => ({ isNew, isStrangers: strangers[index] === true }));
}

/** The statement that adds so many rows. `row`: what stands for the values of one. */
function insert(count: number, row: string): string {
  const columns = 'deployment, id, repository, told, telling, claimed, facts';
  return `INSERT INTO statuses (${columns}) VALUES ${Array(count).fill(row).join(', ')}`;
}

const anyRow = '(?, ?, ?, ?, ?, ?, ?)';

/** The statement that adds one. */
export const insertStatus = insert(1, anyRow);

/** A handful of statements that will do for any number of rows, so that each is prepared once. */
const inserts = (row: string) => [32, 16, 8, 4, 2, 1].map((count) => ({ count, statement: insert(count, row) }));
const anyRows = inserts(anyRow);
const strangersRows = inserts(`(?, ?, ?, 1, '${JSON.stringify(toldToNobody)}', NULL, ?)`);

type Row = Value[];

/** The values of its columns, in their order. */
export const rowOf = (status: Status, telling: Telling): Row => [
  status.deployment,
  status.id,
  status.repository.toLowerCase(),
  isDone(telling) ? 1 : 0,
  JSON.stringify(telling),
  status.claim?.request ?? null,
  JSON.stringify(status),
];

/** The same, for nobody is to be told of it. */
const strangersRow = (status: Status): Row => [
  status.deployment,
  status.id,
  status.repository.toLowerCase(),
  JSON.stringify(status),
];

function oursIn(sql: Sql): (status: Status) => boolean {
  const found = new Map<string, boolean>();
  return ({ repository, deployment }) => {
    const place = `${deployment} ${repository}`;
    let isOurs = found.get(place);
    if (isOurs === undefined) {
      const one = 'SELECT 1 FROM deployments WHERE repository = ? AND github_id = ?';
      isOurs = sql.get(one, repository.toLowerCase(), deployment) !== undefined;
      found.set(place, isOurs);
    }
    return isOurs;
  };
}

/** Adds rows where they are not known. Answers of each whether it was new. */
function added(sql: Sql, inserts: readonly { count: number; statement: string }[], rows: readonly Row[]): boolean[] {
  const answers: boolean[] = [];
  for (const { count, statement } of inserts) {
    while (rows.length - answers.length >= count) {
      const some = rows.slice(answers.length, answers.length + count);
      answers.push(...addedAtOnce(sql, statement, some, inserts.at(-1)?.statement ?? statement));
    }
  }
  return answers;
}

function addedAtOnce(sql: Sql, statement: string, rows: readonly Row[], one: string): boolean[] {
  try {
    sql.run(statement, ...rows.flat());
    return rows.map(() => true);
  } catch (error) {
    if (!isConflict(error)) throw error;
    // None of them was added. To be told which are known would cost more, each time, than to go through them now.
    return rows.map((row) => sql.run(`${one} ON CONFLICT DO NOTHING`, ...row) === 1);
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
