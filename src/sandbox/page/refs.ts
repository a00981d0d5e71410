import type { Repository } from '../github/server.ts';
import { git } from '../local-git.ts';
import type { CheckView, RefView } from './protocol.ts';

/** Nobody reads more, and an adopted repository may have thousands. The newest ones are shown. */
const mostRefs = 40;

/** How long what git said is good enough, in milliseconds: each look is a process. */
const goodFor = 1500;

type Listed = Omit<RefView, 'checks'>;

export interface RefReader {
  /** The branches and tags with the checks of their commits: the default branch, the other branches, the tags. */
  read(): Promise<RefView[]>;
  /** Something was pushed: git is asked again. */
  forget(): void;
}

export function createRefReader(repository: Repository): RefReader {
  let listed: Listed[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    async read() {
      if (performance.now() - askedAt > goodFor) {
        askedAt = performance.now();
        listed = await listRefs(repository);
      }
      return listed.map((ref) => ({ ...ref, checks: checksOf(repository, ref.sha) }));
    },
    forget() {
      askedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

async function listRefs(repository: Repository): Promise<Listed[]> {
  const fields = ['refname', 'objectname', '*objectname', 'contents:subject', '*contents:subject'];
  const listed = await git([
    ...['--git-dir', repository.folder, 'for-each-ref', '--sort=-committerdate', `--count=${mostRefs}`],
    `--format=${fields.map((field) => `%(${field})`).join('%00')}`,
    ...['refs/heads/', 'refs/tags/'],
  ]);
  const place = (ref: Listed) => (ref.name === repository.defaultBranch ? 0 : ref.kind === 'branch' ? 1 : 2);
  return listed
    .split('\n')
    .filter(Boolean)
    .map((line): Listed => {
      const [full = '', object = '', tagged = '', subject = '', taggedSubject = ''] = line.split('\0');
      const sha = tagged || object;
      return {
        name: full.split('/').slice(2).join('/'),
        kind: full.startsWith('refs/heads/') ? 'branch' : 'tag',
        sha,
        subject: taggedSubject || subject,
      };
    })
    .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** The newest of each name, commit statuses first. */
function checksOf({ commitStatuses, checkRuns }: Repository, sha: string): CheckView[] {
  const statuses = commitStatuses.map((one): [string, string, CheckView] => {
    const state = one.state === 'error' ? 'failure' : one.state;
    return [one.sha, one.context, { name: one.context, kind: 'status', ...look(state, one.description ?? '') }];
  });
  const runs = checkRuns.map((one): [string, string, CheckView] => {
    const state = one.status !== 'completed' ? 'pending' : isGood(one.conclusion) ? 'success' : 'failure';
    return [one.sha, one.name, { name: one.name, kind: 'run', ...look(state, one.conclusion ?? one.status) }];
  });
  const newest = (all: [string, string, CheckView][]) => [
    ...new Map(all.filter(([of]) => of === sha).map(([, name, check]) => [name, check])).values(),
  ];
  return [...newest(statuses), ...newest(runs)];
}

function look(state: string, description: string): Pick<CheckView, 'state' | 'description'> {
  return { state: state === 'success' || state === 'failure' ? state : 'pending', description };
}

const isGood = (conclusion: string | null) => ['success', 'neutral', 'skipped'].includes(conclusion ?? '');
