import type { Clock, Posted } from '../deploy/ports.ts';

/**
 * Remembers until when Slack wants to be left alone: after a 429 nothing is sent on that lane before its Retry-After is
 * over, whoever else has something to say. A room is a lane for posts; edits share one for the whole workspace, as Slack
 * counts them (docs.slack.dev/apis/web-api/rate-limits).
 */
export function createPace(clock: Clock) {
  const until = new Map<string, number>();
  return async (lane: string, send: () => Promise<Posted>): Promise<Posted> => {
    const now = clock.now().getTime();
    const wait = (until.get(lane) ?? 0) - now;
    if (wait > 0) return { kind: 'later', afterMs: wait };
    until.delete(lane);
    const posted = await send();
    if (posted.kind === 'later') until.set(lane, now + posted.afterMs);
    return posted;
  };
}
