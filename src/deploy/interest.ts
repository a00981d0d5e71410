import { announcementFor, placesOf } from './audience.ts';
import type { Ports } from './ports.ts';
import type { Watch } from './watch.ts';

/**
 * Whether anybody wants to hear of other people's deployments of a repository. Every webhook asks before it is answered, and
 * of nearly all repositories nobody does: so this is known in memory. What it answers wrongly for the moment between two
 * looks at the store, when another process was told to watch, costs a line at most: the next status tells them all.
 */
export interface Interest {
  in(repository: string): boolean;
  /** Something of it is being told, and will be to its end, whether anybody begins to listen now or not. */
  keep(repository: string): void;
  /** Looks at what rooms watch now. */
  refresh(): Promise<void>;
}

/** More repositories than this are not remembered. */
const mostRemembered = 10_000;

export function createInterest({ apps, store }: Pick<Ports, 'apps' | 'store'>): Interest {
  let watches: readonly Watch[] = [];
  let catalogue: unknown;
  const known = new Map<string, boolean>();
  /** Where nobody listens any more, what was begun is still told. */
  const kept = new Set<string>();

  function isWanted(repository: string): boolean {
    return placesOf({ repository }, apps).some(
      ({ app }) =>
        [{ app }, ...app.environments.map((environment) => ({ app, environment }))].some((place) =>
          announcementFor(place, apps),
        ) || watches.some((watch) => watch.app.toLowerCase() === app.name.toLowerCase()),
    );
  }

  return {
    in(repository) {
      // Read again from disk, it is another list.
      const current = apps.all();
      if (current !== catalogue || known.size >= mostRemembered) known.clear();
      catalogue = current;
      const remembered = known.get(repository);
      if (remembered !== undefined) return remembered;
      const answer = kept.has(repository.toLowerCase()) || isWanted(repository);
      known.set(repository, answer);
      if (answer) kept.add(repository.toLowerCase());
      return answer;
    },
    keep(repository) {
      kept.add(repository.toLowerCase());
      known.clear();
    },
    async refresh() {
      watches = await store.watches();
      known.clear();
    },
  };
}
