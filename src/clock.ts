import type { Clock } from './deploy/ports.ts';

/** A wall clock that is set, or a laptop that slept, is noticed after at most this long. */
const longestSleepMs = 60_000;

/**
 * The machine's own time. A call never comes before its time, even where timers fire a millisecond early, and one that is
 * months away is not lost to the 24.8 days that timers can count to.
 *
 * A pending call keeps the process alive, on purpose: a start that waits for a lock file would otherwise end the process
 * without a word. Whoever asks for a call takes it back when it stops.
 */
export const systemClock: Clock = {
  now: () => new Date(),
  at(at, call) {
    const due = at.getTime();
    if (Number.isNaN(due)) throw new TypeError('A call was asked for at a time that is no time.');
    let timer = setTimeout(look, sleepMs(due));
    function look(): void {
      if (Date.now() >= due) call();
      else timer = setTimeout(look, sleepMs(due));
    }
    return () => clearTimeout(timer);
  },
};

function sleepMs(due: number): number {
  return Math.min(Math.max(due - Date.now(), 0), longestSleepMs);
}

/** Calls again and again, until the returned function is called. */
export function every(clock: Clock, ms: number, call: () => void): () => void {
  let cancel = () => {};
  const plan = (): void => {
    cancel = clock.at(new Date(clock.now().getTime() + ms), () => {
      call();
      plan();
    });
  };
  plan();
  return () => cancel();
}
