import { randomUUID } from 'node:crypto';
import { git } from '../local-git.ts';
import type { Signature } from './git.ts';

export interface FilesCommit {
  /** The commit that this one goes on top of. */
  from: string;
  /** New contents by path. */
  files: Record<string, string>;
  message: string;
  who: Signature;
}

/** Writes a commit that changes some files of the one before, in the bare repository of this folder. Moves no branch. */
export async function commitFiles(folder: string, { from, files, message, who }: FilesCommit): Promise<string> {
  // fast-import writes to a ref; this one is nobody else's.
  const ref = `refs/sandbox/${randomUUID()}`;
  const input = [
    `commit ${ref}`,
    `committer ${who.name} <${who.email}> ${Math.floor(Date.parse(who.date) / 1000)} +0000`,
    data(message),
    `from ${from}`,
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
    'done\n',
  ];
  const place = ['--git-dir', folder];
  await git([...place, 'fast-import', '--quiet', '--done'], { input: input.join('\n') });
  const commit = await git([...place, 'rev-parse', '--verify', ref]);
  await git([...place, 'update-ref', '-d', ref]);
  return commit;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
