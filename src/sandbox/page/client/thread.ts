import type { RoomView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import { composer } from './composer.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import { divider, rows } from './log.ts';
import { nameOf, type State, seenIn } from './state.ts';

/** A message with its replies. */
export function threadPane(state: State, doing: Doing, room: RoomView, ts: string): VNode {
  const messages = seenIn(state, room.id);
  const parent = messages.filter((message) => message.ts === ts);
  const replies = messages.filter(({ thread }) => thread === ts);
  const close = () => doing.go({ tab: 'chat', room: room.id });
  return h(
    'aside',
    { class: 'pane thread-pane', key: `thread ${ts}`, 'aria-label': 'Thread' },
    h(
      'header',
      { class: 'bar' },
      h(
        'button',
        { type: 'button', class: 'tool back', onclick: close, 'aria-label': 'Back to the room' },
        icon('back'),
      ),
      h('h2', {}, 'Thread'),
      h('span', { class: 'note' }, room.kind === 'channel' ? `#${room.name}` : nameOf(state, room)),
      h(
        'button',
        { type: 'button', class: 'tool close', onclick: close, title: 'Close (Esc)', 'aria-label': 'Close the thread' },
        icon('close'),
      ),
    ),
    h(
      'div',
      { class: 'scroll', role: 'log', 'aria-live': 'polite', 'aria-label': 'Thread', tabindex: 0 },
      parent.length === 0
        ? h('div', { class: 'empty' }, h('p', {}, 'This message is not here.'))
        : rows(state, doing, parent, { isInThread: true }),
      replies.length > 0 && divider('replies', 'count', replies.length === 1 ? '1 reply' : `${replies.length} replies`),
      rows(state, doing, replies, { isInThread: true }),
    ),
    parent.length > 0 && composer(state, doing, room, ts),
  );
}
