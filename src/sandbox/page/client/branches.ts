import type { CheckView, RefView, WorldView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { icon } from './icons.ts';
import type { State } from './state.ts';
import { part, table } from './world.ts';

/** Branches and tags with the checks of their commits. */
export function branches(state: State, doing: Doing, { repositories }: WorldView): VNode {
  return part(
    'Branches',
    'A check turns red or green when you press it. A deployment asks for all of them to be green.',
    repositories.map(({ name, refs }) => [
      h('h3', { key: `name ${name}` }, name),
      h(
        'div',
        { key: name },
        table(
          'branches',
          `Branches of ${name}`,
          ['Branch', 'Commit', 'Checks', ''],
          refs.map((ref) => row(state, doing, name, ref)),
        ),
      ),
    ]),
  );
}

function row(state: State, doing: Doing, repository: string, ref: RefView): VNode {
  const { name, kind, sha, subject, checks } = ref;
  const push = () => void doing.act({ do: 'push', repository, branch: name, person: state.me });
  return h(
    'tr',
    { key: `${kind} ${name}`, 'data-ref': name },
    h('th', { scope: 'row' }, icon(kind), h('span', {}, name), kind === 'tag' && h('span', { class: 'note' }, 'tag')),
    h('td', { class: 'commit' }, h('code', {}, sha.slice(0, 7)), h('span', { class: 'note', title: subject }, subject)),
    h(
      'td',
      { class: 'checks' },
      checks.length === 0
        ? h('span', { class: 'note' }, 'none')
        : checks.map((check) => pill(doing, repository, ref, check)),
    ),
    h(
      'td',
      { class: 'end' },
      kind === 'branch' &&
        h(
          'button',
          { type: 'button', class: 'button small', onclick: push, 'aria-label': `Push a commit to ${name}` },
          'Push a commit',
        ),
    ),
  );
}

const looks = {
  success: { drawing: 'check', word: 'green', other: 'red' },
  failure: { drawing: 'cross', word: 'red', other: 'green' },
  pending: { drawing: 'dots', word: 'pending', other: 'green' },
} as const;

function pill(doing: Doing, repository: string, { sha, name: ref }: RefView, check: CheckView): VNode {
  const { name, kind, state, description } = check;
  const { drawing, word, other } = looks[state];
  return h(
    'button',
    {
      key: name,
      type: 'button',
      class: `pill ${state}`,
      title: `${description}. Press to turn it ${other}.`,
      'aria-label': `${name} of ${ref} is ${word}: turn it ${other}`,
      onclick: () => void doing.act({ do: 'check', repository, sha, name, kind }),
    },
    icon(drawing),
    name,
  );
}
