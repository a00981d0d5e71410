import type { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { Jobs } from '../../src/deploy/ports.ts';
import { type BullJobsOptions, bullJobs } from '../../src/jobs/bull.ts';
import type { RedisAccess } from '../../src/store/redis/access.ts';
import { closeRedis, connectRedis } from '../../src/store/redis/connect.ts';
import type { RedisServer } from '../redis-server.ts';
import { layWire } from './wire.ts';

export const silent = pino({ level: 'silent' });

/** A shared engine with all that its process has of its own. */
export interface Post {
  jobs: Jobs;
  redis: Redis;
  access: RedisAccess;
  /** Redis hears no more of it, as if its process had been killed, and its locks are over; what runs goes on unheard. */
  die(): void;
  end(): Promise<void>;
}

export interface PostOptions extends Partial<BullJobsOptions> {
  prefix: string;
  log?: Logger;
}

/** For those who see others die: they look often. */
export const watchful = { lockMs: 2_000, lookMs: 50 };

export async function openPost(server: RedisServer, { prefix, log = silent, ...options }: PostOptions): Promise<Post> {
  const wire = await layWire(server.port);
  const access = server.access({ hosts: [{ host: '127.0.0.1', port: wire.port }], prefix });
  const redis = await connectRedis(access, log);
  const jobs = bullJobs({ redis, access, clock: systemClock, log, ...options });
  return {
    jobs,
    redis,
    access,
    die() {
      wire.cut();
      redis.disconnect();
      const locks = server.cli('--raw', 'keys', `${prefix}*:lock`).split('\n');
      server.cli('del', ...locks);
      void jobs.stop();
    },
    async end() {
      await jobs.stop();
      await closeRedis(redis);
      wire.cut();
    },
  };
}
