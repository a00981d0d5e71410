import { claimFor } from './adopt.ts';
import type { Deployment } from './deployment.ts';
import { tooLate } from './opening.ts';
import { pointAtEachOther } from './origin.ts';
import type { Created, CreateResult, Ports } from './ports.ts';
import { payloadFor } from './return-address.ts';
import { elapsed, enter, ignoreRefusals, note, refuse, type Step, save, startsWithinMs } from './stage.ts';
import { repositoryOf } from './successor.ts';
import { notDeployed } from './verdict.ts';

/** When a creation of which nobody knows is looked for: at once, and after 5 and 30 seconds. */
const looksAtMs = [0, 5_000, 30_000];
/** GitHub may merge the default branch this often before we stop asking. */
const mergesAtMost = 2;

/** Asks GitHub to create it, once. */
export async function creating(ports: Ports, deployment: Deployment): Promise<Step> {
  // We were here before and don't know how it ended: the process died in between.
  if (deployment.creating) return settle(ports, deployment);
  if (elapsed(ports, deployment.stageAt) > startsWithinMs) return refuse(ports, deployment, tooLate(deployment));
  await save(ports, deployment, { creating: true });
  const payload = payloadFor(deployment, ports.keys);
  const result = await ports.github.create(repositoryOf(deployment), { ...deployment.create, payload });
  return answered(ports, deployment, result);
}

async function answered(ports: Ports, deployment: Deployment, result: CreateResult): Promise<Step> {
  if (result.kind === 'created') return exists(ports, deployment, result);
  if (result.kind === 'doubtful') return settle(ports, deployment);
  const merges = (deployment.merges ?? 0) + 1;
  if (result.kind === 'merged' && merges <= mergesAtMost) {
    await note(ports, deployment, { key: `merged-${merges}`, kind: 'merged', message: result.message });
    return enter(ports, deployment, 'merging', { creating: false, merges, mergedSha: undefined });
  }
  return refuse(ports, deployment, notDeployed(result, deployment));
}

function settle(ports: Ports, deployment: Deployment): Promise<Step> {
  ports.journal.add(deployment, { kind: 'doubtful', key: 'creation' });
  return enter(ports, deployment, 'settling', { creating: false, looks: 0 });
}

async function exists(ports: Ports, deployment: Deployment, made: Created): Promise<Step> {
  const sha = made.sha ?? deployment.sha;
  if (sha !== deployment.sha) {
    await note(ports, deployment, {
      key: 'sha-differs',
      kind: 'sha-differs',
      shown: deployment.sha,
      created: sha,
    });
  }
  await pointAtEachOther(ports, deployment, made.id);
  const step = await enter(ports, deployment, 'created', {
    creating: false,
    id: made.id,
    createdSha: sha,
    createdAt: made.createdAt,
    url: made.url,
  });
  ports.journal.add(deployment, { kind: 'created' });
  return step;
}

/** Nobody knows whether GitHub created it. It is looked for, never sent again: a person decides. */
export async function settling(ports: Ports, deployment: Deployment): Promise<Step> {
  const looks = deployment.looks ?? 0;
  const due = Date.parse(deployment.stageAt) + (looksAtMs[looks] ?? 0);
  if (ports.clock.now().getTime() < due) return new Date(due);
  // While GitHub can't be asked this look shows nothing, and the next may.
  const found = await look(ports, deployment, deployment.create.environment).catch(ignoreRefusals);
  if (found) return exists(ports, deployment, found);
  if (looks + 1 < looksAtMs.length) {
    await save(ports, deployment, { looks: looks + 1 });
    return 'on';
  }
  await note(ports, deployment, { key: 'unknown', kind: 'unknown' });
  return enter(ports, deployment, 'unknown', {});
}

/**
 * A status with a good signature says that it was created after all. Whose status it is, GitHub is asked: somebody else's
 * deployment may carry a copy of the payload. While the list shows neither, one that is the same in all else is ours.
 */
export async function bind(ports: Ports, deployment: Deployment): Promise<void> {
  if (deployment.stage !== 'settling' && deployment.stage !== 'unknown') return;
  const claim = await claimFor(ports, deployment.request);
  if (!claim) return;
  try {
    const found = await look(ports, deployment, undefined);
    if (found) await exists(ports, deployment, found);
    else if (claim.ref === deployment.create.ref && claim.sha === deployment.sha) {
      await exists(ports, deployment, { id: claim.deployment, sha: claim.sha, createdAt: claim.createdAt });
    }
  } catch (error) {
    ignoreRefusals(error);
  }
}

const look = (ports: Ports, deployment: Deployment, environment: string | undefined): Promise<Created | undefined> =>
  ports.github.findRequest(repositoryOf(deployment), environment, deployment.request, deployment.askedAt);
