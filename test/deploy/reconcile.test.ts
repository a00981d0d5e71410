import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasItsTurn } from '../../src/deploy/reconcile.ts';

const minute = 60_000;

/** The ages, in rounds, at which a deployment has its turn. */
const turns = (upTo: number): number[] =>
  Array.from({ length: upTo }, (_, round) => round + 1).filter((round) => hasItsTurn(round * minute, minute));

describe('the turns of a deployment that has no news', () => {
  test('each round at first', () => {
    expect(turns(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('ever less often: some sixty in a day, and never more than a tenth of its age apart', () => {
    const day = turns(24 * 60);
    expect(day.length).toBeLessThan(70);
    for (const [index, round] of day.entries()) {
      const before = day[index - 1] ?? 0;
      expect(round - before).toBeLessThanOrEqual(Math.max(1, Math.ceil(round / 10) + 1));
    }
  });

  test('none is skipped, whenever the rounds began', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: minute - 1 }), fc.integer({ min: 1, max: 5_000 }), (shift, rounds) => {
        const seen = Array.from({ length: rounds }, (_, round) => hasItsTurn((round + 1) * minute + shift, minute));
        expect(seen.slice(0, 9).filter(Boolean)).toHaveLength(Math.min(rounds, 9));
      }),
    );
  });
});
