import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { expect } from 'vitest';
import type { SandboxSlack } from '../../../src/sandbox/slack/server.ts';

/** Refusals are what these tests are about: no need to read of them. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** A real Web API client that neither retries nor waits. */
export function clientOf(slack: SandboxSlack, token = slack.botToken, options: WebClientOptions = {}): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2000,
    logger: silent,
    ...options,
  });
}

/** Looks again and again until it is as expected: machines that run tests are slow at times. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 10_000, interval: 10 });
}

/** The error code that a call is refused with, or `none`. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: { data?: { error?: string } }) => error.data?.error ?? String(error),
  );
}

/** A real Bolt app in Socket Mode; start it after its listeners are there. `pingMs`: how soon it misses an answer. */
export function socketApp(slack: SandboxSlack, pingMs?: number): App {
  const clientOptions = { slackApiUrl: slack.url };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    clientPingTimeout: pingMs,
    installerOptions: { clientOptions },
    logger: silent,
  });
  return new App({ token: slack.botToken, receiver, clientOptions, logger: silent });
}

/** A real Bolt app behind HTTP on a free port; the sandbox is told its address. */
export async function httpApp(slack: SandboxSlack, addListeners: (app: App) => void): Promise<App> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: silent });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: { slackApiUrl: slack.url },
    logger: silent,
  });
  addListeners(app);
  const server = (await app.start({ port: 0, host: '127.0.0.1' })) as { address(): AddressInfo };
  slack.requestUrl = `http://127.0.0.1:${server.address().port}/slack/events`;
  return app;
}
