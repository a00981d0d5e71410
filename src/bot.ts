import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { monotonicFactory } from 'ulid';
import { aboutThis } from './about.ts';
import { acceptance } from './accept.ts';
import { watchCatalog } from './catalog/watch.ts';
import { liveCatalog } from './catalog.ts';
import { createChores } from './chores.ts';
import { every, systemClock } from './clock.ts';
import { loadCommands } from './commands.ts';
import { type Config, ownSecret } from './config.ts';
import { createDeployer } from './deploy/deployer.ts';
import type { Clock, Ports } from './deploy/ports.ts';
import { closedIn } from './deploy/pull-closed.ts';
import { githubClient } from './github/client.ts';
import { githubWebhooks } from './github/webhooks.ts';
import { createHttp, type Handler } from './http.ts';
import { createJournal } from './journal.ts';
import { createMetrics } from './metrics.ts';
import { openStore } from './open-store.ts';
import { giveUpCommand, runCommand } from './run-command.ts';
import type { SlackApp } from './slack/app.ts';
import { slackChat } from './slack/chat.ts';

/** What a test may put in place of the world's own. */
export interface Seams {
  log: Logger;
  clock?: Clock;
  fetch?: typeof fetch;
  /** Stands around everything outside, before anything uses it. */
  around?(ports: Ports): Ports;
}

export interface Bot {
  /** Takes up what was begun, then takes webhooks and commands. Rejects with one clear sentence. */
  start(): Promise<void>;
  /** Stops the intake, waits for what is under way, closes. What is not finished is taken up at the next start. */
  stop(): Promise<void>;
}

const commandsFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'commands');

/** What is under way has so long to end, and then each part so long to close. */
const drainWithinMs = 15_000;
const closeWithinMs = 1_000;

/** How often, and how soon again, what was begun is taken up while the store can't be asked. */
const startTries = 30;
const startAgainMs = 1_000;

/** How soon a command is looked at again that came up before Slack was there. */
const introducedWithinMs = 500;

/** How soon a process hears that another one was told to watch something. */
const lookAtWatchesEveryMs = 10_000;

