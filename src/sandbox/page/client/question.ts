import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import type { State } from './state.ts';

/** The dialog that a button asks for before it counts. */
export function questionDialog({ question }: State, doing: Doing): VNode | undefined {
  if (!question) return undefined;
  return h(
    'dialog',
    {
      key: 'question',
      class: 'question',
      'aria-labelledby': 'question-title',
      oncancel: (event) => {
        event.preventDefault();
        doing.answer(false);
      },
    },
    h('h2', { id: 'question-title' }, question.title),
    h('p', { class: 'words' }, question.text),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button plain', onclick: () => doing.answer(false) }, question.deny),
      h(
        'button',
        {
          type: 'button',
          class: `button ${question.danger ? 'danger' : 'primary'}`,
          onclick: () => doing.answer(true),
        },
        question.confirm,
      ),
    ),
  );
}
