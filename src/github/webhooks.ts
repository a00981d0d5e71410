import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Status, WorkflowRun } from '../deploy/deployment.ts';
import type { Appearance } from '../deploy/elsewhere.ts';
import type { Clock, Recorded } from '../deploy/ports.ts';
import type { PullRequestClosed } from '../deploy/pull-closed.ts';
import { type Delivery, receive, type Told, verifiers } from './delivery.ts';
import { appearanceIn, closedPullIn, runIn, statusIn } from './events.ts';
import { oneLine } from './foreign.ts';
import { inTimeOf } from './in-time.ts';

export interface WebhookOptions {
  /** Any of them may have signed: two while one is being replaced. */
  secrets: readonly string[];
  /** Sign return addresses; see deploy/return-address.ts. */
  keys: readonly string[];
  /** Resolves only once it would outlive a crash; rejects when it can't be stored. */
  record(status: Status): Promise<Recorded>;
  /** Called after GitHub was answered, for repeated deliveries too: a crash may have come between the first and this. */
  arrived(status: Status, isStrangers: boolean): Promise<void> | void;
  /**
   * A run of GitHub Actions ended without success. True: something of ours was stored for it, and would outlive a crash.
   * False: it is no concern of ours. Rejects when it can't be stored. Without this, runs are of no use.
   */
  runEnded?(run: WorkflowRun): Promise<boolean>;
  /** Whether anybody may want to hear of other people's deployments of this repository. Without this, nobody. */
  isWanted?(repository: string): boolean;
  /** Somebody else's deployment of such a repository has begun. Answers and rejects likewise. */
  appeared?(deed: Appearance): Promise<boolean>;
  /** A pull request of the repository's own branches was closed. Answers and rejects likewise. */
  pullRequestClosed?(closed: PullRequestClosed): Promise<boolean>;
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
  const secrets = verifiers(options.secrets);
  const way = { ...options, inTime: inTimeOf(options.clock, storeWithinMs) };
  return async (request, response) => {
    const received = await receive(request, secrets, bodyLimit);
    // Whoever sent it has gone away.
    if (received === undefined) return;
    if ('status' in received) {
      observe?.('none', received.status === 401 ? 'unsigned' : 'unreadable');
      log.warn({ status: received.status, why: received.text }, 'a webhook was turned away');
      return answer(response, readyToSend(received));
    }
    const { result, after } = await taken(way, received);
    answer(response, answers[result]);
    observe?.(known(received.event), result);
    await after?.();
  };
}

/** The options, and what is held to the time that storing may take. */
type Way = WebhookOptions & { inTime: ReturnType<typeof inTimeOf> };

/** What became of an event, and what is to be done after GitHub was answered. */
interface Taken {
  result: 'recorded' | 'repeated' | 'useless' | 'malformed' | 'lost';
  after?(): Promise<void>;
}

const nothingToDo = readyToSend({ status: 200, text: 'Nothing to do here.' });
const answers: Readonly<Record<Taken['result'], typeof nothingToDo>> = {
  recorded: readyToSend({ status: 200, text: 'Stored.' }),
  repeated: readyToSend({ status: 200, text: 'Known already.' }),
  useless: nothingToDo,
  malformed: nothingToDo,
  lost: readyToSend({ status: 503, text: 'It could not be stored. Redeliver it later.' }),
};

function taken(way: Way, received: Delivery): Promise<Taken> {
  switch (received.event) {
    case 'deployment_status':
      return statusTaken(way, received);
    case 'deployment':
      return newsTaken(way, received, appearanceIn(received.payload), whereWanted(way), appearances);
    case 'workflow_run':
      return newsTaken(way, received, runIn(received.payload), way.runEnded, runs);
    case 'pull_request':
      return newsTaken(way, received, closedPullIn(received.payload), way.pullRequestClosed, pulls);
    default:
      return Promise.resolve({ result: 'useless' });
  }
}

