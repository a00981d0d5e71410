import type { CheckRun, CommitStatus, Repository } from './memory.ts';

export interface ReportedContext {
  context: string;
  state: string;
}

/** The newest commit status of every context of this commit, newest first. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  return newestBy(repository.commitStatuses, sha, ({ context }) => context);
}

/** The newest check run of every name of this commit, newest first. */
export function latestCheckRuns(repository: Repository, sha: string): CheckRun[] {
  return newestBy(repository.checkRuns, sha, ({ name }) => name);
}

function newestBy<T extends { sha: string }>(all: T[], sha: string, key: (one: T) => string): T[] {
  const newest = new Map<string, T>();
  for (const one of all.filter((candidate) => candidate.sha === sha)) {
    // Deleted first, so that the order is that of the newest.
    newest.delete(key(one));
    newest.set(key(one), one);
  }
  return [...newest.values()].reverse();
}

/**
 * What keeps this commit from being deployed: undefined when nothing does, else the contexts as GitHub lists them in
 * its 409. `required` undefined means all that have reported, empty none. A required context that has never reported
 * is absent from the list, and blocks all the same. Only `success` passes, a skipped check does not.
 * Source: a live answer in drevops/vortex#1903; sbb-design-systems/sbb-angular#2447 for skipped ones.
 */
export function blockingContexts(
  repository: Repository,
  sha: string,
  required: string[] | undefined,
): ReportedContext[] | undefined {
  if (required?.length === 0) return undefined;
  const reported = [
    ...latestCheckRuns(repository, sha).map((run) => ({ context: run.name, state: stateOf(run) })),
    ...latestStatuses(repository, sha).map(({ context, state }) => ({ context, state })),
  ];
  const relevant = required ? reported.filter(({ context }) => required.includes(context)) : reported;
  const missing = (required ?? []).some((context) => !relevant.some((one) => one.context === context));
  const allGreen = relevant.every(({ state }) => state === 'success');
  return allGreen && !missing ? undefined : relevant;
}

function stateOf({ status, conclusion }: CheckRun): string {
  return status === 'completed' ? (conclusion ?? 'pending') : 'pending';
}
