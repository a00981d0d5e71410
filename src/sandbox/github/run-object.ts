import type { CommitFacts, Signature } from './git.ts';
import { type Links, nodeId, type Repository, stamp, type WorkflowRun } from './memory.ts';
import { simpleUser } from './people.ts';
import { minimalRepository } from './repository-object.ts';

export type WorkflowRunObject = ReturnType<typeof runObject>;

/** The page of a run. */
export function runPage(repository: Repository, run: WorkflowRun, { web }: Links): string {
  return `${web}/${repository.fullName}/actions/runs/${run.id}`;
}

/** The page of a run's job: the `log_url` of the deployment statuses that Actions sets itself. */
export function jobPage(repository: Repository, run: WorkflowRun, links: Links): string {
  return `${runPage(repository, run, links)}/job/${run.job}`;
}

/** "Workflow Run" of GitHub's schemas, for the API and for the webhook. */
export function runObject(repository: Repository, run: WorkflowRun, links: Links) {
  const api = `${links.api}/repos/${repository.fullName}`;
  const url = `${api}/actions/runs/${run.id}`;
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId('WFR', run.id),
    head_branch: run.branch,
    head_sha: run.commit.sha,
    path: run.workflow.path,
    display_title: run.commit.message.split('\n', 1)[0] ?? '',
    run_number: run.number,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    check_suite_id: run.checkSuite,
    check_suite_node_id: nodeId('CS', run.checkSuite),
    url,
    html_url: runPage(repository, run, links),
    pull_requests: [],
    created_at: stamp(run.createdAt),
    updated_at: stamp(run.updatedAt),
    actor: simpleUser(run.actor, links),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: stamp(run.startedAt),
    triggering_actor: simpleUser(run.actor, links),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.checkSuite}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${api}/actions/workflows/${run.workflow.id}`,
    head_commit: headCommit(run.commit),
    repository: minimalRepository(repository, links),
    head_repository: minimalRepository(repository, links),
  };
}

/** "Deployment Workflow Run": what a deployment status that a run has set carries of it. */
export function runOfDeployment(repository: Repository, run: WorkflowRun, links: Links) {
  return { ...runObject(repository, run, links), head_branch: run.branch ?? '', head_commit: null };
}

/** "Workflow" of GitHub's schemas. */
export function workflowObject(repository: Repository, { workflow }: WorkflowRun, { api, web }: Links) {
  const page = `${web}/${repository.fullName}`;
  return {
    id: workflow.id,
    node_id: nodeId('W', workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: 'active',
    created_at: stamp(workflow.createdAt),
    updated_at: stamp(workflow.createdAt),
    url: `${api}/repos/${repository.fullName}/actions/workflows/${workflow.id}`,
    html_url: `${page}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${page}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  };
}

/** The check run of a run's job, as a deployment status carries it. */
export function jobCheck(repository: Repository, run: WorkflowRun, links: Links) {
  const page = jobPage(repository, run, links);
  return {
    id: run.job,
    name: 'deploy',
    node_id: nodeId('CR', run.job),
    head_sha: run.commit.sha,
    external_id: nodeId('J', run.job),
    url: `${links.api}/repos/${repository.fullName}/check-runs/${run.job}`,
    html_url: page,
    details_url: page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: stamp(run.startedAt),
    completed_at: run.status === 'completed' ? stamp(run.updatedAt) : null,
  };
}

function headCommit({ sha, tree, message, author, committer }: CommitFacts) {
  const who = ({ name, email }: Signature) => ({ name, email });
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: who(author),
    committer: who(committer),
  };
}
