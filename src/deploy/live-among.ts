import { hasSucceeded } from './course.ts';
import type { Reported } from './reported.ts';

/**
 * What the newest deployments of one task say of what is live in an environment. `replaced`: that one is, as long as it was
 * one of another task that took its place on GitHub, which tells tasks not apart; if none has succeeded since, somebody made
 * it inactive.
 */
export type Verdict = { live: Reported } | { replaced: Reported } | 'nothing' | 'look further';

/** By those of one task in one environment, newest first, as far as they have been looked at. */
export function verdictOn(reported: readonly Reported[]): Verdict {
  for (const [index, one] of reported.entries()) {
    if (one.course === 'live') return { live: one };
    if (one.course === 'replaced') return reported.slice(0, index).some(hasSucceeded) ? 'nothing' : { replaced: one };
    // A transient environment was destroyed with it; but of production older ones stay active, so that the one before
    // takes its place again.
    if (one.course === 'withdrawn' && !one.deployment.production) return 'nothing';
  }
  return 'look further';
}

/** What is live for a task, by those of all tasks in one environment, newest first. */
export function liveAmong(reported: readonly Reported[], task: string): Reported | undefined {
  const verdict = verdictOn(reported.filter(isFor(task)));
  if (typeof verdict === 'string') return undefined;
  if ('live' in verdict) return verdict.live;
  const { replaced } = verdict;
  const others = reported.filter((one) => !isFor(task)(one) && one.deployment.id > replaced.deployment.id);
  return others.some(hasSucceeded) ? stillLive(replaced) : undefined;
}

const isFor =
  (task: string) =>
  ({ deployment }: Reported): boolean =>
    deployment.task === task;

/** As it was before GitHub made it inactive for one of another task. */
export function stillLive(reported: Reported): Reported {
  const end = reported.statuses.findLastIndex(({ state }) => state === 'success');
  return { ...reported, statuses: reported.statuses.slice(0, end + 1), course: 'live' };
}
