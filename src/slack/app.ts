import type { IncomingMessage, ServerResponse } from 'node:http';
import { App, HTTPReceiver, type Receiver, type ReceiverEvent } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock, Command } from '../deploy/ports.ts';
import { oneAttempt, type SlackAccess, webClient } from './client.ts';
import { fromDirectMessage, fromMention, fromPress, fromSlash, type MentionPayload } from './intake.ts';
import { slackLogger } from './logger.ts';
import { createReception } from './reception.ts';
import { signedRequests } from './signed.ts';
import { socketConnections } from './socket.ts';
import { introduce, type Team, TokenRefused } from './team.ts';

export interface SlackAppOptions {
  config: SlackAccess & {
    /** Socket Mode. */
    appToken?: string;
    /** HTTP mode: verifies Slack's requests. Used without `appToken` only. */
    signingSecret?: string;
  };
  /** Stores a command. `seen`: it was stored before. Slack is answered only after it resolves. */
  accept(command: Command): Promise<'new' | 'seen'>;
  clock: Clock;
  log: Logger;
  ulid(): string;
  fetch?: typeof fetch;
  /** How long the second Socket Mode connection waits after the first, in ms. */
  staggerMs?: number;
}

export type SlackState = 'connected' | 'connecting' | 'disconnected';

export interface SlackApp {
  /**
   * Asks Slack who the bot is, and listens. Rejects with one sentence if Slack does not accept a token. While Slack can't
   * be reached it resolves all the same, and goes on trying: GitHub's webhooks must be taken meanwhile.
   */
  start(): Promise<void>;
  /** Takes no more; resolves when what was taken is stored and answered. */
  stop(): Promise<void>;
  /** HTTP mode: for `POST /slack/events` of the server in front. */
  listener?: (request: IncomingMessage, response: ServerResponse) => void;
  client: WebClient;
  /** Known once Slack has said so. */
  team(): Team | undefined;
  /** The slash command that somebody typed last. */
  slash(): string;
  state(): SlackState;
}

const connections = 2;
/** How long until Slack is asked again who we are, while it can't be reached. */
const introduceAgainMs = 5_000;

/** Slack's way in: slash commands, mentions and pressed buttons become commands, stored before they are acknowledged. */
export function slackApp(options: SlackAppOptions): SlackApp {
  const { config, clock, log } = options;
  const logger = slackLogger(log);
  const client = webClient(config, log, options.fetch);
  let team: Team | undefined;
  let state: 'idle' | 'open' | 'stopped' = 'idle';
  let cancelRetry = () => {};

  const reception = createReception({ ...options, client, team: () => team });
  const bolt = new App({
    receiver: noReceiver,
    // Instead of a token: Bolt's constructor would check it, and end the process if it is a bad one.
    authorize: async () => ({
      botToken: config.botToken,
      botId: team?.botId,
      botUserId: team?.botUser,
      teamId: team?.id,
    }),
    clientOptions: oneAttempt(config.apiUrl, log, options.fetch),
    logger,
    convoStore: false,
    attachFunctionToken: false,
  });
  const take = (event: ReceiverEvent) => reception.admit(() => storedBeforeAck(bolt, event));

  // What is told in examples after a pressed button; people see the name that they typed last.
  let slash = '/deploy';
  bolt.command(/.*/, async ({ payload, ack }) => {
    slash = payload.command;
    await reception.take((desk) => fromSlash(payload, desk), { ack, carriesText: true });
  });
  bolt.action(/.*/, async ({ body, ack }) => {
    // Only buttons in messages type lines; the rest is acknowledged so that Slack shows no warning.
    if (body.type !== 'block_actions') return ack();
    const command = await reception.take((desk) => fromPress(body, desk, slash), {
      ack: () => ack(),
      byHand: true,
    });
    if (command && body.container.is_ephemeral === true) reception.putAway(command);
  });
  bolt.event('app_mention', async ({ payload }) => {
    await reception.take((desk) => fromMention(payload, desk));
  });
  // Direct messages to the bot come as plain messages, where the app is subscribed to them; a mention is not needed.
  bolt.event('message', async ({ payload }) => {
    if (payload.channel_type === 'im')
      await reception.take((desk) => fromDirectMessage(payload as MentionPayload, desk));
  });
  bolt.event('app_rate_limited', async () => {
    log.warn('Slack holds back events: more than 30,000 came within an hour');
  });

  const sockets = config.appToken
    ? socketConnections({
        appToken: config.appToken,
        clientOptions: () => oneAttempt(config.apiUrl, log, options.fetch),
        logger,
        connections,
        staggerMs: options.staggerMs ?? 15_000,
        receive: ({ body, ack, retry_num, retry_reason }) =>
          take({ body, ack, ...(retry_num !== undefined && { retryNum: retry_num, retryReason: retry_reason }) }),
        clock,
        log,
      })
    : undefined;

  async function open(): Promise<void> {
    team = await introduce(client);
    if (state === 'stopped') return;
    state = 'open';
    await sockets?.start();
  }

  async function openOrLater(): Promise<void> {
    try {
      await open();
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'Slack can not be reached; trying again');
      const at = new Date(clock.now().getTime() + introduceAgainMs);
      cancelRetry = clock.at(at, () => {
        if (state === 'idle') openOrLater().catch((refused: Error) => log.error(refused.message));
      });
    }
  }

  return {
    start: openOrLater,
    async stop() {
      state = 'stopped';
      cancelRetry();
      // Slack goes on sending until it has been told goodbye, and what has come by then is still taken.
      await sockets?.stop();
      await reception.close();
    },
    ...(!sockets && { listener: httpListener() }),
    client,
    team: () => team,
    slash: () => slash,
    state() {
      if (state === 'stopped') return 'disconnected';
      return state === 'open' && (sockets?.isConnected() ?? true) ? 'connected' : 'connecting';
    },
  };

  function httpListener() {
    const receiver = new HTTPReceiver({ signingSecret: config.signingSecret ?? '', logger });
    receiver.init({ processEvent: take } as App);
    return signedRequests(receiver, clock, () => state === 'open');
  }
}

/** Bolt wants a receiver; ours call `processEvent` by themselves. */
const noReceiver: Receiver = { init() {}, start: async () => {}, stop: async () => {} };

/** Bolt acknowledges events before their listeners run. Here that comes after, so that Slack keeps what we can't. */
async function storedBeforeAck(bolt: App, event: ReceiverEvent): Promise<void> {
  if (!('event' in event.body)) return bolt.processEvent(event);
  await bolt.processEvent({ ...event, ack: async () => {} });
  await event.ack();
}
