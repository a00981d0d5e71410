import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Job, Jobs, Work } from '../../src/deploy/ports.ts';
import { attemptsAtMost } from '../../src/jobs/back-off.ts';

/** A job engine of some kind, with nothing to do at the beginning, and not started. */
export interface JobsUnderTest {
  jobs: Jobs;
  now(): Date;
  /** Lets that much time pass. */
  pass(ms: number): Promise<void>;
  /** Stops it and opens it again, not started, as a restart does. `crash`: what runs is not waited for, and forgotten. */
  restart(how?: 'crash'): Promise<Jobs>;
  end(): Promise<void>;
}

/** Work whose every run waits until the test ends it. */
export interface Desk extends Work {
  /** What has been begun, as `id` or, from the second attempt on, `id×attempt`. */
  begun: string[];
  /** What runs now. */
  open: string[];
  /** The most of one job that ran at once. */
  mostOfOne: number;
  /** What was given up, as `id: error`. */
  givenUp: string[];
  end(id: string, result?: Date | Error): void;
  /** Ends all that run. */
  close(): void;
}

export function desk(): Desk {
  const runs: { id: string; settle: (result?: Date | Error) => void }[] = [];
  const self: Desk = {
    begun: [],
    mostOfOne: 0,
    givenUp: [],
    get open() {
      return runs.map((run) => run.id);
    },
    run(job, attempt) {
      self.begun.push(attempt === 1 ? job.id : `${job.id}×${attempt}`);
      return new Promise((resolve, reject) => {
        runs.push({
          id: job.id,
          settle: (result) => (result instanceof Error ? reject(result) : resolve(result)),
        });
        self.mostOfOne = Math.max(self.mostOfOne, runs.filter((run) => run.id === job.id).length);
      });
    },
    async gaveUp(job, error) {
      self.givenUp.push(`${job.id}: ${(error as Error).message}`);
    },
    end(id, result) {
      const index = runs.findIndex((run) => run.id === id);
      expect(index, `${id} does not run`).toBeGreaterThanOrEqual(0);
      runs.splice(index, 1)[0]?.settle(result);
    },
    close() {
      for (const run of runs.splice(0)) run.settle();
    },
  };
  return self;
}

/** An engine that several processes share needs some time to notice that one of them is gone. */
export const soon = <T>(check: () => T | Promise<T>, timeout = 10_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 5 });

export const job = (id: string): Job => ({ kind: 'deployment', id });

