import { setTimeout as pause } from 'node:timers/promises';

/**
 * Looks again and again until it is so. Rejects after `timeout` ms with what it waited for: the default is long, for what
 * a dead process held comes free in 15 s. (`expect.poll` does not work in tests that run at the same time.)
 */
export async function until(isSo: () => unknown, { timeout = 120_000 } = {}): Promise<void> {
  const lastMoment = performance.now() + timeout;
  while (!(await isSo())) {
    if (performance.now() > lastMoment) throw new Error(`Not so within ${timeout / 1000} s: ${isSo}`);
    await pause(20);
  }
}
