import type { Course } from './course.ts';
import { type Deployment, refOf, type State, type Status } from './deployment.ts';
import type { GitHubDeployment } from './ports.ts';
import type { Reported } from './reported.ts';

/** A deployment as people ask about it: what, how far, since when, by whom. */
export interface Sighting {
  /** GitHub's; nothing while it has not been created. */
  id?: number;
  /** What people call what it deploys. */
  ref: string;
  sha: string;
  task: string;
  /** Nothing: nobody looked, to spare GitHub. */
  course?: Course;
  /** Its newest state; nothing before the first. */
  state?: State;
  /** When it was created, or asked for where it has not been, ISO 8601. */
  createdAt: string;
  /** Since when it is so, ISO 8601. */
  since: string;
  /** Who asked for it, and the account that created it where that is another. */
  by: string;
  logUrl?: string;
  environmentUrl?: string;
  /** Our record of it, where it was started from here. */
  ours?: Deployment;
}

export function sightingOf({ deployment, statuses, course, ours }: Reported): Sighting {
  return { ...unreported(deployment), course, ...newsIn(statuses), ...(ours && asOurs(ours)) };
}

/** One that is known by its list alone. */
export function unreported({ id, ref, sha, task, createdAt, user, creator }: GitHubDeployment): Sighting {
  // Anybody with push access chooses what a payload says, so that the account stands beside it.
  const by = user === undefined || user === creator ? creator : `${user} (${creator})`;
  return { id, ref, sha, task, createdAt, since: createdAt, by };
}

/** One of ours, whether GitHub has it yet or not. */
export function recordSighting(ours: Deployment, statuses: readonly Status[], course: Course): Sighting {
  const { id, create, createdSha, sha } = ours;
  const createdAt = ours.createdAt ?? ours.askedAt;
  return {
    ...(id !== undefined && { id }),
    sha: createdSha ?? sha,
    task: create.task,
    course,
    createdAt,
    since: createdAt,
    ...newsIn(statuses),
    ...asOurs(ours),
  };
}

/** Of ours more is known than GitHub has: who asked, and the name of what was deployed once more. */
export const asOurs = (ours: Deployment): Pick<Sighting, 'ours' | 'by' | 'ref'> => ({
  ours,
  by: ours.asker.name,
  ref: refOf(ours),
});

/** What statuses say, in GitHub's order; the links are the newest there are. */
function newsIn(
  statuses: readonly Status[],
): Pick<Sighting, 'state' | 'logUrl' | 'environmentUrl'> & { since?: string } {
  const last = statuses.at(-1);
  if (!last) return {};
  const logUrl = statuses.findLast((status) => status.logUrl)?.logUrl;
  const environmentUrl = statuses.findLast((status) => status.environmentUrl)?.environmentUrl;
  return {
    state: last.state,
    since: beganAt(statuses, last),
    ...(logUrl && { logUrl }),
    ...(environmentUrl && { environmentUrl }),
  };
}

/** Deployers repeat a state with another description for each step: it is in that state since the first of them. */
function beganAt(statuses: readonly Status[], last: Status): string {
  const other = statuses.findLastIndex(({ state }) => state !== last.state);
  return statuses[other + 1]?.createdAt ?? last.createdAt;
}
