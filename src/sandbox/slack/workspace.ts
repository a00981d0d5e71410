import { createIds } from './ids.ts';
import type { StoredMessage } from './message.ts';
import type { Names } from './shown.ts';

export interface SlackUser {
  id: string;
  name: string;
  /** The team of that person; another one than the workspace's means Slack Connect. */
  team: string;
  /** A guest of one channel or of several. */
  guest?: 'single' | 'multi';
  bot: boolean;
  admin: boolean;
}

/** What is known of a new user. */
export type NewUser = Partial<SlackUser> & { name: string };

export interface SlackChannel {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im' | 'mpim';
  archived: boolean;
  /** User ids, the bot's among them where it is a member. */
  members: Set<string>;
}

/** What is known of a new channel. */
export interface NewChannel {
  id?: string;
  name: string;
  private?: boolean;
  archived?: boolean;
  members?: string[];
  /** True when left out, except between two people. */
  botIsMember?: boolean;
  /** A direct message of the bot with that user. */
  dmWith?: string;
  /** A direct message between people: the bot is no member and does not see it. */
  people?: string[];
}

export type WorkspaceEvent = 'message' | 'edit' | 'ephemeral';

export type Workspace = ReturnType<typeof createWorkspace>;

/** The people, channels and messages of one workspace: what everything else reads and changes. */
export function createWorkspace({ teamId, now }: { teamId: string; now: () => Date }) {
  const { nextTs, nextId } = createIds(now);
  const team = { id: teamId, domain: 'sandbox', name: 'Sandbox' };
  const bot = { userId: 'U0DECKHAND', name: 'deckhand', botId: 'B0DECKHAND', appId: 'A0DECKHAND' };
  const users = new Map<string, SlackUser>();
  const channels = new Map<string, SlackChannel>();
  const messages = new Map<string, StoredMessage[]>();
  const ephemerals: StoredMessage[] = [];
  const postedAt = new WeakMap<StoredMessage, number>();
  const listeners: { event: WorkspaceEvent; hear: (message: StoredMessage) => void }[] = [];

  function addUser(known: NewUser): SlackUser {
    const user = { bot: false, admin: false, ...known, id: known.id ?? nextId('U'), team: known.team ?? teamId };
    users.set(user.id, user);
    return user;
  }

  function addChannel(known: NewChannel): SlackChannel {
    const direct = known.dmWith !== undefined || known.people !== undefined;
    const members = new Set([
      ...(known.members ?? []),
      ...(known.people ?? []),
      ...(known.dmWith ? [known.dmWith] : []),
    ]);
    if (known.botIsMember ?? known.people === undefined) members.add(bot.userId);
    const kind = !direct ? (known.private ? 'private' : 'public') : members.size > 2 ? 'mpim' : 'im';
    const channel: SlackChannel = {
      id: known.id ?? nextId(kind === 'im' ? 'D' : kind === 'public' ? 'C' : 'G'),
      name: known.name,
      kind,
      archived: known.archived ?? false,
      members,
    };
    channels.set(channel.id, channel);
    messages.set(channel.id, []);
    return channel;
  }

  /** The direct message of the bot with these people, made when there is none yet. */
  function openDirect(people: string[]): SlackChannel {
    const wanted = new Set([...people, bot.userId]);
    const existing = [...channels.values()].find(
      ({ kind, members }) =>
        (kind === 'im' || kind === 'mpim') &&
        members.size === wanted.size &&
        [...wanted].every((id) => members.has(id)),
    );
    const name = people.map((id) => users.get(id)?.name ?? id).join('--');
    return existing ?? addChannel({ name, people, botIsMember: true });
  }

  function tell(event: WorkspaceEvent, message: StoredMessage) {
    for (const listener of listeners) if (listener.event === event) listener.hear(message);
  }

  addUser({ id: bot.userId, name: bot.name, bot: true });
  addUser({ id: 'USLACKBOT', name: 'slackbot', bot: true });

  const names: Names = {
    user: (id) => users.get(id)?.name,
    channel: (id) => channels.get(id)?.name,
  };

  return {
    team,
    bot,
    now,
    nextTs,
    nextId,
    users,
    channels,
    names,
    ephemerals,
    addUser,
    addChannel,
    openDirect,

    /** Everything in a channel, replies too, oldest first. */
    messages: (channel: string): StoredMessage[] => messages.get(channel) ?? [],

    /** Milliseconds since it was posted; its `ts` knows the second only. */
    age: (message: StoredMessage): number => now().getTime() - (postedAt.get(message) ?? 0),

    /** A message of a channel, or what is left of a deleted parent. */
    find: (channel: string, ts: string): StoredMessage | undefined =>
      messages.get(channel)?.find((message) => message.ts === ts),

    /** The replies to a parent, oldest first. */
    replies: (channel: string, parent: string): StoredMessage[] =>
      (messages.get(channel) ?? []).filter(({ ts, thread_ts }) => thread_ts === parent && ts !== parent),

    /** Puts a new message in its channel, or before the eyes of one person. */
    post(draft: Omit<StoredMessage, 'ts'>): StoredMessage {
      const message = { ...draft, ts: nextTs() };
      postedAt.set(message, now().getTime());
      if (message.ephemeralFor) ephemerals.push(message);
      else messages.get(message.channel)?.push(message);
      tell(message.ephemeralFor ? 'ephemeral' : 'message', message);
      return message;
    },

    /** Changes a message, by whom is said in its `edited`. */
    change(message: StoredMessage, changes: Partial<StoredMessage>, by: string): void {
      Object.assign(message, changes, { edited: { user: by, ts: nextTs() } });
      tell('edit', message);
    },

    /** Takes a message away; a parent leaves a tombstone that its replies hang on. */
    remove(message: StoredMessage): void {
      message.deleted = true;
      const siblings = message.ephemeralFor ? ephemerals : (messages.get(message.channel) ?? []);
      const hasReplies = siblings.some((other) => other !== message && other.thread_ts === message.ts);
      if (hasReplies && !message.ephemeralFor) {
        Object.assign(message, { text: 'This message was deleted.', blocks: undefined, metadata: undefined });
      } else {
        siblings.splice(siblings.indexOf(message), 1);
      }
      tell('edit', message);
    },

    /** Hears of every new message, edit (deletions too) or ephemeral message, until the returned function is called. */
    on(event: WorkspaceEvent, hear: (message: StoredMessage) => void): () => void {
      const listener = { event, hear };
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
  };
}
