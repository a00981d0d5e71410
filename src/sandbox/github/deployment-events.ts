import { deploymentObject, deploymentStatusObject } from './deployment-object.ts';
import { surroundings } from './event-surroundings.ts';
import type { Deployment, DeploymentStatus, Links, Repository } from './memory.ts';
import { jobCheck, runOfDeployment, workflowObject } from './run-object.ts';
import type { Webhooks } from './webhooks.ts';

/** Tells the targets of a new deployment. */
export function tellOfDeployment(webhooks: Webhooks, links: Links, repository: Repository, deployment: Deployment) {
  const { run } = deployment;
  webhooks.send('deployment', repository, {
    action: 'created',
    deployment: deploymentObject(repository, deployment, links),
    workflow: run ? workflowObject(repository, run, links) : null,
    workflow_run: run ? runOfDeployment(repository, run, links) : null,
    ...surroundings(repository, deployment.creator, links),
  });
}

/** Tells the targets of a new status. GitHub sends nothing for `inactive`. */
export function tellOfStatus(
  webhooks: Webhooks,
  links: Links,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  if (status.state === 'inactive') return;
  const { run } = status;
  webhooks.send('deployment_status', repository, {
    action: 'created',
    deployment_status: deploymentStatusObject(repository, deployment, status, links),
    deployment: deploymentObject(repository, deployment, links),
    check_run: run ? jobCheck(repository, run, links) : null,
    workflow: run ? workflowObject(repository, run, links) : null,
    workflow_run: run ? runOfDeployment(repository, run, links) : null,
    ...surroundings(repository, status.creator, links),
  });
}
