import { type DeploymentObject, deploymentObject } from './deployment-object.ts';
import { addDeployment } from './deployments.ts';
import type { Deployment, Links, Repository } from './memory.ts';
import type { Surroundings } from './route.ts';

/** Deployments of others. All take a repository's full name, and throw for one that is not there. */
export interface DeploymentControls {
  /** One that another tool creates, now, and GitHub tells. Nothing stands in its way. */
  addDeployment(fullName: string, d?: DeploymentOptions): Promise<DeploymentObject>;
  /**
   * The one that GitHub itself creates for a job that names an `environment`. `addStatus` without a `run` moves it as
   * that job moves.
   */
  addJobDeployment(fullName: string, runId: number, j: JobOptions): DeploymentObject;
  /**
   * Deployments of long ago with their statuses, oldest first: any number in no time, without webhooks. Their ids are
   * smaller than all others.
   */
  addPast(fullName: string, deployments: PastDeployment[]): Promise<DeploymentObject[]>;
}

export interface DeploymentOptions {
  /** The default branch when left out. */
  ref?: string;
  /** Where the ref was then; where it is now when left out. */
  sha?: string;
  /** `production` when left out. */
  environment?: string;
  /** `deploy` when left out. */
  task?: string;
  payload?: Deployment['payload'];
  description?: string;
  /** A login; `sandbox-user` when left out. */
  by?: string;
  transient?: boolean;
  /** Whether the environment is `production`, when left out. */
  production?: boolean;
}

export interface JobOptions {
  environment: string;
  /** Whether the environment is `production`, when left out. */
  production?: boolean;
  /** Of some of them GitHub says that a user did it (octokit/webhooks.net#52); `github-actions[bot]` when left out. */
  by?: string;
}

export interface PastDeployment extends DeploymentOptions {
  at: Date;
  /** Oldest first. */
  statuses?: PastStatus[];
}

export interface PastStatus {
  state: string;
  /** The deployment's when left out. */
  at?: Date;
  /** A login; the deployment's creator when left out. */
  by?: string;
  description?: string;
  logUrl?: string;
  environmentUrl?: string;
}

/** `known` finds a repository or throws. */
export function deploymentControls(
  github: Surroundings,
  links: Links,
  known: (fullName: string) => Repository,
): DeploymentControls {
  const person = (login = 'sandbox-user') => github.people.person(login, login.endsWith('[bot]') ? 'Bot' : 'User');
  let lastPastId = 1_000_000_000;

  async function shaOf({ fullName, git }: Repository, ref: string): Promise<string> {
    const found = await git.resolve(ref);
    if (!found) throw new Error(`${fullName} has no ref ${ref}`);
    return found.sha;
  }

  async function readOptions(repository: Repository, o: DeploymentOptions, find = shaOf) {
    const { ref = repository.defaultBranch, environment = 'production' } = o;
    return {
      ref,
      sha: o.sha ?? (await find(repository, ref)),
      environment,
      task: o.task ?? 'deploy',
      payload: o.payload ?? '',
      description: o.description ?? null,
      creator: person(o.by),
      transient: o.transient ?? false,
      production: o.production ?? environment === 'production',
    };
  }

  function past(facts: Awaited<ReturnType<typeof readOptions>>, { at, statuses = [] }: PastDeployment): Deployment {
    lastPastId += 1;
    const deployment = { ...facts, id: lastPastId, originalEnvironment: facts.environment, createdAt: at };
    const set = statuses.map((one) => {
      lastPastId += 1;
      return {
        id: lastPastId,
        state: one.state,
        description: one.description ?? '',
        environment: facts.environment,
        environmentUrl: one.environmentUrl ?? '',
        logUrl: one.logUrl ?? '',
        creator: one.by === undefined ? facts.creator : person(one.by),
        createdAt: one.at ?? at,
      };
    });
    return { ...deployment, updatedAt: set.at(-1)?.createdAt ?? at, statuses: set };
  }

  return {
    async addDeployment(fullName, o = {}) {
      const repository = known(fullName);
      const made = addDeployment(github, links, repository, await readOptions(repository, o));
      return deploymentObject(repository, made, links);
    },
    addJobDeployment(fullName, runId, { environment, production, by = 'github-actions[bot]' }) {
      const repository = known(fullName);
      const run = repository.runs.find(({ id }) => id === runId);
      if (!run) throw new Error(`${fullName} has no workflow run ${runId}`);
      const made = addDeployment(github, links, repository, {
        ref: run.branch ?? run.commit.sha,
        sha: run.commit.sha,
        environment,
        task: 'deploy',
        payload: {},
        description: null,
        creator: person(by),
        transient: false,
        production: production ?? environment === 'production',
        run,
      });
      return deploymentObject(repository, made, links);
    },
    async addPast(fullName, deployments) {
      const repository = known(fullName);
      const shas = new Map<string, Promise<string>>();
      const once = (_: Repository, ref: string) => {
        const sha = shas.get(ref) ?? shaOf(repository, ref);
        shas.set(ref, sha);
        return sha;
      };
      const added: Deployment[] = [];
      for (const one of deployments) added.push(past(await readOptions(repository, one, once), one));
      repository.deployments = [...repository.deployments, ...added].sort((one, other) => one.id - other.id);
      return added.map((one) => deploymentObject(repository, one, links));
    },
  };
}
