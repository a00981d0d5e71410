import type { Deployment } from './deployment.ts';
import type { GitHubDeployment, Ports, Repository } from './ports.ts';
import { Refusal } from './refusal.ts';
import { askedStatuses, knownStatuses, type Reported } from './reported.ts';
import { elapsed, ignoreRefusals, later, note } from './stage.ts';
import { repositoryOf } from './successor.ts';

/** A pull request that was closed (webhook `pull_request`, action `closed`). */
export interface PullRequestClosed {
  repository: string;
  number: number;
  /** Its branch, in the repository itself: code of forks is not deployed. */
  branch: string;
  isMerged: boolean;
  /** Who closed it. */
  by: string;
  /** ISO 8601. */
  closedAt: string;
}

/** What stands before the facts in the id of the chore. */
const chore = 'pull-closed ';

/**
 * Its transient deployments are to end. Answers whether the repository is one of ours; by then a job for it is stored, so
 * that whoever told us may forget it.
 */
export async function pullRequestClosed(ports: Ports, closed: PullRequestClosed): Promise<boolean> {
  const { owner, unlisted } = ports.apps;
  const isOwners = unlisted && closed.repository.toLowerCase().startsWith(`${owner?.toLowerCase()}/`);
  if (ports.apps.inRepository(closed.repository).length === 0 && !isOwners) return false;
  await ports.jobs.wake({ kind: 'chore', id: `${chore}${JSON.stringify(closed)}` });
  return true;
}

/** What the chore of that id is about; nothing for all other chores. */
export function closedIn(id: string): PullRequestClosed | undefined {
  return id.startsWith(chore) ? (JSON.parse(id.slice(chore.length)) as PullRequestClosed) : undefined;
}

/** How soon, ever less often, and for how long, GitHub or a deployer is waited for. */
const soonestMs = 60_000;
const waitsForMs = 24 * 60 * 60_000;
/** Trouble with GitHub that is over by itself. */
const passing = new Set(['github-unreachable', 'rate-limited', 'github-unclear']);

/**
 * Makes what was deployed from the pull request inactive, in transient environments, and nowhere else. May be called any
 * number of times. Answers when to come again: while GitHub can't be asked, or one of them is still under way.
 */
export async function endDeploymentsOf(ports: Ports, closed: PullRequestClosed): Promise<Date | undefined> {
  const waited = elapsed(ports, closed.closedAt);
  const again = waited < waitsForMs ? later(ports, Math.max(soonestMs, waited / 4)) : undefined;
  try {
    const ours = await transientOnes(ports, closed);
    let isOver = true;
    // One after another: GitHub wants writes so, and calls many at once abuse (docs.github.com, "Best practices for using the
    // REST API").
    for (const one of ours) if ((await end(ports, closed, one)) === 'under way') isOver = false;
    return isOver ? undefined : again;
  } catch (error) {
    ignoreRefusals(error);
    return again;
  }
}

interface Ours {
  remote: GitHubDeployment;
  deployment: Deployment;
  repository: Repository;
}

/**
 * Ours alone: what others deploy is theirs to end. Found by the branch, and in the same environments by the pull request,
 * since what was deployed again has no branch on GitHub.
 */
async function transientOnes(ports: Ports, closed: PullRequestClosed): Promise<Ours[]> {
  const [app] = ports.apps.inRepository(closed.repository);
  const repository = repositoryOf(app ?? ports.apps.unlistedApp(closed.repository));
  const { deployments } = await ports.github.deployments(repository, { ref: closed.branch }, { size: 100 });
  const found: Ours[] = [];
  for (const remote of deployments) {
    const deployment = await ports.store.deploymentById(repository.fullName, remote.id);
    if (deployment) found.push({ remote, deployment, repository });
  }
  const known = new Set(found.map(({ remote }) => remote.id));
  for (const environment of new Set(found.map(({ remote }) => remote.environment))) {
    for (const deployment of await ports.store.deploymentsIn(repository.fullName, environment, 100)) {
      const { id, pullRequest } = deployment;
      if (id === undefined || known.has(id) || pullRequest?.number !== closed.number) continue;
      const remote = await ports.github.deployment(repository, id);
      if (remote) found.push({ remote, deployment, repository });
    }
  }
  return found.filter(({ remote, deployment }) => isIts(remote, deployment, closed));
}

/** One of before it was closed, that goes away with it, and was deployed for no other pull request. */
const isIts = (
  remote: GitHubDeployment,
  { pullRequest }: Deployment,
  { number, closedAt }: PullRequestClosed,
): boolean => remote.transient && remote.createdAt <= closedAt && (pullRequest?.number ?? number) === number;

async function end(ports: Ports, closed: PullRequestClosed, ours: Ours): Promise<'over' | 'under way'> {
  const { remote, deployment, repository } = ours;
  const { course, statuses } = await reportedOf(ports, ours);
  if (course === 'under-way') return deployment.stage === 'created' ? 'under way' : 'over';
  // Set by this very job, before it was cut off: what remains is to tell it.
  const last = statuses.at(-1);
  const set = last?.state === 'inactive' && last.description === reason(closed) ? last : undefined;
  if (course !== 'live' && !set) return 'over';
  try {
    const mark = { state: 'inactive', description: reason(closed) };
    const before = new Set(statuses.map(({ id }) => id));
    const status = set ?? (await ports.github.mark(repository, remote.id, mark, before));
    // GitHub sends no webhook for `inactive`.
    const receivedAt = ports.clock.now().toISOString();
    await ports.store.recordStatus({ ...status, repository: deployment.repository, receivedAt, byHand: true });
  } catch (error) {
    if (!(error instanceof Refusal) || passing.has(error.code)) throw error;
    const { number, closedAt } = closed;
    const key = `not-inactive-${number}-${closedAt}`;
    await note(ports, deployment, { key, kind: 'not-inactive', pullRequest: number, words: error.words });
  }
  await ports.jobs.wake({ kind: 'deployment', id: deployment.request });
  return 'over';
}

/**
 * What is live as far as is known here is asked for before it is made inactive: a crash may have come after that, and GitHub
 * sends no webhook for it.
 */
async function reportedOf(ports: Ports, { remote, repository }: Ours): Promise<Reported> {
  const known = await knownStatuses(ports, undefined, repository, remote);
  return known && known.course !== 'live' ? known : askedStatuses(ports, undefined, repository, remote);
}

/** GitHub takes 140 characters; logins have 39 at most. */
const reason = ({ number, isMerged, by }: PullRequestClosed): string =>
  `pull request #${number} was ${isMerged ? 'merged' : 'closed'} by ${by}`;
