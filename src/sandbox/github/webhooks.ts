import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { Repository } from './memory.ts';

/** Where events are sent, as in the settings of a repository. */
export interface WebhookTarget {
  url: string;
  secret: string;
  /** Names of events, or '*'. */
  events: string[];
  contentType?: 'json' | 'form';
}

/** One event on its way to one target. */
export interface WebhookDelivery {
  /** The same for all targets of an event, and for its redeliveries. */
  guid: string;
  event: string;
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: as in `dropWebhooks`, a test knows the payload that it looks at
  payload: any;
  /** The request's headers, and its body as signed. */
  headers: Record<string, string>;
  body: string;
  redelivery: boolean;
  /** The status answered; undefined while held or under way. Dropped and oversized ones never leave. */
  response?: number | 'timeout' | 'error' | 'dropped' | 'oversized';
}

/** What a test can do with webhooks. */
export interface WebhookControls {
  addWebhook(target: WebhookTarget): void;
  /** Every delivery, in the order of their events. */
  deliveries: WebhookDelivery[];
  /** While held, deliveries queue up; `false` sends them in order. */
  holdWebhooks(hold: boolean): void;
  /** Matching deliveries never leave (`redeliver` still sends them); the returned function ends it. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the payload that it waits for
  dropWebhooks(match: (event: string, payload: any) => boolean): () => void;
  /** Sends an event again to every target that it was for, with the same guid. Throws for an unknown guid. */
  redeliver(guid: string): Promise<void>;
  /** Resolves when no delivery is under way. Held ones are not. */
  idle(): Promise<void>;
}

export interface Webhooks extends WebhookControls {
  /** Sends an event to the targets that want it; returns at once. */
  send(event: string, repository: Repository, payload: object): void;
}

/** "If payloads are larger than 25 MB, no delivery": docs.github.com, "Webhook events and payloads". */
const mostBytes = 25 * 1024 * 1024;

/**
 * Delivers as GitHub does: signed, once, and never again by itself. One target gets its deliveries one after the other,
 * so that a run repeats; GitHub promises no order. `timeoutMs` is what a target has for its answer.
 */
export function createWebhooks(timeoutMs: number, nextId: () => number, stopping: AbortSignal): Webhooks {
  const hooks: { id: number; target: WebhookTarget; turn: Promise<void> }[] = [];
  const drops = new Set<(event: string, payload: unknown) => boolean>();
  const deliveries: WebhookDelivery[] = [];
  const sources = new Map<WebhookDelivery, (typeof hooks)[number]>();
  let held: WebhookDelivery[] | undefined;

  function start(delivery: WebhookDelivery): Promise<void> {
    const hook = sources.get(delivery);
    if (!hook) throw new Error('a delivery without its hook');
    hook.turn = hook.turn.then(async () => {
      delivery.response = await post(delivery, timeoutMs, stopping);
    });
    return hook.turn;
  }

  function record(hook: (typeof hooks)[number], delivery: WebhookDelivery): WebhookDelivery {
    deliveries.push(delivery);
    sources.set(delivery, hook);
    return delivery;
  }

  return {
    deliveries,
    addWebhook(target) {
      hooks.push({ id: nextId(), target, turn: Promise.resolve() });
    },
    send(event, repository, payload) {
      const guid = randomUUID();
      for (const hook of hooks) {
        if (!hook.target.events.includes(event) && !hook.target.events.includes('*')) continue;
        const delivery = record(hook, prepare(hook, { guid, event, repository, payload }));
        if ([...drops].some((match) => match(event, delivery.payload))) delivery.response = 'dropped';
        else if (Buffer.byteLength(delivery.body) > mostBytes) delivery.response = 'oversized';
        else if (held) held.push(delivery);
        else void start(delivery);
      }
    },
    holdWebhooks(hold) {
      const waiting = held ?? [];
      held = hold ? waiting : undefined;
      if (!hold) for (const delivery of waiting) void start(delivery);
    },
    dropWebhooks(match) {
      drops.add(match);
      return () => drops.delete(match);
    },
    async redeliver(guid) {
      const firsts = deliveries.filter((delivery) => delivery.guid === guid && !delivery.redelivery);
      if (firsts.length === 0) throw new Error(`no delivery has the guid ${guid}`);
      await Promise.all(
        firsts.map((first) => {
          const hook = sources.get(first);
          if (!hook) throw new Error('a delivery without its hook');
          return start(record(hook, { ...first, redelivery: true, response: undefined }));
        }),
      );
    },
    async idle() {
      let turns: Promise<void>[];
      do {
        turns = hooks.map(({ turn }) => turn);
        await Promise.all(turns);
      } while (hooks.some(({ turn }, i) => turn !== turns[i]));
    },
  };
}

function prepare(
  hook: { id: number; target: WebhookTarget },
  { guid, event, repository, payload }: { guid: string; event: string; repository: Repository; payload: object },
): WebhookDelivery {
  const { url, secret, contentType = 'json' } = hook.target;
  const json = JSON.stringify(payload);
  const body = contentType === 'json' ? json : new URLSearchParams({ payload: json }).toString();
  const sign = (algorithm: string) => createHmac(algorithm, secret).update(body).digest('hex');
  const headers = {
    accept: '*/*',
    'content-type': contentType === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
    'user-agent': 'GitHub-Hookshot/5a0dbd0',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-id': String(repository.id),
    'x-github-hook-installation-target-type': 'repository',
    'x-hub-signature': `sha1=${sign('sha1')}`,
    'x-hub-signature-256': `sha256=${sign('sha256')}`,
  };
  // Parsed again, so that later changes of the objects inside never reach what was sent.
  return { guid, event, url, payload: JSON.parse(json), headers, body, redelivery: false };
}

function post(
  { url, headers, body }: WebhookDelivery,
  timeoutMs: number,
  stopping: AbortSignal,
): Promise<number | 'timeout' | 'error'> {
  return new Promise((resolve) => {
    if (stopping.aborted) return resolve('error');
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    // A connection of its own: a kept one would keep the target from closing.
    const sent = request(url, { method: 'POST', headers: { ...headers, ...length }, agent: false, signal: stopping });
    const timer = setTimeout(() => {
      resolve('timeout');
      sent.destroy();
    }, timeoutMs);
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 'error'));
      response.on('error', () => resolve('error'));
    });
    sent.on('error', () => resolve('error'));
    sent.on('close', () => {
      clearTimeout(timer);
      resolve('error');
    });
    sent.end(body);
  });
}
