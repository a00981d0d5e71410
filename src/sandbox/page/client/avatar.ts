import { h, type VNode } from '../render/vnode.ts';
import { icon } from './icons.ts';
import type { State } from './state.ts';

/** The picture of somebody, by user id; without one, of the chat itself. Their name has to stand beside it. */
export function avatar({ chat }: State, id: string | undefined): VNode {
  if (id === undefined) return h('span', { class: 'avatar system', 'aria-hidden': 'true' }, icon('eye'));
  if (id === chat?.bot.id) return h('span', { class: 'avatar bot', 'aria-hidden': 'true' }, icon('anchor'));
  const index = chat?.people.findIndex((person) => person.id === id) ?? -1;
  const letter = (chat?.people[index]?.name ?? id).charAt(0).toUpperCase();
  return h('span', { class: `avatar person-${index}`, 'aria-hidden': 'true' }, letter);
}

export function displayName({ chat }: State, id: string | undefined): string {
  if (id === undefined) return 'Chat';
  if (id === chat?.bot.id) return chat.bot.name;
  return chat?.people.find((person) => person.id === id)?.name ?? id;
}
