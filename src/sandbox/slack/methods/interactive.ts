import { asText } from '../arguments.ts';
import { blockProblems } from '../blocks/blocks.ts';
import { plainText } from '../blocks/elements.ts';
import { characters, type Problem, shape } from '../blocks/shape.ts';
import { invalidBlocks } from '../content.ts';
import { failed, isFailure } from '../result.ts';
import { visibleRoom } from '../rooms.ts';
import type { Method } from './method.ts';

const open: Method = {
  token: 'app',
  scope: 'connections:write',
  run: (_args, { openConnection }) => ({ ok: true, url: openConnection() }),
};

const addReaction: Method = {
  scope: 'reactions:write',
  run(args, { workspace }) {
    const room = visibleRoom(workspace, args.channel);
    if (isFailure(room)) return room;
    if (!room.members.has(workspace.bot.userId)) return failed('not_in_channel');
    const message = workspace.find(room.id, asText(args.timestamp));
    if (!message) return failed('message_not_found');
    const name = asText(args.name).replaceAll(':', '');
    if (!/^[\w+'-]+$/.test(name)) return failed('invalid_name');
    message.reactions ??= [];
    const reaction = message.reactions.find((one) => one.name === name);
    if (reaction?.users.includes(workspace.bot.userId)) return failed('already_reacted');
    if (reaction) reaction.users.push(workspace.bot.userId);
    else message.reactions.push({ name, users: [workspace.bot.userId] });
    return { ok: true };
  },
};

const triggerErrors = {
  expired: 'expired_trigger_id',
  exchanged: 'exchanged_trigger_id',
  unknown: 'invalid_trigger_id',
};

const longestView = 250_000;

const openView: Method = {
  run(args, { workspace, useTrigger }) {
    const view = args.view as Record<string, unknown> | undefined;
    if (typeof view !== 'object' || view === null) return failed('invalid_arguments');
    if (JSON.stringify(view).length > longestView) return failed('view_too_large');
    const problems = viewProblems(view);
    if (problems.length > 0) return { ...invalidBlocks(problems), error: 'invalid_arguments' };
    const trigger = useTrigger(asText(args.trigger_id));
    if (trigger !== 'good') return failed(triggerErrors[trigger]);
    const id = workspace.nextId('V');
    return { ok: true, view: { id, root_view_id: id, team_id: workspace.team.id, hash: `${id}.1`, ...view } };
  },
};

/** A modal's frame, and its blocks. */
function viewProblems({ blocks, ...frame }: Record<string, unknown>): Problem[] {
  const short = plainText(24);
  const anything = () => [];
  const checkFrame = shape(
    { type: anything, title: short },
    {
      submit: short,
      close: short,
      callback_id: characters(255, 0),
      private_metadata: characters(3000, 0),
      external_id: characters(255, 0),
      clear_on_close: anything,
      notify_on_close: anything,
      submit_disabled: anything,
    },
  );
  return [...checkFrame(frame, '/view'), ...blockProblems(blocks, 'modal')];
}

export const interactiveMethods: Record<string, Method> = {
  'apps.connections.open': open,
  'reactions.add': addReaction,
  'views.open': openView,
};
