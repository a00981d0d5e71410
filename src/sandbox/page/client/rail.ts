import type { RoomView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import { avatar } from './avatar.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import { fragmentOf } from './route.ts';
import { myRooms, nameOf, roomOf, type State, unreadIn } from './state.ts';

/** The list of rooms, and who one is. */
export function rail(state: State, doing: Doing): VNode {
  const rooms = myRooms(state);
  const section = (title: string, kind: RoomView['kind']) => [
    h('h2', { key: title }, title),
    h(
      'ul',
      { key: kind },
      rooms.filter((room) => room.kind === kind).map((room) => entry(state, room)),
    ),
  ];
  return h(
    'nav',
    { class: 'rail', key: 'rail', 'aria-label': 'Rooms and people' },
    section('Channels', 'channel'),
    section('Direct messages', 'direct'),
    h('div', { class: 'grow' }),
    people(state, doing),
  );
}

function entry(state: State, room: RoomView): VNode {
  const name = nameOf(state, room);
  const { any, mentions } = unreadIn(state, room.id);
  const isHere = roomOf(state)?.id === room.id;
  const other = room.people.find((id) => id !== state.me) ?? state.chat?.bot.id;
  return h(
    'li',
    { key: room.id },
    h(
      'a',
      {
        href: fragmentOf({ tab: 'chat', room: room.id }),
        class: any && !isHere ? 'room unread' : 'room',
        'aria-current': isHere ? 'page' : undefined,
      },
      room.kind === 'channel' ? icon('hash') : avatar(state, other),
      h('span', { class: 'name' }, name),
      room.kind === 'direct' && room.hasBot && h('span', { class: 'app' }, 'App'),
      !room.hasBot && room.kind === 'channel' && h('span', { class: 'note' }, 'no bot'),
      any && !isHere && mentions === 0 && h('span', { class: 'hidden' }, ' (unread)'),
      mentions > 0 &&
        !isHere &&
        h('span', { class: 'badge' }, String(mentions), h('span', { class: 'hidden' }, ' new mentions')),
    ),
  );
}

function people(state: State, doing: Doing): VNode {
  return h(
    'fieldset',
    { class: 'people' },
    h('legend', {}, 'You are'),
    (state.chat?.people ?? []).map(({ id, name, guest }) =>
      h(
        'label',
        { key: id, class: id === state.me ? 'chosen' : '' },
        h('input', {
          type: 'radio',
          name: 'person',
          value: id,
          checked: id === state.me,
          onchange: () => doing.be(id),
        }),
        avatar(state, id),
        h('span', { class: 'name' }, name),
        h('span', { class: 'note' }, guest ? 'guest' : 'member'),
      ),
    ),
  );
}
