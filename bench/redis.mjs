// A redis-server of the benchmark's own, as one would run it under a bot: everything in an append-only file.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort, startProcess } from './process.mjs';

const readyWithinMs = 10_000;

/** Where it is not installed, what needs it is left out. */
export const redisIsInstalled = () => spawnSync('redis-server', ['--version']).status === 0;

/** Said where something was left out. */
export const noRedis = () =>
  redisIsInstalled() ? [] : ['redis-server is not installed: nothing was measured on Redis.'];

let started = 0;

/** `fsync`: `everysec` (a power cut loses up to a second) or `always` (nothing). */
export async function startRedis({ folder, fsync = 'everysec' }) {
  const port = await freePort();
  const home = path.join(folder, `redis-${++started}`);
  mkdirSync(home, { recursive: true });
  const settings = { port, bind: '127.0.0.1', dir: home, appendonly: 'yes', appendfsync: fsync, save: '' };
  const server = startProcess({
    name: 'redis',
    file: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    folder: home,
  });
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  await server.untilUp(
    () =>
      client.connect().then(
        () => true,
        () => false,
      ),
    readyWithinMs,
  );
  const info = async (name) => new RegExp(`^${name}:(\\d+)`, 'm').exec(await client.info())?.[1];
  return {
    ...server,
    /** For `REDIS_URL`; bots with different prefixes know nothing of each other. */
    url: (prefix = 'deckhand:') => `redis://127.0.0.1:${port}/0?prefix=${encodeURIComponent(prefix)}`,
    /** What its data take, in MB. */
    usedMb: async () => Number(await info('used_memory')) / 1024 / 1024,
    /** Whether it is writing its file anew, which takes a processor. */
    isRewriting: async () => (await info('aof_rewrite_in_progress')) === '1',
    async stop() {
      client.disconnect();
      await server.kill();
    },
  };
}
