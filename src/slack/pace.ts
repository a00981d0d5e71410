import type { Logger } from 'pino';
import type { Budget, Clock, Rate } from '../deploy/ports.ts';

/** What Slack counts together. */
export interface Lane {
  name: string;
  rate: Rate;
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

/** A turn is kept so long for somebody who does not come back: what was to be said may have become idle. */
const keptMs = 60_000;
/** When to come back while the budget can't be asked. */
const troubleMs = 1_000;
/** Somebody who is waited for does not wait longer than this on a full lane. */
const patienceMs = 2_000;
/** After a longer wait for the budget, whoever asked may have lost the right to speak: it has to come back. */
const slowMs = 2_000;

/** Plans calls ahead on the lanes of a budget that all processes share, and remembers whose turn is when. */
export function createPace(budget: Budget, clock: Clock, log: Logger): Pace {
  const turns = new Map<string, number>();
  const holds = new Map<string, { until: number; caller: string }>();
  let tidyAt = 0;
  const now = () => clock.now().getTime();
  const heldUntil = (lane: Lane) => holds.get(lane.name)?.until ?? 0;

  /** When the next free slot is, or nothing while nobody knows. */
  async function next(lane: Lane, express?: Lane): Promise<number | undefined> {
    const asked = now();
    try {
      const waits = [await budget.reserve(lane.name, lane.rate)];
      if (express && (waits[0] ?? 0) > patienceMs) waits.push(await budget.reserve(express.name, express.rate));
      const answered = now();
      const soonest = answered - asked > slowMs ? answered + 1 : answered;
      return Math.max(soonest, answered + Math.min(...waits), heldUntil(lane));
    } catch (error) {
      log.warn({ err: error, lane: lane.name }, 'nobody knows how much may be said to Slack');
      return undefined;
    }
  }

  function tidy(): void {
    if (now() < tidyAt) return;
    tidyAt = now() + keptMs;
    for (const [caller, at] of turns) if (at < now() - keptMs) turns.delete(caller);
    for (const [lane, { until }] of holds) if (until < now() - keptMs) holds.delete(lane);
  }

  return {
    async turn(who, lane, express) {
      tidy();
      const caller = `${lane.name} ${who}`;
      const kept = turns.get(caller);
      turns.delete(caller);
      // What fell into a hold is planned anew, or all who wait would come at its end.
      const isGood = kept !== undefined && kept >= heldUntil(lane) && kept > now() - keptMs;
      const at = isGood ? kept : await next(lane, express);
      if (at === undefined) return Math.max(troubleMs, heldUntil(lane) - now());
      const wait = at - now();
      if (wait <= 0) return 0;
      turns.set(caller, at);
      return wait;
    },
    async hold(caller, ms, ...lanes) {
      const isAgain = holds.get(lanes[0].name)?.caller === caller;
      // Here at once: others must not ask on the lane while the budget is being told.
      for (const lane of lanes) holds.set(lane.name, { until: Math.max(heldUntil(lane), now() + ms), caller });
      await Promise.all(lanes.map(({ name }) => budget.hold(name, ms))).catch((error) =>
        log.warn({ err: error }, 'other processes were not told that Slack wants a pause'),
      );
      return !isAgain;
    },
  };
}
