/** A job that failed this often in a row, which takes about a quarter of an hour, is given up until it is woken again. */
export const attemptsAtMost = 20;

/**
 * How long a failed job waits: 1 s, 2 s, 4 s … up to a minute. `random` (0 to 1) takes up to a fifth off, so that jobs
 * that failed together don't come back together.
 */
export function backOffMs(attempt: number, random: () => number): number {
  const full = Math.min(1_000 * 2 ** (attempt - 1), 60_000);
  return Math.round(full * (1 - random() / 5));
}
