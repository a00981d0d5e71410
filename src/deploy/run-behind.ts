import type { CancelledRun, Status } from './deployment.ts';
import type { Found } from './lookup.ts';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { isPassing } from './stage.ts';

/**
 * Asks GitHub Actions to cancel the run that deploys this. GitHub's no is told, and stops nothing; in its own words only where
 * it is a clear one, since by now something was done.
 */
export async function cancelRunBehind(ports: Ports, found: Found, statuses: readonly Status[]): Promise<CancelledRun> {
  let url: string | undefined;
  try {
    const run = await runBehind(ports, found, statuses);
    if (run === 'none' || run === 'unclear') return { kind: run };
    url = run.url;
    const kind = await ports.github.cancelRun(found.repository, run.id);
    return { kind, ...(url && { url }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const page = url && { url };
    return isPassing(error) ? { kind: 'unclear-answer', ...page } : { kind: 'refused', words: error.words, ...page };
  }
}

/**
 * The run that a status names. Else the only one that a deployment of this commit has begun since this one, as long as no
 * other deployment could have begun it: somebody else's run is never cancelled by mistake.
 */
async function runBehind(
  { github }: Ports,
  { repository, remote }: Found,
  statuses: readonly Status[],
): Promise<{ id: number; url?: string } | 'none' | 'unclear'> {
  const named = statuses.findLast(({ run }) => run !== undefined);
  if (named?.run !== undefined) return { id: named.run, ...(named.logUrl && { url: named.logUrl }) };

  const isSince = ({ createdAt }: { createdAt: string }) => Date.parse(createdAt) >= Date.parse(remote.createdAt);
  const [run, ...others] = (await github.runsOf(repository, remote.sha, 'deployment')).filter(isSince);
  if (!run) return 'none';
  if (others.length > 0) return 'unclear';
  const { deployments } = await github.deployments(repository, { sha: remote.sha });
  const another = deployments.some((one) => one.id !== remote.id && isSince(one));
  return another ? 'unclear' : { id: run.id, ...(run.url && { url: run.url }) };
}
