import type { Answer } from '../faults.ts';
import type { GitRef } from './git.ts';
import { nodeId, stamp } from './memory.ts';
import { pageOf } from './paging.ts';
import { notFound } from './refused.ts';
import { fullRepository } from './repository-object.ts';
import { type RepositoryCall, type RepositoryRoute, readsContents } from './route.ts';

/** The repository itself, its refs, and the environments that were deployed to. */
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
