import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import type { WorkflowRun } from './memory.ts';
import { pageOf } from './paging.ts';
import { notFound, Refused } from './refused.ts';
import type { RepositoryCall, RepositoryRoute } from './route.ts';
import { runObject } from './run-object.ts';
import { moveRun } from './runs.ts';

const readsActions: Needs = { scopes: ['repo'], permission: ['actions', 'read'] };
const writesActions: Needs = { scopes: ['repo'], permission: ['actions', 'write'] };

/** Source: docs.github.com/rest/actions/workflow-runs. */
export const runRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/actions/runs',
    docs: 'actions/workflow-runs#list-workflow-runs-for-a-repository',
    needs: readsActions,
    perform: list,
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/actions/runs/{run}',
    docs: 'actions/workflow-runs#get-a-workflow-run',
    needs: readsActions,
    perform: (call) => ({ status: 200, body: runObject(call.repository, runOf(call), call.links) }),
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/actions/runs/{run}/cancel',
    docs: 'actions/workflow-runs#cancel-a-workflow-run',
    needs: writesActions,
    perform: cancel,
  },
];

function runOf({ repository, params }: RepositoryCall): WorkflowRun {
  const found = repository.runs.find(({ id }) => String(id) === params.run);
  if (!found) throw notFound();
  return found;
}

function list(call: RepositoryCall): Answer {
  const { repository, query, links } = call;
  const wanted = (name: string, ...values: (string | null)[]) => {
    const asked = query.get(name);
    return asked === null || values.includes(asked);
  };
  const found = repository.runs.filter(
    (run) =>
      wanted('event', run.event) &&
      wanted('head_sha', run.commit.sha) &&
      wanted('branch', run.branch) &&
      wanted('actor', run.actor.login) &&
      wanted('check_suite_id', String(run.checkSuite)) &&
      wanted('status', run.status, run.conclusion),
  );
  const { items, headers } = pageOf(call, found.toReversed());
  const body = { total_count: found.length, workflow_runs: items.map((run) => runObject(repository, run, links)) };
  return { status: 200, headers, body };
}

/** What is cancelled here stops at once; GitHub's takes a moment. */
function cancel(call: RepositoryCall): Answer {
  const { repository, github, links } = call;
  const run = runOf(call);
  if (run.status === 'completed')
    throw new Refused({ status: 409, message: 'Cannot cancel a workflow run that is completed.' });
  moveRun(github, links, repository, run, { conclusion: 'cancelled' });
  return { status: 202, body: {} };
}
