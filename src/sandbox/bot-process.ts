import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

export interface BotProcessOptions {
  world: Pick<World, 'folder' | 'appsFile' | 'botPort' | 'webhookSecret'> & {
    slack: Pick<World['slack'], 'url' | 'botToken' | 'appToken' | 'signingSecret' | 'connections'>;
    github: Pick<World['github'], 'url' | 'token'>;
  };
  /** Where the bot's log is shown as well as kept in `<folder>/bot.log`. */
  show?: (text: string) => void;
  logLevel?: string;
  /** How often the bot compares with GitHub what is unfinished; its own default when left out. */
  reconcileSeconds?: number;
  /** Milliseconds until it must be ready; default 60,000: a busy machine is no reason, and a bot that ends is told at once. */
  deadline?: number;
  /** The program to start; default: the built bot beside this built file. */
  program?: string;
  signal?: AbortSignal;
}

export interface BotProcess {
  /** Whether it has ended, and how: "with exit code 1", "by SIGKILL". */
  ended(): string | undefined;
  /** Its last log lines. */
  lastLines(): string[];
  /** SIGTERM, and SIGKILL after 10 seconds. */
  stop(): Promise<void>;
  /** At once, for the end of this process. */
  kill(): void;
}

/**
 * Starts the real bot as a process of its own with nothing in its environment but what the README asks for, and waits
 * until it answers ready and has connected to Slack.
 * @throws Error with the bot's last log lines if it ends before, or is not ready in time
 */
export async function startBot(o: BotProcessOptions): Promise<BotProcess> {
  const dataFolder = path.join(o.world.folder, 'data');
  await mkdir(dataFolder, { recursive: true });
  const program = o.program ?? fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(process.execPath, [program], {
    cwd: o.world.folder,
    env: environmentOf(o, dataFolder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = keepLog(child, path.join(o.world.folder, 'bot.log'), o.show);
  let ending: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ending ??= `before it began: ${error.message}`;
      resolve();
    });
    child.on('exit', (code, signal) => {
      ending ??= signal ? `by ${signal}` : `with exit code ${code}`;
      resolve();
    });
  });

  const bot: BotProcess = {
    ended: () => ending,
    lastLines: log.lastLines,
    async stop() {
      if (ending === undefined) child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(forced);
      await log.close();
    },
    kill: () => void child.kill('SIGKILL'),
  };
  const trouble = await waitUntilReady(o, () => ending);
  if (trouble === undefined) return bot;
  // Its reasons may be the last thing that it wrote.
  if (ending === undefined) bot.kill();
  await bot.stop();
  throw new Error([`The bot ${trouble}`, ...log.lastLines().map((line) => `  ${line}`)].join('\n'));
}

function environmentOf(
  { world, logLevel, reconcileSeconds }: BotProcessOptions,
  dataFolder: string,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: world.folder,
    SLACK_BOT_TOKEN: world.slack.botToken,
    SLACK_APP_TOKEN: world.slack.appToken,
    SLACK_SIGNING_SECRET: world.slack.signingSecret,
    SLACK_API_URL: world.slack.url,
    GITHUB_TOKEN: world.github.token,
    GITHUB_API_URL: world.github.url,
    GITHUB_WEBHOOK_SECRET: world.webhookSecret,
    DATA_DIR: dataFolder,
    APPS_FILE: world.appsFile,
    HOST: '127.0.0.1',
    PORT: String(world.botPort),
    METRICS_PORT: '0',
    LOG_LEVEL: logLevel ?? 'info',
    ...(reconcileSeconds !== undefined && { RECONCILE_SECONDS: String(reconcileSeconds) }),
  };
}

/** Copies what the process prints to a file, and remembers the end of it. */
function keepLog(child: ChildProcess, file: string, show?: (text: string) => void) {
  const written = createWriteStream(file, { flags: 'a' });
  // A full disk must not end the sandbox; the last lines are remembered anyway.
  written.on('error', () => {});
  let tail = '';
  const keep = (text: string) => {
    written.write(text);
    tail = (tail + text).slice(-8_000);
    show?.(text);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  return {
    lastLines: () => tail.trimEnd().split('\n').slice(-15),
    close: () => new Promise<void>((resolve) => written.end(resolve)),
  };
}

/** What went wrong, as the rest of a sentence; nothing once it is ready. */
async function waitUntilReady(o: BotProcessOptions, ended: () => string | undefined): Promise<string | undefined> {
  const deadline = o.deadline ?? 60_000;
  const lastMoment = performance.now() + deadline;
  let missing = `did not answer GET /readyz with 200 within ${deadline / 1000} s.`;
  while (performance.now() < lastMoment) {
    const ending = ended();
    if (ending !== undefined) return `ended ${ending}. Its last lines:`;
    if (o.signal?.aborted) return 'was stopped while it started.';
    if (await answersReady(o.world.botPort)) {
      if (o.world.slack.connections() > 0) return undefined;
      missing = `is ready, but did not connect to Slack within ${deadline / 1000} s.`;
    }
    await pause(20);
  }
  return `${missing} Its last lines:`;
}

async function answersReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}
