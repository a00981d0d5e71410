import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/deploy/nearest.ts';

const known = ['staging', 'production', 'review', 'hello', 'help', 'api', 'auto-merge'];

describe('nearest', () => {
  test.each([
    ['stagign', 'staging'],
    ['stagng', 'staging'],
    ['stageing', 'staging'],
    ['stage', 'staging'],
    ['STAGNIG', 'staging'],
    ['prod', 'production'],
    ['prodcution', 'production'],
    ['helo', 'hello'],
    ['hlep', 'help'],
    ['ap', 'api'],
    ['automerge', 'auto-merge'],
    ['hello', 'hello'],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  test.each(['moon', 'x', '', 'zzzzzzzz', 'pr', 'x'.repeat(5000)])('there is none of %j', (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  test('a beginning counts only where it is the beginning of one', () => {
    expect(nearest('rele', ['release-train', 'relentless-work'])).toBeUndefined();
    expect(nearest('rele', ['release-train', 'something-else'])).toBe('release-train');
  });

  test('one slip of the finger is always near', () => {
    const word = fc.string({ minLength: 5, maxLength: 20, unit: fc.constantFrom(...'abcdefgh') });
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('swap', 'drop', 'add'), (right, at, slip) => {
        const index = at % (right.length - 1);
        const [before, one, two, after] = [
          right.slice(0, index),
          right[index],
          right[index + 1],
          right.slice(index + 2),
        ];
        const middle = { swap: `${two}${one}`, drop: one, add: `${one}x${two}` }[slip];
        expect(nearest(`${before}${middle}${after}`, ['0123456789', right])).toBe(right);
      }),
    );
  });
});
