import { randomUUID } from 'node:crypto';
import type { AckResult, Outgoing, Tamper } from './delivery.ts';
import { buttonsOf, type StoredMessage } from './message.ts';
import { appMention, appRateLimited, blockActions, slashCommand } from './payloads.ts';
import type { createResponseUrls } from './response-urls.ts';
import type { SlackChannel, SlackUser, Workspace } from './workspace.ts';

/** Something that was sent to the app because of what a person did. */
export interface Sent {
  /** How the app took it. Never rejects. */
  acked: Promise<AckResult>;
  envelopeId?: string;
  triggerId?: string;
  /** The person's own message. */
  ts?: string;
  eventId?: string;
}

export interface TypedCommand {
  user: string;
  channel: string;
  text: string;
  /** `/deploy` when left out. */
  command?: string;
  tamper?: Tamper;
}

export interface TypedMention {
  user: string;
  channel: string;
  /** `@deckhand …`, or with `<@U0DECKHAND>`. */
  text: string;
  /** The ts of the parent, when it is said in a thread. */
  thread?: string;
  tamper?: Tamper;
}

export interface Press {
  user: string;
  channel: string;
  /** The ts of the message, also of an ephemeral one. */
  message: string;
  /** The `action_id` of the button. */
  action: string;
  tamper?: Tamper;
}

type ResponseUrls = ReturnType<typeof createResponseUrls>;

/**
 * What people do in the workspace, and what Slack then sends to the app. What nobody could do (a button that is not
 * there, a person nobody knows) throws: it is a mistake of who wrote the scene.
 */
