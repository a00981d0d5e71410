import { type Course, courseOf } from './course.ts';
import type { Deployment, Status } from './deployment.ts';
import type { Lately } from './lately.ts';
import type { GitHubDeployment, Ports, Repository } from './ports.ts';

/** A deployment of GitHub's, whoever created it, with what became of it. */
export interface Reported {
  deployment: GitHubDeployment;
  /** In GitHub's order; the newest hundred where there are more. */
  statuses: readonly Status[];
  course: Course;
  /** Our record of it, where it was started from here. */
  ours?: Deployment;
}

/** What the store or this process's memory knows of a deployment; nothing where GitHub has to be asked. */
export async function knownStatuses(
  ports: Ports,
  lately: Lately | undefined,
  repository: Repository,
  deployment: GitHubDeployment,
): Promise<Reported | undefined> {
  const ours = await recordOf(ports, repository, deployment);
  const stored = (await ports.store.statuses(repository.fullName, deployment.id)).map(({ status }) => status);
  if (isUpToDate(stored, deployment, ours)) return reported(deployment, stored, ours);
  const told = lately?.statuses(repository, deployment);
  return told && reported(deployment, told, ours);
}

/** Asks GitHub for a deployment's newest hundred statuses: one request. Rejects with a Refusal. */
export async function askedStatuses(
  ports: Ports,
  lately: Lately | undefined,
  repository: Repository,
  deployment: GitHubDeployment,
): Promise<Reported> {
  const statuses = await ports.github.statuses(repository, deployment.id, { newest: true });
  lately?.learnStatuses(repository, deployment, statuses);
  return reported(deployment, statuses, await recordOf(ports, repository, deployment));
}

/**
 * Whether what webhooks brought is all there is. `inactive` comes by no webhook, and any may get lost; but every status
 * moves the time at which the deployment changed. Where a server says no such time, an ending of ours has to do.
 */
function isUpToDate(stored: readonly Status[], { updatedAt }: GitHubDeployment, ours: Deployment | undefined): boolean {
  const last = stored.at(-1);
  if (!last) return false;
  return updatedAt === undefined ? ours?.stage === 'ended' : last.createdAt >= updatedAt;
}

const reported = (
  deployment: GitHubDeployment,
  statuses: readonly Status[],
  ours: Deployment | undefined,
): Reported => ({
  deployment,
  statuses,
  course: courseOf(statuses, { isReplaceable: !deployment.production && !deployment.transient }),
  ...(ours && { ours }),
});

/** Our record of it. On two hosts there may be a repository of one name, and deployments of one id. */
export async function recordOf(
  { store }: Ports,
  { fullName, apiUrl }: Repository,
  { id }: GitHubDeployment,
): Promise<Deployment | undefined> {
  const ours = await store.deploymentById(fullName, id);
  return ours?.apiUrl === apiUrl ? ours : undefined;
}
