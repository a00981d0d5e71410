import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Status } from '../deploy/deployment.ts';
import { claimIn } from '../deploy/return-address.ts';
import { type Delivery, receive, type Told } from './delivery.ts';
import { oneLine } from './foreign.ts';
import { statusFrom, wholeSeconds } from './status.ts';

export interface WebhookOptions {
  /** Any of them may have signed: two while one is being replaced. */
  secrets: readonly string[];
  /** Sign return addresses; see deploy/return-address.ts. */
  keys: readonly string[];
  /** True: stored now. False: it was there. Resolves only once it would outlive a crash; rejects when it can't be stored. */
  record(status: Status): Promise<boolean>;
  /** Called after GitHub was answered, for repeated deliveries too: a crash may have come between the first and this. */
  arrived(status: Status): Promise<void> | void;
  /** For counting. */
  observe?(event: string, result: WebhookResult): void;
  log: Logger;
  /** Bytes; GitHub sends nothing larger than 25 MB. */
  bodyLimit?: number;
}

/** `useless`: signed by GitHub, and nothing that the bot has a use for. `lost`: it could not be stored. */
export type WebhookResult = 'recorded' | 'repeated' | 'useless' | 'malformed' | 'lost' | 'unsigned' | 'unreadable';

const githubsLimit = 25 * 1024 * 1024;

/**
 * POST /github/webhooks: verify, store, answer, and only then work. GitHub never sends again by itself, and gives up after
 * 10 seconds; so a success is answered only for what is stored, and nothing else is waited for.
 */
export function githubWebhooks(options: WebhookOptions): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const { log, observe } = options;
  const bodyLimit = options.bodyLimit ?? githubsLimit;
  return async (request, response) => {
    const received = await receive(request, options.secrets, bodyLimit);
    // Whoever sent it has gone away.
    if (received === undefined) return;
    if ('status' in received) {
      observe?.('none', received.status === 401 ? 'unsigned' : 'unreadable');
      log.warn({ status: received.status, why: received.text }, 'a webhook was turned away');
      return answer(response, received);
    }
    const { event } = received;
    const status = event === 'deployment_status' ? statusIn(received.payload, options.keys) : undefined;
    if (!status) {
      const isMalformed = event === 'deployment_status';
      if (isMalformed) log.warn({ delivery: received.id }, 'a signed deployment_status made no sense');
      observe?.(known(event), isMalformed ? 'malformed' : 'useless');
      return answer(response, { status: 200, text: 'Nothing to do here.' });
    }
    await keep(options, status, received, response);
  };
}

async function keep(
  { record, arrived, observe, log }: WebhookOptions,
  status: Status,
  { event, id }: Delivery,
  response: ServerResponse,
): Promise<void> {
  let isNew: boolean;
  try {
    isNew = await record(status);
  } catch (error) {
    log.error({ err: error, delivery: id, deployment: status.deployment }, 'a deployment status could not be stored');
    observe?.(event, 'lost');
    return answer(response, { status: 503, text: 'It could not be stored. Redeliver it later.' });
  }
  answer(response, { status: 200, text: isNew ? 'Stored.' : 'Known already.' });
  observe?.(event, isNew ? 'recorded' : 'repeated');
  try {
    await arrived(status);
  } catch (error) {
    // It is stored: the next look at what is untold finds it.
    log.error({ err: error, deployment: status.deployment }, 'nobody could be woken for a stored deployment status');
  }
}

/** The status in a deployment_status event, with the claim of its deployment where that is ours. */
function statusIn(payload: Record<string, unknown>, keys: readonly string[]): Status | undefined {
  const deployment = object(payload.deployment);
  const repository = object(payload.repository)?.full_name;
  const id = deployment?.id;
  if (!Number.isSafeInteger(id) || typeof repository !== 'string' || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    return undefined;
  }
  const status = statusFrom(payload.deployment_status, repository, id as number);
  if (!status || !deployment) return undefined;
  const { task, ref, sha, created_at } = deployment;
  // Where it was created for: a status may move a deployment to another environment.
  const environment = deployment.original_environment ?? deployment.environment;
  const createdAt = typeof created_at === 'string' ? wholeSeconds(created_at) : undefined;
  if (![task, ref, sha, environment].every((field) => typeof field === 'string') || !createdAt) return status;
  const facts = { repository, task, ref, sha, environment, createdAt } as Parameters<typeof claimIn>[1];
  const claim = claimIn(deployment.payload, facts, keys);
  return claim ? { ...status, claim } : status;
}

const object = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;

/** The event's name for counting: whoever has the secret may send any, but not make any number of counters. */
const known = (event: string): string =>
  ['ping', 'deployment', 'deployment_status', 'push', 'status', 'check_run', 'workflow_run'].includes(event)
    ? event
    : 'other';

function answer(response: ServerResponse, { status, text, headers }: Told): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${oneLine(text, 200)}\n`);
}
