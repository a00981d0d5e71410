import { execFile } from 'node:child_process';

/** A ref as people give it, found: what it names and the commit it stands for. */
export interface Resolved {
  kind: 'branch' | 'tag' | 'sha';
  /** The branch's or tag's short name, or the SHA as given. */
  name: string;
  sha: string;
}

/** What git knows of a commit. Dates are ISO 8601 in UTC with a resolution of one second. */
export interface CommitFacts {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
}

export interface Signature {
  name: string;
  email: string;
  date: string;
}

/** Paths of files. One that was renamed is removed and added. */
export interface ChangedFiles {
  added: string[];
  removed: string[];
  modified: string[];
}

export interface GitRef {
  /** In full: refs/heads/main. */
  ref: string;
  sha: string;
  type: string;
}

/** The questions that the sandbox asks a bare repository, through the `git` command. */
export interface Git {
  /** A branch before a tag before a SHA, as GitHub looks; undefined when there is no such commit. */
  resolve(ref: string): Promise<Resolved | undefined>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** The tree of the merge, or undefined when the two conflict or have no common history. */
  mergedTree(ours: string, theirs: string): Promise<string | undefined>;
  /** Writes a commit; `who` is author and, unless somebody else is named, committer. */
  commit(o: {
    tree: string;
    parents: string[];
    message: string;
    who: Signature;
    committer?: Signature;
  }): Promise<string>;
  /** Compare and swap: false when the ref is no longer at `from`. */
  moveRef(ref: string, to: string, from: string): Promise<boolean>;
  /** Makes the ref, or moves it wherever it was. */
  setRef(ref: string, to: string): Promise<void>;
  /** Commits that `to` has and `from` has not, oldest first. */
  between(from: string, to: string): Promise<CommitFacts[]>;
  commitFacts(sha: string): Promise<CommitFacts>;
  /** The files that each of these commits changed since its first parent, by SHA. */
  changes(commits: CommitFacts[]): Promise<Map<string, ChangedFiles>>;
  /** The commit and its patch, as text for people. */
  show(sha: string): Promise<string>;
  /** What `to` has changed since it left `from`. */
  size(from: string, to: string): Promise<{ files: number; additions: number; deletions: number }>;
  /** How many commits `to` has and `from` has not. */
  count(from: string, to: string): Promise<number>;
  /** Refs whose full name begins with `prefix`, by name. */
  refs(prefix: string): Promise<GitRef[]>;
  defaultBranch(): Promise<string>;
  setDefaultBranch(name: string): Promise<void>;
}

/** Makes a bare repository. */
export async function initRepository(folder: string, defaultBranch: string): Promise<void> {
  await run(['init', '--bare', '--quiet', `--initial-branch=${defaultBranch}`, '--end-of-options', folder]);
}

