import { type Deployment, refOf, unfinishedStages } from './deployment.ts';
import { short } from './origin.ts';
import type { Ports } from './ports.ts';
import { code, list, say, type Words } from './words.ts';

/** So many are named; more nobody reads. */
const mostNamed = 3;
/** Of what was started elsewhere the newest are looked at; each room that reads along has a record of it. */
const mostLookedAt = 30;

/** What is under way in one of GitHub's environments, as far as it is known here: another deployment would run beside it. */
export async function underWayThere(
  { store }: Ports,
  { repository, githubEnvironment }: { repository: string; githubEnvironment: string },
): Promise<Words> {
  const ours = (await store.unfinishedDeployments(repository)).filter(
    ({ create }) => create.environment.toLowerCase() === githubEnvironment.toLowerCase(),
  );
  // Rooms that read along with what was started here have records of the same.
  const others = (await store.mirrorsIn(repository, githubEnvironment, mostLookedAt)).filter(
    ({ mirror, stage }) => !mirror?.startedIn && unfinishedStages.includes(stage),
  );
  const all = [...ours, ...others];
  const different = [...new Map(all.map((one) => [one.id ?? one.request, one])).values()];
  if (different.length === 0) return [];
  const named = different.slice(0, mostNamed).map(called);
  const more = different.length - named.length;
  return say` ⚠️ Under way there already: ${list(more > 0 ? [...named, `${more} more`] : named, 'and')}. Both would run side by side.`;
}

const called = (deployment: Deployment): Words =>
  say`${deployment.id === undefined ? '' : `#${deployment.id} `}${code(short(refOf(deployment)))} by ${deployment.asker.name}`;
