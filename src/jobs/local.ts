import type { Logger } from 'pino';
import type { Clock, Job, Jobs } from '../deploy/ports.ts';
import { backOffMs } from './back-off.ts';
import { claim, dueJobs, end, type JobDatabase, type JobRow, nextDueAt, recover, wake } from './rows.ts';

export interface LocalJobsOptions {
  /** The embedded store's, so that a status and the wake for it are in one file, and often in one commit. */
  database: JobDatabase;
  clock: Clock;
  log: Logger;
  /**
   * How many jobs of a kind run at once. They mostly wait for Slack and GitHub, so that there may be many; a kind's own
   * room keeps a burst of commands from holding up deployments.
   */
  concurrency?: Readonly<Record<Job['kind'], number>>;
  /** 0 to 1; spreads the retries. */
  random?: () => number;
  /** Told of every attempt that failed, after it was logged: a job is tried for ever, so somebody may want to know. */
  onFailing?: (job: Job, attempt: number, error: unknown) => void | Promise<void>;
}

/** When a row could not be written or read, the same is tried again after this. */
const troubleMs = 1_000;

/**
 * The embedded job engine, for one process. A job is a row until its work is done, so a crash runs it again at the next
 * start. A wake that is due starts its job as soon as it is on disk; nothing polls. Work that throws is logged and tried
 * again, see back-off.ts; it is never given up.
 */
export function localJobs(options: LocalJobsOptions): Jobs {
  const {
    database,
    clock,
    log,
    concurrency = { command: 8, deployment: 32 },
    random = Math.random,
    onFailing,
  } = options;
  const kinds = Object.keys(concurrency) as Job['kind'][];
  const running = new Map<string, Promise<void>>();
  const busy: Record<Job['kind'], number> = { command: 0, deployment: 0 };
  let work: ((job: Job, attempt: number) => Promise<Date | undefined>) | undefined;
  let alarm: { at: number; cancel: () => void } | undefined;
  let stopped = false;
  let noMorePauses: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    noMorePauses = resolve;
  });

  const now = (): number => clock.now().getTime();

  /** Starts what is due and free to run, and sets the alarm for what comes next. */
  function look(): void {
    if (!work || stopped) return;
    try {
      for (const kind of kinds) {
        if (busy[kind] >= concurrency[kind]) continue;
        // A job that has just begun may still look due: its claim is on the way to the disk.
        for (const row of dueJobs(database, kind, now(), concurrency[kind])) {
          if (busy[kind] >= concurrency[kind]) break;
          if (!running.has(nameOf(row))) begin(row, work);
        }
      }
      setAlarm(nextDueAt(database, kinds, now()));
    } catch (error) {
      log.error({ err: error }, 'the jobs could not be read');
      setAlarm(now() + troubleMs);
    }
  }

  function setAlarm(at: number | undefined): void {
    if (alarm?.at === at) return;
    alarm?.cancel();
    alarm = undefined;
    if (at === undefined) return;
    const cancel = clock.at(new Date(at), () => {
      alarm = undefined;
      look();
    });
    alarm = { at, cancel };
  }

  function begin(row: JobRow, doWork: NonNullable<typeof work>): void {
    // Not waited for: writes keep their order, so the claim is there before any wake that comes from now on. A crash
    // before it is on disk leaves the job due, which is right as well.
    database
      .write((sql) => claim(sql, row))
      .catch((error) => log.error({ err: error, job: row }, 'a job was not claimed'));
    const run = runOnce({ kind: row.kind, id: row.id }, row.attempt + 1, doWork).finally(() => {
      running.delete(nameOf(row));
      busy[row.kind]--;
      look();
    });
    busy[row.kind]++;
    running.set(nameOf(row), run);
  }

  async function runOnce(job: Job, attempt: number, doWork: NonNullable<typeof work>): Promise<void> {
    try {
      const again = await doWork(job, attempt);
      await settle(job, { dueAt: again && timeOf(again), attempt: 0 });
    } catch (error) {
      const waitMs = backOffMs(attempt, random);
      log.error({ err: error, job, attempt, waitMs }, 'a job failed; it will be tried again');
      await tell(job, attempt, error);
      await settle(job, { dueAt: now() + waitMs, attempt });
    }
  }

  async function tell(job: Job, attempt: number, error: unknown): Promise<void> {
    try {
      await onFailing?.(job, attempt, error);
    } catch (failure) {
      log.error({ err: failure, job, attempt }, 'nobody could be told of the failing job');
    }
  }

  /** Until it is on disk what comes next, the job counts as running: it is not done twice because the disk is full. */
  async function settle(job: Job, next: { dueAt?: number; attempt: number }): Promise<void> {
    for (;;) {
      try {
        return await database.write((sql) => end(sql, job, next));
      } catch (error) {
        log.error({ err: error, job }, 'the end of a job could not be written; trying again');
      }
      if (stopped) return;
      await Promise.race([stopping, pause(troubleMs)]);
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.at(new Date(now() + ms), resolve);
      void stopping.then(cancel);
    });
  }

  return {
    async wake(job, at = clock.now()) {
      const dueAt = timeOf(at);
      await database.write((sql) => wake(sql, job, dueAt));
      look();
    },
    async start(doWork) {
      if (work) throw new Error('The jobs have been started already.');
      // Runs that a crash ended; nothing runs yet in this process.
      await database.write((sql) => recover(sql, now()));
      work = doWork;
      look();
    },
    async ready() {
      if (!work || stopped) throw new Error('The jobs are not running.');
      await database.ready();
    },
    async stop() {
      stopped = true;
      noMorePauses();
      setAlarm(undefined);
      await Promise.allSettled(running.values());
    },
  };
}

const nameOf = (job: Job): string => `${job.kind}:${job.id}`;

function timeOf(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new TypeError('A job was to run at a time that is no time.');
  return ms;
}
