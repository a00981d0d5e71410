import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { together } from '../../src/store/redis/together.ts';

test('what is asked for within two turns is done in one go, so many at a time, and each gets its own answer', async () => {
  const groups: number[][] = [];
  const double = together<number, number>(async (given) => {
    const group = [...(await given)];
    groups.push(group);
    return group.map((one) => one * 2);
  }, 2);
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  const first = double(4);
  await turn();
  expect(await Promise.all([first, double(5)])).toEqual([8, 10]);
  expect(await double(6)).toBe(12);
  expect(groups).toEqual([[1, 2], [3], [4, 5], [6]]);
});

test('a failure is everybody’s, and whoever comes in the same turn after it fails as well', async () => {
  const ask = together<number, number>(() => Promise.reject(new Error('closed')), 10);
  const first = ask(1);
  await expect(first).rejects.toThrow('closed');
  await expect(ask(2)).rejects.toThrow('closed');
});
