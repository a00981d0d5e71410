import { createHash } from 'node:crypto';
import type { ChatPostMessageArguments, WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Deployment } from '../deploy/deployment.ts';
import type { Chat, Clock, Posted } from '../deploy/ports.ts';
import { type SlackAccess, webClient } from './client.ts';
import { findMessage, metadataOf, parentKey, threadOf } from './find.ts';
import { lineMessage, type Message, parentMessage } from './messages.ts';
import { createPace } from './pace.ts';
import { roomNames } from './rooms.ts';
import { standings } from './standing.ts';
import type { Team } from './team.ts';
import { postedOf, troubleOf } from './trouble.ts';
import { whisperer } from './whisper.ts';

export interface SlackChatOptions {
  config: SlackAccess;
  /** Root of GitHub's REST API for apps that name none, for links to commits. */
  githubApiUrl?: string;
  /** Who the bot is, once Slack has said so. */
  team: () => Team | undefined;
  clock: Clock;
  log: Logger;
  fetch?: typeof fetch;
}

/** The port `Chat` over Slack's Web API. Every call is made once; what to do when it fails is the caller's to decide. */
export function slackChat(options: SlackChatOptions): Chat {
  const { config, team, clock, log, githubApiUrl: apiUrl } = options;
  const client = webClient(config, log, options.fetch);
  // A queue of posts must not hold up an answer to somebody who waits for it.
  const interactive = webClient(config, log, options.fetch);
  const standing = standings(interactive, team, clock);
  const pace = createPace(clock);

  /** Sends on a lane, unless Slack wants it to be quiet. `patient`: nobody waits for the outcome. */
  async function paced(lane: string, patient: boolean, send: () => Promise<Posted>): Promise<Posted> {
    const wait = pace.wait(lane);
    if (wait) return wait;
    try {
      return await send();
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.kind === 'later') pace.hold(lane, trouble.afterMs);
      return postedOf(trouble, lane, patient);
    }
  }

  /** Changes a message. It may be done twice, so that a doubtful edit is simply done again. Metadata stays as it was. */
  async function edit({ place }: Deployment, ts: string | undefined, message: Message): Promise<Posted> {
    if (ts === undefined) return { kind: 'refused', error: 'message_not_found', words: ['There is no such message.'] };
    const change = async () => posted(await client.chat.update({ channel: place.room, ts, ...message }));
    const outcome = await paced(edits, true, change);
    return outcome.kind === 'doubtful' ? { kind: 'later', afterMs: 2_000 } : outcome;
  }

  return {
    open(view) {
      const { place, request } = view.deployment;
      const message = parentMessage(view, apiUrl);
      const where = { request, key: parentKey, room: place.room, thread: place.thread };
      return paced(place.room, false, () => post(client, where, message));
    },

    async edit(view) {
      const { deployment } = view;
      return edit(deployment, deployment.thread, parentMessage(view, apiUrl));
    },

    looks: (view) =>
      createHash('sha256')
        .update(JSON.stringify(parentMessage(view, apiUrl)))
        .digest('base64url'),

    async reply(deployment, line, manner) {
      const thread = threadOf(deployment);
      // Without its thread a line would stand in the channel, and nobody would know what it is about.
      if (thread === undefined) return { kind: 'refused', error: 'thread_not_found', words: ['It has no thread.'] };
      const where = {
        request: deployment.request,
        key: line.key,
        room: deployment.place.room,
        thread,
        loud: manner.loud,
      };
      return paced(where.room, true, () => post(client, where, lineMessage(deployment, line, manner, apiUrl)));
    },

    async amend(deployment, line) {
      const manner = { loud: false, mention: false, late: false };
      const message = lineMessage(deployment, line, manner, apiUrl);
      return edit(deployment, line.telling.ts, message);
    },

    find: (deployment, key) => findMessage(client, team(), deployment, key),
    whisper: whisperer(interactive, clock, log, options.fetch ?? fetch),
    standing: (_team, user) => standing(user),
    roomName: roomNames(interactive, clock),
  };
}

/** The lane of edits; no room is called like that. */
const edits = 'edits';

interface Where {
  request: string;
  key: string;
  room: string;
  thread?: string;
  loud?: boolean;
}

/** Posts a message that can be found again by its metadata. */
async function post(client: WebClient, where: Where, { text, blocks }: Message): Promise<Posted> {
  const { request, key, room, thread, loud } = where;
  const inThread = thread === undefined ? {} : { thread_ts: thread, ...(loud && { reply_broadcast: true as const }) };
  const call: ChatPostMessageArguments = {
    channel: room,
    text,
    blocks,
    metadata: metadataOf(request, key),
    unfurl_links: false,
    unfurl_media: false,
    ...inThread,
  };
  return posted(await postOnce(client, call, messageId(request, key)));
}

/**
 * Slack does not document `client_msg_id` for bots; where it is honoured, the same message is taken once. It is a second
 * line only: the first is to look before posting again. A message that was deleted since is posted without it.
 */
async function postOnce(client: WebClient, call: ChatPostMessageArguments, id: string) {
  const identified: ChatPostMessageArguments & { client_msg_id: string } = { ...call, client_msg_id: id };
  return client.chat.postMessage(identified).catch((error: unknown) => {
    const trouble = troubleOf(error);
    if (trouble.kind === 'no' && trouble.error === 'duplicate_message_not_found') return client.chat.postMessage(call);
    throw error;
  });
}

/** `ts` stays text: as a number it would lose its last digits. */
const posted = ({ ts }: { ts?: string }): Posted => (ts === undefined ? { kind: 'doubtful' } : { kind: 'posted', ts });

/** The same UUID for the same line of the same deployment, in the manner of version 5 (RFC 9562). */
function messageId(request: string, key: string): string {
  const hex = createHash('sha1').update(`deckhand:${request}:${key}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
