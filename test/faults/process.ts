import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { freePort } from '../../src/sandbox/free-port.ts';
import { until } from './until.ts';

/** A bot as a process of its own. */
export interface Bot {
  url: string;
  pid: number;
  /** Every line that it printed. */
  printed: string[];
  /** The steps that it went through since `record`, oldest first. */
  steps: string[];
  /** How it ended. */
  ended: Promise<Ending>;
  lives(): boolean;
  /** From now on it tells its steps. */
  record(): Promise<void>;
  /** It dies at this step, counted from now; `undefined` takes that back. */
  killAt(step: string | undefined): Promise<void>;
  /** It stands still at this step, counted from now, until SIGCONT. */
  stopAt(step: string): Promise<void>;
  /** Whether it stands still. */
  stands(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM. Resolves with how it ended, and how many ms that took. */
  stop(): Promise<Ending & { ms: number }>;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface BotOptions {
  program: string;
  folder: string;
  env: Record<string, string>;
  /** Default: a free one. */
  port?: number;
  /** A shell command line that is put before Node's, such as `ulimit -f 100;`. */
  shell?: string;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Begins a bot; see {@link isUp}. */
export async function startBot(options: BotOptions): Promise<Bot> {
  const port = options.port ?? (await freePort());
  const env = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: options.folder,
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: '0',
    ...options.env,
  };
  const line = options.shell && ['-c', `${options.shell} exec "$@"`, 'bot', process.execPath];
  const child = spawn(line ? '/bin/sh' : process.execPath, [...(line || []), options.program], {
    cwd: options.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  alive.add(child);
  child.once('close', () => alive.delete(child));
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', (text) => printed.push(text));
  }
  const steps: string[] = [];
  child.on('message', (told: { step?: string }) => {
    if (told.step !== undefined) steps.push(told.step);
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ending);
  const lives = () => child.exitCode === null && child.signalCode === null;

  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    printed,
    steps,
    ended,
    lives,
    async record() {
      steps.length = 0;
      await tell(child, { record: true });
    },
    killAt: (step) => tell(child, { killAt: step }),
    stopAt: (step) => tell(child, { stopAt: step }),
    // proc(5): the state follows the name, which is in brackets.
    stands: () => lives() && / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\)/s, '')),
    signal: (signal) => void child.kill(signal),
    async stop() {
      const began = performance.now();
      child.kill('SIGTERM');
      return { ...(await ended), ms: performance.now() - began };
    },
  };
}

/** Says something to the bot, and waits until it has heard; one that is dead hears nothing. */
async function tell(child: ChildProcess, message: object): Promise<void> {
  if (!child.connected) return;
  const heard = new Promise<void>((resolve) => {
    const over = () => {
      child.off('message', hear).off('disconnect', over);
      resolve();
    };
    const hear = (told: { heard?: true }) => {
      if (told.heard) over();
    };
    child.on('message', hear).on('disconnect', over);
  });
  child.send(message, () => {});
  await heard;
}

/** What /readyz answers; nothing where nobody answers. */
export async function readiness(bot: Bot): Promise<{ status: number; slack?: string } | undefined> {
  try {
    const answer = await fetch(`${bot.url}/readyz`, { signal: AbortSignal.timeout(3_000) });
    return { status: answer.status, ...((await answer.json()) as object) };
  } catch {
    return undefined;
  }
}

/** Waits until it is ready and connected with Slack. Rejects with what it printed where it ends before. */
export async function isUp(bot: Bot): Promise<void> {
  const lastLines = () => bot.printed.slice(-10).join('\n');
  const look = async () => {
    if (!bot.lives()) throw new Error(`It ended before it was ready:\n${lastLines()}`);
    const found = await readiness(bot);
    return found?.status === 200 && found.slack === 'connected';
  };
  await until(look).catch((error: Error) => {
    throw new Error(`${error.message}\n${lastLines()}`);
  });
}
