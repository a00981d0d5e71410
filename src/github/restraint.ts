import type { Clock } from '../deploy/ports.ts';
import { type Answer, type Limit, limited, limitIn, type No } from './refused.ts';

/** GitHub's own limits last an hour at most. */
const longestMs = 60 * 60_000;

export interface Restraint {
  /** Why nothing is to be sent with this token now, if so. */
  holds(token: string): No | undefined;
  /** Reads an answer. Until when nothing is to be sent with the token from now on, in ms, where it says that. */
  heed(token: string, answer: Answer): number | undefined;
  /** Until when nothing is sent with one of the tokens, in ms, if so. */
  until(): number | undefined;
}

/**
 * Remembers that GitHub wants no requests for a while: who goes on asking may be kept out for good. Several deployments that
 * each wait and ask again would be hundreds of requests. By token, since GitHub counts so.
 * Source: docs.github.com, "Rate limits for the REST API", "Exceeding the rate limit".
 */
export function createRestraint(clock: Clock): Restraint {
  const limits = new Map<string, Limit>();

  function drop(): void {
    const now = clock.now().getTime();
    for (const [token, { untilMs }] of limits) if (untilMs <= now) limits.delete(token);
  }

  return {
    holds(token) {
      drop();
      const limit = limits.get(token);
      return limit && limited(limit, clock.now());
    },
    heed(token, answer) {
      const now = clock.now();
      const limit = limitIn(answer, now);
      if (!limit) return undefined;
      const untilMs = Math.min(limit.untilMs, now.getTime() + longestMs);
      limits.set(token, { ...limit, untilMs });
      return untilMs;
    },
    until() {
      drop();
      return limits.size === 0 ? undefined : Math.max(...[...limits.values()].map(({ untilMs }) => untilMs));
    },
  };
}
