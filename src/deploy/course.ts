import { isFailure, type Status } from './deployment.ts';

/**
 * What became of a deployment. `live`: it succeeded, and nobody has made it inactive; a newer one may have taken its place
 * all the same. `replaced`: it succeeded, and is inactive as GitHub makes it when a newer one succeeds. `withdrawn`: it
 * succeeded, and somebody has made it inactive. `failed`: it ended otherwise. `under-way`: an ending is still to come, or
 * would be if a deployer answered.
 */
export type Course = 'live' | 'replaced' | 'withdrawn' | 'failed' | 'under-way';

/**
 * By its statuses in GitHub's order, the newest of which decides. States that GitHub adds later are under way.
 * `isReplaceable`: a newer one makes it inactive, which GitHub does outside of production and transient environments (REST:
 * `auto_inactive`).
 */
export function courseOf(
  statuses: readonly Pick<Status, 'state' | 'description' | 'byHand'>[],
  { isReplaceable }: { isReplaceable: boolean },
): Course {
  const last = statuses.at(-1);
  if (!last) return 'under-way';
  if (last.state === 'success') return 'live';
  if (isFailure(last.state)) return 'failed';
  if (last.state !== 'inactive') return 'under-way';
  if (!hasSucceeded({ statuses })) return 'failed';
  // GitHub says nothing beside it, and does it to what is a success until then.
  const isGitHubs = !last.byHand && last.description === '' && statuses.at(-2)?.state === 'success';
  return isReplaceable && isGitHubs ? 'replaced' : 'withdrawn';
}

export const hasSucceeded = ({ statuses }: { statuses: readonly Pick<Status, 'state'>[] }): boolean =>
  statuses.some(({ state }) => state === 'success');
