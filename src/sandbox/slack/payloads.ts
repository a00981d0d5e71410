import type { Block } from './blocks/blocks.ts';
import type { StoredMessage } from './message.ts';
import { wireMessage } from './wire.ts';
import type { SlackChannel, SlackUser, Workspace } from './workspace.ts';

/** Deprecated, and still in every payload. */
const token = 'sandbox-verification-token';

/** What Slack calls a channel in payloads: its name only where everybody may know it. */
function shownName({ kind, name }: SlackChannel): string {
  return kind === 'public' ? name : kind === 'im' ? 'directmessage' : 'privategroup';
}

/** A slash command: all strings, as the form has nothing else, `is_enterprise_install` too. */
export function slashCommand(
  { team, bot }: Workspace,
  c: { command: string; text: string; user: SlackUser; channel: SlackChannel; triggerId: string; responseUrl: string },
): Record<string, string> {
  return {
    token,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: c.channel.id,
    channel_name: shownName(c.channel),
    user_id: c.user.id,
    user_name: c.user.name,
    command: c.command,
    text: c.text,
    api_app_id: bot.appId,
    is_enterprise_install: 'false',
    response_url: c.responseUrl,
    trigger_id: c.triggerId,
  };
}

/** A pressed button. Slack sends the message along, but never an ephemeral one. */
export function blockActions(
  workspace: Workspace,
  p: {
    user: SlackUser;
    channel: SlackChannel;
    message: StoredMessage;
    block: Block;
    element: Record<string, unknown>;
    triggerId: string;
    responseUrl: string;
    actionTs: string;
  },
): Record<string, unknown> {
  const { team, bot } = workspace;
  const isEphemeral = p.message.ephemeralFor !== undefined;
  const { action_id, text, value, style, url } = p.element;
  return {
    type: 'block_actions',
    user: { id: p.user.id, username: p.user.name, name: p.user.name, team_id: p.user.team },
    api_app_id: bot.appId,
    token,
    container: {
      type: 'message',
      message_ts: p.message.ts,
      channel_id: p.channel.id,
      is_ephemeral: isEphemeral,
      ...(p.message.thread_ts !== undefined && { thread_ts: p.message.thread_ts }),
    },
    trigger_id: p.triggerId,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: p.channel.id, name: shownName(p.channel) },
    ...(!isEphemeral && { message: wireMessage(workspace, p.message, true) }),
    state: { values: {} },
    response_url: p.responseUrl,
    actions: [
      {
        action_id,
        block_id: p.block.block_id,
        text,
        ...(value !== undefined && { value }),
        ...(style !== undefined && { style }),
        ...(url !== undefined && { url }),
        type: 'button',
        action_ts: p.actionTs,
      },
    ],
  };
}

/** An `app_mention` in its `event_callback`. */
export function appMention(
  workspace: Workspace,
  m: { message: StoredMessage; user: SlackUser; channel: SlackChannel; eventId: string },
): Record<string, unknown> {
  const { team, bot, now } = workspace;
  const { message, user, channel } = m;
  const isShared = [...channel.members].some((id) => (workspace.users.get(id)?.team ?? team.id) !== team.id);
  return {
    token,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: bot.appId,
    event: {
      type: 'app_mention',
      user: user.id,
      ts: message.ts,
      ...(message.client_msg_id !== undefined && { client_msg_id: message.client_msg_id }),
      text: message.text,
      team: user.team,
      ...(user.team !== team.id && { user_team: user.team, source_team: user.team, user_profile: { team: user.team } }),
      ...(message.bot_id !== undefined && { bot_id: message.bot_id }),
      ...(message.thread_ts !== undefined && { thread_ts: message.thread_ts }),
      ...(message.edited && { edited: message.edited }),
      channel: channel.id,
      event_ts: message.edited?.ts ?? message.ts,
    },
    type: 'event_callback',
    event_id: m.eventId,
    event_time: Math.floor(now().getTime() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: isShared,
    event_context: `4-${m.eventId}`,
  };
}

/** The body of `app_rate_limited`: unlike all other events it has no inner event. */
export function appRateLimited({ team, bot, now }: Workspace): Record<string, unknown> {
  return {
    token,
    type: 'app_rate_limited',
    team_id: team.id,
    minute_rate_limited: Math.floor(now().getTime() / 60_000) * 60,
    api_app_id: bot.appId,
  };
}
