import type { GitHubDeployment, Ports, Repository } from './ports.ts';
import { NoSuchDeployment, Refusal } from './refusal.ts';
import { askedStatuses, knownStatuses, type Reported } from './reported.ts';
import { code, say } from './words.ts';

/** `environment`: GitHub's name of it. */
export interface Where {
  environment: string;
  task: string;
}

/** What was deployed to one environment for one task, the newest 100. */
export interface Past {
  /** Newest first. */
  deployments: readonly GitHubDeployment[];
  /** Those to the same environment for other tasks that are newer than one of these, newest first. Costs a request. */
  othersSince(deployment: GitHubDeployment): Promise<readonly GitHubDeployment[]>;
  /**
   * What became of one of them: known here, or asked of GitHub, once. Nothing where it was deleted meanwhile. Rejects with a
   * Refusal when it was asked too often.
   */
  look(deployment: GitHubDeployment): Promise<Reported | undefined>;
}

/** One answer asks GitHub about so many deployments at most. */
const mostAsked = 25;

/** Costs one request, and one for each deployment whose course is not known here. */
export async function pastOf(ports: Ports, repository: Repository, { environment, task }: Where): Promise<Past> {
  const { deployments } = await ports.github.deployments(repository, { environment, task });
  const looks = new Map<number, Promise<Reported | undefined>>();
  let asked = 0;

  async function look(deployment: GitHubDeployment): Promise<Reported | undefined> {
    const known = await knownStatuses(ports, undefined, repository, deployment);
    if (known) return known;
    asked += 1;
    if (asked > mostAsked) throw tooFarBack(environment);
    return askedStatuses(ports, undefined, repository, deployment).catch(nothingIfDeleted);
  }

  return {
    deployments,
    async othersSince({ id }) {
      const all = await ports.github.deployments(repository, { environment });
      return all.deployments.filter((one) => one.task !== task && one.id > id);
    },
    look(deployment) {
      const found = looks.get(deployment.id) ?? look(deployment);
      looks.set(deployment.id, found);
      return found;
    },
  };
}

export function nothingIfDeleted(error: unknown): undefined {
  if (!(error instanceof NoSuchDeployment)) throw error;
}

const tooFarBack = (environment: string): Refusal =>
  new Refusal(
    'too-far-back',
    say`I looked at ${mostAsked} deployments to ${code(environment)} without finding what was asked for, and look at no more. ${code('/deploy history')} with the app shows what came before, with their ids.`,
  );

/**
 * The last good deployment before another, so many commits `back` (from 1): those of one commit in a row count once, and
 * those of the `live` commit not at all.
 */
export async function goodBefore(
  past: Past,
  before: number,
  live: { sha: string },
  back: number,
): Promise<GitHubDeployment | undefined> {
  let sha = live.sha;
  let left = back;
  for (const deployment of past.deployments) {
    if (deployment.id >= before || deployment.sha === sha || deployment.sha === live.sha) continue;
    if (!(await isGood(past, deployment))) continue;
    sha = deployment.sha;
    left -= 1;
    if (left === 0) return deployment;
  }
  return undefined;
}

/** Whether it has ever been live. */
export async function isGood(past: Past, deployment: GitHubDeployment): Promise<boolean> {
  const course = (await past.look(deployment))?.course;
  return course === 'live' || course === 'replaced' || course === 'withdrawn';
}
