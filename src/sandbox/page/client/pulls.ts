import type { PullView, WorldView } from '../protocol.ts';
import { h, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import type { State } from './state.ts';
import { part, table } from './world.ts';

/** Pull requests, where there are any; the open ones can be merged and closed. */
export function pulls(state: State, doing: Doing, { repositories }: WorldView): VNode | false {
  const some = repositories.filter((repository) => repository.pulls.length > 0);
  if (some.length === 0) return false;
  return part(
    'Pull requests',
    'Deploy one by its number. What is merged here is merged in git, and GitHub tells the bot.',
    some.map(({ name, pulls: all }) => [
      h('h3', { key: `name ${name}` }, name),
      h(
        'div',
        { key: name },
        table(
          'branches',
          `Pull requests of ${name}`,
          ['Pull request', 'From', 'State', ''],
          all.map((pull) => row(state, doing, name, pull)),
        ),
      ),
    ]),
  );
}

const looks = { open: 'moving', merged: 'good', closed: 'still' } as const;

function row(state: State, doing: Doing, repository: string, pull: PullView): VNode {
  const { number, title, by, head } = pull;
  const end = (how: 'merge' | 'close') => () =>
    void doing.act({ do: 'pull', repository, number, how, person: state.me });
  const button = (how: 'merge' | 'close', word: string) =>
    h(
      'button',
      {
        key: how,
        type: 'button',
        class: 'button small',
        onclick: end(how),
        'aria-label': `${word} pull request #${number}`,
      },
      word,
    );
  return h(
    'tr',
    { key: String(number), 'data-pull': String(number) },
    h('th', { scope: 'row' }, `#${number} `, h('span', {}, title), h('span', { class: 'note' }, `by ${by}`)),
    h('td', {}, h('code', {}, head)),
    h('td', {}, h('span', { class: `state ${looks[pull.state]}` }, pull.state)),
    h('td', { class: 'end' }, pull.state === 'open' && [button('merge', 'Merge'), ' ', button('close', 'Close')]),
  );
}
