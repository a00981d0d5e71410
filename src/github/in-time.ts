import type { Clock } from '../deploy/ports.ts';

interface Waiting {
  due: number;
  late(): void;
}

/**
 * Passes on what a promise comes to, and rejects when that takes longer than `limitMs`. All promises of one such function
 * share a timer: with one each, a busy time would be spent on setting and clearing timers.
 */
export function inTimeOf(clock: Clock, limitMs: number): <T>(doing: Promise<T>) => Promise<T> {
  // In the order in which they are due, since all may take equally long.
  const waiting = new Set<Waiting>();
  let takeBack: (() => void) | undefined;

  function time(due: number): void {
    takeBack = clock.at(new Date(due), look);
  }

  function look(): void {
    takeBack = undefined;
    const now = clock.now().getTime();
    for (const each of waiting) {
      if (each.due > now) {
        time(each.due);
        return;
      }
      waiting.delete(each);
      each.late();
    }
  }

  function done(each: Waiting): void {
    waiting.delete(each);
    if (waiting.size > 0) return;
    takeBack?.();
    takeBack = undefined;
  }

  return (doing) =>
    new Promise((resolve, reject) => {
      const each: Waiting = {
        due: clock.now().getTime() + limitMs,
        late: () => reject(new Error(`not done within ${limitMs / 1000} seconds`)),
      };
      waiting.add(each);
      if (!takeBack) time(each.due);
      doing.then(
        (answer) => {
          done(each);
          resolve(answer);
        },
        (error) => {
          done(each);
          reject(error);
        },
      );
    });
}
