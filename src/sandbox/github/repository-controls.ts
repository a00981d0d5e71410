import {
  type DeploymentObject,
  type DeploymentStatusObject,
  deploymentObject,
  deploymentStatusObject,
} from './deployment-object.ts';
import { addStatus, type NewStatus } from './deployment-statuses.ts';
import type { Level, Links, Repository } from './memory.ts';
import type { Surroundings } from './route.ts';
import { runObject, type WorkflowRunObject } from './run-object.ts';
import { addRun, moveRun, rerun } from './runs.ts';

/** What a test sees of a repository and does to it. All take its full name, and throw for one that is not there. */
export interface RepositoryControls {
  /** What a user may do in a repository; all may push where nothing was said. */
  setLevel(fullName: string, login: string, level: Level): void;
  /** Newest first, as the API shows them. */
  deployments(fullName: string): DeploymentObject[];
  /** Newest first, as the API shows them. */
  statuses(fullName: string, deploymentId: number): DeploymentStatusObject[];
  /** A deployment status of any state, by `github-actions[bot]`: for `waiting` and for states yet to come. */
  addStatus(fullName: string, deploymentId: number, status: StatusOptions): DeploymentStatusObject;
  /** A commit status, as a continuous integration sets it. */
  setStatus(fullName: string, sha: string, s: CommitStatusOptions): void;
  /** A check run; it takes the place of an earlier one of that name. */
  setCheckRun(fullName: string, sha: string, c: CheckRunOptions): void;
  /** A workflow run, requested now. */
  addRun(fullName: string, run: RunOptions): Promise<WorkflowRunObject>;
  /** Any text is a conclusion, for those that GitHub adds later. */
  moveRun(fullName: string, runId: number, to: 'in_progress' | { conclusion: string }): WorkflowRunObject;
  /** The next attempt of a run, requested now, under the same id. */
  rerun(fullName: string, runId: number): WorkflowRunObject;
  /** Read-only from now on, or no longer. */
  archive(fullName: string, isArchived?: boolean): void;
}

/**
 * `run` is the id of the workflow run that sets it: the event names it, and its job's page is the log. Left out it is the
 * run whose job the deployment is of, if any.
 */
export interface StatusOptions extends Omit<NewStatus, 'run'> {
  run?: number;
}

/** The commit and branch of a deployment, or those given; the default branch without any. */
export interface RunOptions {
  deploymentId?: number;
  /** A branch, tag or SHA. */
  ref?: string;
  /** Of the workflow; `Deploy` when left out. */
  name?: string;
  /** `deployment` when left out. */
  event?: string;
}

export interface CommitStatusOptions {
  context: string;
  state: string;
  description?: string;
  target_url?: string;
}

export interface CheckRunOptions {
  name: string;
  status: string;
  conclusion?: string | null;
  details_url?: string;
}

/** `known` finds a repository or throws. */
export function repositoryControls(
  github: Surroundings,
  links: Links,
  known: (fullName: string) => Repository,
): RepositoryControls {
  const { person } = github.people;
  const actions = () => ({ person: person('github-actions[bot]', 'Bot') });

  function deploymentOf(repository: Repository, id: number) {
    const found = repository.deployments.find((deployment) => deployment.id === id);
    if (!found) throw new Error(`${repository.fullName} has no deployment ${id}`);
    return found;
  }

  function runOf(repository: Repository, id: number) {
    const found = repository.runs.find((run) => run.id === id);
    if (!found) throw new Error(`${repository.fullName} has no workflow run ${id}`);
    return found;
  }

  return {
    setLevel(fullName, login, level) {
      known(fullName).levels.set(login.toLowerCase(), level);
    },
    deployments(fullName) {
      const repository = known(fullName);
      return repository.deployments.toReversed().map((one) => deploymentObject(repository, one, links));
    },
    statuses(fullName, deploymentId) {
      const repository = known(fullName);
      const deployment = deploymentOf(repository, deploymentId);
      const newestFirst = deployment.statuses.toReversed();
      return newestFirst.map((status) => deploymentStatusObject(repository, deployment, status, links));
    },
    addStatus(fullName, deploymentId, { run, ...status }) {
      const repository = known(fullName);
      const deployment = deploymentOf(repository, deploymentId);
      const told = { ...status, run: run === undefined ? deployment.run : runOf(repository, run) };
      const added = addStatus(github, links, repository, deployment, actions(), told);
      return deploymentStatusObject(repository, deployment, added, links);
    },
    setStatus(fullName, sha, { context, state, description, target_url }) {
      known(fullName).commitStatuses.push({
        id: github.nextId(),
        sha,
        context,
        state,
        description: description ?? null,
        targetUrl: target_url ?? null,
        creator: person('ci-bot', 'User'),
        createdAt: github.now(),
      });
    },
    setCheckRun(fullName, sha, { name, status, conclusion, details_url }) {
      known(fullName).checkRuns.push({
        id: github.nextId(),
        sha,
        name,
        status,
        conclusion: conclusion ?? null,
        detailsUrl: details_url ?? null,
        externalId: null,
        output: { title: null, summary: null, text: null },
        startedAt: github.now(),
        completedAt: status === 'completed' ? github.now() : null,
      });
    },
    async addRun(fullName, { deploymentId, ref, name, event }) {
      const repository = known(fullName);
      const deployment = deploymentId === undefined ? undefined : deploymentOf(repository, deploymentId);
      const found = await repository.git.resolve(ref ?? deployment?.ref ?? repository.defaultBranch);
      const sha = ref === undefined && deployment ? deployment.sha : found?.sha;
      if (!sha) throw new Error(`${fullName} has no ref ${ref}`);
      const branch = found && found.kind !== 'sha' ? found.name : null;
      const commit = await repository.git.commitFacts(sha);
      const added = addRun(github, links, repository, actions(), { name, event, commit, branch });
      return runObject(repository, added, links);
    },
    moveRun(fullName, runId, to) {
      const repository = known(fullName);
      const run = runOf(repository, runId);
      moveRun(github, links, repository, run, to);
      return runObject(repository, run, links);
    },
    rerun(fullName, runId) {
      const repository = known(fullName);
      const run = runOf(repository, runId);
      rerun(github, links, repository, run);
      return runObject(repository, run, links);
    },
    archive(fullName, isArchived = true) {
      known(fullName).archived = isArchived;
    },
  };
}
