import { Refused } from './refused.ts';

/** A test's hand on the limits. Source: docs.github.com, "Rate limits for the REST API". */
export interface RateLimits {
  /** Uses up everybody's hour: 403 (or 429) until `seconds` from now (3600), or until `reset`. */
  exhaust(o?: { status?: 403 | 429; seconds?: number }): void;
  /** The next `times` (1) requests meet a secondary limit. `retryAfter` is in seconds (60); null sends none. */
  secondary(o?: { status?: 403 | 429; retryAfter?: number | null; times?: number }): void;
  /** Everybody begins anew, and nobody meets a limit. */
  reset(): void;
}

export interface Quota {
  limit: number;
  remaining: number;
  used: number;
  /** Seconds since 1970. */
  reset: number;
  resource: 'core';
}

/** The server's side of the limits. */
export interface RateLimitBook extends RateLimits {
  /** What is left to this caller. The key is what GitHub calls it: "user ID 1". */
  quota(key: string, limit: number): Quota;
  /** Counts one request. Throws the refusal when a limit is met. */
  count(key: string, limit: number): void;
  /** Takes one back: an answer of 304 is free. */
  giveBack(key: string): void;
}

const docs = 'using-the-rest-api/rate-limits-for-the-rest-api';
const anHourInSeconds = 3600;

/** Counts requests by caller. */
export function createRateLimits(now: () => Date): RateLimitBook {
  const used = new Map<string, { used: number; reset: number }>();
  let exhausted: { status: number; until: number } | undefined;
  let secondary: { status: number; retryAfter: number | null; left: number } | undefined;
  const seconds = () => Math.floor(now().getTime() / 1000);

  function window(key: string) {
    const known = used.get(key);
    if (known && known.reset > seconds()) return known;
    const fresh = { used: 0, reset: seconds() + anHourInSeconds };
    used.set(key, fresh);
    return fresh;
  }

  function quota(key: string, limit: number): Quota {
    if (exhausted && exhausted.until > seconds())
      return { limit, remaining: 0, used: limit, reset: exhausted.until, resource: 'core' };
    const { used, reset } = window(key);
    return { limit, remaining: Math.max(0, limit - used), used: Math.min(used, limit), reset, resource: 'core' };
  }

  return {
    exhaust({ status = 403, seconds: length = anHourInSeconds } = {}) {
      exhausted = { status, until: seconds() + length };
    },
    secondary({ status = 403, retryAfter = 60, times = 1 } = {}) {
      secondary = { status, retryAfter, left: times };
    },
    reset() {
      exhausted = undefined;
      secondary = undefined;
      used.clear();
    },
    quota,
    count(key, limit) {
      const { remaining } = quota(key, limit);
      if (remaining === 0) throw primaryLimit(key, exhausted?.status ?? 403);
      window(key).used += 1;
      if (!secondary || secondary.left <= 0) return;
      secondary.left -= 1;
      throw secondaryLimit(secondary);
    },
    giveBack(key) {
      window(key).used -= 1;
    },
  };
}

function primaryLimit(key: string, status: number): Refused {
  return new Refused({ status, message: `API rate limit exceeded for ${key}.`, docs });
}

function secondaryLimit({ status, retryAfter }: { status: number; retryAfter: number | null }): Refused {
  return new Refused({
    status,
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    headers: retryAfter === null ? {} : { 'retry-after': String(retryAfter) },
    docs: `${docs}#about-secondary-rate-limits`,
  });
}