/** Opens the bare repository in `folder`. Nothing is remembered: others may push at any time. */
export function openRepository(folder: string): Git {
  const git = (args: string[], options?: RunOptions) => run(['--git-dir', folder, ...args], options);

  async function commitOf(name: string): Promise<string | undefined> {
    // Without ^{commit} any forty hex digits would count as found.
    const found = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
      allowed: [1, 128],
    });
    return found.code === 0 ? found.text.trim() : undefined;
  }

  async function log(args: string[]): Promise<CommitFacts[]> {
    const format = ['%H', '%T', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%B'].join('%x00');
    const fields = (await git(['log', '-z', `--format=${format}`, ...args])).text.split('\0');
    const commits: CommitFacts[] = [];
    for (let i = 0; i + 10 <= fields.length; i += 10) commits.push(commitFrom(fields.slice(i, i + 10)));
    return commits;
  }

  return {
    async resolve(ref) {
      const name = ref.replace(/^refs\//, '');
      if (!isRefName(name)) return undefined;
      const places = /^(heads|tags)\//.test(name) ? [`refs/${name}`] : [];
      for (const place of [`refs/heads/${name}`, `refs/tags/${name}`, ...places]) {
        const sha = await commitOf(place);
        if (!sha) continue;
        return {
          kind: place.startsWith('refs/heads/') ? 'branch' : 'tag',
          name: place.split('/').slice(2).join('/'),
          sha,
        };
      }
      const sha = /^[0-9a-f]{7,40}$/i.test(name) ? await commitOf(name) : undefined;
      return sha ? { kind: 'sha', name, sha } : undefined;
    },
    async isAncestor(ancestor, descendant) {
      return (await git(['merge-base', '--is-ancestor', ancestor, descendant], { allowed: [1] })).code === 0;
    },
    async mergeBase(one, other) {
      const found = await git(['merge-base', one, other], { allowed: [1] });
      return found.code === 0 ? found.text.trim() : undefined;
    },
    async mergedTree(ours, theirs) {
      // Exits 1 for a conflict, 128 for unrelated histories. Both are SHAs by now, so that 1 can't mean a bad ref.
      const merged = await git(['merge-tree', '--write-tree', '--no-messages', ours, theirs], { allowed: [1, 128] });
      return merged.code === 0 ? merged.text.trim() : undefined;
    },
    async commit({ tree, parents, message, who, committer = who }) {
      const env = {
        GIT_AUTHOR_NAME: who.name,
        GIT_AUTHOR_EMAIL: who.email,
        GIT_AUTHOR_DATE: who.date,
        GIT_COMMITTER_NAME: committer.name,
        GIT_COMMITTER_EMAIL: committer.email,
        GIT_COMMITTER_DATE: committer.date,
      };
      const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', message, tree];
      return (await git(args, { env })).text.trim();
    },
    async moveRef(ref, to, from) {
      return (await git(['update-ref', '--end-of-options', ref, to, from], { allowed: [1, 128] })).code === 0;
    },
    async setRef(ref, to) {
      await git(['update-ref', '--end-of-options', ref, to]);
    },
    between: (from, to) => log(['--reverse', '--topo-order', '--end-of-options', `${from}..${to}`]),
    async commitFacts(sha) {
      const [facts] = await log(['--max-count=1', '--end-of-options', sha]);
      if (!facts) throw new Error(`git has no commit ${sha}`);
      return facts;
    },
    async changes(commits) {
      const asked = commits.map(({ sha, parents }) => [sha, ...parents.slice(0, 1)].join(' '));
      const how = ['-r', '-z', '--root', '--no-renames', '--name-status', '--always', '--stdin'];
      return changesFrom((await git(['diff-tree', ...how], { input: `${asked.join('\n')}\n` })).text);
    },
    async show(sha) {
      const plain = ['--no-color', '--no-ext-diff', '--no-textconv', '--stat', '--patch'];
      return (await git(['show', ...plain, '--end-of-options', sha])).text;
    },
    async size(from, to) {
      const { text } = await git(['diff', '--shortstat', '--no-ext-diff', '--end-of-options', `${from}...${to}`]);
      const number = (what: RegExp) => Number(what.exec(text)?.[1] ?? 0);
      return {
        files: number(/(\d+) files? changed/),
        additions: number(/(\d+) insertion/),
        deletions: number(/(\d+) deletion/),
      };
    },
    async count(from, to) {
      return Number((await git(['rev-list', '--count', '--end-of-options', `${from}..${to}`])).text);
    },
    async refs(prefix) {
      const format = '%(refname)%00%(objectname)%00%(objecttype)';
      const lines = (await git(['for-each-ref', `--format=${format}`])).text.split('\n').filter(Boolean);
      return lines
        .map((line) => line.split('\0'))
        .map(([ref = '', sha = '', type = '']) => ({ ref, sha, type }))
        .filter(({ ref }) => ref.startsWith(prefix));
    },
    async defaultBranch() {
      return (await git(['symbolic-ref', '--short', 'HEAD'])).text.trim();
    },
    async setDefaultBranch(name) {
      await git(['symbolic-ref', 'HEAD', `refs/heads/${name}`]);
    },
  };
}

/** The rules of git check-ref-format, so that no revision syntax (`main~1`, `@{-1}`) gets through as a name. */
function isRefName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what git forbids
  if (name === '' || /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$/.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function commitFrom(fields: string[]): CommitFacts {
  const [sha = '', tree = '', parents = '', ...rest] = fields;
  const [authorName = '', authorEmail = '', authored = '', name = '', email = '', committed = '', message = ''] = rest;
  return {
    sha,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: authorName, email: authorEmail, date: fromSeconds(authored) },
    committer: { name, email, date: fromSeconds(committed) },
    message: message.trimEnd(),
  };
}

/** Reads `<sha> NUL (<letter> NUL <path> NUL)*` for every commit. */
function changesFrom(text: string): Map<string, ChangedFiles> {
  const changes = new Map<string, ChangedFiles>();
  const words = text.split('\0').filter(Boolean);
  let current: ChangedFiles = { added: [], removed: [], modified: [] };
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (/^[0-9a-f]{40}$/.test(word)) {
      current = { added: [], removed: [], modified: [] };
      changes.set(word, current);
      continue;
    }
    i += 1;
    const files = word === 'A' ? current.added : word === 'D' ? current.removed : current.modified;
    files.push(words[i] ?? '');
  }
  return changes;
}

function fromSeconds(seconds: string): string {
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}

interface RunOptions {
  /** Exit codes beside 0 that are answers and not failures. */
  allowed?: number[];
  env?: Record<string, string>;
  /** For its standard input. */
  input?: string;
}

function run(
  args: string[],
  { allowed = [], env = {}, input = '' }: RunOptions = {},
): Promise<{ code: number; text: string }> {
  // Nobody's configuration and nobody's hooks: an adopted repository must not run anything here.
  const settings = ['-c', 'core.hooksPath=/dev/null'];
  const clean = { PATH: process.env.PATH, LC_ALL: 'C', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...settings, ...args],
      { env: { ...clean, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        if (typeof code === 'number' && (code === 0 || allowed.includes(code))) resolve({ code, text: stdout });
        else reject(new Error(`git ${args.join(' ')} failed: ${stderr || error?.message}`, { cause: error }));
      },
    );
    // A git that reads nothing has closed its input by now; its exit code tells the story.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
