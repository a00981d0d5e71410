import type { Clock } from '../deploy/ports.ts';

/** How soon what somebody has to mend is tried again, at first and at most. */
const soonestMs = 60_000;
const latestMs = 60 * 60_000;

/**
 * Calls that Slack refuses until somebody mends the token, its scopes or the workspace. Nobody knows when that will be, or
 * whether, so they are tried ever less often. Kept in memory: a start, which often is what mends it, tries at once.
 */
export interface Mending {
  /** Such a call was refused; answers how many ms to let it be: as long as it has lasted, from a minute to an hour. */
  againMs(call: string): number;
  /** Slack took such a call. */
  mended(call: string): void;
}

export function createMending(clock: Clock): Mending {
  const broken = new Map<string, { since: number; last: number }>();
  return {
    againMs(call) {
      const now = clock.now().getTime();
      const known = broken.get(call);
      // Nobody has tried for long: nobody knows what was in between.
      const since = known && now - known.last <= 2 * latestMs ? known.since : now;
      broken.set(call, { since, last: now });
      return Math.min(Math.max(now - since, soonestMs), latestMs);
    },
    mended: (call) => void broken.delete(call),
  };
}
