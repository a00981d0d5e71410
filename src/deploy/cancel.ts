import { environmentOnGitHub } from './again.ts';
import { ago } from './age.ts';
import { callOff } from './call-off.ts';
import { cancelledRun } from './cancelled-run.ts';
import { type CancelledRun, type Deployment, isEnding, type Person, type Status } from './deployment.ts';
import { done } from './done.ts';
import { inTurn } from './in-turn.ts';
import { liveIn } from './live-in.ts';
import { type Found, lookUp } from './lookup.ts';
import { mayChange } from './may-decide.ts';
import { nameOf } from './name-of.ts';
import type { Answer, Command, Mark, Ports } from './ports.ts';
import { printQuestion } from './print-subject.ts';
import type { Named } from './print-which.ts';
import { Refusal } from './refusal.ts';
import { cancelRunBehind } from './run-behind.ts';
import { saidBy, setBefore, setStatus } from './set-status.ts';
import { ignoreRefusals } from './stage.ts';
import { bold, code, say } from './words.ts';

/**
 * Ends a deployment: its status becomes `error`, and the run of GitHub Actions behind it is cancelled. One that still waits
 * for its checks is called off. Where the run could not be reached, cancelling once more asks for that alone. Throws a
 * Refusal, also for what is over.
 */
export async function cancel(ports: Ports, which: Named, by: Command): Promise<Answer> {
  const waiting = await waitingForChecks(ports, which, by);
  if (waiting) return { words: await callOff(ports, waiting.request, by) };

  const found = await lookUp(ports, by, which.id, which.app);
  const { app, repository, remote } = found;
  await mayChange(ports, app, remote, by);
  const lease = `cancel:${repository.fullName.toLowerCase()}:${remote.id}`;
  const busy = say`Somebody else cancels #${remote.id} at this moment. Look again in a minute.`;
  return inTurn(ports, lease, busy, () => cancelAlone(ports, found, by));
}

async function cancelAlone(ports: Ports, found: Found, by: Command): Promise<Answer> {
  const { app, repository, remote, ours } = found;
  const name = await nameOf(ports, by);
  const who = { id: by.user.id, name };
  const wanted: Mark = { state: 'error', description: saidBy(cancelledBy, name) };
  const statuses = await ports.github.statuses(repository, remote.id);
  // A command that was cut off finds what it set itself, and goes on from there.
  if (!setBefore(statuses, wanted, by)) {
    const again = await askRunAgain(ports, found, statuses, who);
    if (again) return again;
    await mustBeUnderWay(ports, found, statuses);
  }
  const status = await setStatus(ports, found, wanted, by, statuses);
  const run = await cancelRunBehind(ports, found, statuses);
  const facts = { by: who, status: status.id, run };
  if (ours) await tellCancelled(ports, ours, { ...facts, key: `cancelled-${status.id}` });
  const words = [
    ...say`${bold('Cancelled')} #${remote.id} of ${code(app.name)} in ${remote.environment}: its status is ${code('error')} now. `,
    ...cancelledRun(run),
    ...say` A deployer that pays no heed to that goes on.`,
  ];
  return done(words, ours !== undefined);
}

interface Cancelled {
  key: string;
  by: Person;
  status: number;
  run: CancelledRun;
  again?: true;
}

async function tellCancelled(ports: Ports, { request }: Deployment, cancelled: Cancelled): Promise<void> {
  await ports.store.addNote(request, { ...cancelled, kind: 'cancelled', at: ports.clock.now().toISOString() });
  await ports.jobs.wake({ kind: 'deployment', id: request });
}

/** Whether nothing is left to ask of a run. */
const isAsked = ({ kind }: CancelledRun): boolean => kind === 'asked' || kind === 'over';

/**
 * It was cancelled before, but its run goes on: GitHub could not be asked then, refused, or had not begun it yet. Answers
 * nothing where it was not cancelled, or there still is no run to ask.
 */
async function askRunAgain(
  ports: Ports,
  found: Found,
  statuses: readonly Status[],
  by: Person,
): Promise<Answer | undefined> {
  const { app, remote, ours } = found;
  const last = statuses.at(-1);
  if (last?.state !== 'error' || !last.description.startsWith(cancelledBy(''))) return undefined;
  const notes = ours ? await ports.store.notes(ours.request) : [];
  if (notes.some(({ note }) => note.kind === 'cancelled' && note.status === last.id && isAsked(note.run)))
    return undefined;
  const run = await cancelRunBehind(ports, found, statuses);
  if (run.kind === 'none' || run.kind === 'unclear') return undefined;
  const key = `cancelled-${last.id}-${run.kind}`;
  if (ours && isAsked(run)) await tellCancelled(ports, ours, { key, by, status: last.id, run, again: true });
  const words = say`#${remote.id} of ${code(app.name)} in ${remote.environment} was cancelled before. ${cancelledRun(run)}`;
  return done(words, ours !== undefined);
}

const cancelledBy = (name: string): string => `cancelled by ${name}`;

/** Before GitHub has created it, a deployment is only called off. */
async function waitingForChecks({ store }: Ports, { id }: Named, { place }: Command): Promise<Deployment | undefined> {
  const { team, room, thread } = place;
  const meant =
    id !== undefined
      ? await store.deployment(id)
      : thread === undefined
        ? undefined
        : await store.deploymentInThread(team, room, thread);
  return meant?.place.team === team && meant.stage === 'merging' ? meant : undefined;
}

/** Refuses what is over. */
async function mustBeUnderWay(ports: Ports, found: Found, statuses: readonly Status[]): Promise<void> {
  const { clock } = ports;
  const { remote } = found;
  const last = statuses.at(-1);
  if (!last || !(isEnding(last.state) || last.state === 'inactive')) return;
  const what = say`#${remote.id} is over: ${code(last.state)} ${ago(last.createdAt, clock.now())}, by ${last.creator}${last.description ? `: “${last.description}”` : ''}.`;
  const line = last.state === 'success' ? await takingBack(ports, found) : undefined;
  const instead =
    line === undefined
      ? say` There is nothing left to cancel.`
      : say` ${code(`/deploy ${line}`)} takes back what it brought.`;
  throw new Refusal('already-over', [...what, ...instead]);
}

/** The line that rolls back what is live. Where it is not, a rollback would take back what another brought. */
async function takingBack(ports: Ports, { app, repository, remote }: Found): Promise<string | undefined> {
  const known = environmentOnGitHub(app, remote.environment);
  const isSame = known.githubEnvironment.toLowerCase() === remote.environment.toLowerCase();
  if (!isSame || (app.environments.length > 0 && !app.environments.includes(known))) return undefined;
  const where = { environment: remote.environment, task: remote.task };
  const live = await liveIn(ports, repository, where).catch(ignoreRefusals);
  if (live?.deployment.id !== remote.id) return undefined;
  const task = remote.task === app.task ? undefined : remote.task;
  return printQuestion('rollback', { app, environment: known }, { task }, ports.apps);
}
