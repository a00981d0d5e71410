import { type Arguments, asFlag, asList, asText } from '../arguments.ts';
import { failed, isFailure } from '../result.ts';
import { canSee, scopeFamily, visibleRoom } from '../rooms.ts';
import { wireChannel } from '../wire.ts';
import type { SlackChannel } from '../workspace.ts';
import type { Method, MethodContext } from './method.ts';
import { page } from './page.ts';

/** The scope to read about the channel that a call names. */
function readScope(args: Arguments, { workspace }: MethodContext): string {
  return `${scopeFamily(workspace.channels.get(asText(args.channel)))}:read`;
}

const info: Method = {
  scope: readScope,
  run(args, { workspace }) {
    const room = visibleRoom(workspace, args.channel);
    return isFailure(room) ? room : { ok: true, channel: wireChannel(workspace, room) };
  },
};

const members: Method = {
  scope: readScope,
  run(args, { workspace }) {
    const room = visibleRoom(workspace, args.channel);
    if (isFailure(room)) return room;
    const { items, next_cursor } = page([...room.members], args, 100);
    return { ok: true, members: items, response_metadata: { next_cursor } };
  },
};

const join: Method = {
  scope: 'channels:join',
  run(args, { workspace }) {
    const room = visibleRoom(workspace, args.channel);
    if (isFailure(room)) return room;
    if (room.kind !== 'public') return failed('method_not_supported_for_channel_type');
    if (room.archived) return failed('is_archived');
    const already = room.members.has(workspace.bot.userId);
    room.members.add(workspace.bot.userId);
    return {
      ok: true,
      channel: wireChannel(workspace, room),
      ...(already && { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } }),
    };
  },
};

const kinds: Record<string, { kind: SlackChannel['kind']; scope: string }> = {
  public_channel: { kind: 'public', scope: 'channels:read' },
  private_channel: { kind: 'private', scope: 'groups:read' },
  im: { kind: 'im', scope: 'im:read' },
  mpim: { kind: 'mpim', scope: 'mpim:read' },
};

function wantedTypes(args: Arguments): string[] {
  const types = asList(args.types);
  return types.length > 0 ? types : ['public_channel'];
}

const list: Method = {
  scope: (args, { scopes }) =>
    wantedTypes(args)
      .map((type) => kinds[type]?.scope)
      .find((scope) => scope !== undefined && !scopes.includes(scope)),
  run(args, { workspace }) {
    const wanted = wantedTypes(args).map((type) => kinds[type]?.kind);
    if (wanted.includes(undefined)) return failed('invalid_types');
    const channels = [...workspace.channels.values()].filter(
      (channel) =>
        wanted.includes(channel.kind) &&
        canSee(workspace, channel) &&
        !(asFlag(args.exclude_archived) && channel.archived),
    );
    const { items, next_cursor } = page(channels, args, 100);
    return {
      ok: true,
      channels: items.map((channel) => wireChannel(workspace, channel)),
      response_metadata: { next_cursor },
    };
  },
};

const open: Method = {
  scope: (args) => (asList(args.users).length > 1 ? 'mpim:write' : 'im:write'),
  run(args, { workspace }) {
    const people = asList(args.users);
    if (people.length === 0) {
      const room =
        args.channel === undefined ? failed('users_list_not_supplied') : visibleRoom(workspace, args.channel);
      return isFailure(room) ? room : { ok: true, no_op: true, already_open: true, channel: { id: room.id } };
    }
    if (people.some((id) => !workspace.users.has(id))) return failed('user_not_found');
    // A DM with another app is refused; there is nobody to read it.
    if (people.length === 1 && workspace.users.get(people[0] ?? '')?.bot) return failed('cannot_dm_bot');
    if (people.length > 8) return failed('too_many_users');
    const room = workspace.openDirect(people);
    return { ok: true, channel: asFlag(args.return_im) ? wireChannel(workspace, room) : { id: room.id } };
  },
};

export const conversationMethods: Record<string, Method> = {
  'conversations.info': info,
  'conversations.members': members,
  'conversations.join': join,
  'conversations.list': list,
  'conversations.open': open,
};
