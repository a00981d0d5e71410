import type { MessageView } from '../protocol.ts';
import { renderBlocks } from '../render/blocks.ts';
import { mrkdwn, type Reader } from '../render/mrkdwn.ts';
import { type Content, h, type VNode } from '../render/vnode.ts';
import { avatar, displayName } from './avatar.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import { fragmentOf } from './route.ts';
import { keyOf, type State, seenIn } from './state.ts';
import { momentOf, shortTimeOf, slackDate, timeOf, wholeTimeOf } from './times.ts';

export interface Look {
  /** Whether it follows something that the same author has just said. */
  isContinued: boolean;
  /** Whether it stands in its thread: no summary of replies, no word on where it comes from. */
  isInThread: boolean;
}

/** One message, with its author unless that was just named. */
export function messageRow(state: State, doing: Doing, message: MessageView, look: Look): VNode {
  const { ts, author, onlyFor } = message;
  const moment = momentOf(ts);
  const time = h(
    'time',
    { datetime: moment.toISOString(), title: wholeTimeOf(moment) },
    look.isContinued ? shortTimeOf(moment) : timeOf(moment),
  );
  const classes = ['message', onlyFor && 'private', look.isContinued && 'continued', message.deleted && 'deleted'];
  return h(
    'article',
    { key: ts, class: classes.filter(Boolean).join(' '), 'data-ts': ts },
    h('div', { class: 'gutter' }, look.isContinued ? time : avatar(state, author)),
    h(
      'div',
      { class: 'content' },
      onlyFor !== undefined && h('p', { class: 'only' }, icon('eye'), 'Only visible to you'),
      h(
        'header',
        // The name is there for those who hear the page, also where nobody has to see it again.
        { class: look.isContinued ? 'hidden' : '' },
        h('strong', {}, displayName(state, author)),
        message.byBot && h('span', { class: 'app' }, 'App'),
        !look.isContinued && time,
      ),
      message.broadcast && !look.isInThread && origin(state, message),
      body(state, doing, message),
      onlyFor !== undefined && dismissal(doing, message),
      !look.isInThread && message.thread === undefined && summary(state, message),
    ),
    !look.isInThread && onlyFor === undefined && reply(doing, message),
  );
}

function body(state: State, doing: Doing, message: MessageView): VNode {
  if (message.deleted) return h('p', { class: 'words' }, 'This message was deleted.');
  const reader = readerOf(state);
  const content: Content =
    message.blocks === undefined
      ? h('div', { class: 'block words' }, mrkdwn(message.text, reader))
      : renderBlocks(message.blocks, {
          ...reader,
          isUnderWay: (action) => state.underWay.has(keyOf(message.room, message.ts, action)),
          press: (button) => doing.press(message.room, message.ts, button),
        });
  // A bot edits its message at every step; that is no news.
  return h(
    'div',
    { class: 'body' },
    content,
    message.edited && !message.byBot && h('span', { class: 'note' }, '(edited)'),
  );
}

export function readerOf(state: State): Reader {
  return {
    me: state.me,
    user: (id) =>
      id === state.chat?.bot.id ? state.chat.bot.name : state.chat?.people.find((one) => one.id === id)?.name,
    room: (id) => state.chat?.rooms.find((room) => room.id === id)?.name,
    date: slackDate,
  };
}

/** Where a reply in the channel comes from. */
function origin(state: State, { room, thread = '' }: MessageView): VNode {
  const parent = state.messages.get(room)?.find(({ ts }) => ts === thread);
  const words = (parent?.text ?? '').split('\n')[0] ?? '';
  return h(
    'p',
    { class: 'origin' },
    'replied to a thread: ',
    h('a', { href: fragmentOf({ tab: 'chat', room, thread }) }, mrkdwn(words, { ...readerOf(state), me: '' }, true)),
  );
}

/** How many replies there are, as the way to them. */
function summary(state: State, { room, ts }: MessageView): VNode | undefined {
  const replies = seenIn(state, room).filter(({ thread, onlyFor }) => thread === ts && onlyFor === undefined);
  const last = replies.at(-1);
  if (!last) return undefined;
  const isFresh = last.ts > (state.readUpTo.get(keyOf(state.me, ts)) ?? '');
  const authors = [...new Set(replies.map(({ author }) => author))].slice(0, 4);
  return h(
    'a',
    { class: isFresh ? 'replies fresh' : 'replies', href: fragmentOf({ tab: 'chat', room, thread: ts }) },
    authors.map((author) => avatar(state, author)),
    h('strong', {}, replies.length === 1 ? '1 reply' : `${replies.length} replies`),
    h('span', { class: 'note' }, `last at ${timeOf(momentOf(last.ts))}`),
    isFresh && h('span', { class: 'hidden' }, ' (unread)'),
  );
}

function dismissal(doing: Doing, { room, ts }: MessageView): VNode {
  const dismiss = () => doing.change((state) => void state.dismissed.add(keyOf(room, ts)));
  return h('button', { type: 'button', class: 'link dismiss', onclick: dismiss }, 'Dismiss message');
}

function reply(doing: Doing, { room, ts, thread = ts }: MessageView): VNode {
  return h(
    'button',
    {
      type: 'button',
      class: 'tool reply',
      title: 'Reply in thread',
      'aria-label': 'Reply in thread',
      onclick: () => doing.go({ tab: 'chat', room, thread }),
    },
    icon('reply'),
  );
}
