import type { Answer } from '../faults.ts';
import { type Actor, actor } from './actor.ts';
import { tellOfStatus } from './deployment-events.ts';
import { deploymentStatusObject } from './deployment-object.ts';
import { deploymentOf, readsDeployments, writesDeployments } from './deployments.ts';
import { readFields } from './fields.ts';
import type { Deployment, DeploymentStatus, Links, Repository, WorkflowRun } from './memory.ts';
import { pageOf } from './paging.ts';
import { notFound } from './refused.ts';
import type { RepositoryCall, RepositoryRoute, Surroundings } from './route.ts';
import { jobPage } from './run-object.ts';

/** What may be sent; `waiting` is only received. */
const sendableStates = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

/** Source: docs.github.com/rest/deployments/statuses. */
export const deploymentStatusRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/deployments/{id}/statuses',
    docs: 'deployments/statuses#list-deployment-statuses',
    needs: readsDeployments,
    perform: list,
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/deployments/{id}/statuses',
    docs: 'deployments/statuses#create-a-deployment-status',
    needs: writesDeployments,
    perform: create,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/deployments/{id}/statuses/{status}',
    docs: 'deployments/statuses#get-a-deployment-status',
    needs: readsDeployments,
    perform: get,
  },
];

function list(call: RepositoryCall): Answer {
  const deployment = deploymentOf(call);
  const { items, headers } = pageOf(call, deployment.statuses.toReversed());
  const body = items.map((status) => deploymentStatusObject(call.repository, deployment, status, call.links));
  return { status: 200, headers, body };
}

function get(call: RepositoryCall): Answer {
  const deployment = deploymentOf(call);
  const status = deployment.statuses.find(({ id }) => String(id) === call.params.status);
  if (!status) throw notFound();
  return { status: 200, body: deploymentStatusObject(call.repository, deployment, status, call.links) };
}

function create(call: RepositoryCall): Answer {
  const { repository, github, links } = call;
  const deployment = deploymentOf(call);
  const fields = readFields('DeploymentStatus', call.body);
  const targetUrl = fields.text('target_url', { web: true });
  const asked = {
    state: fields.text('state', { required: true, oneOf: sendableStates }) ?? '',
    description: fields.text('description', { maxLength: 140 }),
    environment: fields.text('environment'),
    environmentUrl: fields.text('environment_url', { web: true }),
    logUrl: fields.text('log_url', { web: true }) ?? targetUrl,
  };
  const autoInactive = fields.flag('auto_inactive') ?? true;
  fields.refuseIfWrong();

  const status = addStatus(github, links, repository, deployment, actor(call.caller), asked);
  if (autoInactive && status.state === 'success') retireEarlier(github, links, repository, deployment, call);
  const body = deploymentStatusObject(repository, deployment, status, links);
  return { status: 201, headers: { location: body.url }, body };
}

/** A status as it is set; what is left out is what GitHub takes then. */
export interface NewStatus {
  state: string;
  description?: string;
  /** The deployment moves there. */
  environment?: string;
  environmentUrl?: string;
  logUrl?: string;
  /** The workflow run that sets it: its job's page is the log then. */
  run?: WorkflowRun;
}

/** Adds a status to a deployment and tells the webhooks. The state is not looked at: GitHub itself may set any. */
export function addStatus(
  github: Surroundings,
  links: Links,
  repository: Repository,
  deployment: Deployment,
  { person, app }: Actor,
  o: NewStatus,
): DeploymentStatus {
  const now = github.now();
  const status: DeploymentStatus = {
    id: github.nextId(),
    state: o.state,
    description: o.description ?? '',
    environment: o.environment ?? deployment.statuses.at(-1)?.environment ?? deployment.environment,
    environmentUrl: o.environmentUrl ?? '',
    logUrl: o.logUrl ?? (o.run ? jobPage(repository, o.run, links) : ''),
    creator: person,
    app,
    run: o.run,
    createdAt: now,
  };
  deployment.statuses.push(status);
  deployment.environment = status.environment;
  deployment.updatedAt = now;
  tellOfStatus(github.webhooks, links, repository, deployment, status);
  return status;
}

/** Earlier successes of the same environment become inactive, except transient and production ones. */
function retireEarlier(
  github: Surroundings,
  links: Links,
  repository: Repository,
  newest: Deployment,
  { caller }: RepositoryCall,
) {
  const retired = repository.deployments.filter(
    (earlier) =>
      earlier.id < newest.id &&
      earlier.environment === newest.environment &&
      !earlier.transient &&
      !earlier.production &&
      earlier.statuses.at(-1)?.state === 'success',
  );
  for (const earlier of retired) addStatus(github, links, repository, earlier, actor(caller), { state: 'inactive' });
}
