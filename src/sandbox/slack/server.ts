import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Faults } from '../faults.ts';
import { createActivity } from './activity.ts';
import type { AckResult, Outgoing } from './delivery.ts';
import { type SlackMessage, type StoredMessage, seen } from './message.ts';
import { topLevel } from './methods/history.ts';
import { createPeople, type Press, type Sent, type TypedCommand, type TypedMention } from './people.ts';
import { createResponseUrls } from './response-urls.ts';
import { createRoutes, type RecordedCall } from './routes.ts';
import { deliverSigned } from './signed-http.ts';
import { createSocketMode, type DisconnectOptions, type DisconnectReason } from './socket-mode.ts';
import { createTriggers } from './triggers.ts';
import { createWebApi, type Tokens } from './web-api.ts';
import {
  createWorkspace,
  type NewChannel,
  type NewUser,
  type SlackChannel,
  type SlackUser,
  type WorkspaceEvent,
} from './workspace.ts';

export type { AckResult, Tamper } from './delivery.ts';
export type { SlackButton, SlackMessage } from './message.ts';
export type { Sent } from './people.ts';
export type { RecordedCall } from './routes.ts';
export type { SlackChannel, SlackUser } from './workspace.ts';

export interface SlackOptions {
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
  now?: () => Date;
  /** What the bot token may do; default all that a bot of this kind asks for, without `chat:write.public`. */
  botScopes?: string[];
  teamId?: string;
  /** Answer 429 beyond Slack's rate tiers; default false. */
  limits?: boolean;
  /** How long Slack waits for an acknowledgement, in milliseconds; default its 3000. */
  ackMs?: number;
}

export interface SandboxSlack {
  /** The root of the Web API with its `/api/`. */
  url: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  teamId: string;
  botUserId: string;
  botUserName: string;
  /** Where signed requests go (HTTP mode). Unset: Socket Mode. */
  requestUrl?: string;
  /** How long after posting a message can still be edited, in seconds; unset: always. */
  editWindowSeconds?: number;
  /** What the bot token may do; a new list counts from the next call on, as after a reinstallation. */
  botScopes: string[];
  /** How long after posting a message can't be read back yet, in milliseconds; default 0. People see it at once. */
  historyLagMs: number;
  /** Every Web API call and response_url answer, oldest first. */
  calls: RecordedCall[];
  /** Matched against `/api/chat.postMessage`, `/response/…` and so on. */
  faults: Faults;

  addUser(user: NewUser): SlackUser;
  /** The bot is a member unless `botIsMember` is false or it is between other `people`. */
  addChannel(channel: NewChannel): SlackChannel;

  /** Somebody archives a channel, or brings it back. This and the next ones throw for a channel that is not there. */
  archive(channel: string, isArchived?: boolean): void;
  /** Somebody removes the bot (or that user) from a channel. */
  kick(channel: string, user?: string): void;
  /** Somebody brings the bot (or that user) into a channel. */
  invite(channel: string, user?: string): void;
  /** An administrator deletes a message. Throws for one that is not there. */
  deleteMessage(channel: string, ts: string): void;

  /** Somebody types a slash command. Never acknowledged: they see that it failed. */
  command(command: TypedCommand): Promise<Sent>;
  /** Somebody writes a message that mentions the bot. */
  mention(mention: TypedMention): Promise<Sent>;
  /** Somebody edits their message: a mention in it is sent again. */
  editMessage(channel: string, ts: string, text: string): Promise<Sent>;
  press(press: Press): Promise<Sent>;
  /** The same envelope or request once more. */
  redeliver(sent: Sent): Promise<Sent>;
  sendAppRateLimited(): Promise<Sent>;
  /** HTTP mode: asks the request URL for the challenge back, as Slack does when the URL is entered. */
  verifyUrl(challenge?: string): Promise<AckResult>;

  /** The top level of a channel: parents and broadcast replies, oldest first. */
  messages(channel: string): SlackMessage[];
  /** The replies to a parent, oldest first. */
  thread(channel: string, ts: string): SlackMessage[];
  /** What that person alone saw: ephemeral messages, answers to commands, Slack's own error messages. */
  ephemerals(user: string, channel?: string): SlackMessage[];
  /** Hears of each new message, edit (deletions too) or ephemeral message, until the returned function is called. */
  on(event: WorkspaceEvent, listener: (message: SlackMessage) => void): () => void;

  /** Socket Mode connections that were sent `hello` and not told to go. */
  connections(): number;
  onConnection(least: number): Promise<void>;
  disconnect(reason?: DisconnectReason, options?: DisconnectOptions): void;
  /** From now on every call of the bot token is refused with this error; undefined takes it back. */
  revokeToken(error?: Tokens['revoked']): void;
  /** Resolves when no call and no delivery has been under way for `ms` milliseconds; default 50. */
  idle(ms?: number): Promise<void>;
  stop(): Promise<void>;
}

