import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StalledAfter } from '../../src/jobs/bull/crew.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Child, type Workshop, workshop } from '../store/child.ts';
import { type Desk, desk, job, soon } from './contract.ts';
import { openPost, type Post } from './posts.ts';

const steps = path.resolve(import.meta.dirname, '../../src/jobs/bull');

/** A process of its own. It says `begun <id>`; `end` ends what it runs, and `stop` stops it. */
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
  if (line === 'end') for (const end of ends.splice(0)) end();
  if (line === 'stop') {
    await jobs.stop();
    await closeRedis(redis);
    process.stdin.destroy();
  }
});
await jobs.start({
  run: ({ id }) => {
    console.log('begun ' + id);
    return new Promise((resolve) => ends.push(() => resolve(new Date(Date.now() + 100))));
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
    const locks = { lockMs: 500, lookMs: 100 };
    const child = await another(locks);
    const { jobs } = await arrive({ lockMs: 5_000, lookMs: 100 });
    await jobs.wake(job('a'));
    expect(await child.line()).toBe('begun a');
    await jobs.start(at);
    child.kill('SIGSTOP');
    await soon(() => expect(at.begun).toEqual(['a×2']));
    child.say('end');
    child.kill('SIGCONT');
    // It has said how its run ended, and takes the next one.
    await jobs.wake(job('a'));
    await Promise.all(Array.from({ length: 33 }, (_, index) => jobs.wake(job(`${index}`))));
    expect(await child.line()).toMatch(/begun \d+/);
    expect(at.open.filter((id) => id === 'a')).toEqual(['a']);
    at.end('a');
    await soon(() => expect(at.begun.filter((id) => id === 'a')).toEqual(['a']));
  });

  test('one that stops is done as soon as its work is, and the others go on', async () => {
    const child = await another();
    const { jobs } = await arrive();
    await jobs.wake(job('a'));
    expect(await child.line()).toBe('begun a');
    await jobs.start(at);
    child.say('stop');
    child.say('end');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    await soon(() => expect(at.begun).toEqual(['a']));
  });
});