async function statusTaken(way: Way, { event, id: delivery, payload }: Delivery): Promise<Taken> {
  const { clock, log, inTime, record, arrived } = way;
  const status = statusIn(payload, way.keys, clock.now().toISOString());
  if (!status) return malformed(log, { delivery, event });
  if (status.foreign && way.isWanted?.(status.repository)) status.wanted = true;
  const { repository, deployment, id, state, claim } = status;
  const facts = { delivery, event, repository, deployment, status: id, state, request: claim?.request };
  async function wake({ isStrangers }: Recorded): Promise<void> {
    try {
      await arrived(status as Status, isStrangers);
    } catch (error) {
      // It is stored: the next look at what is untold finds it.
      log.error({ err: error, ...facts }, 'nobody could be woken for a stored deployment status');
    }
  }
  const storing = record(status);
  try {
    const recorded = await inTime(storing);
    const { isNew } = recorded;
    // Many are of deployments that others started, and tell nothing here.
    log[claim ? 'info' : 'debug'](facts, isNew ? 'a deployment status was stored' : 'a deployment status came again');
    return { result: isNew ? 'recorded' : 'repeated', after: () => wake(recorded) };
  } catch (error) {
    log.error({ err: error, ...facts }, 'a deployment status could not be stored');
    // A store that hangs may come round; a stop waits for that, as for all that follows from a webhook.
    return { result: 'lost', after: () => storing.then(wake, () => {}) };
  }
}

/** What is told of an event: in facts, when something of ours was stored for it, and when that failed. */
interface Telling<T> {
  facts(news: T): object;
  stored?: string;
  lost: string;
}

const runs: Telling<WorkflowRun> = {
  facts: ({ repository, id, attempt, conclusion }) => ({ repository, run: id, attempt, conclusion }),
  stored: 'a run of GitHub Actions ended without success',
  lost: 'the end of a run of GitHub Actions could not be stored',
};

const appearances: Telling<Appearance> = {
  facts: ({ repository, deployment }) => ({ repository, deployment }),
  lost: 'a deployment that was started elsewhere could not be stored',
};

const pulls: Telling<PullRequestClosed> = {
  facts: ({ repository, number, isMerged }) => ({ repository, pullRequest: number, isMerged }),
  stored: 'a pull request was closed',
  lost: 'the end of a pull request could not be stored',
};

/** Most deployments of others are of repositories that nobody wants to hear of, and are not looked at. */
const whereWanted = ({ appeared, isWanted }: Way): typeof appeared =>
  appeared && (async (deed) => isWanted?.(deed.repository) === true && appeared(deed));

/** An event that is a concern of ours only where `store` says so. */
async function newsTaken<T extends object>(
  { log, inTime }: Way,
  { event, id: delivery }: Delivery,
  news: T | 'no news' | undefined,
  store: ((news: T) => Promise<boolean>) | undefined,
  telling: Telling<T>,
): Promise<Taken> {
  if (!store) return { result: 'useless' };
  if (!news) return malformed(log, { delivery, event });
  if (news === 'no news') return { result: 'useless' };
  const facts = { delivery, event, ...telling.facts(news) };
  try {
    const isOurs = await inTime(store(news));
    if (isOurs && telling.stored) log.info(facts, telling.stored);
    return { result: isOurs ? 'recorded' : 'useless' };
  } catch (error) {
    log.error({ err: error, ...facts }, telling.lost);
    return { result: 'lost' };
  }
}

function malformed(log: Logger, facts: { delivery: string | undefined; event: string }): Taken {
  log.warn(facts, 'a signed webhook made no sense');
  return { result: 'malformed' };
}

const knownEvents = new Set([
  'ping',
  'deployment',
  'deployment_status',
  'push',
  'status',
  'check_run',
  'pull_request',
  'workflow_run',
]);

/** The event's name for counting: whoever has the secret may send any, but not make any number of counters. */
const known = (event: string): string => (knownEvents.has(event) ? event : 'other');

/** What is told, ready to be sent. Without its length it would be sent in chunks. */
function readyToSend({ status, text, headers }: Told): { status: number; headers: OutgoingHttpHeaders; body: string } {
  const body = `${oneLine(text, 200)}\n`;
  const own = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  return { status, headers: { ...own, ...headers }, body };
}

function answer(response: ServerResponse, { status, headers, body }: ReturnType<typeof readyToSend>): void {
  if (!response.destroyed) response.writeHead(status, headers).end(body);
}
