import type { MessageView } from '../protocol.ts';
import { type Content, h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { messageRow } from './message.ts';
import type { State } from './state.ts';
import { dayOf, momentOf } from './times.ts';

/** Within this time messages of one author stand together, in seconds. */
const togetherFor = 300;

/** Messages in their order: grouped by author, with the days between them, and with a line where the news begin. */
export function rows(
  state: State,
  doing: Doing,
  messages: readonly MessageView[],
  o: { isInThread: boolean; newSince?: string },
): Content[] {
  let isNewsMarked = o.newSince === undefined;
  return messages.flatMap((message, index): Content[] => {
    const before = messages[index - 1];
    const day = dayOf(momentOf(message.ts), new Date());
    const isNewDay = !o.isInThread && (!before || day !== dayOf(momentOf(before.ts), new Date()));
    const isNews = !isNewsMarked && message.ts > (o.newSince ?? '') && message.author !== state.me;
    if (isNews) isNewsMarked = true;
    const isContinued = !isNewDay && !isNews && before !== undefined && goesOn(before, message);
    return [
      isNewDay && divider(`day ${message.ts}`, 'day', day),
      isNews && divider('news', 'news', 'New'),
      messageRow(state, doing, message, { isContinued, isInThread: o.isInThread }),
    ];
  });
}

export function divider(key: string, kind: string, words: string): VNode {
  return h('div', { key, class: `divider ${kind}` }, h('span', {}, words));
}

function goesOn(before: MessageView, message: MessageView): boolean {
  return (
    before.author === message.author &&
    before.onlyFor === undefined &&
    message.onlyFor === undefined &&
    before.byBot === message.byBot &&
    !message.broadcast &&
    Number(message.ts) - Number(before.ts) < togetherFor
  );
}
