import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { Clock, Command } from '../../src/deploy/ports.ts';
import { type SandboxSlack, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { type SlackApp, type SlackAppOptions, slackApp } from '../../src/slack/app.ts';

export type Mode = 'socket' | 'http';

export interface SceneOptions {
  mode?: Mode;
  slack?: SlackOptions;
  app?: Partial<Omit<SlackAppOptions, 'accept'>>;
  /** Leaves starting to the test. */
  idle?: boolean;
}

/** A Slack, the bot's way in from it, and the store that its commands go to. */
export interface Scene {
  slack: SandboxSlack;
  app: SlackApp;
  /** What was stored, in order. */
  stored: Command[];
  /** How storing goes from now on: well, not at all, or only when the test lets it. */
  storing: { fail: boolean; asked: number; wait?: Promise<void> };
  /** Where signed requests go. */
  url: string;
  log: string[];
  stop(): Promise<void>;
}

export const ann = 'U0ANN';
export const ops = 'C0OPS';
export const elsewhere = 'C0ELSEWHERE';

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const { mode = 'socket' } = options;
  const slack = await startSlack(options.slack);
  slack.addUser({ id: ann, name: 'ann' });
  slack.addUser({ id: 'U0BOB', name: 'bob' });
  slack.addChannel({ id: ops, name: 'ops', members: [ann, 'U0BOB'] });
  slack.addChannel({ id: elsewhere, name: 'elsewhere', members: [ann], botIsMember: false });

  const stored: Command[] = [];
  const seen = new Set<string>();
  const storing: Scene['storing'] = { fail: false, asked: 0 };
  const log: string[] = [];
  let ids = 0;
  const app = slackApp({
    config: {
      botToken: slack.botToken,
      apiUrl: slack.url,
      ...(mode === 'socket' ? { appToken: slack.appToken } : { signingSecret: slack.signingSecret }),
    },
    async accept(command) {
      storing.asked += 1;
      await storing.wait;
      if (storing.fail) throw new Error('disk full');
      if (seen.has(command.key)) return 'seen';
      seen.add(command.key);
      stored.push(command);
      return 'new';
    },
    clock: systemClock,
    log: quiet(log),
    ulid: () => `command-${++ids}`,
    staggerMs: 10,
    ...options.app,
  });
  const server = createServer((request, response) => app.listener?.(request, response));
  const url = `${await listening(server)}/slack/events`;
  if (mode === 'http') slack.requestUrl = url;
  if (!options.idle) {
    await app.start();
    if (mode === 'socket') await slack.onConnection(2);
  }
  return {
    slack,
    app,
    stored,
    storing,
    url,
    log,
    async stop() {
      await app.stop();
      await slack.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A log that can be read, for what must not stand in it. */
export const quiet = (lines: string[] = []) =>
  pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The machine's clock, some time later. */
export const later = (ms: number): Clock => ({ ...systemClock, now: () => new Date(Date.now() + ms) });
