import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { testClock } from './clock.ts';
import { requestsUnderWay } from './traffic.ts';

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

describe('the test clock stands still while a request is under way', () => {
  let server: Server;
  let url: string;
  let answers: (() => void)[];
  const heard = (count: number) => expect.poll(() => answers.length).toBe(count);

  beforeEach(async () => {
    answers = [];
    server = createServer((_, response) => {
      answers.push(() => response.end('x'.repeat(1_000)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('until that is answered, however much time is to pass', async () => {
    const clock = testClock('2026-11-20T12:00:00Z', () => requestsUnderWay() > 0);
    const tooLate = vi.fn();
    clock.at(new Date('2026-11-20T12:00:10Z'), tooLate);
    const asked = fetch(url);
    const passed = clock.advance(60_000);
    await heard(1);
    expect(clock.now().toISOString()).toBe('2026-11-20T12:00:00.000Z');
    expect(tooLate).not.toHaveBeenCalled();
    answers[0]?.();
    expect((await asked).status).toBe(200);
    await passed;
    expect(tooLate).toHaveBeenCalledTimes(1);
  });

  test('which is over when it was answered, given up, cut off or never connected', async () => {
    const impatience = new AbortController();
    const answered = fetch(url);
    await heard(1);
    const failing = Promise.allSettled([
      fetch(url, { signal: impatience.signal }),
      fetch(url),
      new Promise((_, reject) => get(url, { agent: false }).on('error', reject)),
    ]);
    await heard(4);
    expect(requestsUnderWay()).toBe(4);
    answers[0]?.();
    await answered;
    impatience.abort();
    await expect.poll(requestsUnderWay).toBe(2);
    server.closeAllConnections();
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    server.close();
    await expect(fetch(url)).rejects.toThrow();
    await expect.poll(requestsUnderWay).toBe(0);
  });
});
