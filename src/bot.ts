import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { monotonicFactory } from 'ulid';
import { watchCatalog } from './catalog/watch.ts';
import { liveCatalog } from './catalog.ts';
import { systemClock } from './clock.ts';
import { loadCommands } from './commands.ts';
import { type Config, ownSecret } from './config.ts';
import { createDeployer } from './deploy/deployer.ts';
import type { Clock, Command } from './deploy/ports.ts';
import { githubClient } from './github/client.ts';
import { githubWebhooks } from './github/webhooks.ts';
import { createHttp, type Handler } from './http.ts';
import { localJobs } from './jobs/local.ts';
import { createMetrics } from './metrics.ts';
import { runCommand } from './run-command.ts';
import type { SlackApp } from './slack/app.ts';
import { slackChat } from './slack/chat.ts';
import { openSqlite } from './store/database.ts';
import { sqliteStore } from './store/sqlite.ts';

/** What a test may put in place of the world's own. */
export interface Seams {
  log: Logger;
  clock?: Clock;
  fetch?: typeof fetch;
}

export interface Bot {
  /** Takes up what was begun, then takes webhooks and commands. Rejects with one clear sentence. */
  start(): Promise<void>;
  /** Stops the intake, waits for what is under way, closes. What is not finished is taken up at the next start. */
  stop(): Promise<void>;
}

const commandsFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'commands');

/** How soon a command is looked at again that came up before Slack was there. */
const introducedWithinMs = 500;

/** The one place that knows every part. */
export function createBot(config: Config, seams: Seams): Bot {
  const { log, clock = systemClock, fetch } = seams;
  /** What has been started, to be stopped in the opposite order. */
  const begun: (() => Promise<void> | void)[] = [];

  async function start(): Promise<void> {
    const commands = await loadCommands([commandsFolder, ...(config.commandsDir ? [config.commandsDir] : [])]);
    const keys = config.secrets ?? [ownSecret(config.store.dataDir)];

    const database = await openSqlite({ folder: config.store.dataDir, clock, log });
    begun.push(() => database.close());
    const store = sqliteStore(database);
    const jobs = localJobs({ database, clock, log });

    const apps = liveCatalog(config.apps.catalog);
    begun.push(
      watchCatalog(config.apps.file, {
        ...config.apps.options,
        current: config.apps.catalog,
        clock,
        onChange(catalog) {
          apps.replace(catalog);
          log.info({ apps: catalog.all().length }, 'the catalogue was read again');
        },
        onMistake: (error) => log.error({ mistakes: error.mistakes }, 'the catalogue has mistakes; the old one stays'),
      }),
    );

    const metrics = createMetrics();
    const github = githubClient({
      ...config.github,
      tokenFor: (repository) => apps.tokenFor(repository),
      clock,
      log,
      fetch,
    });
    const accept = async (command: Command): Promise<'new' | 'seen'> => {
      // Together, and so in one commit. A wake for a command that was seen before finds nothing to do.
      const wake = jobs.wake({ kind: 'command', id: command.id });
      const [isNew] = await Promise.all([store.acceptCommand(command), wake]);
      return isNew ? 'new' : 'seen';
    };
    let slack: SlackApp | undefined;
    const team = () => slack?.team();
    const chat = slackChat({
      config: config.slack,
      githubApiUrl: config.github.apiUrl,
      team,
      clock,
      log,
      fetch,
    });
    const deployer = createDeployer({ github, chat, store, jobs, clock, apps, keys });

    const webhooks = githubWebhooks({
      secrets: config.github.webhookSecrets,
      keys,
      record: (status) => store.recordStatus(status),
      arrived: (status) => deployer.arrived(status),
      observe: metrics.webhook,
      log,
    });
    const readiness = async () => {
      const [storeState, jobsState] = await Promise.all([works(store.ready()), works(jobs.ready())]);
      const parts = {
        store: storeState,
        jobs: jobsState,
        slack: slack?.state() ?? 'connecting',
        github: github.state(),
      };
      return { ready: storeState === 'ok' && jobsState === 'ok', parts };
    };
    let slackIsOpen = () => {};
    const opened = new Promise<void>((resolve) => {
      slackIsOpen = resolve;
    });
    // What comes while Slack's part is being loaded waits for it, within Slack's 3 seconds.
    const slackEvents: Handler = async (request, response) => {
      await opened;
      slack?.listener?.(request, response);
    };
    const http = { webhooks, readiness, log, ...(config.slack.mode === 'http' && { slackEvents }) };
    const server = createHttp(http);

    const around = { store, chat, apps, clock, log, commands, deployer, observe: metrics.command };
    await jobs.start(async (job) => {
      if (job.kind === 'deployment') return deployer.advance(job.id);
      // Until Slack has said whose team this is nobody can say who belongs to it, and nobody could be answered.
      return team() ? runCommand(around, job.id) : new Date(clock.now().getTime() + introducedWithinMs);
    });
    begun.push(() => jobs.stop());
    begun.push(every(config.reconcileMs, clock, log, () => deployer.reconcile()));

    if (config.metrics) begun.push(await metrics.listen(config.metrics.host, config.metrics.port));
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new Error(cannotListen(config.http, error))));
      server.listen(config.http.port, config.http.host, resolve);
    });
    begun.push(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
        }),
    );
    // Webhooks are taken from here on. Bolt is what takes longest to load, and neither they nor the jobs need it.
    const { slackApp } = await import('./slack/app.ts');
    // Not `ulid()`, which asks the system for 16 random bytes one by one.
    const ulid = monotonicFactory();
    slack = slackApp({ config: config.slack, accept, ulid: () => ulid(), clock, log, fetch });
    begun.push(() => slack?.stop());
    await slack.start();
    slackIsOpen();
    await deployer.takeUp();
    const { port } = server.address() as AddressInfo;
    log.info({ port, slack: config.slack.mode, apps: apps.all().length }, 'ready');
  }

  return {
    start,
    async stop() {
      for (let end = begun.pop(); end; end = begun.pop()) await end();
    },
  };
}

const works = (answer: Promise<void>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error) => `failing: ${(error as Error).message}`,
  );

/** Calls again and again, one after the other, until the returned function is called. */
function every(ms: number, clock: Clock, log: Logger, call: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancel = () => {};
  const plan = () => {
    if (!stopped) cancel = clock.at(new Date(clock.now().getTime() + ms), run);
  };
  const run = () => {
    running = call()
      .catch((error) => log.error({ err: error }, 'comparing with GitHub failed'))
      .finally(plan);
  };
  plan();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}

function cannotListen({ host, port }: Config['http'], error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `port ${port} of ${host} is taken: choose another PORT, or stop what listens there.`;
  return `it cannot listen on ${host}:${port} (${error.code ?? error.message}): check HOST and PORT.`;
}
