import { type Deployment, isEnding, type Person, type Status } from './deployment.ts';
import { done } from './done.ts';
import { type Found, Gone, lookUp } from './lookup.ts';
import { mayChange } from './may-decide.ts';
import { nameOf } from './name-of.ts';
import type { Answer, Command, Ports } from './ports.ts';
import { type Named, printWhich } from './print-which.ts';
import { Refusal } from './refusal.ts';
import { aboutToChange, saidBy, setStatus } from './set-status.ts';
import { bold, code, say, type Words } from './words.ts';

/** `inactive`: it is made so first; `sure`: the person has confirmed it. */
export interface Deletion {
  inactive: boolean;
  sure: boolean;
}

/**
 * Deletes GitHub's record of a deployment; what is deployed stays. GitHub keeps one that is active, unless it is the only one
 * of its repository (docs.github.com, "Delete a deployment"): whose newest status is `success`, that is. Throws a Refusal.
 */
export async function deleteDeployment(
  ports: Ports,
  which: Named,
  { inactive, sure }: Deletion,
  by: Command,
): Promise<Answer> {
  const found = await lookUp(ports, by, which.id, which.app).catch((error) => goneAlready(ports, error, which, by));
  if ('words' in found) return found;
  const { app, repository, remote, ours } = found;
  await mayChange(ports, app, remote, by);
  const statuses = await ports.github.statuses(repository, remote.id);
  const line = ['delete', ...printWhich({ id: String(remote.id), ...(which.app && { app }) }, ports.apps)].join(' ');
  if (!inactive) await mayBeDeleted(ports, found, statuses, line);
  if (!sure) throw confirm(found, inactive ? `${line} --inactive --yes` : `${line} --yes`);

  const who = { id: by.user.id, name: await nameOf(ports, by) };
  if (inactive && statuses.at(-1)?.state !== 'inactive') {
    const description = saidBy((name) => `made inactive by ${name}, to be deleted`, who.name);
    await setStatus(ports, found, { state: 'inactive', description }, by, statuses);
  }
  await aboutToChange(ports, by);
  // From here on nobody can ask GitHub what became of it.
  if (ours)
    await Promise.all(statuses.map((status) => ports.store.recordStatus({ ...status, repository: ours.repository })));
  await ports.github.deleteDeployment(repository, remote.id);
  await tellDeleted(ports, { repository: repository.fullName, id: remote.id, ours }, who);
  return deleted(say`#${remote.id} of ${code(app.name)} in ${remote.environment}`, ours);
}

const deleted = (what: Words, ours: Deployment | undefined): Answer =>
  done(say`${bold('Deleted')} ${what} from GitHub. What is deployed stays as it is.`, ours !== undefined);

/**
 * Where a crash came after GitHub deleted it, that is done, and goes on from there. Else somebody deleted it: the thread is
 * told, and the person, too.
 */
async function goneAlready(ports: Ports, error: unknown, { id }: Named, by: Command): Promise<Answer> {
  const isDone = by.begunAt !== undefined;
  if (error instanceof Gone) {
    const { ours } = error;
    const who = isDone ? { id: by.user.id, name: await nameOf(ports, by) } : undefined;
    await tellDeleted(ports, { repository: ours.repository, id: ours.id, ours }, who);
    if (isDone) return deleted(say`#${ours.id ?? ''} of ${code(ours.app)} in ${ours.create.environment}`, ours);
  }
  const isMissing = error instanceof Refusal && error.code === 'no-such-deployment';
  if (isDone && isMissing && id !== undefined) return deleted([`#${id}`], undefined);
  throw error;
}

interface Deleted {
  repository: string;
  id: number | undefined;
  ours: Deployment | undefined;
}

/** In its own thread, and in each room that reads along with all that happens. */
async function tellDeleted(
  { store, jobs, clock }: Ports,
  { repository, id, ours }: Deleted,
  by?: Person,
): Promise<void> {
  const reading = id === undefined ? [] : await store.mirrorsOf(repository, id);
  const mirrors = reading.filter(({ mirror }) => mirror?.states === undefined);
  const at = clock.now().toISOString();
  for (const request of new Set([...(ours ? [ours] : []), ...mirrors].map((one) => one.request))) {
    await store.addNote(request, { key: 'deleted', at, kind: 'deleted', ...(by && { by }) });
    await jobs.wake({ kind: 'deployment', id: request });
  }
}

/** Says what GitHub would refuse, and stops nobody's deployment on the way. */
async function mayBeDeleted(ports: Ports, found: Found, statuses: readonly Status[], line: string): Promise<void> {
  const { remote, repository } = found;
  const state = statuses.at(-1)?.state;
  const first = {
    label: 'Make it inactive and delete it',
    line: `${line} --inactive --yes`,
    confirming: true,
    danger: true,
  };
  if (state === undefined || !(isEnding(state) || state === 'inactive')) {
    const cancel = line.replace(/^delete/, 'cancel');
    throw new Refusal(
      'under-way',
      say`#${remote.id} is not over: ${state === undefined ? 'nobody has reported on it' : [code(state), ' is the last that was heard']}. Cancel it first with ${code(`/deploy ${cancel}`)}, or make it inactive and delete it at once; a deployer that is at work goes on either way.`,
      [{ label: 'Cancel it', line: cancel, danger: true }, first],
    );
  }
  if (state !== 'success') return;
  const { deployments, more } = await ports.github.deployments(repository, {}, { size: 2 });
  if (deployments.length < 2 && !more) return;
  throw new Refusal(
    'deployment-is-active',
    say`#${remote.id} is active in ${remote.environment}, and GitHub deletes only what is inactive, unless it is the only deployment of its repository. It can be made inactive first; then GitHub shows nothing as live there, though it goes on running.`,
    [first],
  );
}

function confirm({ app, remote }: Found, line: string): Refusal {
  return new Refusal(
    'confirm-delete',
    say`This deletes GitHub’s record of #${remote.id}, ${code(`${app.name}/${remote.ref}`)} to ${bold(remote.environment)}, with all its statuses, for good. What is deployed stays as it is. Press the button, or type ${code(`/deploy ${line}`)}.`,
    [{ label: `Delete #${remote.id}`, line, confirming: true, danger: true }],
  );
}
