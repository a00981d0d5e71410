import type { Budget, Clock } from '../../src/deploy/ports.ts';
import { localBudget } from '../../src/store/budget.ts';

/** The embedded budget, keeping count, and out of order when a test says so. */
export interface CountedBudget extends Budget {
  reserved: number;
  isDown: boolean;
}

export function countedBudget(clock: Clock): CountedBudget {
  const lanes = localBudget(clock);
  const counted: CountedBudget = {
    reserved: 0,
    isDown: false,
    async reserve(lane, rate) {
      if (counted.isDown) throw new Error('The store is down.');
      counted.reserved += 1;
      return lanes.reserve(lane, rate);
    },
    async hold(lane, ms) {
      if (counted.isDown) throw new Error('The store is down.');
      return lanes.hold(lane, ms);
    },
  };
  return counted;
}

/** Where it is not about how often. */
export const plenty: Budget = { reserve: async () => 0, hold: async () => {} };
