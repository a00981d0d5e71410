import type { Deployment, StatusLine } from './deployment.ts';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { Story } from './story.ts';

/** How many deployments of an environment are looked at; more do not succeed one another within one story. */
const lookedAt = 10;

/** Where a deployment is known: its repository on its host. */
export const repositoryOf = (deployment: Pick<Deployment, 'repository' | 'apiUrl'>) => ({
  fullName: deployment.repository,
  ...(deployment.apiUrl && { apiUrl: deployment.apiUrl }),
});

/**
 * GitHub's id of a newer deployment that is live in the same environment now: of ours if we know one, else asked of GitHub.
 * One that failed has taken nothing over. Nothing, too, while GitHub can't be asked. `task`: only one for that.
 */
export async function successor(ports: Ports, deployment: Deployment, task?: string): Promise<number | undefined> {
  const { repository, create, id } = deployment;
  if (id === undefined) return undefined;
  const ours = await ports.store.deploymentsIn(repository, create.environment, lookedAt);
  for (const other of ours) {
    if (other.id === undefined || other.id <= id || (task !== undefined && other.create.task !== task)) continue;
    const statuses = await ports.store.statuses(other.repository, other.id);
    if (statuses.some(({ status }) => status.state === 'success')) return other.id;
  }
  try {
    const newest = await ports.github.newest(repositoryOf(deployment), create.environment, task);
    if (!newest || newest.id <= id || ours.some((other) => other.id === newest.id)) return undefined;
    const statuses = await ports.github.statuses(repositoryOf(deployment), newest.id);
    return statuses.some(({ state }) => state === 'success') ? newest.id : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * What made a deployment inactive that says no more of it: the newer one of its own task by its id, or one of another task.
 * GitHub tells tasks not apart, but what a migration ran beside is live still. Nothing where nobody knows.
 */
export async function takenOverBy(ports: Ports, deployment: Deployment): Promise<number | 'another task' | undefined> {
  const same = await successor(ports, deployment, deployment.create.task);
  if (same !== undefined) return same;
  return (await successor(ports, deployment)) === undefined ? undefined : 'another task';
}

/** GitHub's id of the newer deployment that is known to have taken over, where a room reads along. */
export const replacedBy = ({ notes }: Story): number | undefined =>
  notes.flatMap(({ note }) => (note.kind === 'replaced' ? [note.by] : []))[0];

/**
 * Whether a status says `inactive` because a newer deployment took over, which needs no line of its own. GitHub does that
 * to successful ones only (REST: `auto_inactive`); any other `inactive` was set by somebody, and is told.
 */
export async function wasTakenOver(ports: Ports, story: Story, line: StatusLine): Promise<boolean> {
  if (line.status.state !== 'inactive' || line.status.byHand) return false;
  const before = story.statuses.findLast(({ status }) => status.state !== 'inactive');
  if (before?.status.state !== 'success') return false;
  return replacedBy(story) !== undefined || (await successor(ports, story.deployment)) !== undefined;
}

/**
 * Whether GitHub makes it inactive when a newer one succeeds. Not for production and transient environments; GitHub takes
 * an environment called `production` for one unless told otherwise.
 */
export function becomesInactive({ create }: Deployment): boolean {
  const production = create.production_environment ?? create.environment === 'production';
  return !production && !create.transient_environment;
}
