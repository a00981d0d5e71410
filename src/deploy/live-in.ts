import { hasSucceeded } from './course.ts';
import { stillLive, verdictOn } from './live-among.ts';
import { type Past, pastOf, type Where } from './past.ts';
import type { Ports, Repository } from './ports.ts';
import type { Reported } from './reported.ts';

/**
 * What is live of one task in one of GitHub's environments now: the newest success by creation that nobody has made
 * inactive, since GitHub itself does not make production's older ones inactive. Costs what `pastOf` says. Rejects with a
 * Refusal where GitHub does, and where too many failed since.
 */
export const liveIn = async (ports: Ports, repository: Repository, where: Where): Promise<Reported | undefined> =>
  liveOf(await pastOf(ports, repository, where));

export async function liveOf(past: Past): Promise<Reported | undefined> {
  const reported: Reported[] = [];
  for (const deployment of past.deployments) {
    const one = await past.look(deployment);
    if (one) reported.push(one);
    const verdict = verdictOn(reported);
    if (verdict === 'look further') continue;
    if (verdict === 'nothing') return undefined;
    if ('live' in verdict) return verdict.live;
    return (await gaveWayToAnotherTask(past, verdict.replaced)) ? stillLive(verdict.replaced) : undefined;
  }
  return undefined;
}

async function gaveWayToAnotherTask(past: Past, { deployment }: Reported): Promise<boolean> {
  for (const other of await past.othersSince(deployment)) {
    const one = await past.look(other);
    if (one && hasSucceeded(one)) return true;
  }
  return false;
}
