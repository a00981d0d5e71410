import type { ChatView, MessageView, News, RoomView, WorldView } from '../protocol.ts';
import type { Confirm } from '../render/blocks.ts';
import type { Route } from './route.ts';
import type { Connection } from './server.ts';

/** A button that waits for a second look. */
export interface Question extends Confirm {
  room: string;
  ts: string;
  action: string;
}

/** All that the page shows follows from this. */
export interface State {
  connection: Connection;
  chat?: ChatView;
  world?: WorldView;
  /** The id of whom one is. */
  me: string;
  route: Route;
  /** By room, oldest first; replies too. */
  messages: Map<string, MessageView[]>;
  /** Ephemeral messages that their reader has put away. */
  dismissed: Set<string>;
  /** Buttons that were pressed and not yet taken. */
  underWay: Set<string>;
  /** By person and place: what stands in the message box. */
  drafts: Map<string, string>;
  /** By person: the lines that were sent, newest last. */
  sent: Map<string, string[]>;
  /** By person and room, and by person and thread: the newest message that was on the screen. */
  readUpTo: Map<string, string>;
  /** In the room on the screen: what had been read when it was entered, if there was anything new. */
  newSince?: { room: string; ts?: string };
  question?: Question;
  /** What could not be done, in a sentence. */
  trouble?: string;
  isDark: boolean;
  /** Whether there is room for one pane only. */
  isNarrow: boolean;
}

export const keyOf = (...parts: string[]): string => parts.join(' ');

/** Takes in what the server says. What one person alone saw outlives a stream, but not the page. */
export function takeIn(state: State, news: News): void {
  if (news.kind === 'world') {
    state.world = news.world;
  } else if (news.kind === 'message') {
    takeInMessage(state, news.message);
  } else {
    const isFirst = state.chat === undefined;
    const private_ = [...state.messages.values()].flat().filter(({ onlyFor }) => onlyFor !== undefined);
    state.chat = news.chat;
    state.world = news.world;
    state.messages = new Map(news.chat.rooms.map(({ id }) => [id, []]));
    for (const message of [...news.chat.messages, ...private_]) takeInMessage(state, message);
    if (!news.chat.people.some(({ id }) => id === state.me)) state.me = news.chat.people[0]?.id ?? '';
    if (isFirst) readEverything(state);
  }
}

/**
 * A stamp for a remark of the page's own: now, and after everything that is known; `after` may be on its way. The server
 * counts in whole seconds.
 */
export function stampIn(state: State, room: string, now: Date, after = ''): string {
  const last = state.messages.get(room)?.at(-1)?.ts ?? '';
  const newest = last < after ? after : last;
  const stamp = `${Math.floor(now.getTime() / 1000)}.000000`;
  return newest < stamp ? stamp : `${newest}0`;
}

export function takeInMessage(state: State, message: MessageView): void {
  const inRoom = (state.messages.get(message.room) ?? []).filter(({ ts }) => ts !== message.ts);
  const hasReplies = inRoom.some(({ thread }) => thread === message.ts);
  const isGone = message.deleted && (message.onlyFor !== undefined || !hasReplies);
  if (!isGone) inRoom.push(message);
  state.messages.set(
    message.room,
    inRoom.sort((a, b) => (a.ts < b.ts ? -1 : 1)),
  );
}

/** What was said before the page was opened is nobody's news. */
function readEverything(state: State): void {
  for (const { id: person } of state.chat?.people ?? []) {
    for (const [room, messages] of state.messages) {
      state.readUpTo.set(keyOf(person, room), messages.at(-1)?.ts ?? '');
      for (const { ts, thread } of messages) if (thread) state.readUpTo.set(keyOf(person, thread), ts);
    }
  }
}

/** The rooms that one is in, channels first; one's direct message with the bot before those with people. */
export function myRooms(state: State): RoomView[] {
  return (state.chat?.rooms ?? []).filter(({ people }) => people.includes(state.me));
}

/** The room on the screen: where there is space beside the list of rooms there always is one. */
export function roomOf(state: State): RoomView | undefined {
  const { route } = state;
  if (route.tab !== 'chat') return undefined;
  const rooms = myRooms(state);
  return rooms.find(({ id }) => id === route.room) ?? (state.isNarrow ? undefined : rooms[0]);
}

/** What a direct message or a channel is called by this person. */
export function nameOf(state: State, room: RoomView): string {
  if (room.kind === 'channel') return room.name;
  const other = room.people.find((id) => id !== state.me);
  if (other === undefined) return state.chat?.bot.name ?? '';
  return state.chat?.people.find(({ id }) => id === other)?.name ?? other;
}

/** Everything in a room that one can see, replies too. */
export function seenIn(state: State, room: string): MessageView[] {
  return (state.messages.get(room) ?? []).filter(
    ({ onlyFor, ts }) => (onlyFor === undefined || onlyFor === state.me) && !state.dismissed.has(keyOf(room, ts)),
  );
}

export const isTopLevel = ({ thread, broadcast }: MessageView): boolean => thread === undefined || broadcast;

export interface Unread {
  any: boolean;
  mentions: number;
}

/** What is new in a room since one looked. */
export function unreadIn(state: State, room: string): Unread {
  const upTo = state.readUpTo.get(keyOf(state.me, room)) ?? '';
  const fresh = seenIn(state, room).filter(({ ts, author }) => ts > upTo && author !== state.me);
  return {
    any: fresh.some(isTopLevel),
    mentions: fresh.filter((message) => mentions(message, state.me)).length,
  };
}

function mentions({ text, blocks }: MessageView, person: string): boolean {
  return (blocks ? JSON.stringify(blocks) : text).includes(`<@${person}>`);
}

/** Whatever is on the screen is read. */
export function markRead(state: State): void {
  const room = roomOf(state);
  if (!room || state.route.tab !== 'chat') return;
  const messages = seenIn(state, room.id);
  state.readUpTo.set(keyOf(state.me, room.id), messages.at(-1)?.ts ?? '');
  const { thread } = state.route;
  const newest = messages.findLast((message) => message.thread === thread);
  if (thread !== undefined && newest) state.readUpTo.set(keyOf(state.me, thread), newest.ts);
}

/** Notes where the news begin, before they count as read. */
export function enter(state: State, room: RoomView | undefined): void {
  if (!room || state.newSince?.room === room.id) return;
  const ts = state.readUpTo.get(keyOf(state.me, room.id)) ?? '';
  state.newSince = { room: room.id, ...(unreadIn(state, room.id).any && { ts }) };
}
