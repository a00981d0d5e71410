import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Jobs } from '../../src/deploy/ports.ts';
import { attemptsAtMost } from '../../src/jobs/back-off.ts';
import { type Desk, desk, job, soon } from './desk.ts';
import { anyStory, liveThrough } from './story.ts';
import type { JobsUnderTest } from './under-test.ts';

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

    test('of wakes that come while the job runs the earliest wins', async () => {
      await jobs.start(at);
      for (const times of [
        [0, 60_000],
        [60_000, 0],
      ]) {
        await jobs.wake(job('a'));
        await soon(() => expect(at.open).toEqual(['a']));
        for (const ms of times) await jobs.wake(job('a'), inMs(ms));
        at.end('a');
        await soon(() => expect(at.open).toEqual(['a']));
        at.end('a');
        await soon(async () => expect(await jobs.counts()).toEqual({ due: 0, later: 0 }));
      }
      expect(at.begun).toHaveLength(4);
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

    test('a job that takes its process down again and again is tried again and again', async () => {
      await jobs.wake(job('a'));
      for (const attempt of ['a', 'a×2', 'a×3', 'a×4']) {
        await jobs.start(at);
        await begun(attempt);
        jobs = await world.restart('crash');
        at.close();
        at = desk();
      }
    });

    test('stop waits for what runs, starts nothing, and keeps wakes for the next start', async () => {
      await jobs.start(at);
      await jobs.wake(job('a'));
      await begun('a');
      const stopped = vi.fn();
      const stopping = jobs.stop().then(stopped);
      await jobs.wake(job('b'));
      await world.pass(3_000);
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

    test('no wake is lost, however wakes, ends, failures and restarts are mixed', async () => {
      await fc.assert(
        fc.asyncProperty(anyStory, async (story) => liveThrough(await begin(), story)),
        { numRuns: stories },
      );
    }, 120_000);
  });
}
