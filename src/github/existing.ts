import { z } from 'zod';
import type { DeploymentFilter, DeploymentPage, GitHubDeployment } from '../deploy/ports.ts';
import { askerIn, contentsOf, requestIn } from '../deploy/return-address.ts';
import { oneLine } from './foreign.ts';
import type { Host } from './host.ts';
import { wholeSeconds } from './status.ts';

const longestName = 255;
const longestDescription = 200;
const mostOfName = 40;

/** Held to what there is no deployment without; GHES and old deployments leave out some of the rest, or send null. */
const shape = z.object({
  id: z.int().positive(),
  ref: z.string(),
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  task: z.string().nullish(),
  environment: z.string().nullish(),
  original_environment: z.string().nullish(),
  description: z.string().nullish(),
  creator: z.object({ login: z.string().min(1) }).nullish(),
  created_at: z.string(),
  updated_at: z.string().nullish(),
  transient_environment: z.boolean().nullish(),
  production_environment: z.boolean().nullish(),
  performed_via_github_app: z.object({ slug: z.string().nullish() }).nullish(),
  payload: z.unknown().optional(),
});

/** The deployment that this object of GitHub's is, fit to be shown; nothing where it is none. */
export function deploymentFrom(sent: unknown): GitHubDeployment | undefined {
  const { data } = shape.safeParse(sent);
  const createdAt = data && wholeSeconds(data.created_at);
  const updatedAt = data?.updated_at ? wholeSeconds(data.updated_at) : undefined;
  if (!data || !createdAt) return undefined;
  // GitHub's own default.
  const environment = oneLine(data.environment || 'production', longestName);
  const user = askerIn(data.payload);
  const request = requestIn(data.payload);
  const payload = contentsOf(data.payload);
  const app = data.performed_via_github_app?.slug;
  return {
    id: data.id,
    ref: oneLine(data.ref, longestName),
    sha: data.sha,
    task: oneLine(data.task || 'deploy', longestName),
    environment,
    originalEnvironment: oneLine(data.original_environment || environment, longestName),
    description: oneLine(data.description ?? '', longestDescription),
    creator: oneLine(data.creator?.login ?? 'ghost', longestName),
    createdAt,
    ...(updatedAt && { updatedAt }),
    transient: data.transient_environment ?? false,
    production: data.production_environment ?? false,
    ...(user !== undefined && { user: oneLine(user, longestName) }),
    ...(request !== undefined && { request }),
    ...(payload && { payload: shownContents(payload) }),
    ...(app && { app: oneLine(app, longestName) }),
  };
}

const mostNames = 10;

const shownContents = ({ names, hosts }: NonNullable<GitHubDeployment['payload']>) => ({
  names: names.slice(0, mostNames).map((name) => oneLine(name, mostOfName)),
  ...(hosts && { hosts: oneLine(hosts, longestName) }),
});

const objects = z.array(z.unknown());

/** One page, newest first. GitHub sends it only when it has changed since it was asked for last. */
export async function readDeployments(
  host: Host,
  repository: string,
  filter: DeploymentFilter,
  { number = 1, size = 100 }: { number?: number; size?: number } = {},
): Promise<DeploymentPage> {
  const parameters = { ...filter, per_page: size, page: number };
  const request = { route: 'GET /repos/{owner}/{repo}/deployments', parameters, remember: 'page' as const };
  const { data, more } = await host.page(repository, request, objects);
  return { deployments: data.flatMap((sent) => deploymentFrom(sent) ?? []), more };
}

/** What can't be read is an answer that makes no sense, and not the absence of a deployment. */
const readable = z.unknown().transform((sent, context) => {
  const deployment = deploymentFrom(sent);
  if (deployment) return deployment;
  context.addIssue('no deployment');
  return z.NEVER;
});

/** Nothing where there is none of that id. */
export async function readDeployment(
  host: Host,
  repository: string,
  id: number,
): Promise<GitHubDeployment | undefined> {
  const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}';
  return host.find(repository, { route, parameters: { deployment_id: id } }, readable, [404]);
}
