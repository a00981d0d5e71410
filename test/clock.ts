import type { Clock } from '../src/deploy/ports.ts';

export interface TestClock extends Clock {
  /**
   * Lets that much time pass: calls that fall due run in the order of their times (also those that others ask for on the
   * way), and before each one and at the end all that comes of the last gets to run, until it waits for time itself.
   */
  advance(ms: number): Promise<void>;
  /** Resolves when all that is under way waits for time itself. */
  settled(): Promise<void>;
  /** How many calls are still to come. */
  readonly pending: number;
}

interface Call {
  due: number;
  run: () => void;
}

/**
 * Time that stands still until a test moves it. A call for a time that has come already runs by itself, a turn later.
 * `isBusy` knows of work that takes no time on this clock, and that is not over within a few turns of the event loop.
 */
export function testClock(
  start: Date | string = '2026-11-20T12:00:00.000Z',
  isBusy: () => boolean = () => false,
): TestClock {
  let now = new Date(start).getTime();
  const calls = new Set<Call>();

  const run = (call: Call): void => {
    if (calls.delete(call)) call.run();
  };

  const settled = () => calm(isBusy);

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
    settled,
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

/** The same, but no faster than the machine's time: for what counts by that too. */
export function noFaster(clock: TestClock): TestClock {
  return {
    ...clock,
    async advance(ms) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      await clock.advance(ms);
    },
    get pending() {
      return clock.pending;
    },
  };
}

/** Turns in a row in which nothing is under way, until nothing is known to be. */
const quietTurns = 8;
/** Something else is wrong when it takes longer, in the machine's time; better said than waited for without end. */
const patienceMs = 30_000;

/** Turns of the event loop until nothing is under way: not on the disk, where the embedded store writes, nor elsewhere. */
async function calm(isBusy: () => boolean): Promise<void> {
  const begun = performance.now();
  for (let quiet = 0; quiet < quietTurns; quiet++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isBusy() && !isAtDisk()) continue;
    quiet = -1;
    if (performance.now() - begun > patienceMs) throw new Error('Something has been under way for too long.');
    // A processor that others need as well is not spent on looking.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const isAtDisk = (): boolean =>
  process.getActiveResourcesInfo().some((resource) => resource === 'FSReqCallback' || resource === 'FSReqPromise');
