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
  const isNew = strangers.every(Boolean)
    ? added(sql, strangersRows, given.map(strangersRow))
    : added(
        sql,
        anyRows,
        given.map((status, index) => rowOf(status, strangers[index] ? toldToNobody : {})),
      );
  return strangers.map((isStrangers, index) => ({ isNew: isNew[index] === true, isStrangers }));
}

/** The statement that adds one row, and a handful that will do for any number of them, so that each is prepared once. */
interface Inserts {
  one: string;
  several: readonly { count: number; statement: string }[];
}

/** `row`: what stands for the values of one. */
function inserts(row: string): Inserts {
  const columns = 'deployment, id, repository, told, telling, claimed, facts';
  const insert = (count: number) => `INSERT INTO statuses (${columns}) VALUES ${Array(count).fill(row).join(', ')}`;
  return { one: insert(1), several: [32, 16, 8, 4, 2, 1].map((count) => ({ count, statement: insert(count) })) };
}

const anyRows = inserts('(?, ?, ?, ?, ?, ?, ?)');
const strangersRows = inserts(`(?, ?, ?, ${Number(isDone(toldToNobody))}, '${JSON.stringify(toldToNobody)}', NULL, ?)`);

/** The statement that adds one. */
export const insertStatus = anyRows.one;

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

/** What the statement for strangers' rows leaves open. */
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
function added(sql: Sql, { one, several }: Inserts, rows: readonly Row[]): boolean[] {
  const answers: boolean[] = [];
  for (const { count, statement } of several) {
    while (rows.length - answers.length >= count) {
      const some = rows.slice(answers.length, answers.length + count);
      answers.push(...(areAdded(sql, statement, some) ? some.map(() => true) : addedOneByOne(sql, one, some)));
    }
  }
  return answers;
}

/** Answers whether they were: all of them, or none where one is known. */
function areAdded(sql: Sql, statement: string, rows: readonly Row[]): boolean {
  try {
    sql.run(statement, ...rows.flat());
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** To be told each time which are known would cost more than to go through them where one is. */
const addedOneByOne = (sql: Sql, one: string, rows: readonly Row[]): boolean[] =>
  rows.map((row) => sql.run(`${one} ON CONFLICT DO NOTHING`, ...row) === 1);

const isConflict = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
