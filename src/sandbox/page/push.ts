import type { Repository, SandboxGitHub } from '../github/server.ts';
import { git } from '../local-git.ts';

/**
 * Somebody pushes a commit to a branch: a line more in `CHANGES`. GitHub tells the continuous integration.
 * @throws Error if there is no such branch
 */
export async function pushCommit(
  github: SandboxGitHub,
  repository: Repository,
  branch: string,
  o: { who: string; now: Date },
): Promise<void> {
  const place = ['--git-dir', repository.folder];
  const tip = await git([...place, 'rev-parse', '--verify', '--end-of-options', `refs/heads/${branch}^{commit}`]);
  const known = await git([...place, 'cat-file', '-p', `${tip}:CHANGES`]).catch(() => '');
  const lines = [...known.split('\n').filter(Boolean), `${o.now.toISOString()} ${o.who} was here`];
  await github.push(repository.fullName, branch, {
    files: { CHANGES: `${lines.join('\n')}\n` },
    message: `Change ${lines.length} from the sandbox’s page`,
    by: o.who,
  });
}
