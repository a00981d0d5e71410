import { type Arguments, asFlag, asText } from '../arguments.ts';
import type { StoredMessage } from '../message.ts';
import { failed, isFailure, type Result } from '../result.ts';
import { scopeFamily, visibleRoom } from '../rooms.ts';
import { wireMessage } from '../wire.ts';
import type { SlackChannel } from '../workspace.ts';
import type { Method, MethodContext } from './method.ts';
import { page } from './page.ts';

function historyScope(args: Arguments, { workspace }: MethodContext): string {
  return `${scopeFamily(workspace.channels.get(asText(args.channel)))}:history`;
}

/** A channel whose messages the bot may read: reading takes membership also where it is public. */
function readableRoom(args: Arguments, { workspace }: MethodContext): SlackChannel | ReturnType<typeof failed> {
  const room = visibleRoom(workspace, args.channel);
  if (isFailure(room)) return room;
  return room.members.has(workspace.bot.userId) ? room : failed('not_in_channel');
}

/** The messages between `oldest` and `latest`; the bounds themselves only when `inclusive`. */
function within(messages: StoredMessage[], args: Arguments): StoredMessage[] {
  const oldest = asText(args.oldest);
  const latest = asText(args.latest);
  const inclusive = asFlag(args.inclusive);
  return messages.filter(({ ts }) => {
    const isLater = oldest === '' || Number(ts) > Number(oldest) || (inclusive && ts === oldest);
    const isEarlier = latest === '' || Number(ts) < Number(latest) || (inclusive && ts === latest);
    return isLater && isEarlier;
  });
}

function pageOf(messages: StoredMessage[], args: Arguments, { workspace }: MethodContext): Result {
  const { items, next_cursor } = page(messages, args, 100);
  const withMetadata = asFlag(args.include_all_metadata);
  return {
    ok: true,
    messages: items.map((message) => wireMessage(workspace, message, withMetadata)),
    has_more: next_cursor !== '',
    ...(next_cursor !== '' && { response_metadata: { next_cursor } }),
  };
}

/** Those that reading back shows by now: Slack's history may lag behind what people see. */
function settled(messages: StoredMessage[], { workspace, historyLagMs }: MethodContext): StoredMessage[] {
  return messages.filter((message) => workspace.age(message) >= historyLagMs);
}

/** A channel's parents and broadcast replies, newest first. */
const history: Method = {
  scope: historyScope,
  run(args, context) {
    const room = readableRoom(args, context);
    if (isFailure(room)) return room;
    const messages = topLevel(settled(context.workspace.messages(room.id), context));
    return pageOf(within(messages, args).reverse(), args, context);
  },
};

/** Messages that stand in the channel itself: no replies, but those that were broadcast. */
export function topLevel(messages: StoredMessage[]): StoredMessage[] {
  return messages.filter(({ ts, thread_ts, reply_broadcast }) => !thread_ts || thread_ts === ts || reply_broadcast);
}

/** A parent and its replies, oldest first; for the ts of a reply that reply alone. */
const replies: Method = {
  scope: historyScope,
  run(args, context) {
    const room = readableRoom(args, context);
    if (isFailure(room)) return room;
    const parent = context.workspace.find(room.id, asText(args.ts));
    if (!parent || settled([parent], context).length === 0) return failed('thread_not_found');
    const thread = within(settled(context.workspace.replies(room.id, parent.ts), context), args);
    return pageOf([parent, ...thread], args, context);
  },
};

export const historyMethods: Record<string, Method> = {
  'conversations.history': history,
  'conversations.replies': replies,
};
