import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { git } from './local-git.ts';
import { deployScript, helloPage, notFoundPage, styles } from './seed-files.ts';

/** The commits at the tips of acme/hello, by branch or tag name. */
export interface SeededCommits {
  main: string;
  'topic-branch': string;
  conflict: string;
  red: string;
  broken: string;
  'v1.0.0': string;
}

/** The part of the sandbox's GitHub that takes reports of checks. */
export interface CheckBoard {
  setStatus(fullName: string, sha: string, status: { context: string; state: string; description?: string }): void;
  setCheckRun(
    fullName: string,
    sha: string,
    run: { name: string; status: string; conclusion?: string | null; details_url?: string },
  ): void;
}

interface Commit {
  mark: number;
  parent?: number;
  /** The second parent of a merge. */
  merges?: number;
  branch: string;
  /** The head of a merged pull request whose branch is gone, instead of a branch. */
  pull?: number;
  /** Ann, when left out. */
  by?: 'Bob';
  message: string;
  files: Record<string, string>;
}

const plain = 'A small page that shows which branch is live.';
/** What the continuous integration finds in the branch `red`. */
const complaintOfRed = '1 of 12 tests failed';
const reworded = 'A small page, deployed from chat. It shows which branch is live.';

function ofMain(tagline: string): string {
  return helloPage({ branch: 'main', headline: 'Hello from main', tagline, accent: '#2f6fed' });
}

/**
 *     v1.0.0 ── fork point ── main ── red
 *        └─ #1 ─────┘│            └─── broken
 *                    ├── #2, which was squashed into main
 *                    ├── topic-branch
 *                    └── conflict
 *
 * `topic-branch` and main change different lines of index.html, `conflict` and main the same one.
 */
const history: Commit[] = [
  {
    mark: 1,
    branch: 'main',
    message: 'A page that says hello',
    files: {
      'index.html': helloPage({
        branch: 'v1.0.0',
        headline: 'Hello, first release',
        tagline: plain,
        accent: '#7a6ff0',
      }),
      '404.html': notFoundPage,
      'style.css': styles,
      'deploy.sh': deployScript({ fails: false }),
    },
  },
  {
    mark: 8,
    parent: 1,
    branch: 'which-branch',
    pull: 1,
    by: 'Bob',
    message: 'Say which branch it is',
    files: { 'index.html': ofMain(plain) },
  },
  {
    mark: 2,
    parent: 1,
    merges: 8,
    branch: 'main',
    message: 'Merge pull request #1 from acme/which-branch\n\nSay which branch it is',
    files: { 'index.html': ofMain(plain) },
  },
  {
    mark: 9,
    parent: 2,
    branch: 'where-from',
    pull: 2,
    message: 'Tell where the page comes from',
    files: { 'index.html': ofMain(reworded) },
  },
  {
    mark: 3,
    parent: 2,
    branch: 'main',
    message: 'Tell where the page comes from (#2)',
    files: { 'index.html': ofMain(reworded) },
  },
  {
    mark: 4,
    parent: 2,
    branch: 'topic-branch',
    message: 'A warmer welcome',
    files: {
      'index.html': helloPage({
        branch: 'topic-branch',
        headline: 'A warm welcome from topic-branch',
        tagline: plain,
        accent: '#d9622b',
      }),
    },
  },
  {
    mark: 5,
    parent: 2,
    branch: 'conflict',
    message: 'Another tagline, which main has changed too',
    files: {
      'index.html': helloPage({
        branch: 'conflict',
        headline: 'Hello from conflict',
        tagline: 'A tagline that main would have to give up.',
        accent: '#b8860b',
      }),
    },
  },
  {
    mark: 6,
    parent: 3,
    branch: 'red',
    message: 'Something that the tests do not like',
    files: {
      'index.html': helloPage({ branch: 'red', headline: 'Hello from red', tagline: reworded, accent: '#d13438' }),
      '.ci-red': `${complaintOfRed}\n`,
    },
  },
  {
    mark: 7,
    parent: 3,
    branch: 'broken',
    message: 'A deploy script that gives up half way',
    files: {
      'index.html': helloPage({
        branch: 'broken',
        headline: 'Hello from broken',
        tagline: reworded,
        accent: '#6b7280',
      }),
      'deploy.sh': deployScript({ fails: true }),
    },
  },
];

