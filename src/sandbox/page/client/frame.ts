import { type Content, h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import { questionDialog } from './question.ts';
import { rail } from './rail.ts';
import { roomPane } from './room.ts';
import { fragmentOf } from './route.ts';
import { myRooms, roomOf, type State, unreadIn } from './state.ts';
import { threadPane } from './thread.ts';
import { worldPane } from './world.ts';

/** The whole page. */
export function frame(state: State, doing: Doing): VNode[] {
  if (state.connection === 'refused' || (state.connection !== 'live' && !state.chat)) return [waiting(state)];
  const { route } = state;
  const room = roomOf(state);
  const panes: Content[] =
    route.tab === 'world'
      ? [worldPane(state, doing)]
      : [
          rail(state, doing),
          room && roomPane(state, doing, room),
          room && route.thread !== undefined && threadPane(state, doing, room, route.thread),
        ];
  const shown = route.tab === 'world' ? 'world' : route.thread ? 'thread' : route.room ? 'room' : 'list';
  return [
    h(
      'div',
      { key: 'page', class: `page showing-${shown}` },
      topBar(state, doing),
      state.connection !== 'live' &&
        h('p', { class: 'banner', role: 'status', key: 'lost' }, 'The sandbox does not answer. Trying again…'),
      state.trouble !== undefined &&
        h(
          'p',
          { class: 'banner bad', role: 'alert', key: 'trouble' },
          state.trouble,
          h(
            'button',
            { type: 'button', class: 'link', onclick: () => doing.change({ trouble: undefined }) },
            'Dismiss',
          ),
        ),
      h('div', { class: 'panes', key: 'panes' }, panes),
    ),
    ...[questionDialog(state, doing)].filter((dialog) => dialog !== undefined),
  ];
}

function topBar(state: State, doing: Doing): VNode {
  const { tab } = state.route;
  const room = roomOf(state)?.id;
  const mentions = tab === 'world' ? myRooms(state).reduce((sum, { id }) => sum + unreadIn(state, id).mentions, 0) : 0;
  return h(
    'header',
    { class: 'top', key: 'top' },
    h('a', { class: 'skip', href: '#box', onclick: skipToBox }, 'To the message box'),
    h('span', { class: 'brand' }, icon('anchor'), h('span', {}, 'Sandbox')),
    h(
      'nav',
      { class: 'tabs', 'aria-label': 'Views' },
      h(
        'a',
        {
          href: fragmentOf({ tab: 'chat', room: room ?? state.chat?.beginWith.room }),
          'aria-current': tab === 'chat' ? 'page' : undefined,
        },
        'Chat',
        mentions > 0 && h('span', { class: 'badge' }, String(mentions)),
      ),
      h('a', { href: fragmentOf({ tab: 'world' }), 'aria-current': tab === 'world' ? 'page' : undefined }, 'World'),
    ),
    h('div', { class: 'grow' }),
    h(
      'button',
      {
        type: 'button',
        class: 'tool theme',
        'aria-label': state.isDark ? 'Light colours' : 'Dark colours',
        title: state.isDark ? 'Light colours' : 'Dark colours',
        onclick: () => doing.colour(!state.isDark),
      },
      icon(state.isDark ? 'sun' : 'moon'),
    ),
  );
}

function skipToBox(event: Event): void {
  event.preventDefault();
  document.getElementById('box')?.focus();
}

function waiting({ connection }: State): VNode {
  const words =
    connection === 'refused'
      ? [
          'This link is not the right one',
          'Open the link that the sandbox printed when it started. A sandbox that is started again has a new one.',
        ]
      : connection === 'lost'
        ? ['The sandbox does not answer', 'Trying again. Does npm run sandbox still run?']
        : ['One moment', 'Opening the sandbox.'];
  return h(
    'main',
    { key: 'waiting', class: 'waiting' },
    icon('anchor'),
    h('h1', {}, words[0]),
    h('p', { role: 'status' }, words[1]),
  );
}
