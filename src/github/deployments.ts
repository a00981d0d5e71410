import { z } from 'zod';
import { inOrder, type Status } from '../deploy/deployment.ts';
import type { Created } from '../deploy/ports.ts';
import { NoSuchDeployment } from '../deploy/refusal.ts';
import { requestIn } from '../deploy/return-address.ts';
import { createdFrom } from './create.ts';
import type { Host } from './host.ts';
import { statusFrom } from './status.ts';

const list = 'GET /repos/{owner}/{repo}/deployments';
const objects = z.array(z.looseObject({ id: z.int() }));

/** GitHub's clock and ours may differ by this much. */
const skewMs = 5 * 60_000;

/**
 * The deployment with this request in its payload, among those of an environment, or of all, since a time. Should somebody
 * have copied the payload into another, it is the older one.
 */
export async function findRequest(
  host: Host,
  repository: string,
  environment: string | undefined,
  request: string,
  since: string,
): Promise<Created | undefined> {
  const earliest = Date.parse(since) - skewMs;
  let found: Created | undefined;
  // Newest first, so the first that is too old ends it.
  for await (const page of host.pages(
    repository,
    { route: list, parameters: environment === undefined ? {} : { environment } },
    objects,
  )) {
    for (const sent of page) {
      const deployment = createdFrom(sent, new Date(since));
      if (!deployment) continue;
      if (Date.parse(deployment.createdAt) < earliest) return found;
      if (requestIn(sent.payload) === request) found = deployment;
    }
  }
  return found;
}

/**
 * The statuses of a deployment that can be read, in GitHub's order: all, or with `newest` the newest hundred, in one request.
 * Rejects with a NoSuchDeployment where the repository has none of that id.
 */
export async function readStatuses(
  host: Host,
  repository: string,
  deployment: number,
  { newest = false }: { newest?: boolean } = {},
): Promise<Status[]> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    parameters: { deployment_id: deployment },
    // While a deployment is under way it is asked about every minute.
    remember: newest ? ('page' as const) : true,
  };
  const statuses = new Map<number, Status>();
  let isThere = false;
  for await (const page of host.pages(repository, request, objects, { mostPages: newest ? 1 : 50, absent: [404] })) {
    isThere = true;
    for (const sent of page) {
      const status = statusFrom(sent, repository, deployment);
      if (status) statuses.set(status.id, status);
    }
  }
  if (!isThere) throw await noSuchDeployment(host, repository, deployment);
  return [...statuses.values()].sort(inOrder);
}

/** The same 404 says that the repository is not shown to us, which is another story. */
async function noSuchDeployment(host: Host, repository: string, deployment: number): Promise<NoSuchDeployment> {
  await host.read(repository, { route: 'GET /repos/{owner}/{repo}' }, z.unknown());
  return new NoSuchDeployment(repository, deployment);
}

/** The newest deployment of an environment, of one task if it is named. */
export async function newest(
  host: Host,
  repository: string,
  environment: string,
  task?: string,
): Promise<{ id: number } | undefined> {
  const parameters = { environment, ...(task !== undefined && { task }), per_page: 1 };
  const [first] = await host.read(repository, { route: list, parameters }, objects);
  return first && { id: first.id };
}
