import type { WebhookDelivery } from './delivery.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test knows the payload that it waits for
export type Match = (event: string, payload: any) => boolean;

export interface DropOptions {
  /** How many are dropped before this ends by itself; all when left out. */
  times?: number;
  /** False: GitHub never tried, and its list of deliveries does not know of them. True (default): noted as failed. */
  recorded?: boolean;
  /** Redeliveries as well; default false. */
  redeliveries?: boolean;
}

export type Fate = 'goes' | 'held' | 'dropped' | 'lost';

/** What a test does to deliveries on their way. */
export interface Interference {
  drop(match: Match, o?: DropOptions): () => void;
  /** Returns those that are free now. */
  hold(which: boolean | Match): WebhookDelivery[];
  /** Takes the chosen ones out of the held. Throws when one is not among them. */
  release(choose: (held: readonly WebhookDelivery[]) => readonly WebhookDelivery[]): WebhookDelivery[];
  /** Decides, and keeps the delivery when it is held. */
  meet(delivery: WebhookDelivery): Fate;
}

export function createInterference(): Interference {
  const drops = new Set<DropOptions & { match: Match; left: number }>();
  let holds: Match | undefined;
  let held: WebhookDelivery[] = [];

  function dropFor({ event, payload, redelivery }: WebhookDelivery): DropOptions | undefined {
    for (const drop of drops) {
      if (drop.left <= 0 || (redelivery && !drop.redeliveries) || !drop.match(event, payload)) continue;
      drop.left -= 1;
      return drop;
    }
    return undefined;
  }

  return {
    drop(match, o = {}) {
      const drop = { ...o, match, left: o.times ?? Number.POSITIVE_INFINITY };
      drops.add(drop);
      return () => drops.delete(drop);
    },
    hold(which) {
      holds = which === true ? () => true : which || undefined;
      if (holds) return [];
      const free = held;
      held = [];
      return free;
    },
    release(choose) {
      const chosen = [...choose([...held])];
      const stranger = chosen.find((delivery) => !held.includes(delivery));
      if (stranger) throw new Error(`${stranger.guid} is not held`);
      held = held.filter((delivery) => !chosen.includes(delivery));
      return chosen;
    },
    meet(delivery) {
      const drop = dropFor(delivery);
      if (drop) return drop.recorded === false ? 'lost' : 'dropped';
      if (delivery.redelivery || !holds?.(delivery.event, delivery.payload)) return 'goes';
      held.push(delivery);
      return 'held';
    },
  };
}