/** The one place that knows every part. */
export function createBot(config: Config, seams: Seams): Bot {
  const { log, clock = systemClock, fetch } = seams;
  /** What has been started, to be stopped in the opposite order. */
  const begun: (() => Promise<void> | void)[] = [];
  let stopping = false;

  async function begin(): Promise<void> {
    const commands = await loadCommands([commandsFolder, ...(config.commandsDir ? [config.commandsDir] : [])]);
    const keys = config.secrets ?? (config.store.kind === 'embedded' ? [ownSecret(config.store.dataDir)] : []);

    const durable = await openStore(config.store, { clock, log });
    begun.push(() => durable.close());
    if (stopping) return;

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

    const metrics = createMetrics({ commands: commands.map(({ name }) => name) });
    const github = githubClient({
      ...config.github,
      tokenFor: (repository) => apps.tokenFor(repository),
      observeRate: metrics.githubRate,
      clock,
      log,
      fetch,
    });
    let slack: SlackApp | undefined;
    const team = () => slack?.team();
    const chat = slackChat({
      config: config.slack,
      githubApiUrl: config.github.apiUrl,
      team,
      slash: () => slack?.slash() ?? '/deploy',
      budget: durable.budget,
      observeLimit: metrics.slackLimited,
      clock,
      log,
      fetch,
    });
    const journal = createJournal(log, metrics, clock);
    const outside: Ports = { github, chat, store: durable.store, jobs: durable.jobs, clock, apps, journal, keys };
    const ports = seams.around?.(outside) ?? outside;
    const { store, jobs } = ports;
    const deployer = createDeployer(ports);
    const intake = acceptance({ store, jobs, inOneCommit: durable.inOneCommit, clock, log });
    begun.push(intake.stop);

    const webhooks = githubWebhooks({
      secrets: config.github.webhookSecrets,
      keys,
      record: (status) => store.recordStatus(status),
      arrived: deployer.arrived,
      isWanted: (repository) => deployer.isWanted(repository),
      appeared: (deed) => deployer.appeared(deed),
      runEnded: (run) => deployer.runEnded(run),
      pullRequestClosed: (closed) => deployer.pullRequestClosed(closed),
      observe: metrics.webhook,
      clock,
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
      return { ready: !stopping && storeState === 'ok' && jobsState === 'ok', parts };
    };
    let slackIsOpen = (_: boolean) => {};
    const opened = new Promise<boolean>((resolve) => {
      slackIsOpen = resolve;
    });
    // What comes while Slack's part is being loaded waits for it, within Slack's 3 seconds.
    const slackEvents: Handler = async (request, response) => {
      if ((await opened) && slack?.listener) slack.listener(request, response);
      else response.writeHead(503).end();
    };
    const http = createHttp({ webhooks, readiness, log, ...(config.slack.mode === 'http' && { slackEvents }) });
    const { server } = http;

    const about = aboutThis(config, clock.now());
    const around = { store, chat: ports.chat, apps, clock, log, commands, deployer, about, observe: metrics.command };
    const { reconcileMs, keep } = config;
    const chores = createChores({ deployer, github: ports.github, store, apps, clock, log, reconcileMs, keep });
    await jobs.start({
      async run({ kind, id }) {
        if (kind === 'deployment') return deployer.advance(id);
        if (kind === 'chore') {
          const closed = closedIn(id);
          return closed ? deployer.endDeploymentsOf(closed) : chores.run(id);
        }
        if (intake.isTakenBack(id)) return undefined;
        // Until Slack has said whose team this is nobody can say who belongs to it, and nobody could be answered.
        return team() ? runCommand(around, id) : new Date(clock.now().getTime() + introducedWithinMs);
      },
      async gaveUp({ kind, id }) {
        metrics.jobGivenUp(kind);
        if (kind === 'deployment') await deployer.gaveUp(id);
        if (kind === 'command') await giveUpCommand(around, id);
      },
    });
    begun.push(() => jobs.stop());

    // Stopped after the HTTP server, through which Slack may still be sending.
    begun.push(() => slack?.stop());
    if (config.metrics) {
      begun.push(await metrics.listen(config.metrics.host, config.metrics.port, () => jobs.counts()));
    }
    // Webhooks are asked for what rooms watch before they are answered, so that this is known first.
    await untilItWorks(() => deployer.lookAtWatches());
    if (config.store.kind === 'redis') {
      begun.push(
        every(clock, lookAtWatchesEveryMs, () =>
          deployer
            .lookAtWatches()
            .catch((error) => log.warn({ err: error }, 'what rooms watch could not be looked at')),
        ),
      );
    }
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new Error(cannotListen(config.http, error))));
      server.listen(config.http.port, config.http.host, resolve);
    });
    begun.push(() => http.close());
    // Before that: a start that ends here opens nothing, and whoever waits for it is waited for.
    begun.push(() => slackIsOpen(false));
    // Webhooks are taken from here on. Bolt is what takes longest to load, and neither they nor the jobs need it.
    const { slackApp } = await import('./slack/app.ts');
    // Not `ulid()`, which asks the system for 16 random bytes one by one.
    const ulid = monotonicFactory();
    slack = slackApp({ config: config.slack, accept: intake.accept, ulid: () => ulid(), clock, log, fetch });
    if (stopping) return;
    await slack.start();
    if (stopping) return;
    slackIsOpen(true);
    await untilItWorks(async () => {
      await deployer.takeUp();
      await chores.begin(jobs);
    });
    if (stopping) return;
    if (config.store.kind === 'redis') begun.push(chores.keepGoing(jobs));
    const { port } = server.address() as AddressInfo;
    log.info({ port, slack: config.slack.mode, apps: apps.all().length }, 'ready');
  }

  /** The store may go away just when everything begins: that is no reason to begin anew. */
  async function untilItWorks(call: () => Promise<void>): Promise<void> {
    for (let tries = 1; !stopping; tries++) {
      try {
        return await call();
      } catch (error) {
        if (tries === startTries) throw error;
        log.warn({ err: error, tries }, 'what was begun could not be taken up; trying again');
        await new Promise<void>((resolve) => clock.at(new Date(clock.now().getTime() + startAgainMs), resolve));
      }
    }
  }

  /** Ends what has been begun, the last first. */
  async function end(deadline: number): Promise<void> {
    for (let next = begun.pop(); next; next = begun.pop()) {
      const ended = Promise.resolve(next()).catch((error) => log.error({ err: error }, 'something did not stop well'));
      const inTime = await within(Math.max(deadline - Date.now(), closeWithinMs), ended);
      if (!inTime) log.warn('something took too long to stop; what it left is taken up at the next start');
    }
  }

  let starting: Promise<void> | undefined;
  return {
    start() {
      starting = begin().catch((error) => {
        // What is torn down under a start makes it fail.
        if (!stopping) throw error;
      });
      return starting;
    },
    async stop() {
      stopping = true;
      const deadline = Date.now() + drainWithinMs;
      await end(deadline);
      // A start that was under way may have begun more.
      await within(
        closeWithinMs,
        starting?.catch(() => undefined),
      );
      await end(deadline);
    },
  };
}

const works = (answer: Promise<void>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error) => `failing: ${(error as Error).message}`,
  );

/** Whether it ended in time. */
async function within(ms: number, ending: Promise<void> | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = Promise.resolve(ending).then(() => true);
  return Promise.race([inTime, tooLate]).finally(() => clearTimeout(timer));
}

function cannotListen({ host, port }: Config['http'], error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `port ${port} of ${host} is taken: choose another PORT, or stop what listens there.`;
  return `it cannot listen on ${host}:${port} (${error.code ?? error.message}): check HOST and PORT.`;
}
