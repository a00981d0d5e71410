import type { Status } from './deployment.ts';
import type { Ports } from './ports.ts';

/** A status was recorded: wakes the deployment that it belongs to, if that is ours. */
export async function arrived(ports: Ports, status: Status): Promise<void> {
  // By far the most on a busy repository: they are not looked up one by one.
  const known = status.foreign ? undefined : await ports.store.deploymentById(status.repository, status.deployment);
  if (known) return ports.jobs.wake({ kind: 'deployment', id: known.request });
  if (!status.claim) return status.state === 'success' ? wakeTheReplaced(ports, status) : undefined;
  const claimed = await ports.store.deployment(status.claim.request);
  if (claimed?.id !== undefined && claimed.id !== status.deployment) {
    // A request belongs to one deployment for ever: this one carries a copy of its return address.
    return ports.store.tellStatus(status, { given: 'silently' });
  }
  await ports.jobs.wake({ kind: 'deployment', id: status.claim.request });
}

/** Somebody else's deployment succeeded: it takes the place of ours in that environment. */
async function wakeTheReplaced(ports: Ports, status: Status): Promise<void> {
  if (!status.environment) return;
  const [ours] = await ports.store.deploymentsIn(status.repository, status.environment, 1);
  if (ours?.stage === 'ended') await ports.jobs.wake({ kind: 'deployment', id: ours.request });
}
