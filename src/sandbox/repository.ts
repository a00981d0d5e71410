import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { git } from './local-git.ts';

/** A repository as the sandbox names it. */
export interface SandboxRepository {
  owner: string;
  /** Also the app's name. */
  name: string;
  defaultBranch: string;
}

/**
 * Clones a repository of this machine to `<gitFolder>/acme/<its folder's name>.git`, bare, with hooks and filters off:
 * nothing that lives in it is run, and nothing is written back to it.
 * @throws Error in plain words if there is no repository, or none with a branch
 */
export async function adoptRepository(from: string, gitFolder: string): Promise<SandboxRepository> {
  const source = path.resolve(from);
  const isFolder = await stat(source).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Error(`--repo ${from}: there is no such folder.`);
  const name = repositoryName(source);
  const target = path.join(gitFolder, 'acme', `${name}.git`);
  await mkdir(path.dirname(target), { recursive: true });
  try {
    await git([
      ...['-c', 'protocol.file.allow=always', '-c', 'filter.lfs.smudge=', '-c', 'filter.lfs.required=false'],
      ...['clone', '--quiet', '--bare', '--template=', '--', source, target],
    ]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--repo ${from}: that is not a git repository that can be cloned (${reason}).`);
  }
  return { owner: 'acme', name, defaultBranch: await settleHead(target, from) };
}

/** The folder's name as GitHub would take it; `x/.git` and `x.git` are both `x`. */
function repositoryName(folder: string): string {
  const named = path.basename(folder) === '.git' ? path.dirname(folder) : folder;
  const name = path
    .basename(named)
    .replace(/\.git$/, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return name || 'repository';
}

/** The branch that HEAD names; a detached HEAD is moved to main, master, or the first branch there is. */
async function settleHead(repository: string, from: string): Promise<string> {
  const place = ['--git-dir', repository];
  const listed = await git([...place, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/']);
  const branches = listed.split('\n').filter(Boolean);
  if (branches.length === 0)
    throw new Error(`--repo ${from}: the repository has no branch yet, commit something first.`);
  const head = await git([...place, 'symbolic-ref', '--quiet', '--short', 'HEAD']).catch(() => '');
  if (branches.includes(head)) return head;
  const chosen = ['main', 'master'].find((name) => branches.includes(name)) ?? (branches[0] as string);
  await git([...place, 'symbolic-ref', 'HEAD', `refs/heads/${chosen}`]);
  return chosen;
}
