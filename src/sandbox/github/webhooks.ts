import { randomUUID } from 'node:crypto';
import type { App, Installation } from './app.ts';
import { type Hook, newDelivery, redeliveryOf, type WebhookDelivery } from './delivery.ts';
import { createInterference, type DropOptions, type Match } from './interference.ts';
import type { Repository } from './memory.ts';
import { createTurns, type Turns } from './turns.ts';
import { addressesOf, addressOf, postToOne, type WebhookTarget } from './webhook-target.ts';

/** What a test can do with webhooks. */
export interface WebhookControls {
  addWebhook(target: WebhookTarget): void;
  /** Every target at `from` is at `to` from now on, for what is held or waits too. Throws when there is none. */
  retarget(from: string, to: string | string[]): void;
  /** Every delivery, in the order of their events. */
  deliveries: WebhookDelivery[];
  /** While held, deliveries (all, or those that match) queue up; `false` sends them in order. */
  holdWebhooks(hold: boolean | Match): void;
  /** Sends the chosen ones of the held, in the order returned; the others stay. Resolves when those are answered. */
  releaseWebhooks(choose: (held: readonly WebhookDelivery[]) => readonly WebhookDelivery[]): Promise<void>;
  /** Matching deliveries never leave (`redeliver` still sends them); the returned function ends it. */
  dropWebhooks(match: Match, o?: DropOptions): () => void;
  /** From now on each event is delivered that often, with the same guid; 1 ends it. */
  repeatWebhooks(times: number): void;
  /** Sends an event again to every target that it was for, with the same guid. Throws for an unknown guid. */
  redeliver(guid: string): Promise<void>;
  /** Resolves when no delivery is under way. Held ones are not. */
  idle(): Promise<void>;
}

export interface Webhooks extends WebhookControls {
  /** The webhook of an App, which hears of the repositories that it is installed on. */
  addAppWebhook(target: WebhookTarget, app: App): void;
  /** Sends an event to the targets that want it; returns at once. */
  send(event: string, repository: Repository, payload: object): void;
  /** In the order of adding. */
  hooksOf(repository: Repository): Hook[];
  hookOfApp(app: App): Hook | undefined;
  /** The hook's attempts of the last three days, newest first. */
  deliveriesOf(hook: Hook): WebhookDelivery[];
  /** Sends one delivery again; returns at once. */
  attempt(delivery: WebhookDelivery): void;
}

interface Parts {
  /** What a target has for its answer. */
  timeoutMs: number;
  nextId(): number;
  now(): Date;
  stopping: AbortSignal;
}

/** A target, and its hook in each of its repositories, or the one of its App. */
interface Destination {
  target: WebhookTarget;
  app?: App;
  hooks: Map<Repository | App, Hook>;
  turns: Turns;
  sent: number;
}

/** "If payloads are larger than 25 MB, no delivery": docs.github.com, "Webhook events and payloads". */
const mostBytes = 25 * 1024 * 1024;

/** docs.github.com, "Redelivering webhooks": deliveries of the past three days. */
const keptMs = 3 * 24 * 60 * 60 * 1000;

