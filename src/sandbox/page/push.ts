import { createHmac, randomUUID } from 'node:crypto';
import type { Repository } from '../github/server.ts';
import { git } from '../local-git.ts';

/**
 * Somebody pushes a commit to a branch: a line more in `CHANGES`. The continuous integration is told as GitHub tells it.
 * @throws Error if there is no such branch
 */
export async function pushCommit(
  repository: Repository,
  branch: string,
  o: { who: string; now: Date; ci: string; webhookSecret: string },
): Promise<void> {
  const place = ['--git-dir', repository.folder];
  const ref = `refs/heads/${branch}`;
  const before = await git([...place, 'rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`]);
  const known = await git([...place, 'cat-file', '-p', `${before}:CHANGES`]).catch(() => '');
  const lines = [...known.split('\n').filter(Boolean), `${o.now.toISOString()} ${o.who} was here`];
  const seconds = Math.floor(o.now.getTime() / 1000);
  const stream = [
    `commit ${ref}`,
    `committer ${o.who} <${o.who}@example.com> ${seconds} +0000`,
    data(`Change ${lines.length} from the sandbox’s page`),
    `from ${before}`,
    `M 100644 inline CHANGES`,
    data(`${lines.join('\n')}\n`),
    'done\n',
  ];
  await git([...place, 'fast-import', '--quiet'], { input: stream.join('\n') });
  const after = await git([...place, 'rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`]);
  await tell(o, JSON.stringify({ ref, before, after, repository: { full_name: repository.fullName } }));
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

async function tell(o: { ci: string; webhookSecret: string }, body: string): Promise<void> {
  const signature = createHmac('sha256', o.webhookSecret).update(body).digest('hex');
  await fetch(o.ci, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
}
