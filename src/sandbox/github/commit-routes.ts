import type { Answer } from '../faults.ts';
import { actor } from './actor.ts';
import { commitObject, commitStatus, simpleCommitStatus } from './commit-object.ts';
import { readFields } from './fields.ts';
import { latestStatuses } from './gate.ts';
import type { CommitStatus } from './memory.ts';
import { pageOf } from './paging.ts';
import { Refused } from './refused.ts';
import { minimalRepository } from './repository-object.ts';
import { type RepositoryCall, type RepositoryRoute, readsContents } from './route.ts';

const statusScopes = ['repo', 'repo:status'];

/** Commits and their statuses. The longer paths come first: a ref may hold slashes. */
export const commitRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref+}/status',
    docs: 'commits/statuses#get-the-combined-status-for-a-specific-reference',
    needs: { scopes: statusScopes, permission: ['statuses', 'read'] },
    perform: combinedStatus,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref+}',
    docs: 'commits/commits#get-a-commit',
    needs: readsContents,
    perform: commit,
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/statuses/{sha}',
    docs: 'commits/statuses#create-a-commit-status',
    needs: { scopes: statusScopes, permission: ['statuses', 'write'] },
    perform: createStatus,
  },
];

/** The SHA of the commit that a ref names. Throws 422 where there is none. */
export async function commitOf({ repository }: RepositoryCall, ref: string): Promise<string> {
  const name = ref === 'HEAD' ? `refs/heads/${repository.defaultBranch}` : ref;
  const found = await repository.git.resolve(name);
  if (!found) throw new Refused({ status: 422, message: `No commit found for SHA: ${ref}` });
  return found.sha;
}

async function commit(call: RepositoryCall): Promise<Answer> {
  const sha = await commitOf(call, call.params.ref ?? '');
  if (/\bapplication\/vnd\.github(\.v3)?\.sha\b/.test(call.headers.accept ?? ''))
    return { status: 200, headers: { 'content-type': 'application/vnd.github.v3.sha; charset=utf-8' }, body: sha };
  const facts = await call.repository.git.commitFacts(sha);
  return { status: 200, body: commitObject(call.repository, facts, call.links, call.github.people) };
}

async function combinedStatus(call: RepositoryCall): Promise<Answer> {
  const { repository, links } = call;
  const sha = await commitOf(call, call.params.ref ?? '');
  const latest = latestStatuses(repository, sha);
  const { items, headers } = pageOf(call, latest);
  const url = `${links.api}/repos/${repository.fullName}/commits/${sha}`;
  const body = {
    state: combine(latest.map(({ state }) => state)),
    statuses: items.map((status) => simpleCommitStatus(repository, status, links)),
    sha,
    total_count: latest.length,
    repository: minimalRepository(repository, links),
    commit_url: url,
    url: `${url}/status`,
  };
  return { status: 200, headers, body };
}

function combine(states: string[]): string {
  if (states.some((state) => state === 'failure' || state === 'error')) return 'failure';
  return states.length > 0 && states.every((state) => state === 'success') ? 'success' : 'pending';
}

async function createStatus(call: RepositoryCall): Promise<Answer> {
  const { repository, github } = call;
  const sha = await commitOf(call, call.params.sha ?? '');
  const fields = readFields('Status', call.body);
  const status: CommitStatus = {
    id: github.nextId(),
    sha,
    state: fields.text('state', { required: true, oneOf: ['error', 'failure', 'pending', 'success'] }) ?? '',
    context: fields.text('context') ?? 'default',
    description: fields.text('description', { nullable: true, maxLength: 140 }) ?? null,
    targetUrl: fields.text('target_url', { nullable: true, web: true }) || null,
    creator: actor(call.caller).person,
    createdAt: github.now(),
  };
  fields.refuseIfWrong();
  repository.commitStatuses.push(status);
  const body = commitStatus(repository, status, call.links);
  return { status: 201, headers: { location: body.url }, body };
}
