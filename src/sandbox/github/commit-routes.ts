import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import { actor } from './actor.ts';
import { checkRunObject, commitObject, commitStatus, simpleCommitStatus } from './commit-object.ts';
import { readFields } from './fields.ts';
import { latestCheckRuns, latestStatuses } from './gate.ts';
import type { CheckRun, CommitStatus } from './memory.ts';
import { pageOf } from './paging.ts';
import { Refused } from './refused.ts';
import { minimalRepository } from './repository-object.ts';
import { type RepositoryCall, type RepositoryRoute, readsContents } from './route.ts';

const statusScopes = ['repo', 'repo:status'];

/** Commits and what is said of them. The longer paths come first: a ref may hold slashes. */
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
    path: '/repos/{owner}/{repo}/commits/{ref+}/check-runs',
    docs: 'checks/runs#list-check-runs-for-a-git-reference',
    needs: { scopes: ['repo'], permission: ['checks', 'read'] },
    perform: checkRuns,
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
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/check-runs',
    docs: 'checks/runs#create-a-check-run',
    needs: { scopes: ['repo'], permission: ['checks', 'write'], appsOnly: true } satisfies Needs,
    perform: createCheckRun,
  },
];

async function shaOf({ repository }: RepositoryCall, ref: string): Promise<string> {
  const name = ref === 'HEAD' ? `refs/heads/${repository.defaultBranch}` : ref;
  const found = await repository.git.resolve(name);
  if (!found) throw new Refused({ status: 422, message: `No commit found for SHA: ${ref}` });
  return found.sha;
}

async function commit(call: RepositoryCall): Promise<Answer> {
  const sha = await shaOf(call, call.params.ref ?? '');
  if (/\bapplication\/vnd\.github(\.v3)?\.sha\b/.test(call.headers.accept ?? ''))
    return { status: 200, headers: { 'content-type': 'application/vnd.github.v3.sha; charset=utf-8' }, body: sha };
  const facts = await call.repository.git.commitFacts(sha);
  return { status: 200, body: commitObject(call.repository, facts, call.links) };
}

async function combinedStatus(call: RepositoryCall): Promise<Answer> {
  const { repository, links } = call;
  const sha = await shaOf(call, call.params.ref ?? '');
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

async function checkRuns(call: RepositoryCall): Promise<Answer> {
  const { repository, query, links } = call;
  const sha = await shaOf(call, call.params.ref ?? '');
  const wanted = (name: string, value: string) => [null, value].includes(query.get(name));
  const all =
    query.get('filter') === 'all'
      ? repository.checkRuns.filter((run) => run.sha === sha).reverse()
      : latestCheckRuns(repository, sha);
  const found = all.filter((run) => wanted('check_name', run.name) && wanted('status', run.status));
  const { items, headers } = pageOf(call, found);
  const body = { total_count: found.length, check_runs: items.map((run) => checkRunObject(repository, run, links)) };
  return { status: 200, headers, body };
}

async function createStatus(call: RepositoryCall): Promise<Answer> {
  const { repository, github } = call;
  const sha = await shaOf(call, call.params.sha ?? '');
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

const conclusions = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'stale',
  'timed_out',
] as const;

async function createCheckRun(call: RepositoryCall): Promise<Answer> {
  const { repository, github } = call;
  const fields = readFields('CheckRun', call.body);
  const name = fields.text('name', { required: true }) ?? '';
  const head = fields.text('head_sha', { required: true }) ?? '';
  const conclusion = fields.text('conclusion', { oneOf: conclusions }) ?? null;
  // A conclusion completes the run, whatever its status was to be.
  const status = fields.text('status', { oneOf: ['queued', 'in_progress', 'completed'] }) ?? 'queued';
  const detailsUrl = fields.text('details_url', { web: true }) ?? null;
  const externalId = fields.text('external_id') ?? null;
  const output = readFields('CheckRun', fields.object('output'));
  const run: CheckRun = {
    id: github.nextId(),
    sha: head,
    name,
    status: conclusion ? 'completed' : status,
    conclusion,
    detailsUrl,
    externalId,
    output: {
      title: output.text('title') ?? null,
      summary: output.text('summary') ?? null,
      text: output.text('text') ?? null,
    },
    app: actor(call.caller).app,
    startedAt: github.now(),
    completedAt: conclusion ? github.now() : null,
  };
  fields.refuseIfWrong();
  output.refuseIfWrong();
  run.sha = await shaOf(call, head);
  repository.checkRuns.push(run);
  return { status: 201, body: checkRunObject(repository, run, call.links) };
}
