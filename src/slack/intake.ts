import type { Place } from '../deploy/deployment.ts';
import type { Command } from '../deploy/ports.ts';
import type { Team } from './team.ts';
import { typed } from './typed.ts';

/** What turning a payload into a command takes besides the payload. */
export interface Desk {
  team: Team;
  now: Date;
  ulid(): string;
}

/** A slash command's payload, as far as the bot reads it (docs.slack.dev/interactivity/implementing-slash-commands). */
export interface SlashPayload {
  command: string;
  text: string;
  user_id: string;
  user_name: string;
  channel_id: string;
  channel_name: string;
  trigger_id: string;
  response_url: string;
}

/** An `app_mention` event, as far as the bot reads it. */
export interface MentionPayload {
  user?: string;
  text: string;
  channel: string;
  ts: string;
  thread_ts?: string;
  bot_id?: string;
  subtype?: string;
  edited?: unknown;
}

/** A `block_actions` payload, as far as the bot reads it. */
export interface PressPayload {
  actions: readonly { action_id: string; type: string; value?: string }[];
  user: { id: string; name?: string; username?: string };
  channel?: { id: string; name?: string };
  container: { thread_ts?: unknown; message_ts?: unknown; is_ephemeral?: unknown; [more: string]: unknown };
  trigger_id: string;
  response_url: string;
}

/** A slash command, whatever name Slack routes here. Slack has none in threads. */
export function fromSlash(payload: SlashPayload, desk: Desk): Command {
  return {
    id: desk.ulid(),
    // The trigger is enough for Slack; what was typed makes sure that no other line is ever taken for this one.
    key: `trigger:${payload.trigger_id ?? desk.ulid()}:${payload.channel_id}:${payload.user_id}:${payload.text}`,
    text: typed(payload.text ?? ''),
    prefix: payload.command,
    place: placeOf(desk.team, payload.channel_id, payload.channel_name),
    user: { id: payload.user_id, name: payload.user_name || payload.user_id },
    answerUrl: payload.response_url,
    at: desk.now.toISOString(),
  };
}

/**
 * A message that begins with a mention of the bot. Nothing for talk about it, for what other bots say, and for old
 * messages that were edited: Slack sends those again as new events.
 */
export function fromMention(event: MentionPayload, desk: Desk): Command | undefined {
  const line = afterMention(event.text, desk.team.botUser);
  return line === undefined ? undefined : fromMessage(event, line, desk);
}

/** Any message of a person in a direct message with the bot, with a mention or without. */
export const fromDirectMessage = (event: MentionPayload, desk: Desk): Command | undefined =>
  fromMessage(event, afterMention(event.text, desk.team.botUser) ?? event.text, desk);

function fromMessage(event: MentionPayload, line: string, { team, now, ulid }: Desk): Command | undefined {
  const { user, channel, ts, thread_ts } = event;
  if (user === undefined || user === team.botUser || event.bot_id || event.subtype || event.edited) return undefined;
  return {
    id: ulid(),
    // Two events for one message are one command.
    key: `message:${channel}:${ts}`,
    text: typed(line),
    prefix: `@${team.botName}`,
    // The event holds no names, and asking for them would be too slow here.
    place: placeOf(team, channel, channel, thread_ts === ts ? undefined : thread_ts),
    user: { id: user, name: user },
    at: now.toISOString(),
    ...sentAt(ts),
  };
}

/** A message's id is the time at which Slack took it, in seconds (docs.slack.dev/reference/events/message). */
function sentAt(ts: string): { sentAt?: string } {
  const at = new Date(Number(ts) * 1000);
  return Number.isNaN(at.getTime()) ? {} : { sentAt: at.toISOString() };
}

/** What follows the mention at the beginning of a message, as in `<@U1|deckhand>: deploy hello`. */
function afterMention(text: string, botUser: string): string | undefined {
  const [, user, rest] = /^\s*<@([A-Z0-9]+)(?:\|[^>]*)?>[:,]?(?:\s+|$)([\s\S]*)$/.exec(text) ?? [];
  return user === botUser ? rest : undefined;
}

/**
 * A button that types a line. It counts once a message, however often it is pressed: two quick presses are not two
 * deployments. What a deployment's button starts is told in the room, though the button is in a thread. Nothing for other buttons, such
 * as links, which Slack reports all the same.
 */
export function fromPress(payload: PressPayload, desk: Desk, slash: string): Command | undefined {
  const [action] = payload.actions;
  const { user, channel, container } = payload;
  if (!channel || action?.type !== 'button' || !action.value || !/^(say|confirm):/.test(action.action_id))
    return undefined;
  const { message_ts: message, thread_ts: thread, is_ephemeral: isPrivate } = container;
  return {
    id: desk.ulid(),
    key:
      typeof message === 'string'
        ? `press:${channel.id}:${message}:${action.action_id}`
        : `trigger:${payload.trigger_id}`,
    // Our own line, which no phone has touched.
    text: action.value,
    prefix: slash,
    // A correction goes on in the thread where it was typed.
    place: placeOf(
      desk.team,
      channel.id,
      channel.name ?? channel.id,
      isPrivate === true && typeof thread === 'string' ? thread : undefined,
    ),
    pressed: true,
    user: { id: user.id, name: user.username ?? user.name ?? user.id },
    answerUrl: payload.response_url,
    at: desk.now.toISOString(),
  };
}

/** Always the team that installed the bot: people from other organisations come with a team of their own. */
function placeOf(team: Team, room: string, roomName: string, thread?: string): Place {
  return { team: team.id, room, roomName: roomName || room, ...(thread && { thread }) };
}
