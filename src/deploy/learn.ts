import type { Deployment, StatusLine } from './deployment.ts';
import type { Ports } from './ports.ts';
import { repositoryOf } from './successor.ts';

/** Stores every status that GitHub has and we don't. Answers whether there were any. */
export async function learnStatuses(
  ports: Ports,
  deployment: Deployment,
  known: readonly StatusLine[],
): Promise<boolean> {
  if (deployment.id === undefined) return false;
  const ids = new Set(known.map(({ status }) => status.id));
  const all = await ports.github.statuses(repositoryOf(deployment), deployment.id);
  const fresh = all.filter((status) => !ids.has(status.id));
  const receivedAt = ports.clock.now().toISOString();
  const { repository, mirror } = deployment;
  // Of what was started elsewhere nobody is to be told but the rooms that read along.
  const facts = { repository, receivedAt, ...(mirror && !mirror.startedIn && { foreign: true }) };
  await Promise.all(fresh.map((status) => ports.store.recordStatus({ ...status, ...facts })));
  return fresh.length > 0;
}
