import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import { commitOf } from './commit-routes.ts';
import { type PullRequest, type Repository, stamp } from './memory.ts';
import { pageOf } from './paging.ts';
import { pullObject, simplePull, type Trial } from './pull-object.ts';
import { isOpen, noticePushes } from './pulls.ts';
import { notFound } from './refused.ts';
import type { RepositoryCall, RepositoryRoute } from './route.ts';

const readsPulls: Needs = { scopes: ['repo'], permission: ['pull_requests', 'read'] };

/** Source: docs.github.com/rest/pulls/pulls and docs.github.com/rest/commits/commits. */
export const pullRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/pulls',
    docs: 'pulls/pulls#list-pull-requests',
    needs: readsPulls,
    perform: list,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/pulls/{number}',
    docs: 'pulls/pulls#get-a-pull-request',
    needs: readsPulls,
    perform: get,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{sha+}/pulls',
    docs: 'commits/commits#list-pull-requests-associated-with-a-commit',
    needs: readsPulls,
    perform: ofCommit,
  },
];

function page(call: RepositoryCall, pulls: PullRequest[]): Answer {
  const { items, headers } = pageOf(call, pulls);
  const body = items.map((pull) => simplePull(call.github, call.repository, pull, call.links));
  return { status: 200, headers, body };
}

async function list(call: RepositoryCall): Promise<Answer> {
  const { query, repository } = call;
  await noticePushes(call);
  const state = query.get('state') ?? 'open';
  const base = query.get('base');
  // `user:branch`; without a user GitHub does not look at it.
  const head = /^[^:]+:.+$/.exec(query.get('head') ?? '')?.[0];
  const found = repository.pulls.filter(
    (pull) =>
      (state === 'all' || state === (isOpen(pull) ? 'open' : 'closed')) &&
      (base === null || base === pull.base.branch) &&
      (head === undefined || isSide(head, pull.head)),
  );
  return page(call, sorted(found, query.get('sort') ?? 'created', query.get('direction')));
}

function isSide(label: string, { repository, branch }: PullRequest['head']): boolean {
  const [owner = '', ...rest] = label.split(':');
  return owner.toLowerCase() === repository.owner.login.toLowerCase() && rest.join(':') === branch;
}

/** Newest first when nothing is said; nobody here comments, so that all are equally popular. */
function sorted(pulls: PullRequest[], by: string, direction: string | null): PullRequest[] {
  const time = (pull: PullRequest) => (by === 'updated' ? pull.updatedAt : pull.createdAt).getTime();
  const oldestFirst = pulls.toSorted((one, other) => time(one) - time(other) || one.number - other.number);
  const isDown = direction === null ? by === 'created' : direction === 'desc';
  return isDown ? oldestFirst.reverse() : oldestFirst;
}

async function get(call: RepositoryCall): Promise<Answer> {
  const { github, repository, links } = call;
  await noticePushes(call);
  const pull = repository.pulls.find(({ number }) => String(number) === call.params.number);
  if (!pull) throw notFound();
  const trial = isOpen(pull) ? await tryMerge(repository, pull) : undefined;
  return { status: 200, body: await pullObject(github, repository, pull, links, trial) };
}

/** While it is open GitHub tries the merge, and keeps it as `refs/pull/12/merge`. */
async function tryMerge({ git }: Repository, { number, head, base, updatedAt }: PullRequest): Promise<Trial> {
  const into = (await git.resolve(`refs/heads/${base.branch}`))?.sha ?? base.sha;
  const tree = await git.mergedTree(into, head.sha);
  if (!tree) return { commit: undefined };
  const who = { name: 'GitHub', email: 'noreply@github.com', date: stamp(updatedAt) };
  const message = `Merge ${head.sha} into ${into}`;
  const commit = await git.commit({ tree, parents: [into, head.sha], message, who });
  await git.setRef(`refs/pull/${number}/merge`, commit);
  return { commit };
}

/** The merged ones that brought a commit of the default branch; else all open and merged ones that have it. */
async function ofCommit(call: RepositoryCall): Promise<Answer> {
  const { repository, params } = call;
  const { git, defaultBranch, pulls } = repository;
  await noticePushes(call);
  const sha = await commitOf(call, params.sha ?? '');
  const isIn = await git.isAncestor(sha, `refs/heads/${defaultBranch}`);
  const candidates = pulls.filter((pull) => pull.merged || (isOpen(pull) && !isIn));
  const has = await Promise.all(candidates.map((pull) => hasCommit(repository, pull, sha)));
  return page(
    call,
    candidates.filter((_, index) => has[index]),
  );
}

async function hasCommit({ git }: Repository, { base, head, merged }: PullRequest, sha: string): Promise<boolean> {
  if (merged?.commit === sha) return true;
  return (await git.isAncestor(sha, head.sha)) && !(await git.isAncestor(sha, base.sha));
}
