import type { Budget, Clock } from '../../src/deploy/ports.ts';
import { keptMs, localBudget } from '../../src/store/budget.ts';

/** The embedded budget, keeping count, and out of order when a test says so. */
export interface CountedBudget extends Budget {
  reserved: number;
  isDown: boolean;
}

export function countedBudget(clock: Clock): CountedBudget {
  const lanes = localBudget(clock);
  /** Who waits for a slot that was counted, and until when it is kept. */
  const waiting = new Map<string, number>();
  const now = () => clock.now().getTime();
  const counted: CountedBudget = {
    reserved: 0,
    isDown: false,
    async reserve(lane, rate, caller) {
      if (counted.isDown) throw new Error('The store is down.');
      const who = `${lane} ${caller}`;
      if ((waiting.get(who) ?? 0) < now()) counted.reserved += 1;
      waiting.delete(who);
      const wait = await lanes.reserve(lane, rate, caller);
      if (wait > 0) waiting.set(who, now() + wait + keptMs);
      return wait;
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
