import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { another, closeRedis } from './connect.ts';
import { defineSteps } from './steps.ts';
import { codeOf } from './trouble.ts';

const lookAgainMs = 10_000;
const thereWithinMs = 2_000;

export interface ReplicaOptions {
  place: string;
  log: Logger;
  /** How long a write waits for a replica; less than the 2 s within which Redis has to answer. */
  replicaWithinMs?: number;
}

export interface Replicas {
  /** Writes on a connection of its own and waits until a replica has it; where there is none, writes and that is all. */
  write<T>(call: (redis: Redis) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * A master answers before its replicas know, and what they did not know is lost when one of them takes its place. What is
 * nowhere else (what people typed, what was said, who moves on what) therefore waits for one replica, half a second at
 * most: a slow replica must not stop the bot. Statuses don't wait: GitHub has them, and the reconciler asks.
 *
 * WAIT holds up its connection, so it has one to itself. It is made where there are replicas: a lone Redis is asked
 * for them every 10 s, and pays nothing else.
 */
export function replicas(redis: Redis, { place, log, replicaWithinMs = 500 }: ReplicaOptions): Replicas {
  let own: Redis | undefined;
  let online = 0;
  let lookedAt: number | undefined;
  let looking: Promise<void> | undefined;
  let closed = false;
  const lookAgain = (): void => {
    lookedAt = undefined;
  };
  // It may be another server by then.
  redis.on('ready', lookAgain);

  async function look(): Promise<void> {
    try {
      const info = await redis.info('replication');
      online = [...info.matchAll(/^slave\d+:.*\bstate=online\b/gm)].length;
    } catch {
      online = 0;
    }
    if (online > 0 && !own && !closed) {
      own = another(redis, place, log);
      defineSteps(own);
    }
    lookedAt = performance.now();
    looking = undefined;
  }

  async function someAreOnline(): Promise<boolean> {
    const isOld = lookedAt === undefined || performance.now() - lookedAt > lookAgainMs;
    if (isOld) looking ??= look();
    if (lookedAt === undefined) await looking;
    return online > 0;
  }

  async function waitForOne(connection: Redis): Promise<void> {
    const count = await connection.wait(1, replicaWithinMs).catch((error: unknown) => {
      if (codeOf(error) === 'NOPERM') return 0;
      throw error;
    });
    if (count > 0) return;
    log.warn(
      { redis: place },
      'no replica took a write in time; they are not waited for until they are looked for again',
    );
    online = 0;
  }

  return {
    async write(call) {
      if (!(await someAreOnline()) || !own) return call(redis);
      await isThere(own);
      const answer = await call(own);
      await waitForOne(own);
      return answer;
    },
    async close() {
      closed = true;
      redis.off('ready', lookAgain);
      if (own) await closeRedis(own);
    },
  };
}

/** A connection that is being made is waited for; one that is down fails its commands at once. */
async function isThere(redis: Redis): Promise<void> {
  if (redis.status !== 'connecting' && redis.status !== 'connect') return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      redis.off('ready', settle);
      redis.off('close', settle);
      resolve();
    };
    const timer = setTimeout(settle, thereWithinMs);
    redis.on('ready', settle);
    redis.on('close', settle);
  });
}
