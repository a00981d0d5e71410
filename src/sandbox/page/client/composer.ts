import type { RoomView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { hintFor } from './hint.ts';
import { icon } from './icons.ts';
import { recalled } from './recall.ts';
import { keyOf, nameOf, type State } from './state.ts';

/** The message box of a room, or of a thread in it. */
export function composer(state: State, doing: Doing, room: RoomView, thread?: string): VNode {
  const place = keyOf(state.me, room.id, thread ?? '');
  const name = room.kind === 'channel' ? `#${nameOf(state, room)}` : nameOf(state, room);
  const id = thread === undefined ? 'box' : 'thread-box';
  const write = (text: string) => doing.change(({ drafts }) => void drafts.set(place, text));
  // Asked when it happens: a key may follow another before the next frame is drawn.
  const written = () => state.drafts.get(place) ?? '';
  const send = () => {
    const line = written().trim();
    if (line === '') return;
    write('');
    doing.send(room.id, thread, line);
  };
  const draft = written();
  const hint = hintFor(draft, {
    isThread: thread !== undefined,
    hasBot: room.hasBot,
    isDirect: room.kind === 'direct',
    botName: state.chat?.bot.name ?? '',
    apps: state.chat?.apps ?? [],
  });
  return h(
    'form',
    {
      class: 'composer',
      onsubmit: (event) => {
        event.preventDefault();
        send();
      },
    },
    h(
      'div',
      { class: 'box' },
      h('label', { class: 'hidden', for: id }, thread === undefined ? `Message ${name}` : 'Reply in this thread'),
      h('textarea', {
        id,
        key: place,
        rows: 1,
        value: draft,
        placeholder: thread === undefined ? `Message ${name}` : 'Reply…',
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-describedby': `${id}-hint`,
        oninput: (event) => write((event.currentTarget as HTMLTextAreaElement).value),
        onkeydown: (event) => {
          const { key, shiftKey, isComposing } = event as KeyboardEvent;
          if (key === 'Enter' && !shiftKey && !isComposing) {
            event.preventDefault();
            send();
          } else if (key === 'ArrowUp' || key === 'ArrowDown') {
            const other = recalled(state.sent.get(state.me) ?? [], written(), key);
            if (other === undefined) return;
            event.preventDefault();
            write(other);
          }
        },
      }),
      h(
        'button',
        { type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send (Enter)', disabled: draft.trim() === '' },
        icon('send'),
      ),
    ),
    h('p', { class: 'hint', id: `${id}-hint` }, hint || usual(thread !== undefined)),
  );
}

const usual = (isThread: boolean): string =>
  isThread ? 'Enter sends · @deckhand status asks how it stands' : 'Enter sends · ↑ brings back your last line';
