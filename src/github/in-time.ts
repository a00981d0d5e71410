import type { Clock } from '../deploy/ports.ts';

interface Waiting {
  due: number;
  late(): void;
  /** Where it is in the list. */
  index: number;
}

/**
 * Passes on what a promise comes to, and rejects when that takes longer than `limitMs`. All promises of one such function
 * share a timer: with one each, a busy time would be spent on setting and clearing timers.
 */
export function inTimeOf(clock: Clock, limitMs: number): <T>(doing: Promise<T>) => Promise<T> {
  // No Set, into which and out of which thousands a second would go: V8 makes a new table each time that one is full of
  // what was deleted, and an old one that outlives a collection keeps all that came after it alive until a major one.
  const waiting: Waiting[] = [];
  let takeBack: (() => void) | undefined;

  function time(due: number): void {
    takeBack = clock.at(new Date(due), look);
  }

  function look(): void {
    takeBack = undefined;
    const now = clock.now().getTime();
    for (const each of waiting.filter(({ due }) => due <= now)) {
      takeOut(each);
      each.late();
    }
    const next = waiting.reduce((soonest, { due }) => Math.min(soonest, due), Number.POSITIVE_INFINITY);
    if (waiting.length > 0) time(next);
  }

  /** The last one takes its place. */
  function takeOut(each: Waiting): void {
    if (waiting[each.index] !== each) return;
    const last = waiting.pop();
    if (!last || last === each) return;
    waiting[each.index] = last;
    last.index = each.index;
  }

  function done(each: Waiting): void {
    takeOut(each);
    if (waiting.length > 0) return;
    takeBack?.();
    takeBack = undefined;
  }

  return (doing) =>
    new Promise((resolve, reject) => {
      const each: Waiting = {
        due: clock.now().getTime() + limitMs,
        late: () => reject(new Error(`not done within ${limitMs / 1000} seconds`)),
        index: waiting.length,
      };
      waiting.push(each);
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
