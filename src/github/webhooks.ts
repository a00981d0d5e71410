import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Status, WorkflowRun } from '../deploy/deployment.ts';
import type { Clock } from '../deploy/ports.ts';
import { type Delivery, receive, type Told } from './delivery.ts';
import { runIn, statusIn } from './events.ts';
import { oneLine } from './foreign.ts';

export interface WebhookOptions {
  /** Any of them may have signed: two while one is being replaced. */
  secrets: readonly string[];
  /** Sign return addresses; see deploy/return-address.ts. */
  keys: readonly string[];
  /** True: stored now. False: it was there. Resolves only once it would outlive a crash; rejects when it can't be stored. */
  record(status: Status): Promise<boolean>;
  /** Called after GitHub was answered, for repeated deliveries too: a crash may have come between the first and this. */
  arrived(status: Status): Promise<void> | void;
  /**
   * A run of GitHub Actions ended without success. True: something of ours was stored for it, and would outlive a crash.
   * False: it is no concern of ours. Rejects when it can't be stored. Without this, runs are of no use.
   */
  runEnded?(run: WorkflowRun): Promise<boolean>;
  /** For counting. */
  observe?(event: string, result: WebhookResult): void;
  clock: Clock;
  log: Logger;
  /** Bytes; GitHub sends nothing larger than 25 MB. */
  bodyLimit?: number;
}

/** `useless`: signed by GitHub, and nothing that the bot has a use for. `lost`: it could not be stored. */
export type WebhookResult = 'recorded' | 'repeated' | 'useless' | 'malformed' | 'lost' | 'unsigned' | 'unreadable';

const githubsLimit = 25 * 1024 * 1024;
/** GitHub gives up after 10 seconds (GHES: 30), and is to hear before that what it can be asked to send again. */
const storeWithinMs = 5_000;

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
    const { result, after } = await taken(options, received);
    answer(response, answers[result]);
    observe?.(known(received.event), result);
    await after?.();
  };
}

/** What became of an event, and what is to be done after GitHub was answered. */
interface Taken {
  result: 'recorded' | 'repeated' | 'useless' | 'malformed' | 'lost';
  after?(): Promise<void>;
}

const nothingToDo: Told = { status: 200, text: 'Nothing to do here.' };
const answers: Readonly<Record<Taken['result'], Told>> = {
  recorded: { status: 200, text: 'Stored.' },
  repeated: { status: 200, text: 'Known already.' },
  useless: nothingToDo,
  malformed: nothingToDo,
  lost: { status: 503, text: 'It could not be stored. Redeliver it later.' },
};

async function taken(options: WebhookOptions, received: Delivery): Promise<Taken> {
  switch (received.event) {
    case 'deployment_status':
      return statusTaken(options, received);
    case 'workflow_run':
      return options.runEnded ? runTaken(options, options.runEnded, received) : { result: 'useless' };
    default:
      return { result: 'useless' };
  }
}

async function statusTaken(options: WebhookOptions, { event, id: delivery, payload }: Delivery): Promise<Taken> {
  const { clock, log, record, arrived } = options;
  const status = statusIn(payload, options.keys, clock.now().toISOString());
  if (!status) return malformed(log, { delivery, event });
  const { repository, deployment, id, state, claim } = status;
  const facts = { delivery, event, repository, deployment, status: id, state, request: claim?.request };
  async function wake(): Promise<void> {
    try {
      await arrived(status as Status);
    } catch (error) {
      // It is stored: the next look at what is untold finds it.
      log.error({ err: error, ...facts }, 'nobody could be woken for a stored deployment status');
    }
  }
  const storing = record(status);
  try {
    const isNew = await inTime(clock, storing);
    // Many are of deployments that others started, and tell nothing here.
    log[claim ? 'info' : 'debug'](facts, isNew ? 'a deployment status was stored' : 'a deployment status came again');
    return { result: isNew ? 'recorded' : 'repeated', after: wake };
  } catch (error) {
    log.error({ err: error, ...facts }, 'a deployment status could not be stored');
    // A store that hangs may come round.
    storing.then(wake, () => {});
    return { result: 'lost' };
  }
}

async function runTaken(
  { clock, log }: WebhookOptions,
  runEnded: NonNullable<WebhookOptions['runEnded']>,
  { event, id: delivery, payload }: Delivery,
): Promise<Taken> {
  const run = runIn(payload);
  if (!run) return malformed(log, { delivery, event });
  if (run === 'no news') return { result: 'useless' };
  const { repository, id, attempt, conclusion } = run;
  const facts = { delivery, event, repository, run: id, attempt, conclusion };
  try {
    const isOurs = await inTime(clock, runEnded(run));
    if (isOurs) log.info(facts, 'a run of GitHub Actions ended without success');
    return { result: isOurs ? 'recorded' : 'useless' };
  } catch (error) {
    log.error({ err: error, ...facts }, 'the end of a run of GitHub Actions could not be stored');
    return { result: 'lost' };
  }
}

function malformed(log: Logger, facts: { delivery: string | undefined; event: string }): Taken {
  log.warn(facts, 'a signed webhook made no sense');
  return { result: 'malformed' };
}

function inTime(clock: Clock, storing: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`not stored within ${storeWithinMs / 1000} seconds`));
    const takeBack = clock.at(new Date(clock.now().getTime() + storeWithinMs), late);
    storing.then(resolve, reject).finally(takeBack);
  });
}

/** The event's name for counting: whoever has the secret may send any, but not make any number of counters. */
const known = (event: string): string =>
  ['ping', 'deployment', 'deployment_status', 'push', 'status', 'check_run', 'workflow_run'].includes(event)
    ? event
    : 'other';

function answer(response: ServerResponse, { status, text, headers }: Told): void {
  if (response.destroyed) return;
  const body = `${oneLine(text, 200)}\n`;
  // Without its length the answer would be sent in chunks.
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...length, ...headers }).end(body);
}
