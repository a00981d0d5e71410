import { type Deployment, type Status, unfinishedStages } from './deployment.ts';
import type { GitHubDeployment, Ports } from './ports.ts';

/**
 * A job of GitHub Actions that names an `environment:` makes GitHub create a deployment of its own beside the one that the
 * workflow was started for (actions/runner#2120). It is the same deed twice, and is told once. A run that nobody's
 * deployment started deploys anew, though it may be the same commit: that is news.
 */

/** More do not lie between a deployment and the one of its job. */
const lookedAt = 10;

/**
 * Whether GitHub created it for a job itself: the events of its statuses say so. Where a server sends nothing about runs, it is
 * known by its creator; but of many of them GitHub says that a user made them (octokit/webhooks.net#52).
 */
export function isOfJob({ app, creator }: Pick<GitHubDeployment, 'app' | 'creator'>, its: readonly Status[]): boolean {
  const said = its.flatMap(({ workflow }) => workflow ?? []);
  if (said.length > 0) return said.some(({ isJobs }) => isJobs);
  return app === 'github-actions' || creator === 'github-actions[bot]';
}

/** Whether what this deployment does is told already, as another deployment: the events of the two come in any order. */
export async function isToldAlready({ store }: Ports, deployment: Deployment): Promise<boolean> {
  const { repository, create } = deployment;
  const [unfinished, ours, mirrors] = await Promise.all([
    store.unfinishedDeployments(repository),
    store.deploymentsIn(repository, create.environment, lookedAt),
    store.mirrorsIn(repository, create.environment, lookedAt),
  ]);
  const others = new Map(
    [...unfinished.filter(({ mirror }) => !mirror), ...ours, ...mirrors]
      .filter((other) => other.id !== deployment.id && mayTellFor(deployment, other))
      .map((other) => [other.request, other]),
  );
  const one = await traced(store, deployment);
  for (const other of others.values()) {
    if (areTwins(one, await traced(store, other))) return true;
  }
  return false;
}

/** What another room alone was told of, this one was not; but the room that is told of a deployment needs no word of its job's. */
function mayTellFor(one: Deployment, other: Deployment): boolean {
  if (other.stage === 'refused') return false;
  if (one.create.environment.toLowerCase() !== other.create.environment.toLowerCase()) return false;
  if (!other.mirror || isJobs(one)) return true;
  return other.place.team === one.place.team && other.place.room === one.place.room;
}

/** A deployment, and what has been said about it so far. */
export interface Traced {
  deployment: Deployment;
  statuses: readonly Status[];
}

async function traced(store: Ports['store'], deployment: Deployment): Promise<Traced> {
  const { repository, id } = deployment;
  const lines = id === undefined ? [] : await store.statuses(repository, id);
  return { deployment, statuses: lines.map(({ status }) => status) };
}

/** Whether two deployments to one environment are the same deed. */
export function areTwins(one: Traced, other: Traced): boolean {
  if (isJobs(one.deployment) && isJobs(other.deployment)) return isSameAttempt(one, other);
  if (isJobs(one.deployment)) return isJobOf(one, other);
  if (isJobs(other.deployment)) return isJobOf(other, one);
  // An old server does not say which of them the job's is; what a step creates beside somebody else's is another deed.
  const isOurs = !one.deployment.mirror || !other.deployment.mirror;
  return isOurs && haveARunInCommon(one, other);
}

const isJobs = ({ mirror }: Deployment): boolean => mirror?.isOfJob === true;

/** Usually the job's is told of first: it moves before its first step can report on the other. */
function isJobOf(job: Traced, { deployment, statuses }: Traced): boolean {
  if (haveARunInCommon(job, { deployment, statuses })) return true;
  const isEarlier = (deployment.id ?? 0) < (job.deployment.id ?? 0);
  if (!isEarlier || commitOf(deployment) !== commitOf(job.deployment)) return false;
  const events = job.statuses.flatMap(({ workflow }) => workflow?.event ?? []);
  return events.length > 0 ? events.includes('deployment') : unfinishedStages.includes(deployment.stage);
}

/** A deployment may start several jobs in one environment, and each again. Jobs of other runs are told each. */
function isSameAttempt(one: Traced, other: Traced): boolean {
  const attemptsOf = ({ statuses }: Traced) =>
    statuses.flatMap(({ run, workflow }) => (workflow?.event === 'deployment' ? `${run} ${workflow.attempt}` : []));
  const others = attemptsOf(other);
  return attemptsOf(one).some((attempt) => others.includes(attempt));
}

function haveARunInCommon(one: Traced, other: Traced): boolean {
  const others = new Set(other.statuses.map(({ run }) => run));
  return one.statuses.some(({ run }) => run !== undefined && others.has(run));
}

const commitOf = ({ createdSha, sha }: Deployment): string => createdSha ?? sha;
