import type { Answer } from '../faults.ts';
import { commitObject } from './commit-object.ts';
import type { GitRef } from './git.ts';
import { nodeId, stamp } from './memory.ts';
import { pageOf } from './paging.ts';
import { notFound, Refused } from './refused.ts';
import { fullRepository } from './repository-object.ts';
import { type RepositoryCall, type RepositoryRoute, readsContents } from './route.ts';

/** The repository itself, its refs, their comparison, and the environments that were deployed to. */
export const repositoryRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}',
    docs: 'repos/repos#get-a-repository',
    needs: { scopes: ['repo'], permission: ['metadata', 'read'] },
    perform: ({ repository, caller, links }) => ({ status: 200, body: fullRepository(repository, caller, links) }),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/branches',
    docs: 'branches/branches#list-branches',
    needs: readsContents,
    perform: branches,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/git/matching-refs/{ref+}',
    docs: 'git/refs#list-matching-references',
    needs: readsContents,
    perform: async (call) => {
      const refs = await call.repository.git.refs(`refs/${call.params.ref}`);
      return { status: 200, body: refs.map((ref) => refObject(call, ref)) };
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/git/ref/{ref+}',
    docs: 'git/refs#get-a-reference',
    needs: readsContents,
    perform: async (call) => {
      const name = `refs/${call.params.ref}`;
      const found = (await call.repository.git.refs(name)).find(({ ref }) => ref === name);
      if (!found) throw notFound();
      return { status: 200, body: refObject(call, found) };
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/compare/{basehead+}',
    docs: 'commits/commits#compare-two-commits',
    needs: readsContents,
    perform: compare,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/environments',
    docs: 'deployments/environments#list-environments',
    needs: { scopes: ['repo'], permission: ['actions', 'read'] },
    perform: environments,
  },
];

async function branches(call: RepositoryCall): Promise<Answer> {
  const { repository, links } = call;
  const { items, headers } = pageOf(call, await repository.git.refs('refs/heads/'));
  const url = `${links.api}/repos/${repository.fullName}`;
  const body = items.map(({ ref, sha }) => ({
    name: ref.slice('refs/heads/'.length),
    commit: { sha, url: `${url}/commits/${sha}` },
    protected: false,
  }));
  return { status: 200, headers, body };
}

function refObject({ repository, links }: RepositoryCall, { ref, sha, type }: GitRef) {
  const url = `${links.api}/repos/${repository.fullName}/git`;
  return {
    ref,
    node_id: `REF_${Buffer.from(ref).toString('base64url')}`,
    url: `${url}/${ref}`,
    object: { sha, type, url: `${url}/${type}s/${sha}` },
  };
}

/** Without a page asked for, the newest 250 commits. */
const commitsUnpaged = 250;

async function compare(call: RepositoryCall): Promise<Answer> {
  const { repository, links, params } = call;
  const { git } = repository;
  const [base, head] = await Promise.all(sidesOf(params.basehead ?? '', repository.owner.login).map(git.resolve));
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
  const range = encodeURIComponent(`${base.name}...${head.name}`);
  const page = `${links.web}/${repository.fullName}/compare/${range}`;
  const body = {
    url: `${links.api}/repos/${repository.fullName}/compare/${range}`,
    html_url: page,
    permalink_url: `${links.web}/${repository.fullName}/compare/${base.sha}...${head.sha}`,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitObject(repository, baseFacts, links),
    merge_base_commit: commitObject(repository, mergeBaseFacts, links),
    status: statusOf(commits.length, behindBy),
    ahead_by: commits.length,
    behind_by: behindBy,
    total_commits: commits.length,
    commits: items.map((facts) => commitObject(repository, facts, links)),
  };
  return { status: 200, headers, body };
}

/** `base...head`, each perhaps as `owner:branch`; branches of forks are not known here. */
function sidesOf(basehead: string, owner: string): [string, string] {
  const [base = '', head = ''] = basehead.split('...', 2).map((side) => {
    const [before = '', after] = side.split(':', 2);
    return after !== undefined && before.toLowerCase() === owner.toLowerCase() ? after : side;
  });
  return [base, head];
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged';
  if (ahead > 0) return 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

/** GitHub makes an environment of every name that is deployed to. */
function environments(call: RepositoryCall): Answer {
  const { repository, links } = call;
  const firsts = new Map(repository.deployments.toReversed().map((one) => [one.environment, one]));
  const all = [...firsts.values()].reverse().map(({ id, environment, createdAt }) => ({
    id,
    node_id: nodeId('EN', id),
    name: environment,
    url: `${links.api}/repos/${repository.fullName}/environments/${encodeURIComponent(environment)}`,
    html_url: `${links.web}/${repository.fullName}/deployments/activity_log?environments_filter=${encodeURIComponent(environment)}`,
    created_at: stamp(createdAt),
    updated_at: stamp(createdAt),
    protection_rules: [],
    deployment_branch_policy: null,
  }));
  const { items, headers } = pageOf(call, all);
  return { status: 200, headers, body: { total_count: all.length, environments: items } };
}