/** What every job engine does, whatever it is made of. `stories`: how many random ones it has to live through. */
export function jobsContract(kind: string, begin: () => Promise<JobsUnderTest>, stories: number): void {
  describe(`${kind} keeps the contract of Jobs`, () => {
    let world: JobsUnderTest;
    let jobs: Jobs;
    let at: Desk;

    beforeEach(async () => {
      world = await begin();
      jobs = world.jobs;
      at = desk();
    });
    afterEach(async () => {
      at.close();
      await world.end();
    });

    const inMs = (ms: number): Date => new Date(world.now().getTime() + ms);
    const begun = (...ids: string[]): Promise<void> => soon(() => expect(at.begun).toEqual(ids));
    /** Enough for anything that is about to happen to have happened. */
    const quiet = (): Promise<void> => world.pass(20);

    test('a wake runs its job at once, as its first attempt', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      at.end('a');
      await quiet();
      expect(at.begun).toEqual(['a']);
    });

    test('what was woken before the start runs when it starts', async () => {
      await jobs.wake(job('a'));
      await quiet();
      expect(at.begun).toEqual([]);
      await jobs.start(at);
      await begun('a');
    });

    test('a wake for later waits for its time', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'), inMs(200));
      await world.pass(100);
      expect(at.begun).toEqual([]);
      await world.pass(150);
      await begun('a');
    });

    test('the earlier of two wakes wins, in either order', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'), inMs(100));
      await jobs.wake(job('a'), inMs(60_000));
      await jobs.wake(job('b'), inMs(60_000));
      await jobs.wake(job('b'), inMs(100));
      await world.pass(150);
      await soon(() => expect([...at.begun].sort()).toEqual(['a', 'b']));
    });

    test('different jobs run at the same time, also of the same id', async () => {
      await jobs.start(at);
      await Promise.all([jobs.wake(job('a')), jobs.wake(job('b')), jobs.wake({ kind: 'command', id: 'a' })]);
      await soon(() => expect(at.open.sort()).toEqual(['a', 'a', 'b']));
    });

    test('one job runs once at a time; however many wakes meanwhile make one more run', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      await Promise.all(Array.from({ length: 10 }, () => jobs.wake(job('a'))));
      await quiet();
      expect(at.begun).toEqual(['a']);
      at.end('a');
      await begun('a', 'a');
      at.end('a');
      await quiet();
      expect(at.begun).toEqual(['a', 'a']);
      expect(at.mostOfOne).toBe(1);
    });

    test('a wake for later that comes while the job runs is kept for its time', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      await jobs.wake(job('a'), inMs(200));
      at.end('a');
      await world.pass(100);
      expect(at.begun).toEqual(['a']);
      await world.pass(150);
      await begun('a', 'a');
    });

    test('work is called again when it says', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      at.end('a', inMs(200));
      await world.pass(100);
      expect(at.begun).toEqual(['a']);
      await world.pass(150);
      await begun('a', 'a');
    });

    test('a wake is not put off by what work says', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      await jobs.wake(job('a'));
      at.end('a', inMs(60_000));
      await begun('a', 'a');
      at.end('a', inMs(60_000));
      await quiet();
      await jobs.wake(job('a'));
      await begun('a', 'a', 'a');
    });

    test('work that throws is tried again, counting', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      at.end('a', new Error('no luck'));
      await quiet();
      expect(at.begun).toEqual(['a']);
      await world.pass(1_100);
      await begun('a', 'a×2');
      at.end('a');
      await quiet();
      await jobs.wake(job('a'));
      await begun('a', 'a×2', 'a');
    });

    test('a wake makes a failed job run now', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      at.end('a', new Error('no luck'));
      await quiet();
      await jobs.wake(job('a'));
      await begun('a', 'a×2');
    });

    test('a job that fails too often is given up, and tried from the start when it is woken again', async () => {
      await jobs.start(at);
      for (let attempt = 1; attempt <= attemptsAtMost; attempt++) {
        expect(at.givenUp).toEqual([]);
        await jobs.wake(job('a'));
        await soon(() => expect(at.open).toEqual(['a']));
        at.end('a', new Error(`no luck ${attempt}`));
        await soon(async () =>
          expect(await jobs.counts()).toEqual({ due: 0, later: attempt < attemptsAtMost ? 1 : 0 }),
        );
      }
      expect(at.givenUp).toEqual([`a: no luck ${attemptsAtMost}`]);
      expect(at.begun.at(-1)).toBe(`a×${attemptsAtMost}`);
      await jobs.wake(job('a'));
      await soon(() => expect(at.begun[attemptsAtMost]).toBe('a'));
    });

    test('a wake that comes while a job is failing for the last time makes it run again', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      for (let attempt = 1; attempt < attemptsAtMost; attempt++) {
        await soon(() => expect(at.open).toEqual(['a']));
        await jobs.wake(job('a'));
        at.end('a', new Error('no luck'));
      }
      await soon(() => expect(at.begun.at(-1)).toBe(`a×${attemptsAtMost}`));
      await jobs.wake(job('a'));
      at.end('a', new Error('no luck at all'));
      await soon(() => expect(at.begun[attemptsAtMost]).toBe('a'));
      expect(at.givenUp).toEqual(['a: no luck at all']);
    });

    test('counts what waits, due and for later', async () => {
      await jobs.wake(job('due'));
      await jobs.wake({ kind: 'chore', id: 'due too' });
      await jobs.wake(job('later'), inMs(60_000));
      expect(await jobs.counts()).toEqual({ due: 2, later: 1 });
      await jobs.start(at);
      await soon(() => expect(at.open).toHaveLength(2));
      await soon(async () => expect(await jobs.counts()).toEqual({ due: 0, later: 1 }));
    });

    test('what was due, was to come, or ran, is there after a restart', async () => {
      await jobs.start(at);
      await jobs.wake(job('runs'));
      await begun('runs');
      await jobs.wake(job('later'), inMs(200));
      jobs = await world.restart('crash');
      at.close();
      await jobs.wake(job('new'));
      at = desk();
      await jobs.start(at);
      await world.pass(250);
      await soon(() => expect(at.open.sort()).toEqual(['later', 'new', 'runs']));
      expect(at.begun).toContain('runs×2');
    });

    test('a wake for later that came while a job ran does not put off what a crash ended', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      await jobs.wake(job('a'), inMs(3_600_000));
      jobs = await world.restart('crash');
      at.close();
      at = desk();
      await jobs.start(at);
      await begun('a×2');
    });

    test('stop waits for what runs, starts nothing, and keeps wakes for the next start', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      const stopped = vi.fn();
      const stopping = jobs.stop().then(stopped);
      await jobs.wake(job('b'));
      await quiet();
      expect(stopped).not.toHaveBeenCalled();
      at.end('a');
      await stopping;
      expect(at.begun).toEqual(['a']);
      jobs = await world.restart();
      await jobs.start(at);
      await begun('a', 'b');
    });

    test('is ready while it works', async () => {
      await jobs.start(at);
      await jobs.ready();
      await jobs.stop();
      await expect(jobs.ready()).rejects.toThrow();
    });

    test('ids may be anything', async () => {
      const ids = ['', 'a:b', ':', 'a\0b', '12', '\ud800', "'"];
      await jobs.start(at);
      for (const id of ids) await jobs.wake(job(id));
      await soon(() => expect(at.begun).toEqual(ids));
    });

    /**
     * The reason why jobs exist: whatever is known when a wake is acknowledged is seen by a run that begins after it. Each
     * step changes what is to be seen and wakes the job; whoever runs last must have seen the last change.
     */
    test('no wake is lost, however wakes, ends, failures and restarts are mixed', async () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ do: fc.constant('wake' as const), id: fc.constantFrom('a', 'b', 'c') }) },
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant('wake later' as const), id: fc.constantFrom('a', 'b', 'c') }),
        },
        { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), id: fc.constantFrom('a', 'b', 'c') }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), id: fc.constantFrom('a', 'b', 'c') }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          await playAndCheck(await begin(), steps);
        }),
        { numRuns: stories },
      );
    }, 120_000);
  });
}

