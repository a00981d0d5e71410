import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Jobs } from '../../src/deploy/ports.ts';
import { jobKey } from '../../src/jobs/bull/job-key.ts';
import { stepsOn } from '../../src/jobs/bull/steps.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { jobsContract } from './contract.ts';
import { type Desk, desk, job, soon } from './desk.ts';
import { openPost, type Post, type PostOptions, watchful } from './posts.ts';
import type { JobsUnderTest } from './under-test.ts';

const pass = (ms: number): Promise<void> =>
  new Promise((resolve) => systemClock.at(new Date(Date.now() + ms), resolve));
const inMs = (ms: number): Date => new Date(Date.now() + ms);

describeWithRedis('on a Redis', () => {
  let server: RedisServer;
  let prefixes = 0;

  beforeAll(async () => {
    server = await startRedis({ appendfsync: 'no' });
  });
  afterAll(() => server.end());

  jobsContract('The shared engine', begin, 20);

  async function begin(): Promise<JobsUnderTest> {
    const prefix = `world-${prefixes++}:`;
    let own = await openPost(server, { prefix, stalledAfter: watchful });
    return {
      jobs: own.jobs,
      now: systemClock.now,
      pass,
      async restart(how) {
        if (how === 'crash') own.die();
        else await own.end();
        own = await openPost(server, { prefix, stalledAfter: watchful });
        return own.jobs;
      },
      end: () => own.end(),
    };
  }

  describe('the shared engine', () => {
    let prefix: string;
    let posts: Post[];
    let at: Desk;

    beforeEach(() => {
      prefix = `test-${prefixes++}:`;
      posts = [];
      at = desk();
    });
    afterEach(async () => {
      at.close();
      await Promise.all(posts.map((post) => post.end()));
    });
    const open = async (options: Partial<PostOptions> = {}): Promise<Jobs> => {
      const post = await openPost(server, { prefix, ...options });
      posts.push(post);
      return post.jobs;
    };
    const keys = (pattern: string): string[] => server.cli('--raw', 'keys', `${prefix}${pattern}`).split('\n');

    test('several share the work; each wake is answered, by one of them', async () => {
      const ends: (() => void)[] = [];
      const counts = [0, 0];
      const engines = [await open(), await open()];
      for (const [index, jobs] of engines.entries()) {
        await jobs.start({
          run: () => {
            counts[index] = (counts[index] ?? 0) + 1;
            return new Promise((resolve) => ends.push(() => resolve(undefined)));
          },
          gaveUp: async () => undefined,
        });
      }
      // As many as both have room for.
      await Promise.all(Array.from({ length: 64 }, (_, index) => engines[index % 2]?.wake(job(`${index}`))));
      await soon(() => expect(counts).toEqual([32, 32]));
      for (const end of ends) end();
      await soon(() => expect(keys('job:*')).toEqual(['']));
      expect(counts).toEqual([32, 32]);
    });

    test('no wake is lost and no job runs twice at once, however two engines are woken', async () => {
      const engine = fc.constantFrom(0, 1);
      const id = fc.constantFrom('a', 'b');
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ do: fc.constant('wake' as const), engine, id }) },
        {
          weight: 3,
          arbitrary: fc.record({ do: fc.constant('wake later' as const), engine, id, ms: fc.constantFrom(5, 20, 60) }),
        },
        { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), id }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('end, again soon' as const), id }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
      );
      const engines = [await open(), await open()];
      const known = new Map<string, number>();
      const seen = new Map<string, number>();
      for (const jobs of engines) {
        await jobs.start({
          async run(woken, attempt) {
            const saw = known.get(woken.id) ?? 0;
            const again = await at.run(woken, attempt);
            seen.set(woken.id, Math.max(seen.get(woken.id) ?? 0, saw));
            return again;
          },
          gaveUp: async () => undefined,
        });
      }
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const wakes: (Promise<void> | undefined)[] = [];
          for (const step of steps) {
            if (step.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
            else if (step.do === 'wake' || step.do === 'wake later') {
              known.set(step.id, (known.get(step.id) ?? 0) + 1);
              const when = step.do === 'wake later' ? inMs(step.ms) : undefined;
              wakes.push(engines[step.engine]?.wake(job(step.id), when));
            } else if (at.open.includes(step.id)) at.end(step.id, step.do === 'end' ? undefined : inMs(10));
          }
          await Promise.all(wakes);
          await soon(async () => {
            at.close();
            expect(seen).toEqual(known);
            expect(await engines[0]?.counts()).toEqual({ due: 0, later: 0 });
          });
          expect(at.mostOfOne).toBeLessThanOrEqual(1);
        }),
        { numRuns: 60 },
      );
    }, 120_000);

    test('of many wakes at once the earliest wins, whoever says it', async () => {
      const engines = [await open(), await open()];
      const ended: string[] = [];
      const work = {
        run: async ({ id }: { id: string }) => void ended.push(id) as undefined,
        gaveUp: async () => undefined,
      };
      for (const jobs of engines) await jobs.start(work);
      const names = Array.from({ length: 50 }, (_, index) => `${index}`);
      const times = [3_600_000, 50, 7_200_000, 20, 60_000];
      await Promise.all(
        names.flatMap((name, index) =>
          times.map((_, turn) => {
            const ms = times[(turn + index) % times.length] ?? 0;
            return engines[turn % 2]?.wake(job(name), inMs(ms));
          }),
        ),
      );
      await soon(() => expect([...ended].sort()).toEqual([...names].sort()));
      await soon(async () => expect(await engines[0]?.counts()).toEqual({ due: 0, later: 0 }));
    });

    test('a thousand wakes of a job that runs make one more run', async () => {
      const engines = [await open(), await open()];
      for (const jobs of engines) await jobs.start(at);
      await engines[0]?.wake(job('a'));
      await soon(() => expect(at.open).toEqual(['a']));
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => engines[index % 2]?.wake(job('a'))));
      expect(at.begun).toEqual(['a']);
      at.end('a');
      await soon(() => expect(at.begun).toEqual(['a', 'a']));
      at.end('a');
      await soon(() => expect(keys('job:*')).toEqual(['']));
      expect(at.begun).toEqual(['a', 'a']);
    });

    test('thousands of jobs woken at once run once each, and leave nothing behind', async () => {
      const engines = [await open(), await open()];
      const runs = new Map<string, number>();
      const work = {
        run: async ({ id }: { id: string }) => void runs.set(id, (runs.get(id) ?? 0) + 1) as undefined,
        gaveUp: async () => undefined,
      };
      for (const jobs of engines) await jobs.start(work);
      await Promise.all(Array.from({ length: 3_000 }, (_, index) => engines[index % 2]?.wake(job(`${index}`))));
      await soon(() => expect(runs.size).toBe(3_000));
      await soon(() => expect(keys('job:*')).toEqual(['']));
      expect([...runs.values()].every((count) => count === 1)).toBe(true);
      const bookkeeping = /:(id|meta|events|marker|stalled|stalled-check)$/;
      await soon(() => expect(keys('*').filter((key) => !bookkeeping.test(key))).toEqual([]));
    });

    test('a wake that died half-way harms nobody', async () => {
      const jobs = await open();
      await jobs.start(at);
      const [{ redis, access }] = posts as [Post];
      const steps = stepsOn(redis);
      const half = (id: string, due: number): Promise<unknown> =>
        steps.wake(
          jobKey(access.prefix, job(id)),
          { due, now: Date.now() },
          { fresh: randomUUID(), keys: `${access.prefix}jobs:deployment:` },
        );
      // Before there was anything: the next wake brings it up, also one for later.
      await half('a', Date.now());
      await jobs.wake(job('a'), inMs(60_000));
      await soon(() => expect(at.open).toEqual(['a']));
      // In place of one that was acknowledged: that one holds.
      await jobs.wake(job('b'), inMs(100));
      await half('b', Date.now());
      await soon(() => expect(at.open).toEqual(['a', 'b']));
      expect(at.begun).toEqual(['a', 'b']);
    });

    test('what Redis was asked twice, since the answer was lost, it does once', async () => {
      await open();
      const [{ redis, access }] = posts as [Post];
      const steps = stepsOn(redis);
      const key = jobKey(access.prefix, job('a'));
      await steps.wake(key, { due: 5, now: 10 }, { fresh: 'ticket', keys: `${prefix}jobs:deployment:` });
      const begin = (): Promise<unknown> => steps.begin(key, 'ticket', 'run', 10);
      expect(await begin()).toEqual({ kind: 'run', attempt: 1 });
      expect(await begin()).toEqual({ kind: 'run', attempt: 1 });
      const end = (): Promise<unknown> => steps.end(key, 'ticket', 'run', { dueAt: 20, attempt: 0 });
      expect(await end()).toEqual({ kind: 'again', due: 20 });
      expect(await end()).toEqual({ kind: 'again', due: 20 });
      expect(await steps.begin(key, 'ticket', 'next', 10)).toEqual({ kind: 'early', due: 20 });
    });

    test('a ticket that Redis lost is made again by the next wake', async () => {
      const jobs = await open();
      await jobs.wake(job('a'));
      await posts[0]?.redis.del(keys('jobs:deployment:*').filter((key) => /[0-9a-f-]{36}$|wait$/.test(key)));
      await jobs.start(at);
      await jobs.wake(job('a'));
      await soon(() => expect(at.begun).toEqual(['a']));
    });

    test('while Redis is full it is asked now and then, and everything goes on afterwards', async () => {
      const logged: string[] = [];
      const jobs = await open({ log: pino({}, { write: (line) => logged.push(line) }) });
      const { redis } = posts[0] as Post;
      await jobs.start(at);
      await jobs.wake(job('runs'));
      await soon(() => expect(at.open).toEqual(['runs']));
      await Promise.all(Array.from({ length: 20 }, (_, index) => jobs.wake(job(`secret-${index}`), inMs(50))));
      await redis.config('SET', 'maxmemory', '1');
      try {
        const asked = (): number => Number(/cmdstat_evalsha:calls=(\d+)/.exec(server.cli('info', 'commandstats'))?.[1]);
        at.end('runs', inMs(10));
        await expect(jobs.wake(job('a'))).rejects.toThrow(/full/);
        await soon(() => expect(logged.join('')).toContain('full'));
        const before = asked();
        await pass(500);
        expect(asked() - before).toBeLessThan(50);
      } finally {
        await redis.config('SET', 'maxmemory', '0');
      }
      await soon(() => expect(new Set(at.begun).size).toBe(21));
      await soon(() => expect(at.begun.filter((id) => id === 'runs')).toHaveLength(2));
      // Once in 10 s.
      expect(logged.length).toBeLessThan(3);
      expect(logged.join('')).not.toMatch(/secret-/);
    });
  });
});

describeWithRedis('the shared engine on a Redis that is not its alone', () => {
  test('needs no more than the keys of its prefix', async () => {
    const server = await startRedis({ user: { name: 'bot', password: 'hunter2', prefix: 'mine:' } });
    const post = await openPost(server, { prefix: 'mine:' });
    const at = desk();
    await post.jobs.start(at);
    await post.jobs.wake(job('a'));
    await post.jobs.wake(job('later'), inMs(20));
    await soon(() => expect(at.open).toEqual(['a', 'later']));
    await post.jobs.ready();
    at.close();
    await post.end();
    expect(
      server
        .cli('--raw', 'keys', '*')
        .split('\n')
        .filter((key) => !key.startsWith('mine:')),
    ).toEqual([]);
    await server.end();
  });
});
