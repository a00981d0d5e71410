import type { Clock } from '../src/deploy/ports.ts';

export interface TestClock extends Clock {
  /**
   * Lets that much time pass: calls that fall due run in the order of their times (also those that others ask for on the
   * way), and after each one promises, and what waits for the next turn of the event loop, get to run.
   */
  advance(ms: number): Promise<void>;
  /** How many calls are still to come. */
  readonly pending: number;
}

interface Call {
  due: number;
  run: () => void;
}

/** Time that stands still until a test moves it. A call for a time that has come already runs by itself, a turn later. */
export function testClock(start: Date | string = '2026-11-20T12:00:00.000Z'): TestClock {
  let now = new Date(start).getTime();
  const calls = new Set<Call>();

  const run = (call: Call): void => {
    if (calls.delete(call)) call.run();
  };

  /** Sets are in order of insertion and the sort is stable, so equal times keep the order in which they were asked for. */
  const nextUntil = (end: number): Call | undefined =>
    [...calls].filter((call) => call.due <= end).sort((a, b) => a.due - b.due)[0];

  return {
    now: () => new Date(now),
    at(at, call) {
      const entry = { due: at.getTime(), run: call };
      calls.add(entry);
      if (entry.due <= now) setImmediate(run, entry);
      return () => calls.delete(entry);
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        now = Math.max(now, next.due);
        run(next);
        await settled();
      }
      now = end;
      await settled();
    },
    get pending() {
      return calls.size;
    },
  };
}

/** A few turns of the event loop without a wait for the disk: writes to the embedded store, and what follows from them. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 5; quiet++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().includes('FSReqCallback')) quiet = -1;
  }
}