/**
 * Makes `<gitFolder>/acme/hello.git`, a bare repository with the branches and the tag of {@link SeededCommits}.
 * The same commits every time, so that their ids can be compared between runs.
 */
export async function seedHello(gitFolder: string): Promise<SeededCommits> {
  const release = ['tag v1.0.0', 'from :1', `tagger ${stamp(1)}`, data('The first release')].join('\n');
  const repository = await makeRepository(path.join(gitFolder, 'acme', 'hello.git'), [
    ...history.map(written),
    release,
  ]);
  const refs = await git([
    '--git-dir',
    repository,
    'for-each-ref',
    '--format=%(refname:lstrip=2) %(objectname) %(*objectname)',
    'refs/heads/',
    'refs/tags/',
  ]);
  const tips = Object.fromEntries(
    refs.split('\n').map((line) => {
      const [name, object, tagged] = line.split(' ');
      return [name, tagged || object];
    }),
  );
  return tips as unknown as SeededCommits;
}

/** Makes `<gitFolder>/acme/handbook.git`: one page, on main alone, that nothing checks. */
export async function seedHandbook(gitFolder: string): Promise<void> {
  const words = { branch: 'main', headline: 'The handbook', tagline: 'How we work here.', accent: '#0b7a75' };
  const files = { 'index.html': helloPage({ ...words, title: 'handbook' }), 'style.css': styles };
  const first = { mark: 1, branch: 'main', message: 'The first page', files };
  await makeRepository(path.join(gitFolder, 'acme', 'handbook.git'), [written(first)]);
}

/** A bare repository out of one stream for `git fast-import`: one process instead of dozens. Returns its folder. */
async function makeRepository(folder: string, parts: string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', folder]);
  await git(['--git-dir', folder, 'fast-import', '--quiet'], { input: [...parts, 'done\n'].join('\n') });
  return folder;
}

/** Reports `ci/janky` (a commit status) and `security/brakeman` (a check run) on every tip; `red` fails the first. */
export function reportChecks(github: CheckBoard, tips: SeededCommits | Record<string, string>): void {
  for (const [name, sha] of Object.entries(tips)) {
    const failing = name === 'red';
    github.setStatus('acme/hello', sha, {
      context: 'ci/janky',
      state: failing ? 'failure' : 'success',
      description: failing ? complaintOfRed : '12 tests passed',
    });
    github.setCheckRun('acme/hello', sha, { name: 'security/brakeman', status: 'completed', conclusion: 'success' });
  }
}

/** A commit as `git fast-import` reads it. */
function written(commit: Commit): string {
  return [
    `commit ${commit.pull ? `refs/pull/${commit.pull}/head` : `refs/heads/${commit.branch}`}`,
    `mark :${commit.mark}`,
    `author ${stamp(commit.mark, commit.by)}`,
    `committer ${stamp(commit.mark, commit.by)}`,
    data(commit.message),
    ...(commit.parent ? [`from :${commit.parent}`] : []),
    ...(commit.merges ? [`merge :${commit.merges}`] : []),
    ...Object.entries(commit.files).map(
      ([name, text]) => `M ${name.endsWith('.sh') ? '100755' : '100644'} inline ${name}\n${data(text)}`,
    ),
  ].join('\n');
}

/** Who and when: fixed, an hour between two commits of a branch; the pull requests are from the hour before their end. */
function stamp(mark: number, by = 'Ann'): string {
  const firstOfNovember2026 = 1793520000;
  const hour = { 8: 1.5, 9: 2.5 }[mark] ?? mark;
  return `${by} <${by.toLowerCase()}@example.com> ${firstOfNovember2026 + hour * 3600} +0000`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
