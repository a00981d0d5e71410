import { type Deployment, isEnding, isFailure, type Note, type State } from '../deploy/deployment.ts';
import type { ParentView } from '../deploy/story.ts';
import { bold, code, link, say, type Words } from '../deploy/words.ts';
import { context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { commit, duration, links, outcome, runEnded, stateLooks, target, where } from './phrases.ts';
import { shortened } from './text.ts';

/**
 * The one live message of a deployment: who, what and where; below it how far it has come, with its links; below
 * that what is special about it. Shows nothing that depends on the time of rendering, so that equal looks need no edit.
 */
export function parentMessage(view: ParentView, apiUrl?: string): Message {
  const headline = heading(view);
  const state = [...progress(view, apiUrl), ...links(view.logUrl, view.environmentUrl, where(view.deployment))];
  const special = particulars(view.deployment);
  return message(headline, [section(headline), ...context(state), ...context(special)], [...state, ...special]);
}

function heading(view: ParentView): Words {
  const { deployment, status } = view;
  if (deployment.stage === 'refused') {
    return say`⛔ ${bold('Not deployed:')} ${deployment.refusal?.words ?? 'It was called off.'}`;
  }
  if (deployment.stage === 'unknown') {
    return say`🟡 ${asker(deployment)} asked for ${target(deployment)}: nobody knows whether it was created`;
  }
  const why = doubt(view);
  if (why?.kind === 'let-go') {
    return say`🟡 ${asker(deployment)}’s deploy of ${target(deployment)}: no news for ${duration(why.afterMs)}`;
  }
  if (why?.kind === 'run-ended') {
    return say`🟡 ${asker(deployment)}’s deploy of ${target(deployment)}: its workflow run ${runEnded(why.run)}`;
  }
  const sign = why || isUnanswered(view) ? '🟡' : status ? stateLooks(status.state).sign : '⚪';
  return [`${sign} `, ...deed(deployment, status?.state)];
}

type Doubt = Extract<Note, { kind: 'stuck' | 'let-go' | 'run-ended' }>;

/** The newest reason to believe that no ending will come, unless a status has come since. */
function doubt({ status, notes }: ParentView): Doubt | undefined {
  if (isOver(status?.state)) return undefined;
  const newest = notes.findLast((note): note is Doubt => ['stuck', 'let-go', 'run-ended'].includes(note.kind));
  const heardAt = status === undefined ? 0 : Date.parse(status.receivedAt ?? status.createdAt);
  return newest && heardAt <= Date.parse(newest.at) ? newest : undefined;
}

const asker = ({ asker: { name } }: Deployment) => bold(shortened(name, shownAtMost.name) || 'Somebody');

function deed(deployment: Deployment, state: State | undefined): Words {
  const who = asker(deployment);
  const whole = target(deployment);
  if (state === undefined || !isOver(state)) return say`${who} is deploying ${whole}`;
  return isFailure(state) ? say`${who}’s deploy of ${whole} ${outcome(state)}` : say`${who} deployed ${whole}`;
}

const isOver = (state: State | undefined): boolean => state !== undefined && (isEnding(state) || state === 'inactive');

const isUnanswered = ({ status, notes }: ParentView): boolean =>
  status === undefined && notes.some((note) => note.kind === 'no-deployer' && !note.answered);

function progress(view: ParentView, apiUrl: string | undefined): Words[] {
  const { deployment, superseded } = view;
  const asked: Words =
    deployment.stage === 'refused'
      ? say`${shortened(deployment.asker.name, shownAtMost.name)} asked for ${target(deployment)}`
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
function standing(view: ParentView): Words {
  const { deployment, status, tookMs } = view;
  if (status) {
    const { word } = stateLooks(status.state);
    return [isEnding(status.state) && tookMs !== undefined ? `${word} after ${duration(tookMs)}` : word];
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
      return [isUnanswered(view) ? 'No deployer has answered' : 'Waiting for a deployer'];
  }
}

/** What makes this deployment unlike the others: all of it can be seen before anybody opens the thread. */
function particulars({ force, create, hosts, said = '' }: Deployment): Words[] {
  const description = shortened(said, shownAtMost.description);
  return [
    force ? [bold('Forced')] : [],
    create.task === 'deploy' ? [] : say`Task ${code(shortened(create.task, shownAtMost.name))}`,
    hosts.length === 0 ? [] : say`Hosts ${code(shortened(hosts.join(', '), shownAtMost.list))}`,
    description === '' ? [] : say`“${description}”`,
  ];
}
