import { createHmac } from 'node:crypto';
import type { App, Installation } from './app.ts';
import { nodeId, type Repository } from './memory.ts';
import type { WebhookTarget } from './webhook-target.ts';

/** One event on its way to one target. */
export interface WebhookDelivery {
  /** The same for all targets of an event, and for its redeliveries. */
  guid: string;
  event: string;
  /** Where it goes, or went: of several servers behind one address the one that it reached. */
  url: string;
  // biome-ignore lint/suspicious/noExplicitAny: as in `dropWebhooks`, a test knows the payload that it looks at
  payload: any;
  /** The request's headers, and its body as signed. */
  headers: Record<string, string>;
  body: string;
  redelivery: boolean;
  repositoryId: number;
  /** Only of an App's webhook. */
  installationId: number | null;
  /** The status answered; undefined while held or under way. Dropped, lost and oversized ones never leave. */
  response?: number | 'timeout' | 'error' | 'dropped' | 'lost' | 'oversized';
  /** What GitHub notes of it in the end. Of a lost or oversized one it notes nothing. */
  attempt?: Attempt;
}

export interface Attempt {
  id: number;
  deliveredAt: Date;
  durationMs: number;
  /** The answer; both null without one. */
  headers: Record<string, string> | null;
  body: string | null;
}

/** A webhook of one repository, or of an App. */
export interface Hook {
  id: number;
  target: WebhookTarget;
  app?: App;
  createdAt: Date;
}

export interface Happening {
  guid: string;
  event: string;
  repository: Repository;
  payload: object;
  installation?: Installation;
}

/** The request that tells a hook of an event, signed, before it is sent. */
export function newDelivery(hook: Hook, url: string, o: Happening): WebhookDelivery {
  const { guid, event, repository, installation } = o;
  const { secret, contentType = 'json' } = hook.target;
  const payload = installation
    ? { ...o.payload, installation: { id: installation.id, node_id: nodeId('MDIzOkludGVncmF0aW9u', installation.id) } }
    : o.payload;
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
    'x-github-hook-installation-target-id': String(hook.app?.id ?? repository.id),
    'x-github-hook-installation-target-type': hook.app ? 'integration' : 'repository',
    'x-hub-signature': `sha1=${sign('sha1')}`,
    'x-hub-signature-256': `sha256=${sign('sha256')}`,
  };
  return {
    guid,
    event,
    url,
    // Parsed again, so that later changes of the objects inside never reach what was sent.
    payload: JSON.parse(json),
    headers,
    body,
    redelivery: false,
    repositoryId: repository.id,
    installationId: installation?.id ?? null,
  };
}

/** The same request once more. */
export function redeliveryOf(delivery: WebhookDelivery): WebhookDelivery {
  return { ...delivery, redelivery: true, response: undefined, attempt: undefined };
}

/**
 * What the list of deliveries says of the answer. The texts are those of docs.github.com, "Troubleshooting webhooks";
 * where nobody answered, the code is 502 or 504 (`hook-delivery-item` of GitHub's OpenAPI has 502 for a failed
 * connection).
 */
export function verdictOn(response: WebhookDelivery['response']): { status: string; code: number } {
  if (response === 'timeout') return { status: 'timed out', code: 504 };
  if (response === 'error') return { status: 'failed to connect to network', code: 502 };
  if (typeof response !== 'number') return { status: 'failed to connect to host', code: 502 };
  const isGood = response >= 200 && response < 300;
  return { status: isGood ? 'OK' : `Invalid HTTP Response: ${response}`, code: response };
}
