import type { Places } from '../places.ts';
import type { SandboxSlack, SlackMessage } from '../slack/server.ts';
import type { ChatView, MessageView, RoomView } from './protocol.ts';

/** A message as the page shows it. */
export function messageView(message: SlackMessage, botUserId: string): MessageView {
  const { channel, ts, thread_ts, user, bot_id, text, blocks } = message;
  const isSlackItself = user === 'USLACKBOT';
  return {
    room: channel,
    ts,
    ...(thread_ts !== undefined && thread_ts !== ts && { thread: thread_ts }),
    ...(!isSlackItself && { author: user ?? botUserId }),
    byBot: user === botUserId || (bot_id !== undefined && user === undefined),
    text,
    ...(blocks && { blocks }),
    edited: message.edited !== undefined,
    broadcast: message.reply_broadcast === true,
    ...(message.ephemeralFor !== undefined && { onlyFor: message.ephemeralFor }),
    deleted: message.deleted === true,
  };
}

/** The whole chat, with everything that everybody saw in it. */
export function chatView(
  world: Places & { slack: SandboxSlack },
  settings: Pick<ChatView, 'beginWith' | 'apps'>,
): ChatView {
  const { slack } = world;
  const rooms = roomsOf(world);
  return {
    ...settings,
    bot: { id: slack.botUserId, name: slack.botUserName },
    people: Object.values(world.people).map(({ id, name }) => ({ id, name, guest: name === 'gus' })),
    rooms,
    messages: rooms.flatMap(({ id }) => messagesIn(slack, id)),
  };
}

function messagesIn(slack: SandboxSlack, room: string): MessageView[] {
  const top = slack.messages(room);
  // A reply that was also sent to the channel stands in both lists.
  const all = new Map(
    [...top, ...top.flatMap(({ ts }) => slack.thread(room, ts))].map((message) => [message.ts, message]),
  );
  return [...all.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1)).map((one) => messageView(one, slack.botUserId));
}

function roomsOf({ channels, directMessages, people }: Places): RoomView[] {
  const everybody = Object.values(people).map(({ id }) => id);
  const ofChannels = Object.values(channels).map(
    ({ id, name }): RoomView => ({ id, name, kind: 'channel', people: everybody, hasBot: name !== 'elsewhere' }),
  );
  const { 'ann-bob': between, ...withBot } = directMessages;
  const direct = Object.entries(withBot).map(
    ([name, { id }]): RoomView => ({
      id,
      name,
      kind: 'direct',
      people: [people[name as keyof typeof people].id],
      hasBot: true,
    }),
  );
  const both = [people.ann.id, people.bob.id];
  return [
    ...ofChannels,
    ...direct,
    { id: between.id, name: between.name, kind: 'direct', people: both, hasBot: false },
  ];
}