const usualScopes = [
  ...['app_mentions:read', 'channels:history', 'channels:join', 'channels:read', 'chat:write', 'commands'],
  ...['groups:history', 'groups:read', 'im:history', 'im:read', 'im:write', 'mpim:history', 'mpim:read', 'mpim:write'],
  ...['reactions:write', 'team:read', 'users:read'],
];

/** Starts a Slack with one workspace and one installed app on a free port of 127.0.0.1. */
export async function startSlack(options: SlackOptions = {}): Promise<SandboxSlack> {
  const { teamId = 'T0SANDBOX', signingSecret = 'sandbox-signing-secret', ackMs = 3000 } = options;
  const tokens: Tokens = { bot: options.botToken ?? 'xoxb-sandbox', app: options.appToken ?? 'xapp-sandbox' };
  const now = options.now ?? (() => new Date());
  const stopping = new AbortController();
  const server = createServer();
  // Closing a quiet connection just as a caller takes it up again would be a fault that no test asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = `http://${host}`;

  const workspace = createWorkspace({ teamId, now });
  const { bot, names } = workspace;
  const activity = createActivity();
  const faults = createFaults();
  const triggers = createTriggers(now);
  const responseUrls = createResponseUrls(workspace, origin);
  const socketMode = createSocketMode({ appId: bot.appId, origin: `ws://${host}`, ackMs });
  const calls: RecordedCall[] = [];

  const webApi = createWebApi({
    tokens,
    limited: options.limits ?? false,
    context: () => ({
      workspace,
      scopes: slack.botScopes,
      origin,
      editWindowSeconds: slack.editWindowSeconds,
      historyLagMs: slack.historyLagMs,
      openConnection: socketMode.newUrl,
      useTrigger: triggers.use,
    }),
  });
  server.on('request', createRoutes({ webApi, responseUrls, faults, activity, calls, now, stopping: stopping.signal }));
  server.on('upgrade', socketMode.upgrade);

  async function deliver(outgoing: Outgoing): Promise<AckResult> {
    const ended = activity.begin();
    const { requestUrl } = slack;
    try {
      if (requestUrl === undefined) return await socketMode.deliver(outgoing);
      return await deliverSigned(requestUrl, signingSecret, ackMs, outgoing);
    } finally {
      ended();
    }
  }

  const people = createPeople({
    workspace,
    responseUrls,
    newTrigger: triggers.issue,
    hearsMentions: ({ kind, members }) =>
      kind !== 'im' && members.has(bot.userId) && slack.botScopes.includes('app_mentions:read'),
    retryReason: () => (slack.requestUrl === undefined ? 'timeout' : 'http_timeout'),
    deliver,
  });
  function channelOf(id: string): SlackChannel {
    const channel = workspace.channels.get(id);
    if (!channel) throw new Error(`the sandbox has no channel ${id}`);
    return channel;
  }

  const look = (messages: StoredMessage[]) => messages.map((message) => seen(message, names));

  const slack: SandboxSlack = {
    url: `${origin}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    signingSecret,
    teamId,
    botUserId: bot.userId,
    botUserName: bot.name,
    botScopes: options.botScopes ?? usualScopes,
    historyLagMs: 0,
    calls,
    faults,

    addUser: workspace.addUser,
    addChannel: workspace.addChannel,

    archive: (channel, isArchived = true) => {
      channelOf(channel).archived = isArchived;
    },
    kick: (channel, user = bot.userId) => void channelOf(channel).members.delete(user),
    invite: (channel, user = bot.userId) => void channelOf(channel).members.add(user),
    deleteMessage: (channel, ts) => {
      const message = workspace.find(channelOf(channel).id, ts);
      if (!message) throw new Error(`${channel} has no message ${ts}`);
      workspace.remove(message);
    },

    command: async (command) => people.command(command),
    mention: async (mention) => people.mention(mention),
    editMessage: async (channel, ts, text) => people.editMessage(channel, ts, text),
    press: async (press) => people.press(press),
    redeliver: async (sent) => people.redeliver(sent),
    sendAppRateLimited: async () => people.sendAppRateLimited(),
    verifyUrl: (challenge = workspace.nextId('challenge')) =>
      deliver({ type: 'events_api', payload: { type: 'url_verification', challenge }, envelopeId: challenge }),

    messages: (channel) => look(topLevel(workspace.messages(channel))),
    thread: (channel, ts) => look(workspace.replies(channel, ts)),
    ephemerals: (user, channel) =>
      look(
        workspace.ephemerals.filter(
          (message) => message.ephemeralFor === user && (channel === undefined || message.channel === channel),
        ),
      ),
    on: (event, listener) => workspace.on(event, (message) => listener(seen(message, names))),

    connections: socketMode.connections,
    onConnection: socketMode.whenConnections,
    disconnect: socketMode.disconnect,
    revokeToken: (error) => {
      tokens.revoked = error;
    },
    idle: (ms = 50) => activity.quiet(ms),
    async stop() {
      stopping.abort();
      await socketMode.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return slack;
}
