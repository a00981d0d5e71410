import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import { actor } from './actor.ts';
import { checkRunObject } from './commit-object.ts';
import { commitOf } from './commit-routes.ts';
import { readFields } from './fields.ts';
import { latestCheckRuns } from './gate.ts';
import type { CheckRun } from './memory.ts';
import { pageOf } from './paging.ts';
import { notFound, Refused } from './refused.ts';
import type { RepositoryCall, RepositoryRoute } from './route.ts';

const readsChecks: Needs = { scopes: ['repo'], permission: ['checks', 'read'] };
const writesChecks: Needs = { scopes: ['repo'], permission: ['checks', 'write'], appsOnly: true };

/** Check runs: what Apps say of a commit. Source: docs.github.com/rest/checks/runs. */
export const checkRunRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref+}/check-runs',
    docs: 'checks/runs#list-check-runs-for-a-git-reference',
    needs: readsChecks,
    perform: list,
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/check-runs',
    docs: 'checks/runs#create-a-check-run',
    needs: writesChecks,
    perform: create,
  },
  {
    method: 'PATCH',
    path: '/repos/{owner}/{repo}/check-runs/{id}',
    docs: 'checks/runs#update-a-check-run',
    needs: writesChecks,
    perform: update,
  },
];

async function list(call: RepositoryCall): Promise<Answer> {
  const { repository, query, links } = call;
  const sha = await commitOf(call, call.params.ref ?? '');
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

async function create(call: RepositoryCall): Promise<Answer> {
  const { repository, github } = call;
  const { name, head, ...said } = readSaid(call.body, true);
  const run: CheckRun = {
    id: github.nextId(),
    sha: await commitOf(call, head),
    name,
    status: 'queued',
    conclusion: null,
    detailsUrl: null,
    externalId: null,
    output: { title: null, summary: null, text: null },
    app: actor(call.caller).app,
    startedAt: github.now(),
    completedAt: null,
  };
  apply(run, said, github.now());
  repository.checkRuns.push(run);
  return { status: 201, body: checkRunObject(repository, run, call.links) };
}

function update(call: RepositoryCall): Answer {
  const { repository, github, params, links } = call;
  const run = repository.checkRuns.find(({ id }) => String(id) === params.id);
  if (!run) throw notFound();
  const { app } = actor(call.caller);
  if (run.app !== app) {
    const message = `Invalid app_id \`${app?.id}\` - check run can only be modified by the GitHub App that created it.`;
    throw new Refused({ status: 403, message });
  }
  const { name, head: _head, ...said } = readSaid(call.body, false);
  if (name) run.name = name;
  apply(run, said, github.now());
  return { status: 200, body: checkRunObject(repository, run, links) };
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

function readSaid(body: unknown, isNew: boolean) {
  const fields = readFields('CheckRun', body);
  const output = readFields('CheckRun', fields.object('output'));
  const said = {
    name: fields.text('name', { required: isNew }) ?? '',
    head: isNew ? (fields.text('head_sha', { required: true }) ?? '') : '',
    conclusion: fields.text('conclusion', { oneOf: conclusions }),
    status: fields.text('status', { oneOf: ['queued', 'in_progress', 'completed'] }),
    detailsUrl: fields.text('details_url', { web: true }),
    externalId: fields.text('external_id'),
    title: output.text('title'),
    summary: output.text('summary'),
    text: output.text('text'),
  };
  fields.refuseIfWrong();
  output.refuseIfWrong();
  return said;
}

/** What is said takes the place of what was said before; what is left out stays. */
function apply(run: CheckRun, said: Omit<ReturnType<typeof readSaid>, 'name' | 'head'>, now: Date): void {
  const { title, summary, text } = said;
  // A conclusion completes the run, whatever its status was to be.
  run.status = said.conclusion ? 'completed' : (said.status ?? run.status);
  run.conclusion = run.status === 'completed' ? (said.conclusion ?? run.conclusion) : null;
  run.completedAt = run.status === 'completed' ? now : null;
  run.detailsUrl = said.detailsUrl ?? run.detailsUrl;
  run.externalId = said.externalId ?? run.externalId;
  run.output = {
    title: title ?? run.output.title,
    summary: summary ?? run.output.summary,
    text: text ?? run.output.text,
  };
}
