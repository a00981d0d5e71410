import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../local-git.ts';
import { initRepository } from './git.ts';

/**
 * Makes a bare repository with the branches and tags of another. The two have their objects in common, as on GitHub,
 * where a commit of a fork is therefore found through its parent too.
 */
export async function forkRepository(from: string, to: string, defaultBranch: string): Promise<void> {
  await initRepository(to, defaultBranch);
  await rm(join(to, 'objects'), { recursive: true });
  await symlink(join(from, 'objects'), join(to, 'objects'));
  const refs = await git(['--git-dir', from, 'for-each-ref', '--format=create %(refname) %(objectname)', ...copied]);
  await git(['--git-dir', to, 'update-ref', '--stdin'], { input: `${refs}\n` });
}

const copied = ['refs/heads/', 'refs/tags/'];
