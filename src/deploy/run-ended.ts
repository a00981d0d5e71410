import { type Deployment, isEnding, type WorkflowRun } from './deployment.ts';
import type { Ports } from './ports.ts';

/**
 * A run of GitHub Actions ended without success. Where a deployment of ours still waits for news from it, its thread will
 * say so; answers whether there is one, and by then that is stored.
 */
export async function runEnded(ports: Ports, run: WorkflowRun): Promise<boolean> {
  const deployment = await waitingFor(ports, run);
  if (!deployment) return false;
  const at = ports.clock.now().toISOString();
  await ports.store.addNote(deployment.request, { key: `run-${run.id}-${run.attempt}`, at, kind: 'run-ended', run });
  await ports.jobs.wake({ kind: 'deployment', id: deployment.request });
  return true;
}

/**
 * The deployment that this run was deploying: one of its statuses came from the run, or it is the only one under way of
 * the commit that a run for a deployment ran on. GitHub names the deployment nowhere in the run.
 */
async function waitingFor(ports: Ports, run: WorkflowRun): Promise<Deployment | undefined> {
  const open: Deployment[] = [];
  for (const deployment of await ports.store.unfinishedDeployments(run.repository)) {
    if (deployment.stage !== 'created') continue;
    const lines = await ports.store.statuses(deployment.repository, deployment.id ?? 0);
    if (lines.some(({ status }) => isEnding(status.state))) continue;
    if (lines.some(({ status }) => status.run === run.id)) return deployment;
    if (!lines.some(({ status }) => status.run !== undefined)) open.push(deployment);
  }
  if (run.event !== 'deployment') return undefined;
  const ofThisCommit = open.filter(({ sha, createdSha }) => (createdSha ?? sha) === run.sha);
  return ofThisCommit.length === 1 ? ofThisCommit[0] : undefined;
}
