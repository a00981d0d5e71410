import type { Resolved, Signature } from './git.ts';
import type { Repository } from './memory.ts';

/** How an attempt to merge the default branch into what is to be deployed ended. */
export type AutoMerge = 'nothing to merge' | 'merged' | 'conflict';

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
    if (await git.moveRef(`refs/heads/${target.name}`, merge, head)) return 'merged';
    // Somebody pushed meanwhile.
    head = (await git.resolve(`refs/heads/${target.name}`))?.sha ?? head;
  }
  return 'conflict';
}
