import { expect, test } from 'vitest';
import { inTimeOf } from '../../src/github/in-time.ts';
import { testClock } from '../clock.ts';

const never = () => new Promise<never>(() => {});

function limited() {
  const clock = testClock();
  const inTime = inTimeOf(clock, 5_000);
  const late: string[] = [];
  return { clock, inTime, late, waitFor: (name: string) => void inTime(never()).catch(() => late.push(name)) };
}

test('each is late when its own time is over, whatever else came or went', async () => {
  const { clock, inTime, late, waitFor } = limited();
  waitFor('first');
  await clock.advance(2_000);
  waitFor('second');
  expect(await inTime(Promise.resolve('in time'))).toBe('in time');
  await expect(inTime(Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  waitFor('third');
  await clock.advance(2_999);
  expect(late).toEqual([]);
  await clock.advance(1);
  expect(late).toEqual(['first']);
  await clock.advance(2_000);
  expect(late.sort()).toEqual(['first', 'second', 'third']);
  expect(clock.pending).toBe(0);
});

test('when nobody waits, no timer is left', async () => {
  const { clock, inTime, late, waitFor } = limited();
  await Promise.all([inTime(Promise.resolve()), inTime(Promise.resolve())]);
  expect(clock.pending).toBe(0);
  waitFor('last');
  await clock.advance(5_000);
  expect(late).toEqual(['last']);
  expect(clock.pending).toBe(0);
});
