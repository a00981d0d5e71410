import type { Resolved, Signature } from './git.ts';
import type { Repository } from './memory.ts';
import type { Push } from './push-event.ts';

/** How an attempt to merge the default branch into what is to be deployed ended. */
export type AutoMerge = 'nothing to merge' | 'conflict' | { pushed: Push };

const triesAgainstPushes = 3;

/**
 * Merges the default branch into a branch that is behind it, as POST /deployments does with `auto_merge`. A tag or SHA
 * that is behind can't be moved, which GitHub too calls a conflict (github/platform-samples#99).
 */
export async function autoMerge(repository: Repository, target: Resolved, who: Signature): Promise<AutoMerge> {
  const { git, defaultBranch } = repository;
  const base = await git.resolve(`refs/heads/${defaultBranch}`);
  if (!base) return 'nothing to merge';
  let head = target.sha;
  for (let tries = 0; tries < triesAgainstPushes; tries += 1) {
    if (await git.isAncestor(base.sha, head)) return 'nothing to merge';
    if (target.kind !== 'branch') return 'conflict';
    const tree = await git.mergedTree(head, base.sha);
    if (!tree) return 'conflict';
    const message = `Merge ${defaultBranch} into ${target.name}`;
    const merge = await git.commit({ tree, parents: [head, base.sha], message, who });
    const ref = `refs/heads/${target.name}`;
    if (await git.moveRef(ref, merge, head)) return { pushed: { ref, before: head, after: merge } };
    // Somebody pushed meanwhile.
    head = (await git.resolve(ref))?.sha ?? head;
  }
  return 'conflict';
}
