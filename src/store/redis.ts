import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Clock, Store } from '../deploy/ports.ts';
import type { RedisAccess } from './redis/access.ts';
import { placeOf } from './redis/access.ts';
import type { Write } from './redis/around.ts';
import { commands } from './redis/commands.ts';
import { deployments } from './redis/deployments.ts';
import { forget } from './redis/forget.ts';
import { keysBelow } from './redis/keys.ts';
import { leases } from './redis/leases.ts';
import { linkTo } from './redis/link.ts';
import { notes } from './redis/notes.ts';
import { statuses } from './redis/statuses.ts';
import { run } from './redis/steps.ts';
import { watches } from './redis/watches.ts';

export type { RedisAccess } from './redis/access.ts';
export { redisBudget } from './redis/budget.ts';
export { closeRedis, connectRedis, redisOptions } from './redis/connect.ts';

export interface RedisStoreOptions {
  /** From `connectRedis`. Whoever made it closes it, after the store. */
  redis: Redis;
  access: RedisAccess;
  clock: Clock;
  log: Logger;
  /** How long a write waits for a replica, in ms; default: 500. */
  replicaWithinMs?: number;
}

/**
 * The store that any number of processes share. A write is in Redis when it resolves, and in a replica where there is one
 * (statuses aside); how soon that is on disk is Redis's to say (`appendfsync`). A read sees everything acknowledged.
 */
export function redisStore({ redis, access, clock, log, replicaWithinMs }: RedisStoreOptions): Store {
  const link = linkTo(redis, { place: placeOf(access), log, replicaWithinMs });
  const keys = keysBelow(access.prefix);
  const around = { link, keys, clock };

  const storeOver = (write: Write): Store => ({
    ...commands(around, write),
    ...deployments(around, write),
    ...statuses(around, write),
    ...notes(around, write),
    ...watches(around),
    lease: (name) => held.take(name),
    forget: forget(around),
    /** A write, so that one that can only be read is not ready. */
    async ready() {
      await link.send((connection) => connection.incr(keys.pulse));
    },
    async close() {
      held.close();
      await link.close();
    },
  });
  const held = leases(around, storeOver);
  return storeOver((step, places, args) => link.keep((connection) => run(connection, step, places, args)));
}
