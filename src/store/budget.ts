import type { Budget, Clock } from '../deploy/ports.ts';

interface Lane {
  /** When it will be as free as after a quiet time, ms since 1970. */
  freeAt: number;
  heldUntil: number;
}

const sweepAbove = 1_000;

/** Lanes of one process (the generic cell rate algorithm). A lane that is as free as a new one is forgotten. */
export function localBudget(clock: Clock): Budget {
  const lanes = new Map<string, Lane>();
  const now = (): number => clock.now().getTime();

  function laneOf(name: string): Lane {
    if (lanes.size > sweepAbove) sweep();
    const lane = lanes.get(name) ?? { freeAt: 0, heldUntil: 0 };
    lanes.set(name, lane);
    return lane;
  }

  function sweep(): void {
    const at = now();
    for (const [name, { freeAt, heldUntil }] of lanes) if (freeAt <= at && heldUntil <= at) lanes.delete(name);
  }

  return {
    async reserve(name, { everyMs, burst }) {
      const lane = laneOf(name);
      const aheadMs = (burst - 1) * everyMs;
      let freeAt = Math.max(lane.freeAt, now());
      // After a hold the slots come one by one.
      if (lane.heldUntil > now()) freeAt = Math.max(freeAt, lane.heldUntil + aheadMs);
      lane.freeAt = freeAt + everyMs;
      return Math.ceil(Math.max(0, freeAt - aheadMs - now()));
    },
    async hold(name, ms) {
      const lane = laneOf(name);
      lane.heldUntil = Math.max(lane.heldUntil, now() + ms);
    },
  };
}
