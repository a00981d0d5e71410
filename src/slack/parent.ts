import { type Deployment, isEnding, isFailure, type Note, type State } from '../deploy/deployment.ts';
import type { ParentView } from '../deploy/story.ts';
import { bold, code, link, room, say, type Words } from '../deploy/words.ts';
import { context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { deedOf, sourceOf } from './origins.ts';
import { commit, described, duration, links, outcome, runEnded, stateLooks, target, where } from './phrases.ts';
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
    return say`🟡 ${asker(deployment)}’s ${deedOf(deployment).noun}: no news for ${duration(why.afterMs)}`;
  }
  if (why?.kind === 'run-ended') {
    return say`🟡 ${asker(deployment)}’s ${deedOf(deployment).noun}: its workflow run ${runEnded(why.run)}`;
  }
  const cancelled = cancellation(view);
  if (cancelled) {
    return say`⛔ ${asker(deployment)}’s ${deedOf(deployment).noun} was cancelled by ${shortened(cancelled.by.name, shownAtMost.name)}`;
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

/** Who cancelled it, as long as that is the newest that is known. */
const cancellation = ({ status, notes }: ParentView) =>
  notes.find((note) => note.kind === 'cancelled' && note.status === status?.id) as
    | Extract<Note, { kind: 'cancelled' }>
    | undefined;

/** Who deleted it on GitHub; nothing as long as it is there. */
function deletion({ notes }: ParentView): Words {
  const deleted = notes.find((note) => note.kind === 'deleted');
  if (!deleted) return [];
  return [deleted.by ? `deleted by ${shortened(deleted.by.name, shownAtMost.name)}` : 'deleted on GitHub'];
}

const asker = ({ asker: { name } }: Deployment) => bold(shortened(name, shownAtMost.name) || 'Somebody');

function deed(deployment: Deployment, state: State | undefined): Words {
  const who = asker(deployment);
  const { goesOn, isDone, noun } = deedOf(deployment);
  if (state === undefined || !isOver(state)) return say`${who} ${goesOn}`;
  return isFailure(state) ? say`${who}’s ${noun} ${outcome(state)}` : say`${who} ${isDone}`;
}

const isOver = (state: State | undefined): boolean => state !== undefined && (isEnding(state) || state === 'inactive');

const isUnanswered = ({ status, notes }: ParentView): boolean =>
  status === undefined && notes.some((note) => note.kind === 'no-deployer' && !note.answered);

function progress(view: ParentView, apiUrl: string | undefined): Words[] {
  const { deployment, superseded } = view;
  const gone = deletion(view);
  const isThere = gone.length === 0;
  const asked: Words =
    deployment.stage === 'refused'
      ? say`${shortened(deployment.asker.name, shownAtMost.name)} asked for ${target(deployment)}`
      : [];
  return [
    asked,
    standing(view),
    view.movedTo === undefined ? [] : say`now in ${bold(shortened(view.movedTo, shownAtMost.name))}`,
    superseded
      ? [superseded.by === undefined ? 'replaced by a newer one' : `replaced by deployment ${superseded.by}`]
      : [],
    commit(deployment, deployment.createdSha ?? deployment.sha, apiUrl),
    deployment.id === undefined
      ? []
      : [deployment.url && isThere ? link(`#${deployment.id}`, deployment.url) : `#${deployment.id}`],
    gone,
  ];
}

/** How far it has come, in a few words. */
function standing(view: ParentView): Words {
  const { deployment, status, tookMs } = view;
  if (status) {
    const { word } = stateLooks(status.state);
    // One that GitHub set for a newer deployment is not shown: somebody set this one, and said why.
    if (status.state === 'inactive') return [word, ...described(status.description)];
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
function particulars(deployment: Deployment): Words[] {
  const { force, create, hosts, said = '', pullRequest } = deployment;
  const description = shortened(said, shownAtMost.description);
  return [
    startedBy(deployment),
    sourceOf(deployment),
    pullRequest ? pullRequestOf(pullRequest) : [],
    force ? [bold('Forced')] : [],
    create.task === 'deploy' ? [] : say`Task ${code(shortened(create.task, shownAtMost.name))}`,
    hosts.length === 0 ? [] : say`Hosts ${code(shortened(hosts.join(', '), shownAtMost.list))}`,
    description === '' ? [] : say`“${description}”`,
  ];
}

/** Where a deployment was started that this room only reads along with, and by whom. */
function startedBy({ mirror, place, asker: { name } }: Deployment): Words {
  if (!mirror) return [];
  const { startedIn, creator } = mirror;
  if (startedIn)
    return startedIn.team === place.team ? ['Started in ', room(startedIn.room)] : ['Started in another workspace'];
  return [
    creator === undefined || creator === name
      ? 'Started elsewhere'
      : `Started elsewhere by ${shortened(creator, shownAtMost.name)}`,
  ];
}

function pullRequestOf({ number, title, url }: NonNullable<Deployment['pullRequest']>): Words {
  const label = `#${number}`;
  return ['Pull request ', url ? link(label, url) : label, ` ${shortened(title, shownAtMost.name)}`.trimEnd()];
}
