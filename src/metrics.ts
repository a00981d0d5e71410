import { createServer } from 'node:http';
import type { Histogram, Registry } from 'prom-client';
import type { Happening, Job } from './deploy/ports.ts';

export interface Metrics {
  command(name: string, result: 'answered' | 'refused' | 'failed'): void;
  webhook(event: string, result: string): void;
  /** What happened to a deployment; see `Happening` in deploy/ports.ts. */
  happened(kind: string): void;
  /** A line was told in a thread: a deployment's state or `note`, and how long after the bot got to know of it, in ms. */
  told(state: string, lagMs?: number): void;
  jobGivenUp(kind: string): void;
  /** Slack answered 429. */
  slackLimited(method: string): void;
  /** What GitHub said is left of the rate limit. */
  githubRate(host: string, remaining: number): void;
  /** Listens until the returned function is called. */
  listen(host: string, port: number, jobs: () => Promise<{ due: number; later: number }>): Promise<() => Promise<void>>;
}

/**
 * What is counted, in one place. Labels hold only values of ours, so that their number stays small. What can be foreseen is
 * there from the start, at 0: Prometheus takes no notice of the first event of a counter that begins with it.
 */
export function createMetrics({ commands: names = [] }: { commands?: readonly string[] } = {}): Metrics {
  const commands = createCount('deckhand_commands_total', 'Commands that people typed or pressed.', {
    labels: ['command', 'result'],
    foreseen: names.flatMap((name) => ['answered', 'refused', 'failed'].map((result) => [name, result])),
  });
  const webhooks = createCount('deckhand_webhooks_total', 'GitHub webhooks.', {
    labels: ['event', 'result'],
    foreseen: Object.entries(webhookResults).flatMap(([event, results]) => results.map((result) => [event, result])),
  });
  const happenings = createCount('deckhand_deployment_events_total', 'What happened to deployments.', {
    labels: ['event'],
    foreseen: Object.keys(happeningKinds).map((kind) => [kind]),
  });
  const told = createCount('deckhand_lines_told_total', 'Lines told in threads, by deployment state or note.', {
    labels: ['state'],
    foreseen: [...knownStates, 'other'].map((state) => [state]),
  });
  const givenUp = createCount('deckhand_jobs_failed_total', 'Jobs that failed for good.', {
    labels: ['kind'],
    foreseen: Object.keys(jobKinds).map((kind) => [kind]),
  });
  const limited = createCount('deckhand_slack_rate_limited_total', 'Calls that Slack answered with 429.', {
    labels: ['method'],
    foreseen: slackMethods.map((method) => [method]),
  });
  const counts = [commands, webhooks, happenings, told, givenUp, limited];
  const rates = new Map<string, number>();
  const lags = createLags();

  let registry: Promise<Registry> | undefined;
  return {
    command: commands.add,
    webhook: webhooks.add,
    happened: happenings.add,
    told(state, lagMs) {
      told.add(knownStates.has(state) ? state : 'other');
      if (lagMs !== undefined) lags.add(lagMs / 1000);
    },
    jobGivenUp: givenUp.add,
    slackLimited: limited.add,
    githubRate: (host, remaining) => void rates.set(host, remaining),
    async listen(host, port, jobs) {
      const show = async (): Promise<{ type: string; text: string }> => {
        registry ??= register({ counts, rates, lags, jobs });
        const known = await registry;
        return { type: known.contentType, text: await known.metrics() };
      };
      const server = createServer((request, response) => {
        if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
        show().then(
          ({ type, text }) => void response.writeHead(200, { 'content-type': type }).end(text),
          (error: unknown) => {
            // A rejection that nobody hears would end the bot. The next look may go better.
            registry = undefined;
            response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error}\n`);
          },
        );
      });
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
      return () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections());
    },
  };
}

/** GitHub may add states, and a label may not have any number of values. */
const knownStates = new Set(
  ['queued', 'pending', 'in_progress', 'waiting', 'success', 'failure', 'error', 'inactive'].concat('note'),
);

/** What the events that the bot has a use for, and requests that are none, can come to. */
const webhookResults = {
  deployment_status: ['recorded', 'repeated', 'malformed', 'lost'],
  deployment: ['recorded', 'useless', 'malformed', 'lost'],
  workflow_run: ['recorded', 'useless', 'malformed', 'lost'],
  pull_request: ['recorded', 'useless', 'malformed', 'lost'],
  none: ['unsigned', 'unreadable'],
};

/** Objects and not lists, so that the compiler finds what is missing. */
const happeningKinds: Record<Happening['kind'], true> = {
  asked: true,
  opened: true,
  created: true,
  ended: true,
  'let-go': true,
  adopted: true,
  mirrored: true,
  told: true,
  'found-told': true,
  doubtful: true,
  'given-up': true,
  refused: true,
  unheard: true,
};
const jobKinds: Record<Job['kind'], true> = { command: true, deployment: true, chore: true };

/** Those that a deployment cannot do without. */
const slackMethods = ['chat.postMessage', 'chat.update', 'conversations.replies', 'conversations.history'];

interface Count {
  name: string;
  help: string;
  labels: readonly string[];
  add(...values: string[]): void;
  all(): Iterable<{ values: readonly string[]; count: number }>;
}

function createCount(
  name: string,
  help: string,
  { labels, foreseen }: { labels: readonly string[]; foreseen: readonly string[][] },
): Count {
  const counts = new Map(foreseen.map((values) => [values.join(' '), { values, count: 0 }]));
  return {
    ...{ name, help, labels },
    add(...values) {
      const key = values.join(' ');
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { values, count: 1 });
    },
    all: () => counts.values(),
  };
}

const bucketsInSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** A histogram's numbers, as Prometheus wants them: each bucket counts all that is at most as large. */
function createLags() {
  const atMost = bucketsInSeconds.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    add(seconds: number): void {
      count++;
      sum += seconds;
      for (const [index, bound] of bucketsInSeconds.entries()) {
        if (seconds <= bound) atMost[index] = (atMost[index] ?? 0) + 1;
      }
    },
    all: () => ({ atMost, count, sum }),
  };
}

interface Sources {
  counts: readonly Count[];
  rates: ReadonlyMap<string, number>;
  lags: ReturnType<typeof createLags>;
  jobs(): Promise<{ due: number; later: number }>;
}

/** prom-client is loaded when somebody first looks: it costs a start some 50 ms, and many never look. */
async function register({ counts, rates, lags, jobs }: Sources): Promise<Registry> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'deckhand_' });
  for (const { name, help, labels, all } of counts) {
    new Counter({
      ...{ name, help, labelNames: [...labels], registers },
      collect() {
        this.reset();
        for (const { values, count } of all()) {
          this.inc(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), count);
        }
      },
    });
  }
  new Gauge({
    ...{
      name: 'deckhand_github_rate_remaining',
      help: 'Requests that GitHub still allows.',
      labelNames: ['host'],
      registers,
    },
    collect() {
      for (const [host, remaining] of rates) this.set({ host }, remaining);
    },
  });
  new Gauge({
    ...{ name: 'deckhand_jobs', help: 'Jobs: due and waiting, or for later.', labelNames: ['state'], registers },
    async collect() {
      // While the store is away the other figures are wanted all the more.
      const waiting = await jobs().catch(() => undefined);
      if (!waiting) return this.reset();
      this.set({ state: 'due' }, waiting.due);
      this.set({ state: 'later' }, waiting.later);
    },
  });
  registry.registerMetric(lagHistogram(lags, Histogram));
  return registry;
}

/** prom-client's own histogram is filled value by value; this one shows what was counted before it was loaded. */
function lagHistogram(lags: Sources['lags'], Histogram: typeof import('prom-client').Histogram): Histogram {
  const name = 'deckhand_thread_lag_seconds';
  const help = 'From when a status or note was known until it was told in the thread.';
  const histogram = new Histogram({ name, help, buckets: bucketsInSeconds, registers: [] });
  const described = Object.getPrototypeOf(histogram).getForPromString.bind(histogram) as Histogram['get'];
  const counted = async () => {
    const { atMost, count, sum } = lags.all();
    const bounds: (number | string)[] = [...bucketsInSeconds, '+Inf'];
    const buckets = bounds.map((le, index) => ({
      value: atMost[index] ?? count,
      labels: { le },
      metricName: `${name}_bucket`,
      exemplar: null,
    }));
    const totals = [
      { value: sum, labels: {}, metricName: `${name}_sum`, exemplar: null },
      { value: count, labels: {}, metricName: `${name}_count`, exemplar: null },
    ];
    return { ...(await described()), values: [...buckets, ...totals] };
  };
  // What the registry asks, though its types name only `get`, which asks it, too.
  return Object.assign(histogram, { getForPromString: counted });
}
