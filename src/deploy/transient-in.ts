import type { Lately } from './lately.ts';
import { nothingIfDeleted } from './past.ts';
import type { GitHubDeployment, Ports, Repository } from './ports.ts';
import { askedStatuses, knownStatuses, type Reported } from './reported.ts';

/** The deployments of an environment that go away again, with what became of each. */
export interface Transient {
  /** Newest first. */
  all: readonly Reported[];
  /** Older ones than that of this id were not looked at. */
  next?: number;
}

/** One answer asks GitHub for so many pages of a hundred deployments, and about so many of these. */
const mostPages = 5;
const mostAsked = 60;

/**
 * `stays`: the environment itself does not go away, so that only deployments count that are transient themselves. `anew`:
 * what the store knows does not do. Rejects with a Refusal.
 */
export async function transientIn(
  ports: Ports,
  lately: Lately,
  repository: Repository,
  { environment, before = Number.POSITIVE_INFINITY }: { environment: string; before?: number },
  { stays, anew }: { stays: boolean; anew: boolean },
): Promise<Transient> {
  const all: Reported[] = [];
  let asked = 0;
  let oldest: number | undefined;
  const look = (deployment: GitHubDeployment) =>
    askedStatuses(ports, lately, repository, deployment).catch(nothingIfDeleted);
  let pages = 0;
  for (let number = 1; pages < mostPages; number++) {
    const { deployments, more } = await ports.github.deployments(repository, { environment }, { number, size: 100 });
    const candidates = deployments.filter(({ id }) => id < before);
    if (candidates.length > 0) pages += 1;
    for (const deployment of candidates) {
      const counts = deployment.transient || !stays;
      const known = counts && !anew ? await knownStatuses(ports, lately, repository, deployment) : undefined;
      if (counts && !known && ++asked > mostAsked) return { all, next: oldest ?? deployment.id + 1 };
      const found = known ?? (counts ? await look(deployment) : undefined);
      if (found) all.push(found);
      oldest = deployment.id;
    }
    if (!more) return { all };
  }
  return { all, ...(oldest !== undefined && { next: oldest }) };
}
