import type { StoredMessage } from './message.ts';
import type { SlackChannel, SlackUser, Workspace } from './workspace.ts';

/** A message as the Web API and interaction payloads show it. Metadata only when asked for. */
export function wireMessage(
  workspace: Workspace,
  message: StoredMessage,
  withMetadata = false,
): Record<string, unknown> {
  const { channel, ephemeralFor: _for, metadata, deleted, mrkdwn: _mrkdwn, reply_broadcast, ...rest } = message;
  const byBot = message.bot_id === workspace.bot.botId;
  return {
    type: 'message',
    ...(deleted && { subtype: 'tombstone' }),
    ...(reply_broadcast && { subtype: 'thread_broadcast' }),
    ...rest,
    ...(byBot && { app_id: workspace.bot.appId, bot_profile: wireBotProfile(workspace) }),
    team: workspace.users.get(message.user ?? '')?.team ?? workspace.team.id,
    ...(rest.reactions && { reactions: rest.reactions.map((one) => ({ ...one, count: one.users.length })) }),
    ...wireThread(workspace, channel, message),
    ...(withMetadata && metadata && { metadata }),
  };
}

function wireThread(workspace: Workspace, channel: string, message: StoredMessage): Record<string, unknown> {
  if (message.thread_ts !== undefined && message.thread_ts !== message.ts) {
    const parent = workspace.find(channel, message.thread_ts);
    return { thread_ts: message.thread_ts, ...(parent?.user && { parent_user_id: parent.user }) };
  }
  const replies = workspace.replies(channel, message.ts);
  if (replies.length === 0) return {};
  const users = [...new Set(replies.flatMap(({ user }) => user ?? []))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users.slice(0, 5),
    latest_reply: replies.at(-1)?.ts,
    is_locked: false,
  };
}

function wireBotProfile({ bot, team }: Workspace): Record<string, unknown> {
  return { id: bot.botId, app_id: bot.appId, name: bot.name, deleted: false, team_id: team.id };
}

/** A person as users.info shows them. */
export function wireUser(workspace: Workspace, user: SlackUser): Record<string, unknown> {
  const isStranger = user.team !== workspace.team.id;
  return {
    id: user.id,
    team_id: user.team,
    name: user.name,
    real_name: user.name,
    deleted: false,
    tz: 'Etc/UTC',
    profile: {
      display_name: user.name,
      real_name: user.name,
      team: user.team,
      ...(user.id === workspace.bot.userId && { bot_id: workspace.bot.botId, api_app_id: workspace.bot.appId }),
    },
    is_bot: user.bot,
    is_app_user: false,
    ...(isStranger
      ? { is_stranger: true }
      : {
          is_admin: user.admin,
          is_owner: false,
          is_primary_owner: false,
          is_restricted: user.guest !== undefined,
          is_ultra_restricted: user.guest === 'single',
        }),
  };
}

/** A channel as conversations.info shows it. */
export function wireChannel(workspace: Workspace, channel: SlackChannel): Record<string, unknown> {
  const { id, kind, archived, members } = channel;
  const isMember = members.has(workspace.bot.userId);
  if (kind === 'im') {
    const user = [...members].find((member) => member !== workspace.bot.userId);
    return { id, is_im: true, is_org_shared: false, is_archived: archived, user, is_open: true };
  }
  const teams = new Set([...members].map((member) => workspace.users.get(member)?.team ?? workspace.team.id));
  return {
    id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: kind === 'public',
    is_group: kind !== 'public',
    is_im: false,
    is_mpim: kind === 'mpim',
    is_private: kind !== 'public',
    is_archived: archived,
    is_general: false,
    is_member: isMember,
    is_shared: teams.size > 1,
    is_ext_shared: teams.size > 1,
    is_org_shared: false,
    context_team_id: workspace.team.id,
    num_members: members.size,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}
