import type { Deployment, State } from '../deploy/deployment.ts';
import type { ParentView } from '../deploy/story.ts';
import { bold, code, link, say, type Words } from '../deploy/words.ts';
import { context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { commit, duration, links, stateLooks, what, where } from './phrases.ts';
import { shortened } from './text.ts';

/**
 * The one live message of a deployment: who, what and where in bold; below it how far it has come, with its links; below
 * that what is special about it. Shows nothing that depends on the time of rendering, so that equal looks need no edit.
 */
export function parentMessage(view: ParentView, apiUrl?: string): Message {
  const headline = heading(view);
  return message(headline, [
    section(headline),
    ...context([...progress(view, apiUrl), ...links(view.logUrl, view.environmentUrl, where(view.deployment))]),
    ...context(particulars(view.deployment)),
  ]);
}

function heading(view: ParentView): Words {
  const { deployment, status, notes } = view;
  const who = shortened(deployment.asker.name, shownAtMost.name) || 'Somebody';
  const target = `${what(deployment)} to ${where(deployment)}`;
  if (deployment.stage === 'refused')
    return say`⛔ ${bold('Not deployed:')} ${deployment.refusal?.words ?? 'called off.'}`;
  if (deployment.stage === 'unknown')
    return say`🟡 ${bold(`${who} asked for ${target}: nobody knows whether it was created`)}`;
  const alarmed = status === undefined && notes.some((note) => note.kind === 'no-deployer' && !note.answered);
  const stuck = notes.some((note) => note.kind === 'stuck') && !isOver(status?.state);
  const sign = alarmed || stuck ? '🟡' : status ? stateLooks(status.state).sign : '⚪';
  return say`${sign} ${bold(deed(who, target, status?.state))}`;
}

function deed(who: string, target: string, state: State | undefined): string {
  switch (state) {
    case 'success':
    case 'inactive':
      return `${who} deployed ${target}`;
    case 'failure':
      return `${who} deployed ${target}: it failed`;
    case 'error':
      return `${who} deployed ${target}: it broke off`;
    default:
      return `${who} is deploying ${target}`;
  }
}

const isOver = (state: State | undefined): boolean =>
  state === 'success' || state === 'failure' || state === 'error' || state === 'inactive';

function progress(view: ParentView, apiUrl: string | undefined): Words[] {
  const { deployment, superseded } = view;
  const asked: Words =
    deployment.stage === 'refused'
      ? say`${shortened(deployment.asker.name, shownAtMost.name)} asked for ${code(`${what(deployment)} to ${where(deployment)}`)}`
      : [];
  return [
    asked,
    standing(view),
    superseded
      ? [superseded.by === undefined ? 'replaced by a newer one' : `replaced by deployment ${superseded.by}`]
      : [],
    commit(deployment, deployment.createdSha ?? deployment.sha, apiUrl),
    deployment.id === undefined
      ? []
      : [deployment.url ? link(`#${deployment.id}`, deployment.url) : `#${deployment.id}`],
  ];
}

/** How far it has come, in a few words. */
function standing({ deployment, status, notes, tookMs }: ParentView): Words {
  if (status) {
    const { word } = stateLooks(status.state);
    return [isOver(status.state) && tookMs !== undefined ? `${word} after ${duration(tookMs)}` : word];
  }
  switch (deployment.stage) {
    case 'refused':
      return [];
    case 'unknown':
      return ['See the thread'];
    case 'settling':
      return ['Asking GitHub whether it was created'];
    case 'merging':
      return ['Waiting for the checks of the merge'];
    case 'opening':
    case 'creating':
      return ['Asking GitHub'];
    default:
      return [
        notes.some((note) => note.kind === 'no-deployer' && !note.answered)
          ? 'No deployer has answered'
          : 'Waiting for a deployer',
      ];
  }
}

/** What makes this deployment unlike the others: all of it can be seen before anybody opens the thread. */
function particulars({ force, create, hosts }: Deployment): Words[] {
  const description = shortened(create.description, shownAtMost.description);
  return [
    force ? [bold('Forced')] : [],
    create.task === 'deploy' ? [] : say`Task ${code(shortened(create.task, shownAtMost.name))}`,
    hosts.length === 0 ? [] : say`Hosts ${code(shortened(hosts.join(', '), shownAtMost.list))}`,
    description === '' ? [] : say`“${description}”`,
  ];
}
