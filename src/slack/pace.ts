import type { Clock, Posted } from '../deploy/ports.ts';

/**
 * Remembers until when Slack wants to be left alone: after a 429 nothing is sent on that lane before its Retry-After is
 * over, whoever else has something to say. A room is a lane for posts; edits share one for the whole workspace, as Slack
 * counts them (docs.slack.dev/apis/web-api/rate-limits).
 */
export function createPace(clock: Clock) {
  const until = new Map<string, number>();
  return {
    /** Nothing where the lane is free; else that it is not, and for how long. */
    wait(lane: string): Posted | undefined {
      const afterMs = (until.get(lane) ?? 0) - clock.now().getTime();
      if (afterMs > 0) return { kind: 'later', afterMs };
      until.delete(lane);
      return undefined;
    },
    /** Slack said 429. */
    hold(lane: string, ms: number): void {
      until.set(lane, clock.now().getTime() + ms);
    },
  };
}

export type Pace = ReturnType<typeof createPace>;
