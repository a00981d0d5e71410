import { type Content, h, outward, type VNode } from '../render/vnode.ts';
import { branches } from './branches.ts';
import { deliveries } from './deliveries.ts';
import { deployments } from './deployments.ts';
import type { Doing } from './doing.ts';
import { pulls } from './pulls.ts';
import type { State } from './state.ts';
import { switches } from './switches.ts';

/** What stands around the bot: what GitHub knows, what is deployed, and what can be made to go wrong. */
export function worldPane(state: State, doing: Doing): VNode {
  const { world } = state;
  if (!world) return h('main', { class: 'world', key: 'world' });
  return h(
    'main',
    { class: 'world', key: 'world', 'aria-label': 'World', tabindex: -1 },
    h(
      'div',
      { class: 'column wide' },
      branches(state, doing, world),
      pulls(state, doing, world),
      deployments(doing, world),
      deliveries(doing, world),
    ),
    h('div', { class: 'column' }, switches(doing, world), environments(world)),
  );
}

/** One part of the world, under its name. */
export function part(title: string, about: string, ...content: Content[]): VNode {
  const id = `part-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return h(
    'section',
    { class: 'part', key: id, 'aria-labelledby': id },
    h('header', {}, h('h2', { id }, title), h('p', { class: 'note' }, about)),
    ...content,
  );
}

/** A table that can be scrolled sideways where there is no room for it. */
export function table(kind: string, label: string, heads: string[], rows: VNode[]): VNode {
  return h(
    'div',
    { class: `table ${kind}`, role: 'region', 'aria-label': label, tabindex: 0 },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head, index) => h('th', { key: String(index), scope: 'col' }, head)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  );
}

function environments({ environments: live, deployer }: NonNullable<State['world']>): VNode {
  return part(
    'Live now',
    'What was deployed last, where it succeeded.',
    live.length === 0
      ? h('p', { class: 'nothing' }, 'Nothing yet.')
      : h(
          'ul',
          { class: 'live' },
          live.map(({ app, name, url, ref, sha }) =>
            h(
              'li',
              { key: `${app} ${name}` },
              outward(url, h('strong', {}, `${app} on ${name}`)),
              h('span', { class: 'note' }, `${ref} at `, h('code', {}, sha.slice(0, 7))),
            ),
          ),
        ),
    h('p', { class: 'note' }, outward(deployer.home, 'All deployments and their logs')),
  );
}
