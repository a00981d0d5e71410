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
  await Promise.all(
    fresh.map((status) => ports.store.recordStatus({ ...status, repository: deployment.repository, receivedAt })),
  );
  return fresh.length > 0;
}
