import type { RoomView } from '../protocol.ts';
import { h, outward, type VNode } from '../render/vnode.ts';
import { composer } from './composer.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import { rows } from './log.ts';
import { fragmentOf } from './route.ts';
import { isTopLevel, nameOf, type State, seenIn } from './state.ts';

/** A channel or a direct message. */
export function roomPane(state: State, doing: Doing, room: RoomView): VNode {
  const messages = seenIn(state, room.id).filter(isTopLevel);
  const name = nameOf(state, room);
  const newSince = state.newSince?.room === room.id ? state.newSince.ts : undefined;
  return h(
    'main',
    { class: 'pane room-pane', key: room.id, 'aria-label': room.kind === 'channel' ? `#${name}` : name },
    h(
      'header',
      { class: 'bar' },
      h('a', { class: 'tool back', href: fragmentOf({ tab: 'chat' }), 'aria-label': 'All rooms' }, icon('back')),
      h('h1', {}, room.kind === 'channel' && icon('hash'), name),
      h('span', { class: 'note' }, about(state, room)),
    ),
    h(
      'div',
      { class: 'scroll', role: 'log', 'aria-live': 'polite', 'aria-label': `Messages in ${name}`, tabindex: 0 },
      h('div', { class: 'grow' }),
      messages.length === 0
        ? beginning(state, doing, room, name)
        : rows(state, doing, messages, { isInThread: false, newSince }),
    ),
    composer(state, doing, room),
  );
}

function about({ chat }: State, room: RoomView): string {
  if (room.kind === 'direct') return room.hasBot ? 'Only you and the bot' : 'The bot is not in here';
  const names = (chat?.people ?? []).filter(({ id }) => room.people.includes(id)).map(({ name }) => name);
  return room.hasBot ? [...names, chat?.bot.name].join(', ') : `${names.join(', ')}; the bot is not in here`;
}

/** What stands in an empty room; in the one to begin in, what to do first. */
function beginning(state: State, doing: Doing, room: RoomView, name: string): VNode {
  const { line, room: first } = state.chat?.beginWith ?? { line: '', room: '' };
  if (room.id !== first) {
    const words = room.hasBot
      ? `Try ${line} here as well.`
      : 'The bot is not in here. /deploy reaches it all the same.';
    return h(
      'div',
      { class: 'empty', key: 'empty' },
      h('p', {}, h('strong', {}, `Nothing in ${name} yet.`)),
      h('p', {}, words),
    );
  }
  const home = state.world?.deployer.home;
  return h(
    'section',
    { class: 'card begin', key: 'begin', 'aria-labelledby': 'begin-title' },
    h('div', { class: 'badge-icon' }, icon('anchor')),
    h('h2', { id: 'begin-title' }, 'Deploy something'),
    h('p', {}, 'The bot, a real git repository and a deployer run on this machine, and nothing leaves it. Type this:'),
    h(
      'div',
      { class: 'try' },
      h('code', {}, line),
      h(
        'button',
        { type: 'button', class: 'button primary', onclick: () => doing.send(room.id, undefined, line) },
        'Send it',
      ),
    ),
    h(
      'ol',
      {},
      h('li', {}, 'One message appears and follows the deployment, step by step.'),
      h('li', {}, 'Its thread has every step: open it with the line of replies below the message.'),
      h('li', {}, 'The thread ends with a link to the page that was deployed.'),
    ),
    h(
      'p',
      { class: 'note' },
      'Then break something: turn a check red or lose a webhook in ',
      h('a', { href: fragmentOf({ tab: 'world' }) }, 'the world'),
      home ? [', or look at ', outward(home, 'the deployer'), '.'] : '.',
    ),
  );
}
