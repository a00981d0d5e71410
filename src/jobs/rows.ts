import type { Job } from '../deploy/ports.ts';

/** What the engine needs of the embedded database, which makes the table (see its migrations). */
export interface JobDatabase extends Reading {
  /** Resolves once it is on disk; writes happen in the order of the calls. */
  write<T>(
    write: (sql: Reading & { run(sql: string, ...values: (string | number | null)[]): number }) => T,
  ): Promise<T>;
  ready(): Promise<void>;
}

interface Reading {
  get<Row>(sql: string, ...values: (string | number | null)[]): Row | undefined;
  all<Row>(sql: string, ...values: (string | number | null)[]): Row[];
}

type Sql = Parameters<Parameters<JobDatabase['write']>[0]>[0];

export interface JobRow extends Job {
  /** How often it was begun without an end. */
  attempt: number;
}

/**
 * A row's `due_at` (ms since 1970) says when the job is wanted; NULL says that it runs and that nobody has woken it since
 * it began. So a wake that comes while the job runs is told apart from the one that it answers, and neither is lost.
 */
export function wake(sql: Sql, job: Job, dueAt: number): void {
  sql.run(
    `INSERT INTO jobs (kind, id, due_at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET due_at = min(ifnull(due_at, excluded.due_at), excluded.due_at)`,
    job.kind,
    job.id,
    dueAt,
  );
}

/** It begins. The attempt counts from here, so that one which took the process down with it has counted. */
export function claim(sql: Sql, job: Job): void {
  sql.run('UPDATE jobs SET due_at = NULL, attempt = attempt + 1 WHERE kind = ? AND id = ?', job.kind, job.id);
}

/** It has ended: it is due when its work said or when it was woken meanwhile, whichever is earlier, or it is done. */
export function end(sql: Sql, job: Job, next: { dueAt?: number; attempt: number }): void {
  const row = sql.get<{ due_at: number | null }>('SELECT due_at FROM jobs WHERE kind = ? AND id = ?', job.kind, job.id);
  const wanted = [row?.due_at ?? undefined, next.dueAt].filter((at) => at !== undefined);
  if (wanted.length === 0) sql.run('DELETE FROM jobs WHERE kind = ? AND id = ?', job.kind, job.id);
  else {
    sql.run(
      'UPDATE jobs SET due_at = ?, attempt = ? WHERE kind = ? AND id = ?',
      Math.min(...wanted),
      next.attempt,
      job.kind,
      job.id,
    );
  }
}

/**
 * What ran when the process ended is due now, also where it was woken for later meanwhile. What had failed is tried now as
 * well: a row does not tell the two apart, and a restart may have mended it.
 */
export function recover(sql: Sql, now: number): void {
  sql.run('UPDATE jobs SET due_at = ? WHERE due_at IS NULL OR (attempt > 0 AND due_at > ?)', now, now);
}

export function dueJobs(database: Reading, kind: Job['kind'], now: number, limit: number): JobRow[] {
  return database.all(
    `SELECT kind, id, attempt FROM jobs WHERE kind = ? AND due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?`,
    kind,
    now,
    limit,
  );
}

/** When the next job that is not due yet will be. */
export function nextDueAt(database: Reading, kinds: readonly Job['kind'][], now: number): number | undefined {
  const next = 'SELECT due_at FROM jobs WHERE kind = ? AND due_at IS NOT NULL AND due_at > ? ORDER BY due_at LIMIT 1';
  const times = kinds.map((kind) => database.get<{ due_at: number }>(next, kind, now)?.due_at);
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** A job that runs and was not woken since is in neither. */
export function countJobs(database: Reading, now: number): { due: number; later: number } {
  const counted = database.get<{ due: number; later: number }>(
    `SELECT count(*) FILTER (WHERE due_at <= ?) AS due, count(*) FILTER (WHERE due_at > ?) AS later
     FROM jobs WHERE due_at IS NOT NULL`,
    now,
    now,
  );
  return counted ?? { due: 0, later: 0 };
}
