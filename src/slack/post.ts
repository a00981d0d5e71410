import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Posted } from '../deploy/ports.ts';
import { metadataOf } from './find.ts';
import type { Message } from './messages.ts';
import { troubleOf } from './trouble.ts';

/** Which message it is, and where it goes. */
export interface Where {
  request: string;
  key: string;
  room: string;
  thread?: string;
  /** Also shown in the channel. */
  loud?: boolean;
}

/** Posts a message that can be found again by its metadata. Rejects as the Web API does. */
export async function post(client: WebClient, where: Where, { text, blocks }: Message): Promise<Posted> {
  const { request, key, room, thread, loud } = where;
  const parts: Parts = {
    text,
    blocks,
    metadata: metadataOf(request, key),
    // Slack does not document it for bots; where it is honoured, the same message is taken once. It is a second line
    // only: the first is to look before posting again.
    client_msg_id: messageId(request, key),
    ...(loud && { reply_broadcast: true as const }),
  };
  const calm = { channel: room, unfurl_links: false, unfurl_media: false };
  const inThread = ({ reply_broadcast }: Parts) =>
    thread === undefined ? {} : { thread_ts: thread, ...(reply_broadcast && { reply_broadcast }) };
  return posted(
    await withoutWhatIsRefused(parts, ({ reply_broadcast, ...some }) =>
      client.chat.postMessage({ ...calm, ...some, ...inThread({ ...some, reply_broadcast }) }),
    ),
  );
}

/** Makes a message show something else; its metadata stays. Rejects as the Web API does. */
export async function change(client: WebClient, room: string, ts: string, { text, blocks }: Message): Promise<Posted> {
  return posted(
    await withoutWhatIsRefused({ text, blocks }, (parts) => client.chat.update({ channel: room, ts, ...parts })),
  );
}

/** `ts` stays text: as a number it would lose its last digits. */
const posted = ({ ts }: { ts?: string }): Posted => (ts === undefined ? { kind: 'doubtful' } : { kind: 'posted', ts });

/** What a message can do without, except the text. */
interface Parts extends Pick<Message, 'text'>, Partial<Pick<Message, 'blocks'>> {
  metadata?: ReturnType<typeof metadataOf>;
  client_msg_id?: string;
  reply_broadcast?: true;
}

/** Which part of a message an error is about. Slack has posted nothing then. */
const refusedParts = new Map<string, keyof Parts>([
  // A workspace that does not know a block yet, or a limit that nobody wrote down.
  ['invalid_blocks', 'blocks'],
  ['invalid_blocks_format', 'blocks'],
  ['msg_blocks_too_long', 'blocks'],
  ['msg_too_long', 'text'],
  ['invalid_metadata_format', 'metadata'],
  ['invalid_metadata_schema', 'metadata'],
  ['metadata_too_large', 'metadata'],
  ['metadata_must_be_sent_from_app', 'metadata'],
  // The message of that id was deleted since, or its channel was.
  ['duplicate_message_not_found', 'client_msg_id'],
  ['duplicate_channel_not_found', 'client_msg_id'],
  // Threads only: the reply is welcome, its copy in the channel is not.
  ['restricted_action_thread_only_channel', 'reply_broadcast'],
]);

/** Sends a message, and again without the part that Slack does not take: no line is lost to how it looks. */
export async function withoutWhatIsRefused<T>(parts: Parts, send: (parts: Parts) => Promise<T>): Promise<T> {
  try {
    return await send(parts);
  } catch (error) {
    const trouble = troubleOf(error);
    const part = trouble.kind === 'no' ? refusedParts.get(trouble.error) : undefined;
    if (part === 'text' && [...parts.text].length > shortText) {
      return withoutWhatIsRefused({ ...parts, text: cut(parts.text) }, send);
    }
    if (part === undefined || part === 'text' || parts[part] === undefined) throw error;
    return withoutWhatIsRefused({ ...parts, [part]: undefined }, send);
  }
}

/** However Slack counts, this many characters are not too many. */
const shortText = 1_000;

/** Cut where no mention or escaped character is torn. */
const cut = (text: string): string =>
  `${[...text]
    .slice(0, shortText - 1)
    .join('')
    .replace(/[&<][^;>]*$/, '')}…`;

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
