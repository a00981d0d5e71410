import type { SeededCommits } from './seed.ts';
import { helloPage, notFoundPage } from './seed-files.ts';

/** The part of the sandbox's GitHub where people work together on acme/hello. */
export interface PullBoard {
  addEmail(login: string, email: string): void;
  addMergedPull(
    fullName: string,
    pull: { title: string; author: string; by: string; branch: string; commit: string },
  ): Promise<unknown>;
  fork(fullName: string, owner: string): Promise<unknown>;
  push(
    fullName: string,
    branch: string,
    commit: { files: Record<string, string>; message: string; by: string },
  ): Promise<string>;
  openPull(fullName: string, pull: { head: string; author: string }): Promise<unknown>;
}

/** The part of it where others have deployed. */
export interface PastBoard {
  addPast(
    fullName: string,
    deployments: { at: Date; ref: string; description: string; by: string; statuses: { state: string; at: Date }[] }[],
  ): Promise<unknown>;
}

const hello = 'acme/hello';

/**
 * The pull requests of acme/hello: #1 and #2 are merged, #3 (`evening-colors`) is open, #4 comes from erin's fork.
 * Resolves with the heads of the open ones, by branch.
 */
export async function seedPulls(github: PullBoard, { main }: SeededCommits): Promise<Record<string, string>> {
  for (const login of ['ann', 'bob']) github.addEmail(login, `${login}@example.com`);
  const [first, second] = ['Say which branch it is', 'Tell where the page comes from'];
  const byBob = { author: 'bob', by: 'ann', branch: 'which-branch', commit: `${main}~1` };
  const byAnn = { author: 'ann', by: 'bob', branch: 'where-from', commit: main };
  await github.addMergedPull(hello, { ...byBob, title: first });
  await github.addMergedPull(hello, { ...byAnn, title: second });

  const open = { 'evening-colors': eveningColors, 'erin:kinder-404': kinder404 };
  await github.fork(hello, 'erin');
  const heads: Record<string, string> = {};
  for (const [head, commit] of Object.entries(open)) {
    const [branch = '', owner = 'acme'] = head.split(':').reverse();
    heads[branch] = await github.push(`${owner}/hello`, branch, commit);
    await github.openPull(hello, { head, author: commit.by });
  }
  return heads;
}

const eveningColors = {
  by: 'bob',
  message: 'Evening colors',
  files: {
    'index.html': helloPage({
      branch: 'evening-colors',
      headline: 'Hello in the evening',
      tagline: 'A small page, deployed from chat. It shows which branch is live.',
      accent: '#8b3a62',
    }),
  },
};

const kinder404 = {
  by: 'erin',
  message: 'A kinder 404',
  files: { '404.html': notFoundPage.replace('Not here', 'Sorry, that is not here') },
};

const twelveDaysMs = 12 * 24 * 60 * 60 * 1000;

/** Twelve days ago carol deployed the first release to production, by some other tool. */
export async function seedPast(github: PastBoard, now: Date): Promise<void> {
  const after = (seconds: number) => new Date(now.getTime() - twelveDaysMs + seconds * 1000);
  const statuses = ['queued', 'in_progress', 'success'].map((state, index) => ({ state, at: after(index * 20) }));
  const release = { ref: 'v1.0.0', description: 'The first release', by: 'carol' };
  await github.addPast(hello, [{ ...release, at: after(0), statuses }]);
}
