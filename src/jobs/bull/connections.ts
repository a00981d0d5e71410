import { Redis, type RedisOptions } from 'ioredis';
import type { RedisAccess } from '../../store/redis/access.ts';
import { redisOptions } from '../../store/redis/connect.ts';

/** A connection on which nothing comes back for so long is closed, and another one tried. */
const answerWithinMs = 5_000;
/** BullMQ waits 10 s at most for a ticket. */
const ticketWithinMs = 15_000;

/** What BullMQ's workers talk over: one connection for all, and for each one more that waits for tickets. */
export interface WorkerConnections {
  main: Redis;
  /** Ends all of them now, also those that are trying to come back. */
  cut(): void;
}

/**
 * Unlike the store's, a command on these waits until Redis is back: what a run has to say at its end must arrive. Outages
 * are told by the store's connection, so that nothing is logged here.
 */
export function workerConnections(access: RedisAccess): WorkerConnections {
  const all: Redis[] = [];
  const open = (options: RedisOptions): Redis => {
    const redis = new Redis(options);
    // BullMQ makes the others from the first, and gives no way to end one that has no connection.
    redis.duplicate = (more) => open({ ...options, ...more, socketTimeout: ticketWithinMs });
    // Without a listener ioredis writes errors to the console.
    redis.on('error', () => undefined);
    all.push(redis);
    return redis;
  };
  const main = open({ ...redisOptions(access), maxRetriesPerRequest: null, socketTimeout: answerWithinMs });
  return {
    main,
    cut() {
      // One that has ended would keep the process alive for another two seconds.
      for (const redis of all) if (redis.status !== 'end') redis.disconnect();
    },
  };
}
