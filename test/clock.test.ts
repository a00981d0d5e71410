import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { testClock } from './clock.ts';

describe('the machine’s clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-20T12:00:00Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('calls once, not before its time', () => {
    const call = vi.fn();
    systemClock.at(new Date(Date.now() + 1_000), call);
    vi.advanceTimersByTime(999);
    expect(call).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(100_000);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test('a call that was taken back does not come', () => {
    const call = vi.fn();
    const takeBack = systemClock.at(new Date(Date.now() + 300_000), call);
    vi.advanceTimersByTime(200_000);
    takeBack();
    vi.advanceTimersByTime(200_000);
    expect(call).not.toHaveBeenCalled();
  });

  test('months away is not at once', () => {
    const call = vi.fn();
    const takeBack = systemClock.at(new Date(Date.now() + 100 * 86_400_000), call);
    vi.advanceTimersByTime(86_400_000);
    expect(call).not.toHaveBeenCalled();
    takeBack();
  });

  test('a clock that is set forward is noticed within a minute', () => {
    const call = vi.fn();
    systemClock.at(new Date(Date.now() + 3_600_000), call);
    vi.setSystemTime(Date.now() + 7_200_000);
    vi.advanceTimersByTime(60_000);
    expect(call).toHaveBeenCalledTimes(1);
  });

  test('a time that is past or none', () => {
    const call = vi.fn();
    systemClock.at(new Date(0), call);
    vi.advanceTimersByTime(1);
    expect(call).toHaveBeenCalledTimes(1);
    expect(() => systemClock.at(new Date(Number.NaN), call)).toThrow(TypeError);
  });
});

test('the test clock runs calls in order, with those asked for on the way, each at its time', async () => {
  const clock = testClock('2026-11-20T12:00:00Z');
  const calls: string[] = [];
  const call = (name: string, ms: number, then?: () => void): (() => void) =>
    clock.at(new Date(clock.now().getTime() + ms), () => {
      calls.push(`${name} ${clock.now().toISOString().slice(17, 23)}`);
      void Promise.resolve().then(then);
    });
  call('b', 2_000);
  call('a', 1_000, () => call('c', 500));
  call('late', 10_000);
  call('taken back', 1_500)();
  await clock.advance(3_000);
  expect(calls).toEqual(['a 01.000', 'c 01.500', 'b 02.000']);
  expect(clock.now().toISOString()).toBe('2026-11-20T12:00:03.000Z');
  expect(clock.pending).toBe(1);
  call('now', 0);
  await vi.waitFor(() => expect(calls).toContain('now 03.000'));
});
