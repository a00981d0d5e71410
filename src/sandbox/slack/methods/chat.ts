import { type Arguments, asFlag, asText } from '../arguments.ts';
import { isEmpty, readContent } from '../content.ts';
import type { StoredMessage } from '../message.ts';
import { type Failure, failed, isFailure } from '../result.ts';
import { roomToPostIn, visibleRoom } from '../rooms.ts';
import { wireMessage } from '../wire.ts';
import type { Method, MethodContext } from './method.ts';

/** Most characters of text in an edit; posting allows ten times as many. */
const longestEdit = 4000;

const postMessage: Method = {
  scope: 'chat:write',
  run(args, { workspace, scopes }) {
    const room = roomToPostIn(workspace, scopes, args.channel);
    if (isFailure(room)) return room;
    const content = readContent(args, workspace);
    if (isFailure(content)) return content;
    if (isEmpty(content)) return failed('no_text');
    const thread = threadOf(args, room.id, workspace);
    if (isFailure(thread)) return thread;

    // A client_msg_id is kept and nothing more: that it keeps doubles out is not documented.
    const message = workspace.post({
      channel: room.id,
      user: workspace.bot.userId,
      bot_id: workspace.bot.botId,
      text: '',
      ...content,
      ...thread,
      ...(args.client_msg_id !== undefined && { client_msg_id: asText(args.client_msg_id) }),
    });
    return {
      ok: true,
      channel: room.id,
      ts: message.ts,
      message: wireMessage(workspace, message, true),
      ...truncation(args),
    };
  },
};

function truncation(args: Arguments): Record<string, unknown> {
  if (asText(args.text).length <= 40_000) return {};
  return { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } };
}

/** Where in a thread a new message goes. Its `thread_ts` has to be a parent's. */
function threadOf(
  args: Arguments,
  channel: string,
  workspace: MethodContext['workspace'],
): Pick<StoredMessage, 'thread_ts' | 'reply_broadcast'> | Failure {
  const thread_ts = asText(args.thread_ts);
  if (thread_ts === '') return {};
  const parent = workspace.find(channel, thread_ts);
  if (!parent) return failed('thread_not_found');
  if (parent.thread_ts !== undefined && parent.thread_ts !== parent.ts) return failed('cannot_reply_to_message');
  return { thread_ts, ...(asFlag(args.reply_broadcast) && { reply_broadcast: true }) };
}

const postEphemeral: Method = {
  scope: 'chat:write',
  run(args, { workspace, scopes }) {
    const room = roomToPostIn(workspace, scopes, args.channel);
    if (isFailure(room)) return room;
    if (!room.members.has(asText(args.user))) return failed('user_not_in_channel');
    const content = readContent(args, workspace);
    if (isFailure(content)) return content;
    if (isEmpty(content)) return failed('no_text');
    const thread = threadOf({ thread_ts: args.thread_ts }, room.id, workspace);
    if (isFailure(thread)) return thread;
    const { metadata: _metadata, ...visible } = content;
    const message = workspace.post({
      channel: room.id,
      user: workspace.bot.userId,
      bot_id: workspace.bot.botId,
      text: '',
      ...visible,
      ...thread,
      ephemeralFor: asText(args.user),
    });
    return { ok: true, message_ts: message.ts };
  },
};

/** A message of the bot itself that a call wants to change or delete. */
function ownMessage(
  args: Arguments,
  { workspace }: MethodContext,
  notYours: string,
): { channel: string; message: StoredMessage } | Failure {
  // Ids of users and names of channels, which posting takes, are unknown here.
  const room = visibleRoom(workspace, args.channel);
  if (isFailure(room)) return room;
  if (room.archived) return failed(notYours === 'cant_update_message' ? 'is_inactive' : 'is_archived');
  const message = workspace.find(room.id, asText(args.ts));
  if (!message || message.deleted) return failed('message_not_found');
  return message.bot_id === workspace.bot.botId ? { channel: room.id, message } : failed(notYours);
}

const update: Method = {
  scope: 'chat:write',
  run(args, context) {
    const { workspace, editWindowSeconds } = context;
    const own = ownMessage(args, context, 'cant_update_message');
    if (isFailure(own)) return own;
    const { channel, message } = own;
    const age = workspace.now().getTime() / 1000 - Number(message.ts);
    if (editWindowSeconds !== undefined && age > editWindowSeconds) return failed('edit_window_closed');

    const content = readContent(args, workspace);
    if (isFailure(content)) return content;
    if ([...(content.text ?? '')].length > longestEdit) return failed('msg_too_long');
    const isBroadcast = asFlag(args.reply_broadcast);
    if (isBroadcast && !isEmpty(content)) return failed('no_dual_broadcast_content_update');
    const changed = {
      ...content,
      // Text without blocks replaces the blocks; what is left out otherwise stays as it was, metadata too.
      ...(content.text !== undefined && content.blocks === undefined && { blocks: undefined }),
      ...(isBroadcast && { reply_broadcast: true }),
    };
    if (isEmpty({ ...message, ...changed })) return failed('no_text');
    workspace.change(message, changed, workspace.bot.userId);
    return { ok: true, channel, ts: message.ts, text: message.text, message: wireMessage(workspace, message, true) };
  },
};

const remove: Method = {
  scope: 'chat:write',
  run(args, context) {
    const own = ownMessage(args, context, 'cant_delete_message');
    if (isFailure(own)) return own;
    context.workspace.remove(own.message);
    return { ok: true, channel: own.channel, ts: own.message.ts };
  },
};

const getPermalink: Method = {
  run(args, { workspace, origin }) {
    const room = visibleRoom(workspace, args.channel);
    if (isFailure(room)) return room;
    const message = workspace.find(room.id, asText(args.message_ts));
    if (!message) return failed('message_not_found');
    const inThread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${room.id}`;
    const permalink = `${origin}/archives/${room.id}/p${message.ts.replace('.', '')}${inThread}`;
    return { ok: true, channel: room.id, permalink };
  },
};

export const chatMethods: Record<string, Method> = {
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.delete': remove,
  'chat.getPermalink': getPermalink,
};
