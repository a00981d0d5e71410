import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Budget } from '../../deploy/ports.ts';
import { keptMs } from '../budget.ts';
import { placeOf, type RedisAccess } from './access.ts';
import { keysBelow } from './keys.ts';
import { linkTo } from './link.ts';
import { run } from './steps.ts';

export interface RedisBudgetOptions {
  /** From `connectRedis`. */
  redis: Redis;
  access: RedisAccess;
  log: Logger;
}

/** Lanes that all processes share, by Redis's own clock. What they leave behind ends by itself. */
export function redisBudget({ redis, access, log }: RedisBudgetOptions): Budget {
  const link = linkTo(redis, { place: placeOf(access), log });
  const keys = keysBelow(access.prefix);
  return {
    async reserve(lane, { everyMs, burst }, caller) {
      const places = [keys.lane(lane), keys.laneHold(lane), keys.laneSlot(lane, caller)];
      const args = [everyMs, burst, keptMs];
      return (await link.send((connection) => run(connection, 'reserve-slot', places, args))) as number;
    },
    async hold(lane, ms) {
      await link.send((connection) => run(connection, 'hold-lane', [keys.laneHold(lane)], [ms]));
    },
  };
}