/** Delivers as GitHub does: signed, once, never again by itself, and in no promised order. */
export function createWebhooks({ timeoutMs, nextId, now, stopping }: Parts): Webhooks {
  const destinations: Destination[] = [];
  const deliveries: WebhookDelivery[] = [];
  const sources = new WeakMap<WebhookDelivery, { destination: Destination; hook: Hook }>();
  const interference = createInterference();
  const underWay = new Set<Promise<void>>();
  let copies = 1;

  function sourceOf(delivery: WebhookDelivery) {
    const source = sources.get(delivery);
    if (!source) throw new Error('a delivery without its hook');
    return source;
  }

  function add(target: WebhookTarget, app?: App) {
    destinations.push({ target, app, hooks: new Map(), turns: createTurns(target.atOnce ?? 1), sent: 0 });
  }

  function hookAt(destination: Destination, place: Repository | App): Hook {
    const { app, target, hooks } = destination;
    const hook = hooks.get(place) ?? { id: nextId(), app, createdAt: now(), target };
    hooks.set(place, hook);
    return hook;
  }

  function record(delivery: WebhookDelivery, source: { destination: Destination; hook: Hook }): WebhookDelivery {
    deliveries.push(delivery);
    sources.set(delivery, source);
    return delivery;
  }

  /** Off it goes, unless it is too large or a test has other plans. */
  async function depart(delivery: WebhookDelivery): Promise<void> {
    const fate = Buffer.byteLength(delivery.body) > mostBytes ? 'oversized' : interference.meet(delivery);
    if (fate === 'goes') return start(delivery);
    if (fate === 'held') return;
    delivery.response = fate;
    if (fate === 'dropped')
      delivery.attempt = { id: nextId(), deliveredAt: now(), durationMs: 0, headers: null, body: null };
  }

  function start(delivery: WebhookDelivery): Promise<void> {
    const { destination } = sourceOf(delivery);
    const turn = destination.turns.take(async () => {
      const id = nextId();
      const begun = performance.now();
      const { headers, body } = delivery;
      const servers = addressesOf(destination.target.url);
      const outcome = await postToOne(servers, destination.sent++, { headers, body, timeoutMs, stopping });
      const durationMs = performance.now() - begun;
      const answer = { headers: outcome.headers ?? null, body: outcome.body ?? null };
      delivery.url = outcome.url;
      delivery.attempt = { id, deliveredAt: now(), durationMs, ...answer };
      delivery.response = outcome.response;
    });
    underWay.add(turn);
    return turn.finally(() => underWay.delete(turn));
  }

  function again(delivery: WebhookDelivery): Promise<void> {
    return depart(record(redeliveryOf(delivery), sourceOf(delivery)));
  }

  return {
    deliveries,
    addWebhook: (target) => add(target),
    addAppWebhook: (target, app) => add(target, app),
    retarget(from, to) {
      const moved = destinations.filter(({ target }) => addressesOf(target.url).includes(from));
      if (moved.length === 0) throw new Error(`no webhook goes to ${from}`);
      for (const destination of moved) {
        destination.target = { ...destination.target, url: to };
        for (const hook of destination.hooks.values()) hook.target = destination.target;
      }
    },
    send(event, repository, payload) {
      const guid = randomUUID();
      for (const destination of destinations) {
        const reach = reachOf(destination, repository);
        if (!reach || !wants(destination.target, event, reach.installation)) continue;
        const hook = hookAt(destination, destination.app ?? repository);
        const happening = { guid, event, repository, payload, ...reach };
        const delivery = record(newDelivery(hook, addressOf(hook.target), happening), { destination, hook });
        void depart(delivery);
        for (let copy = 1; copy < copies; copy += 1) void again(delivery);
      }
    },
    hooksOf(repository) {
      const here = destinations.filter((destination) => !destination.app && reachOf(destination, repository));
      return here.map((destination) => hookAt(destination, repository));
    },
    hookOfApp(app) {
      const its = destinations.find((destination) => destination.app === app);
      return its && hookAt(its, app);
    },
    deliveriesOf(hook) {
      const since = now().getTime() - keptMs;
      return deliveries
        .filter((one) => sources.get(one)?.hook === hook && (one.attempt?.deliveredAt.getTime() ?? 0) > since)
        .sort((one, other) => (other.attempt?.id ?? 0) - (one.attempt?.id ?? 0));
    },
    attempt: (delivery) => void again(delivery),
    holdWebhooks(hold) {
      for (const delivery of interference.hold(hold)) void start(delivery);
    },
    async releaseWebhooks(choose) {
      await Promise.all(interference.release(choose).map(start));
    },
    dropWebhooks: interference.drop,
    repeatWebhooks(times) {
      copies = times;
    },
    async redeliver(guid) {
      const firsts = deliveries.filter((delivery) => delivery.guid === guid && !delivery.redelivery);
      if (firsts.length === 0) throw new Error(`no delivery has the guid ${guid}`);
      await Promise.all(firsts.map(again));
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** Whether a target hears of this repository, and an App through which installation. */
function reachOf({ target, app }: Destination, repository: Repository): { installation?: Installation } | undefined {
  const name = repository.fullName.toLowerCase();
  const isName = (one: string) => one.toLowerCase() === name;
  if (!app) return target.repositories && !target.repositories.some(isName) ? undefined : {};
  const installation = app.installations.find(({ repositories }) => repositories.includes(name));
  return installation && { installation };
}

/** What an App needs to hear of an event. Source: docs.github.com, "Webhook events and payloads". */
const permissionFor: Record<string, string> = {
  deployment: 'deployments',
  deployment_status: 'deployments',
  pull_request: 'pull_requests',
  push: 'contents',
  workflow_run: 'actions',
};

function wants({ active, events }: WebhookTarget, event: string, installation: Installation | undefined): boolean {
  if (active === false || !(events.includes(event) || events.includes('*'))) return false;
  return !installation || installation.permissions[permissionFor[event] ?? 'metadata'] !== undefined;
}