export function createPeople(o: {
  workspace: Workspace;
  responseUrls: ResponseUrls;
  newTrigger: () => string;
  /** Whether the app gets `app_mention` from there. */
  hearsMentions: (channel: SlackChannel) => boolean;
  /** Slack's word for why it sends an event again. */
  retryReason: () => string;
  deliver: (outgoing: Outgoing) => Promise<AckResult>;
}) {
  const { workspace, responseUrls } = o;
  const outgoings = new WeakMap<Sent, { outgoing: Outgoing; then: (result: AckResult) => void }>();

  function send(outgoing: Outgoing, ids: Omit<Sent, 'acked'>, then: (result: AckResult) => void = () => {}): Sent {
    const acked = o.deliver(outgoing).then((result) => {
      then(result);
      return result;
    });
    const sent = { ...ids, envelopeId: outgoing.envelopeId, acked };
    outgoings.set(sent, { outgoing, then });
    return sent;
  }

  function personIn(userId: string, channelId: string): { user: SlackUser; channel: SlackChannel } {
    const user = workspace.users.get(userId);
    const channel = workspace.channels.get(channelId);
    if (!user) throw new Error(`Nobody here is ${userId}.`);
    if (!channel) throw new Error(`There is no channel ${channelId}.`);
    if (channel.archived) throw new Error(`#${channel.name} is archived: nobody can type in it.`);
    if (!channel.members.has(user.id)) {
      if (channel.kind === 'im') throw new Error(`${user.name} is not in the direct message ${channel.id}.`);
      // Whoever types in a channel has joined it.
      channel.members.add(user.id);
    }
    return { user, channel };
  }

  function command(c: TypedCommand): Sent {
    const { user, channel } = personIn(c.user, c.channel);
    const name = c.command ?? '/deploy';
    const occasion = { user, channel };
    const triggerId = o.newTrigger();
    const responseUrl = responseUrls.issue(occasion);
    const payload = slashCommand(workspace, { command: name, text: c.text, user, channel, triggerId, responseUrl });
    const outgoing: Outgoing = { type: 'slash_commands', payload, envelopeId: randomUUID(), tamper: c.tamper };
    return send(outgoing, { triggerId }, (result) => {
      if (result.failure) tellFailure(name, user, channel, result.failure);
      else if (typeof result.body === 'string') responseUrls.show(occasion, { text: result.body });
      else if (result.body) responseUrls.show(occasion, { ...(result.body as object) });
    });
  }

  /** What Slack itself tells a person whose command was not taken. */
  function tellFailure(command: string, user: SlackUser, channel: SlackChannel, failure: string) {
    const text = `${command} failed with the error "${failure}"`;
    workspace.post({ channel: channel.id, user: 'USLACKBOT', text, ephemeralFor: user.id });
  }

  /** What somebody typed as Slack stores it: names of people and channels as ids, `&`, `<` and `>` escaped. */
  function stored(text: string): string {
    const people = new Map([...workspace.users.values()].map(({ id, name }) => [name, id]));
    const rooms = new Map([...workspace.channels.values()].map(({ id, name }) => [name, id]));
    return text.replace(
      /<(?:[@#!]|https?:|mailto:)[^<>]*>|(?<![\w@])@([\w.-]+)|(?<![\w#])#([\w.-]+)|[<>]|&(?!amp;|lt;|gt;)/g,
      (typed, person?: string, room?: string) => {
        if (person !== undefined) return people.has(person) ? `<@${people.get(person)}>` : typed;
        if (room !== undefined) return rooms.has(room) ? `<#${rooms.get(room)}|${room}>` : typed;
        return { '<': '&lt;', '>': '&gt;', '&': '&amp;' }[typed] ?? typed;
      },
    );
  }

  function mention(m: TypedMention): Sent {
    const { user, channel } = personIn(m.user, m.channel);
    if (m.thread !== undefined && !workspace.find(channel.id, m.thread)) {
      throw new Error(`There is no message ${m.thread} in ${channel.id} to reply to.`);
    }
    const message = workspace.post({
      channel: channel.id,
      user: user.id,
      ...(user.bot && { bot_id: user.id.replace(/^U/, 'B') }),
      ...(m.thread !== undefined && { thread_ts: m.thread }),
      client_msg_id: randomUUID(),
      text: stored(m.text),
    });
    return sendMention(message, user, channel, m.tamper);
  }

  function sendMention(message: StoredMessage, user: SlackUser, channel: SlackChannel, tamper?: Tamper): Sent {
    const eventId = workspace.nextId('Ev');
    // Nobody hears of a mention that is none, in a direct message, or where the app is no member.
    if (!message.text.includes(`<@${workspace.bot.userId}>`) || !o.hearsMentions(channel)) return unheard(message.ts);
    const payload = appMention(workspace, { message, user, channel, eventId });
    return send({ type: 'events_api', payload, envelopeId: randomUUID(), tamper }, { ts: message.ts, eventId });
  }

  function unheard(ts: string): Sent {
    return { ts, acked: Promise.resolve({ status: 'not_delivered', body: undefined, ms: 0 }) };
  }

  /** Editing a message that mentions the bot sends `app_mention` again, with an event id of its own. */
  function editMessage(channelId: string, ts: string, text: string): Sent {
    const message = workspace.find(channelId, ts);
    if (!message?.user) throw new Error(`There is no message ${ts} in ${channelId} to edit.`);
    const { user, channel } = personIn(message.user, channelId);
    workspace.change(message, { text: stored(text) }, user.id);
    return sendMention(message, user, channel);
  }

  function press(p: Press): Sent {
    const { user, channel } = personIn(p.user, p.channel);
    const message =
      workspace.find(channel.id, p.message) ??
      workspace.ephemerals.find(({ ts, ephemeralFor }) => ts === p.message && ephemeralFor === user.id);
    if (!message) throw new Error(`${user.name} sees no message ${p.message} in ${channel.id}.`);
    const buttons = buttonsOf(message);
    const pressed = buttons.find(({ element }) => element.action_id === p.action);
    if (!pressed) {
      const there = buttons.map(({ element }) => String(element.action_id)).join(', ') || 'none';
      throw new Error(`That message has no button ${p.action}; there: ${there}.`);
    }
    const triggerId = o.newTrigger();
    const responseUrl = responseUrls.issue({ user, channel, original: message });
    const actionTs = workspace.nextTs();
    const payload = blockActions(workspace, { user, channel, message, ...pressed, triggerId, responseUrl, actionTs });
    return send({ type: 'interactive', payload, envelopeId: randomUUID(), tamper: p.tamper }, { triggerId });
  }

  /** The same once more, as it was: a duplicate. An event also says that it is a retry, and why. */
  function redeliver(sent: Sent): Sent {
    const known = outgoings.get(sent);
    if (!known) throw new Error('That was never sent, so it cannot be sent again.');
    const { outgoing, then } = known;
    const retry = { attempt: (outgoing.retry?.attempt ?? 0) + 1, reason: o.retryReason() };
    const { acked: _acked, ...ids } = sent;
    return send({ ...outgoing, ...(outgoing.type === 'events_api' && { retry }) }, ids, then);
  }

  /** Slack's word that it holds events back because there were too many. */
  function sendAppRateLimited(): Sent {
    return send({ type: 'events_api', payload: appRateLimited(workspace), envelopeId: randomUUID() }, {});
  }

  return { command, mention, editMessage, press, redeliver, sendAppRateLimited };
}
