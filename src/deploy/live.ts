import type { App } from './apps.ts';
import type { Deployment, Status, StatusLine } from './deployment.ts';
import { isDone, isEnding } from './deployment.ts';
import { learnStatuses } from './learn.ts';
import type { Ports } from './ports.ts';
import { tellReplaced } from './replaced.ts';
import { elapsed, enter, ignoreRefusals, later, note, refusedFor, type Step, save } from './stage.ts';
import type { Story } from './story.ts';
import { becomesInactive, successor } from './successor.ts';

/** When GitHub is asked again what came before an ending. */
const completeAgainMs = 30_000;
/** How long GitHub is asked whether it has made a deployment inactive, ever less often, and how soon first. */
const inactiveWithinMs = 10 * 60_000;
const inactiveFirstMs = 3_000;

/** Nobody waits any longer for a deployment without news than so many times the time after which it is called stuck. */
const letGoAfterTimes = 24;

/** After so long without news nobody waits for a deployment of this app. */
export const letGoAfterMs = ({
  inFlightTimeoutMs,
  noDeployerAfterMs,
}: Pick<App, 'inFlightTimeoutMs' | 'noDeployerAfterMs'>) =>
  letGoAfterTimes * Math.max(inFlightTimeoutMs, noDeployerAfterMs);

/** GitHub has it; a deployer should answer, and go on answering until an ending. */
export async function created(ports: Ports, deployment: Deployment): Promise<Step> {
  if (deployment.id === undefined) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, deployment.id);
  const last = statuses.at(-1)?.status;
  if (last && (isEnding(last.state) || last.state === 'inactive')) {
    return deployment.incomplete ? completed(ports, deployment, statuses) : 'rest';
  }
  const since = Date.parse(last?.createdAt ?? deployment.createdAt ?? deployment.stageAt);
  const isSlowAfterMs = last ? deployment.inFlightTimeoutMs : deployment.noDeployerAfterMs;
  const letGoMs = letGoAfterTimes * Math.max(deployment.inFlightTimeoutMs, isSlowAfterMs);
  // Whoever only reads along can't help it, and is not alarmed.
  const alarmMs = deployment.mirror ? letGoMs : isSlowAfterMs;
  const quietMs = ports.clock.now().getTime() - since;
  if (quietMs < alarmMs) return new Date(since + alarmMs);
  const said = alarm(deployment, last);
  const isSaid = (await ports.store.notes(deployment.request)).some(({ key }) => key === said.key);
  if (isSaid && quietMs < letGoMs) return new Date(since + letGoMs);

  const learned = await learnStatuses(ports, deployment, statuses).catch(refusedFor);
  if (learned === true) return 'on';
  if (quietMs < letGoMs) {
    await note(ports, deployment, said);
    return new Date(since + letGoMs);
  }
  // After this nobody asks any more, so that what got lost while GitHub can't be asked would be lost for good.
  if (learned === 'a while') return later(ports, completeAgainMs);
  const key = `let-go-${last?.id ?? 0}`;
  await note(ports, deployment, { key, kind: 'let-go', afterMs: letGoMs });
  if (deployment.mirror) await onlyInTheParent(ports, deployment, key);
  await enter(ports, deployment, 'ended', { letGo: last?.id ?? 0 });
  ports.journal.add(deployment, { kind: 'let-go' });
  return 'rest';
}

/** The parent shows it, and no line is made of it. */
async function onlyInTheParent({ store }: Ports, { request }: Deployment, key: string): Promise<void> {
  const line = (await store.notes(request)).find((one) => one.key === key);
  if (line) await store.saveNote(request, { ...line, telling: { given: 'silently' } });
}

/** What is said when there is no news for long. */
const alarm = (deployment: Deployment, last: Status | undefined) =>
  last
    ? ({ key: `stuck-${last.id}`, kind: 'stuck', afterMs: deployment.inFlightTimeoutMs } as const)
    : ({ key: 'no-deployer', kind: 'no-deployer', afterMs: deployment.noDeployerAfterMs } as const);

/** Asks GitHub for what came before an ending that was told without it. */
async function completed(ports: Ports, deployment: Deployment, statuses: readonly StatusLine[]): Promise<Step> {
  const isDeleted = (await ports.store.notes(deployment.request)).some(({ note: { kind } }) => kind === 'deleted');
  const learned = isDeleted || (await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals));
  if (learned === undefined) return later(ports, completeAgainMs);
  await save(ports, deployment, { incomplete: undefined });
  return 'rest';
}

/** A deployment is over when its newest status is an ending that was told, and not over when a newer one is not. */
export async function settleStage(ports: Ports, deployment: Deployment, story: Story): Promise<void> {
  if (deployment.stage !== 'created' && deployment.stage !== 'ended') return;
  const last = story.statuses.at(-1);
  if (!last || deployment.letGo === last.status.id) return;
  const over = isEnding(last.status.state) || last.status.state === 'inactive';
  const told = isDone(last.telling);
  const stage = over && told && !deployment.incomplete ? 'ended' : over ? deployment.stage : 'created';
  if (stage === deployment.stage) return;
  await enter(ports, deployment, stage, {});
  if (stage === 'ended') ports.journal.add(deployment, { kind: 'ended' });
  if (stage === 'ended' && last.status.state === 'success') await wakeTheOnesBefore(ports, deployment);
}

/**
 * When a newer one has succeeded GitHub makes this one inactive, a little later and without a webhook: so it is asked for,
 * for a while, and once. Rooms that only read along are told by `tellReplaced`.
 */
export async function ended(ports: Ports, deployment: Deployment): Promise<Step> {
  const { id, mirror, replacedAt } = deployment;
  if (id === undefined || mirror || !becomesInactive(deployment)) return 'rest';
  if (replacedAt && elapsed(ports, replacedAt) >= inactiveWithinMs) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, id);
  if (statuses.at(-1)?.status.state !== 'success') return 'rest';
  if ((await successor(ports, deployment)) === undefined) return 'rest';
  if (!deployment.replacedAt) await save(ports, deployment, { replacedAt: ports.clock.now().toISOString() });
  const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
  if (learned) return 'rest';
  const waited = elapsed(ports, deployment.replacedAt ?? deployment.stageAt);
  return waited < inactiveWithinMs ? later(ports, Math.max(inactiveFirstMs, waited)) : 'rest';
}

/** Wakes the deployments that this success takes the place of. */
async function wakeTheOnesBefore(ports: Ports, deployment: Deployment): Promise<void> {
  const around = await ports.store.deploymentsIn(deployment.repository, deployment.create.environment, 10);
  const before = around.filter((other) => other.stage === 'ended' && (other.id ?? 0) < (deployment.id ?? 0));
  for (const { request } of before.slice(0, 3)) await ports.jobs.wake({ kind: 'deployment', id: request });
  await tellReplaced(ports, deployment.repository, deployment.create.environment, deployment.id ?? 0);
}
