import type { Clock } from '../deploy/ports.ts';

/** Long enough for a burst of commands, short enough for what has just changed in Slack. */
const forMs = 5 * 60_000;
const atMost = 1000;

/**
 * `ask`, but the same question is asked of Slack once in 5 minutes, however many ask it at the same time. A question that
 * failed is asked again.
 */
export function remember<T>(clock: Clock, ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, { until: number; answer: T }>();
  const underWay = new Map<string, Promise<T>>();

  async function look(key: string): Promise<T> {
    const answer = await ask(key);
    known.delete(key);
    known.set(key, { until: clock.now().getTime() + forMs, answer });
    const [oldest] = known.keys();
    if (known.size > atMost && oldest !== undefined) known.delete(oldest);
    return answer;
  }

  return (key) => {
    const remembered = known.get(key);
    if (remembered && remembered.until > clock.now().getTime()) return Promise.resolve(remembered.answer);
    const asked = underWay.get(key) ?? look(key).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  };
}
