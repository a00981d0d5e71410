import type { Clock } from '../deploy/ports.ts';

/** Long enough for a burst of commands, short enough for what has just changed in Slack. */
const forMs = 5 * 60_000;
const atMost = 1000;

/** `ask`, but the same question is asked of Slack once in 5 minutes. A question that failed is asked again. */
export function remember<T>(clock: Clock, ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, { until: number; answer: T }>();
  return async (key) => {
    const now = clock.now().getTime();
    const remembered = known.get(key);
    if (remembered && remembered.until > now) return remembered.answer;
    const answer = await ask(key);
    known.delete(key);
    known.set(key, { until: now + forMs, answer });
    const [oldest] = known.keys();
    if (known.size > atMost && oldest !== undefined) known.delete(oldest);
    return answer;
  };
}
