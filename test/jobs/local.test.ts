import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Jobs, Work } from '../../src/deploy/ports.ts';
import { type LocalJobsOptions, localJobs } from '../../src/jobs/local.ts';
import { type Database, openSqlite } from '../../src/store/sqlite.ts';
import { type TestClock, testClock } from '../clock.ts';
import { jobsContract } from './contract.ts';
import { job } from './desk.ts';

const silent = pino({ level: 'silent' });

jobsContract(
  'The embedded engine',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-jobs-'));
    const clock = testClock();
    const options = { clock, log: silent, random: () => 0 };
    let database = await openSqlite({ folder, clock, log: silent });
    let jobs = localJobs({ ...options, database });
    return {
      jobs,
      now: clock.now,
      pass: clock.advance,
      async restart(how) {
        if (how === 'crash') void jobs.stop();
        else await jobs.stop();
        await database.close();
        database = await openSqlite({ folder, clock, log: silent });
        jobs = localJobs({ ...options, database });
        return jobs;
      },
      async end() {
        await jobs.stop();
        await database.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
  60,
);

describe('the embedded engine', () => {
  let folder: string;
  let clock: TestClock;
  let database: Database;
  let jobs: Jobs;
  let logged: { level: number; job?: { id: string }; err?: { message: string } }[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'deckhand-jobs-'));
    clock = testClock();
    database = await openSqlite({ folder, clock, log: silent });
    logged = [];
  });
  afterEach(async () => {
    await jobs.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  });
  const engine = (options: Partial<LocalJobsOptions> = {}): Jobs => {
    const log = pino({ level: 'trace' }, { write: (line) => logged.push(JSON.parse(line)) });
    jobs = localJobs({ database, clock, log, random: () => 0, ...options });
    return jobs;
  };
  const start = (run: Work['run'], gaveUp: Work['gaveUp'] = async () => undefined): Promise<void> =>
    jobs.start({ run, gaveUp });
  const rows = (): unknown[] => database.all('SELECT kind, id, due_at, attempt FROM jobs ORDER BY id');

  test('doubles its patience up to a minute, and gives up after a quarter of an hour', async () => {
    const times: number[] = [];
    const givenUp: string[] = [];
    engine();
    const fails = async (): Promise<never> => {
      times.push(clock.now().getTime());
      throw new Error('GitHub is down');
    };
    await start(fails, async ({ id }, error) => void givenUp.push(`${id}: ${(error as Error).message}`));
    await jobs.wake(job('a'));
    await clock.advance(3 * 3_600_000);
    const waits = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1_000);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, ...Array(13).fill(60)]);
    expect(givenUp).toEqual(['a: GitHub is down']);
    expect(rows()).toEqual([]);
    expect(logged).toMatchObject(
      times.map((_, index) => ({
        level: 50,
        attempt: index + 1,
        job: { id: 'a' },
        err: { message: 'GitHub is down' },
      })),
    );
  });

  test('random takes up to a fifth off a wait', async () => {
    const times: number[] = [];
    engine({ random: () => 1 });
    await start(async () => {
      times.push(clock.now().getTime());
      throw new Error('no luck');
    });
    await jobs.wake(job('a'));
    await clock.advance(1_000);
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 800]);
  });

  test('goes on when nobody can be told that it gave up, or work throws at once, or says a time that is none', async () => {
    engine();
    const attempts: number[] = [];
    await start(
      ({ id }, attempt) => {
        if (id === 'hopeless' || attempt === 1) throw new Error('at once');
        attempts.push(attempt);
        return Promise.resolve(attempt === 2 ? new Date(Number.NaN) : undefined);
      },
      () => {
        throw new Error('cannot listen');
      },
    );
    await jobs.wake(job('a'));
    await jobs.wake(job('hopeless'));
    await clock.advance(3_600_000);
    expect(attempts).toEqual([2, 3]);
    expect(rows()).toEqual([]);
    expect(logged.map(({ err }) => err?.message)).toContain('cannot listen');
  });

  test('ten thousand wakes at once are looked through once', async () => {
    let looks = 0;
    const all: Database['all'] = (...query) => {
      looks++;
      return database.all(...query);
    };
    engine({ database: { ...database, all } });
    const ends: (() => void)[] = [];
    await start(() => new Promise((resolve) => ends.push(() => resolve(undefined))));
    looks = 0;
    await Promise.all(Array.from({ length: 10_000 }, (_, index) => jobs.wake(job(`${index}`))));
    expect(looks).toBeLessThan(30);
    await vi.waitFor(async () => expect(await jobs.counts()).toEqual({ due: 10_000 - ends.length, later: 0 }));
    const stopping = jobs.stop();
    for (const end of ends) end();
    await stopping;
  });

  test('runs as many at once as it may, the longest due first', async () => {
    engine({ concurrency: { command: 2, deployment: 2, chore: 2 } });
    for (const [index, id] of ['c', 'b', 'a'].entries())
      await jobs.wake(job(id), new Date(clock.now().getTime() - 100 + index));
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    await start((woken) => {
      begun.push(woken.id);
      return new Promise((resolve) => ends.set(woken.id, () => resolve(undefined)));
    });
    await clock.advance(1_000);
    expect(begun).toEqual(['c', 'b']);
    ends.get('b')?.();
    await vi.waitFor(() => expect(begun).toEqual(['c', 'b', 'a']));
    for (const end of ends.values()) end();
  });

  test('starts a job when its wake is on disk, without any timer', async () => {
    engine();
    const begun: string[] = [];
    await start(async ({ id }) => void begun.push(id) as undefined);
    await jobs.wake(job('a'));
    // The clock of this test stands still: nothing here comes from a timer.
    await vi.waitFor(() => expect(begun).toEqual(['a']));
    expect(clock.pending).toBe(0);
  });

  test('a wake that can’t be written is refused, and its job does not run', async () => {
    engine();
    const work = vi.fn(async () => undefined);
    await start(work);
    database.get('PRAGMA query_only = ON');
    await expect(jobs.wake(job('a'))).rejects.toThrow();
    await expect(jobs.ready()).rejects.toThrow();
    database.get('PRAGMA query_only = OFF');
    await clock.advance(10_000);
    expect(work).not.toHaveBeenCalled();
    await expect(jobs.wake(job('a'), new Date(Number.NaN))).rejects.toThrow(TypeError);
  });

  test('a job whose end can’t be written is not done again until it can', async () => {
    engine();
    let runs = 0;
    await start(async () => {
      if (++runs === 1) database.get('PRAGMA query_only = ON');
      return undefined;
    });
    await jobs.wake(job('a'));
    await clock.advance(30_000);
    expect(runs).toBe(1);
    database.get('PRAGMA query_only = OFF');
    await clock.advance(2_000);
    expect(rows()).toEqual([]);
    // That it had begun was not on disk either, so nobody can tell whether it was woken since: it runs once more.
    expect(runs).toBe(2);
    expect(logged.length).toBeGreaterThan(10);
  });

  test('stops also while the disk takes nothing, and does the job again after the restart', async () => {
    engine();
    await start(async () => {
      database.get('PRAGMA query_only = ON');
      return undefined;
    });
    await jobs.wake(job('a'));
    await clock.advance(5_000);
    await jobs.stop();
    expect(clock.pending).toBe(0);
    database.get('PRAGMA query_only = OFF');
    const again = vi.fn(async () => undefined);
    engine();
    await start(again);
    await vi.waitFor(() => expect(again).toHaveBeenCalledTimes(1));
  });

  test('an attempt that took the process down with it has counted', async () => {
    engine();
    await start(() => new Promise(() => undefined));
    await jobs.wake(job('a'));
    await clock.advance(10);
    await database.close();
    database = await openSqlite({ folder, clock, log: silent });
    const attempts: number[] = [];
    engine();
    await start(async (_, attempt) => void attempts.push(attempt) as undefined);
    await vi.waitFor(() => expect(attempts).toEqual([2]));
  });

  test('is started once', async () => {
    engine();
    await expect(jobs.ready()).rejects.toThrow();
    await start(async () => undefined);
    await expect(start(async () => undefined)).rejects.toThrow();
  });

  test('works with the machine’s own clock', async () => {
    engine({ clock: systemClock });
    const begun: string[] = [];
    await start(async (woken) => void begun.push(woken.id) as undefined);
    await jobs.wake(job('soon'), new Date(Date.now() + 30));
    await jobs.wake(job('now'));
    await vi.waitFor(() => expect(begun).toEqual(['now', 'soon']));
  });
});
