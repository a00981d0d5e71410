import { appObject } from './app.ts';
import { type Deployment, type DeploymentStatus, type Links, nodeId, type Repository, stamp } from './memory.ts';
import { simpleUser } from './people.ts';

export type DeploymentObject = ReturnType<typeof deploymentObject>;
export type DeploymentStatusObject = ReturnType<typeof deploymentStatusObject>;

/** "Deployment" of GitHub's schemas. */
export function deploymentObject(repository: Repository, deployment: Deployment, links: Links) {
  const url = `${links.api}/repos/${repository.fullName}`;
  return {
    url: `${url}/deployments/${deployment.id}`,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    task: deployment.task,
    original_environment: deployment.originalEnvironment,
    environment: deployment.environment,
    description: deployment.description,
    created_at: stamp(deployment.createdAt),
    updated_at: stamp(deployment.updatedAt),
    statuses_url: `${url}/deployments/${deployment.id}/statuses`,
    repository_url: url,
    creator: simpleUser(deployment.creator, links),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: deployment.payload,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: deployment.app ? appObject(deployment.app, links) : null,
  };
}

/** "Deployment Status" of GitHub's schemas. */
export function deploymentStatusObject(
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
  links: Links,
) {
  const url = `${links.api}/repos/${repository.fullName}`;
  return {
    url: `${url}/deployments/${deployment.id}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: simpleUser(status.creator, links),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: stamp(status.createdAt),
    updated_at: stamp(status.createdAt),
    deployment_url: `${url}/deployments/${deployment.id}`,
    repository_url: url,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: status.app ? appObject(status.app, links) : null,
  };
}
