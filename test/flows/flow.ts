import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { type Bot, createBot, type Seams } from '../../src/bot.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import {
  type DeploymentObject,
  type DeploymentStatusObject,
  type SandboxGitHub,
  startGitHub,
} from '../../src/sandbox/github/server.ts';
import { reportChecks, type SeededCommits, seedHello } from '../../src/sandbox/seed.ts';
import { type SandboxSlack, type SlackMessage, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { noFaster, type TestClock, testClock } from '../clock.ts';
import { requestsUnderWay } from '../traffic.ts';

export const webhookSecret = 'flow-webhook-secret';
const deployerToken = 'ghp_flow_deployer';

export const ann = 'U0ANN';
export const gus = 'U0GUS';
export const deploys = 'C0DEPLOYS';
export const random = 'C0RANDOM';
export const elsewhere = 'C0ELSEWHERE';

export interface FlowOptions {
  /** The catalogue; hello with staging (default), production and review unless given. */
  catalogue?: string;
  /** Slack over HTTP instead of Socket Mode. */
  http?: boolean;
  slack?: SlackOptions;
  env?: Record<string, string>;
  /** What the bot asks Slack and GitHub with. */
  fetch?: typeof fetch;
  around?: Seams['around'];
}

/** The whole bot in this process between a Slack, a GitHub on real git, and a deployer that is the test itself. */
export interface Flow {
  slack: SandboxSlack;
  github: SandboxGitHub;
  /** Stands still while a request is under way that no fault holds up: it takes no time to ask and to answer. */
  clock: TestClock;
  commits: SeededCommits;
  url: string;
  /** Everything the bot logged. */
  log: string[];
  /** What the bot is started with; a change counts from its next start. */
  env: Record<string, string>;
  /** Types it as ann in #deploys, and waits for Slack's acknowledgement. */
  type(text: string, as?: { user?: string; channel?: string }): Promise<void>;
  /** What that person alone was told, oldest first. */
  told(user?: string): string[];
  /** The parent message of the only deployment in the room. */
  parent(channel?: string): Promise<SlackMessage>;
  /** What stands in its thread, oldest first. */
  thread(channel?: string): Promise<string[]>;
  /** The only deployment on GitHub. */
  deployment(): Promise<DeploymentObject>;
  /** The deployer reports; GitHub sends its webhook. */
  report(id: number, state: string, more?: Record<string, unknown>): Promise<DeploymentStatusObject>;
  /** Stops the bot and starts one anew on the same data. */
  restart(whileDown?: () => Promise<void> | void): Promise<void>;
  /** The bot dies as of kill -9: what it had in memory and on the wire is gone. Another starts on what is on disk. */
  crash(whileDown?: () => Promise<void> | void): Promise<void>;
  /** Where the bot's catalogue is. */
  appsFile: string;
  /** Where the bare repository acme/hello is. */
  repositoryFolder: string;
  stop(): Promise<void>;
}

export const catalogueOfHello = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    environments:
      staging: { aliases: [stg] }
      production: { aliases: [prod], production_environment: true, required_contexts: [ci/janky] }
      review: { transient_environment: true }
`;

export async function startFlow(options: FlowOptions = {}): Promise<Flow> {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-flow-'));
  const gitFolder = path.join(folder, 'git');
  mkdirSync(gitFolder);
  writeFileSync(path.join(folder, 'apps.yml'), options.catalogue ?? catalogueOfHello);
  let hanging = () => 0;
  const ofTest = testClock(new Date(), () => requestsUnderWay() !== hanging());
  // On Redis jobs for later go by its own time, and nobody sees what is under way there.
  const clock = options.env?.REDIS_URL ? noFaster(ofTest) : ofTest;
  const now = () => clock.now();
  const commits = await seedHello(gitFolder);
  const [slack, github, port] = await Promise.all([
    startSlack({ now, ...options.slack }),
    startGitHub({ folder: gitFolder, now, webhookTimeoutMs: 5_000 }),
    freePort(),
  ]);
  hanging = () => slack.faults.hanging + github.faults.hanging;
  github.addUser('flow-deployer', deployerToken, ['repo_deployment']);
  await github.addRepository({ owner: 'acme', name: 'hello' });
  reportChecks(github, commits);
  const url = `http://127.0.0.1:${port}`;
  github.addWebhook({
    url: `${url}/github/webhooks`,
    secret: webhookSecret,
    events: ['deployment', 'deployment_status', 'pull_request', 'workflow_run'],
  });
  for (const name of ['ann', 'bob']) slack.addUser({ id: `U0${name.toUpperCase()}`, name });
  slack.addUser({ id: gus, name: 'gus', guest: 'multi' });
  const members = [ann, 'U0BOB', gus];
  slack.addChannel({ id: deploys, name: 'deploys', members, botIsMember: true });
  slack.addChannel({ id: random, name: 'random', members, botIsMember: true });
  slack.addChannel({ id: elsewhere, name: 'elsewhere', members, botIsMember: false });
  if (options.http) slack.requestUrl = `${url}/slack/events`;

  const env: Record<string, string> = {
    SLACK_BOT_TOKEN: slack.botToken,
    ...(options.http ? { SLACK_SIGNING_SECRET: slack.signingSecret } : { SLACK_APP_TOKEN: slack.appToken }),
    SLACK_API_URL: slack.url,
    GITHUB_TOKEN: github.token,
    GITHUB_API_URL: github.url,
    GITHUB_WEBHOOK_SECRET: webhookSecret,
    DATA_DIR: path.join(folder, 'data'),
    APPS_FILE: path.join(folder, 'apps.yml'),
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: '0',
    LOG_LEVEL: 'debug',
    ...options.env,
  };
  const log: string[] = [];
  let life = { ended: false };
  const start = async (): Promise<Bot> => {
    const mine = { ended: false };
    life = mine;
    const bot = createBot(readConfig(env, folder), {
      clock,
      log: createLog('debug', { write: (line) => void (mine.ended || log.push(line)) }),
      fetch: whileAlive(mine, patientByClock(clock, slack.url, options.fetch)),
      around: options.around,
    });
    await bot.start();
    if (!options.http) await slack.onConnection(1);
    return bot;
  };
  let bot = await start();

  const flow: Flow = {
    slack,
    github,
    clock,
    commits,
    url,
    log,
    env,
    async type(text, { user = ann, channel = deploys } = {}) {
      const sent = await slack.command({ user, channel, text });
      expect((await sent.acked).status).toBe(200);
    },
    told: (user = ann) => slack.ephemerals(user).map((message) => message.shown),
    async parent(channel = deploys) {
      await expect.poll(() => slack.messages(channel).filter((message) => !message.thread_ts).length).toBe(1);
      await clock.settled();
      return slack.messages(channel)[0] as SlackMessage;
    },
    async thread(channel = deploys) {
      const { ts } = await flow.parent(channel);
      return slack.thread(channel, ts).map((message) => message.shown);
    },
    async deployment() {
      await expect.poll(() => github.deployments('acme/hello').length).toBe(1);
      await clock.settled();
      return github.deployments('acme/hello')[0] as DeploymentObject;
    },
    async report(id, state, more = {}) {
      if (state === 'waiting' || state === 'paused') return github.addStatus('acme/hello', id, { state, ...more });
      const response = await fetch(`${github.url}/repos/acme/hello/deployments/${id}/statuses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${deployerToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ state, ...more }),
      });
      expect(response.status).toBe(201);
      return (await response.json()) as DeploymentStatusObject;
    },
    async restart(whileDown) {
      await bot.stop();
      await whileDown?.();
      bot = await start();
    },
    async crash(whileDown) {
      life.ended = true;
      const { DATA_DIR: left = '' } = env;
      env.DATA_DIR = `${left}-after`;
      // In one turn of the event loop, so that it is what the disk held at one moment. A dead process holds no lock.
      cpSync(left, env.DATA_DIR, { recursive: true, filter: (file) => !/\.lock(\.|$)|-shm$/.test(file) });
      // Never waited for: what it has under way is cut off from the world, and need not end.
      void bot.stop().catch(() => {});
      await expect.poll(() => fetch(`${url}/healthz`).catch(() => 'nobody')).toBe('nobody');
      await whileDown?.();
      bot = await start();
    },
    appsFile: path.join(folder, 'apps.yml'),
    repositoryFolder: path.join(gitFolder, 'acme', 'hello.git'),
    async stop() {
      await bot.stop();
      await Promise.all([slack.stop(), github.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return flow;
}

/** As the bot tells Slack's SDK. */
const slackTimeoutMs = 10_000;

/**
 * Slack's SDK counts on the machine's clock how long it waits for an answer. Here it waits as long on the flow's, which
 * stands still while nothing hangs: as for GitHub, what hangs is given up in time, and nothing else is. Who has set no
 * limit waits for ever.
 */
function patientByClock(clock: TestClock, slackUrl: string, ask: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    if (!init?.signal || !String(input).startsWith(slackUrl)) return ask(input, init);
    const limit = new AbortController();
    const tooLate = () => limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    const inTime = clock.at(new Date(clock.now().getTime() + slackTimeoutMs), tooLate);
    return ask(input, { ...init, signal: limit.signal }).finally(inTime);
  };
}

/** The world as one life of the bot sees it: after its end nothing it says gets out, and nothing reaches it. */
function whileAlive(life: { ended: boolean }, ask: typeof fetch): typeof fetch {
  const forEver = new Promise<never>(() => {});
  return async (...request) => {
    if (life.ended) return forEver;
    const answer = await ask(...request).catch((error: unknown) => {
      if (life.ended) return forEver;
      throw error;
    });
    if (!life.ended) return answer;
    // Nobody will read it.
    await answer.body?.cancel();
    return forEver;
  };
}
