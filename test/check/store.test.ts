import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { embeddedFindings } from '../../src/check/embedded-findings.ts';
import { systemClock } from '../../src/clock.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import { takeLock } from '../../src/store/lock-file.ts';
import { describeWithRedis, type RedisServerOptions, startRedis, startSentinel } from '../redis-server.ts';
import { amiss, startWorld, type World } from './world.ts';

const wrong = (pattern: string) => expect.stringMatching(new RegExp(`^wrong .*${pattern}`));
const warning = (pattern: string) => expect.stringMatching(new RegExp(`^warning .*${pattern}`));
const ok = (pattern: string) => expect.stringMatching(new RegExp(`^ok .*${pattern}`));

describeWithRedis('Redis', () => {
  async function onRedis(url: string): Promise<World> {
    const world = await startWorld();
    Object.assign(world.env, { REDIS_URL: url, DECKHAND_SECRET: 'the-secret-that-signs' });
    return world;
  }
  async function redis(options: RedisServerOptions = {}) {
    const server = await startRedis(options);
    onTestFinished(() => server.end());
    return server;
  }

  test('that keeps everything is well, and nothing is written to it', async () => {
    const server = await redis({ password: 'p4ssw0rd-of-redis' });
    const lines = await (await onRedis(server.url)).check();
    expect(amiss(lines)).toEqual([]);
    for (const pattern of ['Store: Redis at .*answers in', 'append-only file \\(appendfsync always\\)', 'noeviction']) {
      expect(lines).toContainEqual(ok(pattern));
    }
    expect(server.cli('dbsize')).toBe('0');
  });

  test('whose user may use other keys than those of the prefix is wrong', async () => {
    const server = await redis();
    server.cli('acl', 'setuser', 'bot', 'on', '>bots-own', '~deckhand:*', '&*', '+@all');
    const url = server.url.replace(/\/\/[^@]*@|\/\//, '//bot:bots-own@');
    expect(amiss(await (await onRedis(url)).check())).toEqual([]);
    const lines = await (await onRedis(`${url}?prefix=elsewhere:`)).check();
    expect(lines).toContainEqual(wrong('elsewhere:\\*'));
  });

  test.each([
    ['appendonly', 'no', 'wrong', 'appendonly yes'],
    ['appendfsync', 'no', 'warning', 'appendfsync everysec'],
    ['maxmemory-policy', 'allkeys-lru', 'wrong', 'allkeys-lru.*noeviction'],
    // Less than is used already, which is allowed and leaves no room.
    ['maxmemory', '1mb', 'warning', '% full'],
  ])('%s %s is %s', async (name, value, mark, pattern) => {
    const server = await redis();
    const world = await onRedis(server.url);
    server.cli('config', 'set', name, value);
    expect(amiss(await world.check())).toEqual([mark === 'wrong' ? wrong(pattern) : warning(pattern)]);
  });

  test('a user without CONFIG is enough; without INFO it says what to look at', async () => {
    const server = await redis({ user: { name: 'bot', password: 'p4ssw0rd-of-bot', prefix: 'deckhand:' } });
    const world = await onRedis(server.url);
    expect(amiss(await world.check())).toEqual([]);
    server.cli('acl', 'setuser', 'bot', '-info');
    const lines = await world.check();
    expect(amiss(lines)).toEqual([warning('aof_enabled:1'), warning('maxmemory_policy:noeviction')]);
    expect(lines.join('\n')).not.toContain('p4ssw0rd');
  });

  test('a replica is wrong', async () => {
    const master = await redis();
    const replica = await redis({ replicaOf: master.port });
    expect(amiss(await (await onRedis(replica.url)).check())).toEqual([wrong('replica')]);
  });

  test('behind Sentinels without a replica gets a warning, with one it is well', async () => {
    const master = await redis();
    const sentinel = await startSentinel(master);
    onTestFinished(() => sentinel.end());
    const world = await onRedis(`redis+sentinel://127.0.0.1:${sentinel.port}/main`);
    expect(amiss(await world.check())).toEqual([warning('nothing to fail over to')]);
    await redis({ replicaOf: master.port });
    await expect.poll(() => master.cli('info', 'replication')).toContain('connected_slaves:1');
    expect(amiss(await world.check())).toEqual([]);
  });

  test('out of reach, or with another password, is wrong, and the password is not said', async () => {
    const nowhere = await onRedis(`redis://:p4ssw0rd-of-redis@127.0.0.1:${await freePort()}`);
    const other = await onRedis((await redis({ password: 'another' })).url.replace('another', 'p4ssw0rd-of-redis'));
    for (const world of [nowhere, other]) {
      const lines = await world.check();
      expect(amiss(lines)).toEqual([wrong('Store: Redis at 127.0.0.1')]);
      expect(lines.join('\n')).not.toContain('p4ssw0rd');
    }
  });
});

describe('the data folder', () => {
  test('is made at the first start, not by looking', async () => {
    const world = await startWorld();
    const lines = await world.check();
    expect(lines).toContainEqual(ok('Store: .*first start'));
    expect(() => mkdirSync(world.env.DATA_DIR ?? '')).not.toThrow();
  });

  test('in use by a bot is fine, and stays its', async () => {
    const world = await startWorld();
    const folder = world.env.DATA_DIR ?? '';
    mkdirSync(folder);
    const file = path.join(folder, 'deckhand.lock');
    const lock = await takeLock(file, { clock: systemClock, log: pino({ enabled: false }) });
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(ok(`in use by process ${process.pid}`));
    lock.release();
    const after = await world.check();
    expect(amiss(after)).toEqual([]);
    expect(after.join('\n')).not.toContain('in use');
  });

  test('that can’t be locked is wrong', async () => {
    const world = await startWorld();
    mkdirSync(path.join(world.env.DATA_DIR ?? '', 'deckhand.lock'), { recursive: true });
    expect(amiss(await world.check())).toEqual([wrong('can’t be locked')]);
  });

  test('where nothing can be written is wrong', async () => {
    const world = await startWorld();
    // Not even root makes a file there.
    world.env.DATA_DIR = '/proc/deckhand';
    expect(amiss(await world.check())).toEqual([wrong('/proc/deckhand \\(E[A-Z]+\\)')]);
  });

  test('on a disk that is nearly full gets a warning', () => {
    const facts = { folder: '/data', state: 'there', lock: { kind: 'free' } } as const;
    const marks = (megabytes: number) =>
      embeddedFindings({ ...facts, freeBytes: megabytes * 1024 * 1024 }).map(({ mark }) => mark);
    expect(marks(199)).toEqual(['ok', 'warning']);
    expect(marks(200)).toEqual(['ok', 'ok']);
  });
});
