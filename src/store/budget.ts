import type { Budget, Clock } from '../deploy/ports.ts';

interface Lane {
  /** When it will be as free as after a quiet time, ms since 1970. */
  freeAt: number;
  heldUntil: number;
  /** Whose slot is when. */
  kept: Map<string, number>;
}

/** A slot is kept so long for somebody who does not come for it: what was to be said may have become idle. */
export const keptMs = 60_000;
const sweepAbove = 1_000;

/** Lanes of one process (the generic cell rate algorithm). A lane that is as free as a new one is forgotten. */
export function localBudget(clock: Clock): Budget {
  const lanes = new Map<string, Lane>();
  const now = (): number => clock.now().getTime();

  function laneOf(name: string): Lane {
    if (lanes.size > sweepAbove) sweep();
    const lane = lanes.get(name) ?? { freeAt: 0, heldUntil: 0, kept: new Map() };
    lanes.set(name, lane);
    return lane;
  }

  function sweep(): void {
    const at = now();
    for (const [name, { freeAt, heldUntil }] of lanes) {
      if (freeAt + keptMs <= at && heldUntil <= at) lanes.delete(name);
    }
  }

  function takeSlot(lane: Lane, everyMs: number, burst: number): number {
    const aheadMs = (burst - 1) * everyMs;
    let freeAt = Math.max(lane.freeAt, now());
    // After a hold the slots come one by one.
    if (lane.heldUntil > now()) freeAt = Math.max(freeAt, lane.heldUntil + aheadMs);
    lane.freeAt = freeAt + everyMs;
    return Math.max(freeAt - aheadMs, now());
  }

  return {
    async reserve(name, { everyMs, burst }, caller) {
      const lane = laneOf(name);
      for (const [other, at] of lane.kept) {
        if (at < Math.max(lane.heldUntil, now() - keptMs)) lane.kept.delete(other);
        // They are in the order of their slots, but for what was planned anew.
        else break;
      }
      const kept = lane.kept.get(caller);
      lane.kept.delete(caller);
      const isGood = kept !== undefined && kept >= lane.heldUntil && kept >= now() - keptMs;
      const at = isGood ? kept : takeSlot(lane, everyMs, burst);
      if (at > now()) lane.kept.set(caller, at);
      return Math.max(0, Math.ceil(at - now()));
    },
    async hold(name, ms) {
      const lane = laneOf(name);
      lane.heldUntil = Math.max(lane.heldUntil, now() + ms);
    },
  };
}