type Step = { do: 'wake' | 'wake later' | 'end' | 'fail'; id: string } | { do: 'turn' } | { do: 'crash' };

async function playAndCheck(world: JobsUnderTest, steps: readonly Step[]): Promise<void> {
  const known = new Map<string, number>();
  const seen = new Map<string, number>();
  let at = desk();
  const start = (jobs: Jobs): Promise<void> => {
    const own = at;
    return jobs.start({
      async run(woken, attempt) {
        const saw = known.get(woken.id) ?? 0;
        const again = await own.run(woken, attempt);
        // What a run has seen counts once it has ended well, before its process did.
        if (own === at) seen.set(woken.id, Math.max(seen.get(woken.id) ?? 0, saw));
        return again;
      },
      gaveUp: own.gaveUp,
    });
  };
  let jobs = world.jobs;
  await start(jobs);
  const wakes: Promise<void>[] = [];
  for (const step of steps) {
    if (step.do === 'turn') await world.pass(1);
    else if (step.do === 'crash') {
      await Promise.all(wakes);
      jobs = await world.restart('crash');
      const before = at;
      at = desk();
      before.close();
      await start(jobs);
    } else if (step.do === 'wake' || step.do === 'wake later') {
      known.set(step.id, (known.get(step.id) ?? 0) + 1);
      const when = step.do === 'wake later' ? new Date(world.now().getTime() + 100) : undefined;
      wakes.push(jobs.wake(job(step.id), when));
    } else if (at.open.includes(step.id)) at.end(step.id, step.do === 'fail' ? new Error('no luck') : undefined);
  }
  await Promise.all(wakes);
  const allSeen = (): void => {
    at.close();
    for (const [id, count] of known) expect(seen.get(id) ?? 0, `of ${id}`).toBe(count);
  };
  // Failed ones come back within a minute.
  for (let passed = 0; passed < 60_000 && [...known].some(([id, count]) => seen.get(id) !== count); passed += 100) {
    at.close();
    await world.pass(100);
  }
  await soon(allSeen);
  expect(at.mostOfOne).toBeLessThanOrEqual(1);
  await world.end();
}
