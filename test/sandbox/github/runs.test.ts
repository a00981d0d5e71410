import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';
import { startTarget, type Target } from './target.ts';

const on = useGitHub();
let target: Target;

beforeAll(async () => {
  target = await startTarget();
  on.github.addWebhook({ url: target.url, secret: 's', events: ['workflow_run', 'deployment_status'] });
  on.github.addUser('ann', 'ghp_ann', []);
  await on.github.addRepository({ owner: 'acme', name: 'secret', private: true });
});

afterEach(() => {
  target.received.length = 0;
});

afterAll(() => target.stop());

const repository = 'acme/hello';

async function deploy(ref = 'ahead') {
  const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ref, required_contexts: [] });
  return data as unknown as { id: number; sha: string };
}

const told = async () => {
  await on.github.idle();
  return target.received.map(({ body }) => JSON.parse(body));
};

describe('a workflow run', () => {
  test('is told as it moves', async () => {
    const { id: deploymentId, sha } = await deploy();
    const { id } = await on.github.addRun(repository, { deploymentId, name: 'Ship it' });
    on.github.moveRun(repository, id, 'in_progress');
    on.github.moveRun(repository, id, { conclusion: 'timed_out' });
    const events = await told();
    expect(events.map(({ action }) => action)).toEqual(['requested', 'in_progress', 'completed']);
    expect(target.received[0]?.headers['x-github-event']).toBe('workflow_run');
    for (const { workflow_run } of events)
      expect(workflow_run).toMatchObject({
        id,
        name: 'Ship it',
        event: 'deployment',
        head_sha: sha,
        head_branch: 'ahead',
        run_attempt: 1,
        html_url: `${on.github.url}/acme/hello/actions/runs/${id}`,
      });
    const states = events.map(({ workflow_run }) => [workflow_run.status, workflow_run.conclusion]);
    expect(states).toEqual([
      ['queued', null],
      ['in_progress', null],
      ['completed', 'timed_out'],
    ]);
    expect(events[0].workflow).toMatchObject({ id: events[0].workflow_run.workflow_id, name: 'Ship it' });
  });

  test('may be run again, under the same id', async () => {
    const { id } = await on.github.addRun(repository, { ref: 'main' });
    on.github.moveRun(repository, id, { conclusion: 'a conclusion of tomorrow' });
    expect(on.github.rerun(repository, id)).toMatchObject({ id, run_attempt: 2, status: 'queued', conclusion: null });
    expect((await told()).map(({ action, workflow_run }) => [action, workflow_run.run_attempt])).toEqual([
      ['requested', 1],
      ['completed', 1],
      ['requested', 2],
    ]);
  });

  test('has no branch when its deployment has none', async () => {
    const { id: deploymentId } = await deploy(on.sha('main'));
    expect(await on.github.addRun(repository, { deploymentId })).toMatchObject({ head_branch: null });
    expect(await on.github.addRun(repository, { ref: 'v1.0.0' })).toMatchObject({ run_number: 2 });
    await expect(on.github.addRun(repository, { ref: 'nowhere' })).rejects.toThrow('nowhere');
  });

  test('can be asked for, alone and among others', async () => {
    const { id: deploymentId, sha: head_sha } = await deploy();
    const run = await on.github.addRun(repository, { deploymentId });
    const push = await on.github.addRun(repository, { ref: 'ahead', event: 'push', name: 'CI' });
    await on.github.addRun(repository, { ref: 'main' });
    on.github.moveRun(repository, run.id, { conclusion: 'failure' });
    const { actions } = on.octokit;
    expect((await actions.getWorkflowRun({ ...on.hello, run_id: run.id })).data).toMatchObject({
      id: run.id,
      status: 'completed',
      conclusion: 'failure',
    });
    expect(await refusal(actions.getWorkflowRun({ ...on.hello, run_id: 7 }))).toMatchObject({ status: 404 });
    const found = async (o: {
      event?: string;
      head_sha?: string;
      status?: 'failure' | 'queued';
      per_page?: number;
    }) => {
      const { data } = await actions.listWorkflowRunsForRepo({ ...on.hello, ...o });
      return [data.total_count, ...data.workflow_runs.map(({ id }) => id)];
    };
    expect(await found({ event: 'deployment', head_sha })).toEqual([1, run.id]);
    expect(await found({ head_sha })).toEqual([2, push.id, run.id]);
    expect(await found({ status: 'failure' })).toEqual([1, run.id]);
    expect(await found({ per_page: 1 })).toMatchObject([3, expect.any(Number)]);
  });

  test('can be cancelled until it is over, by who may write', async () => {
    const { id: run_id } = await on.github.addRun(repository, { ref: 'main' });
    const cancel = (octokit = on.octokit) => octokit.actions.cancelWorkflowRun({ ...on.hello, run_id });
    expect(await refusal(cancel(on.as('ghp_ann')))).toMatchObject({ status: 403 });
    expect((await cancel()).status).toBe(202);
    expect((await told()).at(-1)).toMatchObject({ action: 'completed', workflow_run: { conclusion: 'cancelled' } });
    expect(await refusal(cancel())).toMatchObject({ status: 409 });
    expect(await refusal(on.octokit.actions.cancelWorkflowRun({ ...on.hello, run_id: 7 }))).toMatchObject({
      status: 404,
    });
  });
});

test('a deployment status that a run sets names it, and its page is the log', async () => {
  const { id: deploymentId } = await deploy();
  const run = await on.github.addRun(repository, { deploymentId });
  const { log_url } = on.github.addStatus(repository, deploymentId, { state: 'in_progress', run: run.id });
  expect(log_url).toMatch(`${run.html_url}/job/`);
  on.github.addStatus(repository, deploymentId, { state: 'success', run: run.id, logUrl: 'https://logs.example.com/' });
  on.github.addStatus(repository, deploymentId, { state: 'queued' });
  const [, first, second, third] = await told();
  expect(first).toMatchObject({
    deployment_status: { log_url, target_url: log_url },
    workflow_run: { id: run.id, head_sha: run.head_sha },
    workflow: { id: run.workflow_id },
    check_run: { html_url: log_url },
  });
  expect(second).toMatchObject({
    deployment_status: { log_url: 'https://logs.example.com/' },
    workflow_run: { id: run.id },
  });
  expect(third).toMatchObject({ workflow_run: null, workflow: null, check_run: null });
  expect(() => on.github.addStatus(repository, deploymentId, { state: 'queued', run: 7 })).toThrow('7');
});
