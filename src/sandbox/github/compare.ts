import type { Answer } from '../faults.ts';
import { commitObject } from './commit-object.ts';
import type { CommitFacts, Resolved } from './git.ts';
import { pageOf } from './paging.ts';
import { notFound, Refused } from './refused.ts';
import { type RepositoryCall, type RepositoryRoute, readsContents } from './route.ts';

/** Source: docs.github.com/rest/commits/commits#compare-two-commits. The changed files are left out. */
export const compareRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/compare/{basehead+}',
    docs: 'commits/commits#compare-two-commits',
    needs: readsContents,
    perform: compare,
  },
];

/** Without a page asked for, the newest 250 commits. */
const commitsUnpaged = 250;

async function compare(call: RepositoryCall): Promise<Answer> {
  const { repository, links, params, github } = call;
  const { git } = repository;
  const sides = (params.basehead ?? '').split('...', 2);
  const [base, head] = await Promise.all(sides.map((side) => sideOf(call, side)));
  if (!base || !head) throw notFound();
  const mergeBase = await git.mergeBase(base.sha, head.sha);
  if (!mergeBase)
    throw new Refused({ status: 404, message: `No common ancestor between ${base.name} and ${head.name}.` });
  const [commits, behindBy, baseFacts, mergeBaseFacts] = await Promise.all([
    git.between(base.sha, head.sha),
    git.count(head.sha, base.sha),
    git.commitFacts(base.sha),
    git.commitFacts(mergeBase),
  ]);
  const paged = call.query.has('page') || call.query.has('per_page');
  const { items, headers } = paged ? pageOf(call, commits) : { items: commits.slice(-commitsUnpaged), headers: {} };
  const show = (facts: CommitFacts) => commitObject(repository, facts, links, github.people);
  const range = encodeURIComponent(`${base.name}...${head.name}`);
  const page = `${links.web}/${repository.fullName}/compare/${range}`;
  const body = {
    url: `${links.api}/repos/${repository.fullName}/compare/${range}`,
    html_url: page,
    permalink_url: `${links.web}/${repository.fullName}/compare/${base.sha}...${head.sha}`,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: show(baseFacts),
    merge_base_commit: show(mergeBaseFacts),
    status: statusOf(commits.length, behindBy),
    ahead_by: commits.length,
    behind_by: behindBy,
    total_commits: commits.length,
    commits: items.map(show),
  };
  return { status: 200, headers, body };
}

/** A ref of the repository, or `owner:branch` of one of its forks; links then say which. */
async function sideOf({ repository, github }: RepositoryCall, side: string): Promise<Resolved | undefined> {
  const [owner = '', ref] = side.split(':', 2);
  if (ref === undefined) return repository.git.resolve(side);
  const place = github.findRepository(`${owner}/${repository.name}`);
  if (place === repository) return repository.git.resolve(ref);
  const isFamily = place && (place.forkOf === repository || repository.forkOf === place);
  const found = isFamily ? await place.git.resolve(ref) : undefined;
  return found && { ...found, name: side };
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged';
  if (ahead > 0) return 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}
