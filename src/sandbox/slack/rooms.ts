import { asText } from './arguments.ts';
import { type Failure, failed, isFailure } from './result.ts';
import type { SlackChannel, Workspace } from './workspace.ts';

/** A channel that the bot may know of: public, or one that it is a member of. All others do not exist for it. */
export function visibleRoom(workspace: Workspace, id: unknown): SlackChannel | Failure {
  const channel = workspace.channels.get(asText(id));
  return channel && canSee(workspace, channel) ? channel : failed('channel_not_found');
}

export function canSee(workspace: Workspace, channel: SlackChannel): boolean {
  return channel.kind === 'public' || channel.members.has(workspace.bot.userId);
}

/**
 * A channel that the bot may post in now. `address` may be an id, the name of a channel, or the id of a user, whose
 * direct message is opened then.
 */
export function roomToPostIn(workspace: Workspace, scopes: string[], address: unknown): SlackChannel | Failure {
  const channel = visibleRoom(workspace, idOf(workspace, asText(address)));
  if (isFailure(channel)) return channel;
  if (channel.archived) return failed('is_archived');
  const mayPost = channel.members.has(workspace.bot.userId) || scopes.includes('chat:write.public');
  return mayPost ? channel : failed('not_in_channel');
}

function idOf(workspace: Workspace, address: string): string {
  if (workspace.channels.has(address)) return address;
  if (workspace.users.has(address)) return workspace.openDirect([address]).id;
  const name = address.replace(/^#/, '');
  return [...workspace.channels.values()].find((channel) => isNamed(channel) && channel.name === name)?.id ?? address;
}

function isNamed({ kind }: SlackChannel): boolean {
  return kind === 'public' || kind === 'private';
}

/** The kind of a channel as scopes name it: `channels:history`, `groups:history`, `im:history`, `mpim:history`. */
export function scopeFamily(channel: SlackChannel | undefined): string {
  const families = { public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' };
  return families[channel?.kind ?? 'public'];
}
