import type { Logger } from 'pino';
import type { Clock, Job, Jobs, Work } from '../deploy/ports.ts';
import { attemptOnce, named, type Outcome } from './attempt.ts';
import { dueAt } from './due.ts';
import { type Room, usualRoom } from './room.ts';
import { claim, countJobs, dueJobs, end, type JobDatabase, type JobRow, nextDueAt, recover, wake } from './rows.ts';

export interface LocalJobsOptions {
  /** The embedded store's, so that a status and the wake for it are in one file, and often in one commit. */
  database: JobDatabase;
  clock: Clock;
  log: Logger;
  concurrency?: Room;
  /** 0 to 1; spreads the retries. */
  random?: () => number;
}

/** When a row could not be written or read, the same is tried again after this. */
const troubleMs = 1_000;

/**
 * The embedded job engine, for one process. A job is a row until its work is done, so a crash runs it again at the next
 * start. A wake that is due starts its job as soon as it is on disk; nothing polls. Work that throws is logged and tried
 * again until it has failed too often, see back-off.ts.
 */
export function localJobs(options: LocalJobsOptions): Jobs {
  const { database, clock, log, concurrency = usualRoom, random = Math.random } = options;
  const kinds = Object.keys(concurrency) as Job['kind'][];
  const running = new Map<string, Promise<void>>();
  const busy: Record<Job['kind'], number> = { command: 0, deployment: 0, chore: 0 };
  let work: Work | undefined;
  let alarm: { at: number; cancel: () => void } | undefined;
  let lookIsPlanned = false;
  let stopped = false;
  let noMorePauses: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    noMorePauses = resolve;
  });

  const now = (): number => clock.now().getTime();

  /** Looks once for all the wakes and ends that one commit brought to the disk. */
  function lookSoon(): void {
    if (lookIsPlanned) return;
    lookIsPlanned = true;
    queueMicrotask(() => {
      lookIsPlanned = false;
      look();
    });
  }

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

  function begin(row: JobRow, doWork: Work): void {
    const job = { kind: row.kind, id: row.id };
    // Not waited for: writes keep their order, so the claim is there before any wake that comes from now on. A crash
    // before it is on disk leaves the job due, which is right as well.
    database
      .write((sql) => claim(sql, row))
      .catch((error) => log.error({ err: error, ...named(job) }, 'a job was not claimed'));
    const run = attemptOnce(doWork, job, row.attempt + 1, { clock, log, random })
      .then((outcome) => settle(job, outcome))
      .finally(() => {
        running.delete(nameOf(row));
        busy[row.kind]--;
        lookSoon();
      });
    busy[row.kind]++;
    running.set(nameOf(row), run);
  }

  /** Until it is on disk what comes next, the job counts as running: it is not done twice because the disk is full. */
  async function settle(job: Job, next: Outcome): Promise<void> {
    for (;;) {
      try {
        return await database.write((sql) => end(sql, job, next));
      } catch (error) {
        log.error({ err: error, ...named(job) }, 'the end of a job could not be written; trying again');
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
      const due = dueAt(at);
      await database.write((sql) => wake(sql, job, due));
      lookSoon();
    },
    async start(doWork) {
      if (work) throw new Error('The jobs have been started already.');
      // Runs that a crash ended; nothing runs yet in this process.
      await database.write((sql) => recover(sql, now()));
      work = doWork;
      look();
    },
    async counts() {
      return countJobs(database, now());
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
