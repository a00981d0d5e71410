import type { Deployment, StatusLine } from './deployment.ts';
import { isEnding } from './deployment.ts';
import { learnStatuses } from './narrator.ts';
import type { Ports } from './ports.ts';
import { elapsed, enter, ignoreRefusals, later, note, type Step, save } from './stage.ts';
import type { Story } from './story.ts';
import { becomesInactive, successor } from './successor.ts';

/** When GitHub is asked again what came before an ending. */
const completeAgainMs = 30_000;
/** How long GitHub is asked whether it has made a deployment inactive, ever less often, and how soon first. */
const inactiveWithinMs = 10 * 60_000;
const inactiveFirstMs = 3_000;

/** GitHub has it; a deployer should answer. */
export async function created(ports: Ports, deployment: Deployment): Promise<Step> {
  if (deployment.id === undefined) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, deployment.id);
  const last = statuses.at(-1)?.status;
  if (!last) {
    const due = Date.parse(deployment.createdAt ?? deployment.stageAt) + deployment.noDeployerAfterMs;
    if (ports.clock.now().getTime() < due) return new Date(due);
    const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
    if (learned) return 'on';
    await note(ports, deployment, { key: 'no-deployer', kind: 'no-deployer', afterMs: deployment.noDeployerAfterMs });
    return 'rest';
  }
  if (isEnding(last.state) || last.state === 'inactive') {
    return deployment.incomplete ? completed(ports, deployment, statuses) : 'rest';
  }
  const due = Date.parse(last.createdAt) + deployment.inFlightTimeoutMs;
  if (ports.clock.now().getTime() < due) return new Date(due);
  const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
  if (learned) return 'on';
  await note(ports, deployment, { key: `stuck-${last.id}`, kind: 'stuck', afterMs: deployment.inFlightTimeoutMs });
  return 'rest';
}

/** Asks GitHub for what came before an ending that was told without it. */
async function completed(ports: Ports, deployment: Deployment, statuses: readonly StatusLine[]): Promise<Step> {
  const learned = await learnStatuses(ports, deployment, statuses).catch(ignoreRefusals);
  if (learned === undefined) return later(ports, completeAgainMs);
  await save(ports, deployment, { incomplete: undefined });
  return 'rest';
}

/** A deployment is over when its newest status is an ending that was told, and not over when a newer one is not. */
export async function settleStage(ports: Ports, deployment: Deployment, story: Story): Promise<void> {
  if (deployment.stage !== 'created' && deployment.stage !== 'ended') return;
  const last = story.statuses.at(-1);
  if (!last) return;
  const over = isEnding(last.status.state) || last.status.state === 'inactive';
  const told = last.telling.ts !== undefined || last.telling.given !== undefined;
  const stage = over && told && !deployment.incomplete ? 'ended' : over ? deployment.stage : 'created';
  if (stage === deployment.stage) return;
  await enter(ports, deployment, stage, {});
  if (stage === 'ended' && last.status.state === 'success') await wakeTheOnesBefore(ports, deployment);
}

/**
 * When a newer one has succeeded GitHub makes this one inactive, a little later and without a webhook: so it is asked for,
 * for a while.
 */
export async function ended(ports: Ports, deployment: Deployment): Promise<Step> {
  if (deployment.id === undefined || !becomesInactive(deployment)) return 'rest';
  const statuses = await ports.store.statuses(deployment.repository, deployment.id);
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
}
