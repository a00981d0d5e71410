import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StalledAfter } from '../../src/jobs/bull/crew.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Child, type Workshop, workshop } from '../store/child.ts';
import { type Desk, desk, job, soon } from './desk.ts';
import { openPost, type Post, watchful } from './posts.ts';

const steps = path.resolve(import.meta.dirname, '../../src/jobs/bull');

/** A process of its own. It says `begun <id>`; `end 50` ends what it runs, to be run again in 50 ms; `stop` stops it. */
const program = `
import { cpSync } from 'node:fs';
import { createInterface } from 'node:readline';
const [steps, access, stalledAfter] = process.argv.slice(2);
cpSync(steps, new URL('./src/jobs/bull/', import.meta.url), { recursive: true });
const { systemClock } = await import('./src/clock.js');
const { bullJobs } = await import('./src/jobs/bull.js');
const { closeRedis, connectRedis } = await import('./src/store/redis/connect.js');
const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => undefined]));
const redis = await connectRedis(JSON.parse(access), log);
const options = { redis, access: JSON.parse(access), clock: systemClock, log };
const jobs = bullJobs({ ...options, ...JSON.parse(stalledAfter) });
const ends = [];
createInterface(process.stdin).on('line', async (line) => {
  if (line.startsWith('end ')) for (const end of ends.splice(0)) end(new Date(Date.now() + Number(line.slice(4))));
  if (line === 'stop') {
    await jobs.stop();
    await closeRedis(redis);
    process.stdin.destroy();
  }
});
await jobs.start({
  run: ({ id }) => {
    console.log('begun ' + id);
    return new Promise((resolve) => ends.push(resolve));
  },
  gaveUp: async () => undefined,
});
console.log('started');
`;

describeWithRedis('several processes', () => {
  let shop: Workshop;
  let server: RedisServer;
  let here: Post | undefined;
  let at: Desk;

  beforeAll(() => {
    shop = workshop('src/jobs/bull.ts', 'src/clock.ts', 'src/store/redis/connect.ts');
  });
  afterAll(() => shop.end());
  beforeEach(async () => {
    server = await startRedis({ appendfsync: 'no' });
    at = desk();
  });
  afterEach(async () => {
    at.close();
    await here?.end();
    here = undefined;
    await server.end();
  });

  async function another(stalledAfter?: StalledAfter): Promise<Child> {
    const child = shop.run(program, steps, JSON.stringify(server.access()), JSON.stringify({ stalledAfter }));
    expect(await child.line()).toBe('started');
    return child;
  }

  async function arrive(stalledAfter?: StalledAfter): Promise<Post> {
    here = await openPost(server, { prefix: 'deckhand:', stalledAfter });
    return here;
  }

  test('one that is killed is followed by another, within 15 seconds', async () => {
    const child = await another();
    const { jobs } = await arrive();
    await jobs.wake(job('a'));
    expect(await child.line()).toBe('begun a');
    await jobs.start(at);
    child.kill('SIGKILL');
    await child.ended;
    await jobs.wake(job('b'));
    await soon(() => expect(at.open).toEqual(['b']));
    await soon(() => expect(at.begun).toEqual(['b', 'a×2']), 16_000);
  }, 40_000);

  test('one that stood still does not disturb whoever took over', async () => {
    const locks = { lockMs: 1_000, lookMs: 100 };
    const child = await another(locks);
    const { jobs } = await arrive({ lockMs: 5_000, lookMs: 100 });
    await jobs.wake(job('a'));
    expect(await child.line()).toBe('begun a');
    await jobs.start(at);
    child.kill('SIGSTOP');
    await soon(() => expect(at.begun).toEqual(['a×2']));
    child.say('end 3600000');
    child.say('stop');
    child.kill('SIGCONT');
    await child.ended;
    await jobs.wake(job('a'));
    await jobs.wake(job('b'));
    await soon(() => expect(at.begun).toContain('b'));
    expect(at.begun).toEqual(['a×2', 'b']);
    at.end('a');
    await soon(() => expect(at.begun).toEqual(['a×2', 'b', 'a']));
  });

  test('one that stops is done as soon as its work is, and the others go on', async () => {
    const child = await another();
    const { jobs } = await arrive();
    await jobs.wake(job('a'));
    expect(await child.line()).toBe('begun a');
    await jobs.start(at);
    child.say('stop');
    child.say('end 50');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    await soon(() => expect(at.begun).toEqual(['a']));
  });
});

const inMs = (ms: number): Date => new Date(Date.now() + ms);

describeWithRedis('the shared engine whose Redis goes away', () => {
  let server: RedisServer;
  let post: Post;
  let at: Desk;

  beforeEach(async () => {
    server = await startRedis();
    at = desk();
  });
  afterEach(async () => {
    at.close();
    await post.end();
    await server.end();
  });

  test('fails wakes at once, and goes on by itself', async () => {
    post = await openPost(server, { prefix: 'deckhand:' });
    const { jobs } = post;
    await jobs.start(at);
    await jobs.wake(job('runs'));
    await jobs.wake(job('ends'));
    await soon(() => expect(at.open.sort()).toEqual(['ends', 'runs']));
    await jobs.wake(job('later'), inMs(100));
    await server.kill();
    await soon(() => expect(jobs.ready()).rejects.toThrow());
    await expect(jobs.wake(job('a'))).rejects.toThrow(/unreachable/);
    await expect(jobs.counts()).rejects.toThrow(/unreachable/);
    at.end('ends', inMs(50));
    await server.restart();
    await soon(() => jobs.ready());
    await jobs.wake(job('a'));
    // What ended meanwhile was heard, and what still runs is not begun again.
    await soon(() => expect([...at.open].sort()).toEqual(['a', 'ends', 'later', 'runs']));
    expect(at.begun.sort()).toEqual(['a', 'ends', 'ends', 'later', 'runs']);
  });

  test('stops although it is away, and what it did not note is done again', async () => {
    const before = await openPost(server, { prefix: 'deckhand:', stalledAfter: watchful });
    await before.jobs.start(at);
    await before.jobs.wake(job('a'));
    await soon(() => expect(at.open).toEqual(['a']));
    await server.kill();
    at.end('a');
    await before.jobs.stop();
    await server.restart();
    post = await openPost(server, { prefix: 'deckhand:', stalledAfter: watchful });
    await post.jobs.start(at);
    await soon(() => expect(at.begun).toEqual(['a', 'a×2']));
    await before.end();
  });
});
