import type { Logger } from 'pino';
import type { Budget, Clock, Rate } from '../deploy/ports.ts';

/** What Slack counts together. */
export interface Lane {
  name: string;
  rate: Rate;
  /** A slower lane that leads to this one: who comes by it waits there, and not in the way of others. */
  by?: Lane;
}

export interface Pace {
  /**
   * How many ms it is until the caller's turn on a lane; 0: now, and its turn is used up. Who has to wait keeps the turn
   * and takes no other when it comes back, so that all who wait keep their order. `express` is for somebody who is waited
   * for: a lane to turn to where the other is full. Never rejects.
   */
  turn(caller: string, lane: Lane, express?: Lane): Promise<number>;
  /**
   * Slack answered `caller` that it wants no calls on these lanes for so long. Answers whether that caller may take the
   * first turn afterwards: not twice in a row, or one that Slack never takes would hold up everybody. Never rejects.
   */
  hold(caller: string, ms: number, ...lanes: readonly [Lane, ...Lane[]]): Promise<boolean>;
}

/** When to come back while the budget can't be asked. */
const troubleMs = 1_000;
/** Somebody who is waited for does not wait longer than this on a full lane. */
const patienceMs = 2_000;

/** Holds that are over, and who came by a slower lane and went no further, are forgotten after this. */
const tidyMs = 60_000;

/** Plans calls ahead on the lanes of a budget that all processes share, which also keeps the turns of those who wait. */
export function createPace(budget: Budget, clock: Clock, log: Logger): Pace {
  const holds = new Map<string, { until: number; caller: string }>();
  /** Who has come by the slower lane, and when. Another process does not know, and waits there anew. */
  const came = new Map<string, number>();
  let tidyAt = 0;
  const now = () => clock.now().getTime();
  const heldUntil = (lane: Lane) => holds.get(lane.name)?.until ?? 0;

  function tidy(): void {
    if (now() < tidyAt) return;
    tidyAt = now() + tidyMs;
    for (const [lane, { until }] of holds) if (until < now() - tidyMs) holds.delete(lane);
    for (const [caller, at] of came) if (at < now() - tidyMs) came.delete(caller);
  }

  async function slot({ name, rate, by }: Lane, caller: string): Promise<number> {
    const key = `${name} ${caller}`;
    if (by && !came.has(key)) {
      const wait = await budget.reserve(by.name, by.rate, caller);
      if (wait > 0) return wait;
    }
    const wait = await budget.reserve(name, rate, caller);
    if (by && wait > 0) came.set(key, now() + wait);
    else came.delete(key);
    return wait;
  }

  return {
    async turn(caller, lane, express) {
      tidy();
      try {
        const wait = await slot(lane, caller);
        const isLong = express && wait > patienceMs;
        const soonest = isLong ? Math.min(wait, await slot(express, caller)) : wait;
        return Math.max(soonest, heldUntil(lane) - now());
      } catch (error) {
        log.warn({ err: error, lane: lane.name }, 'nobody knows how much may be said to Slack');
        return Math.max(troubleMs, heldUntil(lane) - now());
      }
    },
    async hold(caller, ms, ...held) {
      const isAgain = holds.get(held[0].name)?.caller === caller;
      // Who waits in a slower lane is not to gather before this one meanwhile.
      const lanes = held.flatMap((lane) => (lane.by ? [lane, lane.by] : [lane]));
      // Here at once: others must not ask on the lane while the budget is being told.
      for (const lane of lanes) holds.set(lane.name, { until: Math.max(heldUntil(lane), now() + ms), caller });
      await Promise.all(lanes.map(({ name }) => budget.hold(name, ms))).catch((error) =>
        log.warn({ err: error }, 'other processes were not told that Slack wants a pause'),
      );
      return !isAgain;
    },
  };
}
