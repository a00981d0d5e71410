const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `45s`, `2m`, `1h` or `1d` in ms; the schema has checked the shape. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? Number.NaN);
}

/** Longer than this and nobody would be told any more. */
export const longestDurationMs = 30 * 86_400_000;
