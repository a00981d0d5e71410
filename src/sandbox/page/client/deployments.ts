import type { DeploymentView, StatusView, WorldView } from '../protocol.ts';
import { h, outward, type VNode } from '../render/vnode.ts';
import type { Doing } from './doing.ts';
import { momentTold, wholeTimeOf } from './times.ts';
import { part } from './world.ts';

/** Deployments with their statuses, as GitHub's API lists them. */
export function deployments(doing: Doing, { deployments: all, repositories }: WorldView): VNode {
  const first = repositories[0]?.name ?? '';
  return part(
    'Deployments',
    'As GitHub has them, newest first. Open one for its statuses.',
    all.length === 0
      ? h('p', { class: 'nothing' }, 'None yet. Type /deploy in the chat.')
      : h('div', { class: 'list' }, all.map(deployment)),
    h(
      'button',
      {
        type: 'button',
        class: 'button small',
        onclick: () => void doing.act({ do: 'deploy-elsewhere', repository: first }),
      },
      `Deploy ${first.split('/')[1]} to production from elsewhere`,
    ),
  );
}

function deployment({ id, repository, ref, sha, task, environment, at, statuses }: DeploymentView): VNode {
  const state = statuses[0]?.state ?? 'no status';
  return h(
    'details',
    { key: String(id), class: 'deployment' },
    h(
      'summary',
      {},
      stateMark(state),
      h('span', { class: 'what' }, h('strong', {}, `${repository.split('/')[1]}/${ref}`), ` to ${environment}`),
      task !== 'deploy' && h('span', { class: 'note' }, task),
      h('span', { class: 'note' }, h('code', {}, sha.slice(0, 7)), ` · #${id}`),
      time(at),
    ),
    statuses.length === 0
      ? h('p', { class: 'nothing' }, 'No deployer has said anything.')
      : h('ol', {}, statuses.map(status)),
  );
}

function status({ state, description, by, at, logUrl, environmentUrl }: StatusView, index: number): VNode {
  return h(
    'li',
    { key: String(index) },
    stateMark(state),
    h('span', { class: 'what' }, description),
    h(
      'span',
      { class: 'note' },
      `by ${by}`,
      logUrl !== '' && [' · ', outward(logUrl, 'log')],
      environmentUrl !== '' && [' · ', outward(environmentUrl, 'page')],
    ),
    time(at),
  );
}

const kinds: Record<string, string> = {
  success: 'good',
  failure: 'bad',
  error: 'bad',
  in_progress: 'moving',
  queued: 'waiting',
  pending: 'waiting',
  waiting: 'waiting',
};

function stateMark(state: string): VNode {
  return h('span', { class: `state ${kinds[state] ?? 'still'}` }, state);
}

function time(at: string): VNode {
  const moment = new Date(at);
  return h('time', { datetime: at, title: wholeTimeOf(moment) }, momentTold(moment, new Date()));
}
