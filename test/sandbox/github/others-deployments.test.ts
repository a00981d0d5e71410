import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { useGitHub } from './fixture.ts';
import { startTarget, type Target } from './target.ts';

/** What was deployed by somebody else, and long ago. */

const on = useGitHub();
const hello = 'acme/hello';
let target: Target;

beforeAll(async () => {
  target = await startTarget();
  on.github.addWebhook({ url: target.url, secret: 's', events: ['deployment', 'deployment_status'] });
});

afterEach(() => {
  target.received.length = 0;
});

afterAll(() => target.stop());

const told = async () => {
  await on.github.idle();
  return target.received.map(({ body }) => JSON.parse(body));
};

test('another tool’s deployment is one like all others, and told', async () => {
  const payload = JSON.stringify({ via: 'heaven' });
  const made = await on.github.addDeployment(hello, { ref: 'ahead', environment: 'staging', by: 'heaven', payload });
  const { data } = await on.octokit.repos.getDeployment({ ...on.hello, deployment_id: made.id });
  expect(data).toEqual(made);
  expect(data).toMatchObject({ creator: { login: 'heaven' }, payload, sha: on.sha('ahead'), task: 'deploy' });
  expect(await told()).toMatchObject([{ action: 'created', workflow: null, workflow_run: null }]);
  await expect(on.github.addDeployment(hello, { ref: 'nowhere' })).rejects.toThrow('nowhere');
});

test('a job with an environment has a deployment of its own, beside the one that began the run', async () => {
  const first = await on.github.addDeployment(hello, { ref: 'ahead' });
  const run = await on.github.addRun(hello, { deploymentId: first.id });
  const second = on.github.addJobDeployment(hello, run.id, { environment: 'production' });
  expect(second).toMatchObject({
    ref: 'ahead',
    sha: first.sha,
    task: 'deploy',
    payload: {},
    description: null,
    production_environment: true,
    creator: { login: 'github-actions[bot]', type: 'Bot' },
  });
  for (const state of ['queued', 'in_progress', 'success']) on.github.addStatus(hello, second.id, { state });
  const [, created, ...moved] = await told();
  expect(created).toMatchObject({
    deployment: { id: second.id },
    workflow: { id: run.workflow_id },
    workflow_run: { id: run.id, event: 'deployment' },
  });
  expect(moved).toHaveLength(3);
  for (const { deployment_status, workflow_run } of moved) {
    const { log_url, target_url, creator } = deployment_status;
    expect(log_url).toMatch(/^http:\/\/[^/]+\/acme\/hello\/actions\/runs\/\d+\/job\/\d+$/);
    expect([target_url, creator.login, workflow_run.id]).toEqual([log_url, 'github-actions[bot]', run.id]);
  }
});

test('a thousand of long ago are there at once, and tell nobody', async () => {
  const now = await on.github.addDeployment(hello, { ref: 'ahead', environment: 'staging' });
  const day = (n: number) => new Date(Date.UTC(2023, 0, 1) + n * 86_400_000);
  const past = [...Array(1000).keys()].map((n) => ({
    at: day(n),
    ref: n % 2 ? 'main' : 'topic-branch',
    environment: n % 5 ? 'staging' : 'production',
    by: 'ann',
    statuses: [{ state: 'queued' }, { state: 'success', by: 'deployer', at: day(n + 0.5) }],
  }));
  const began = performance.now();
  const added = await on.github.addPast(hello, past);
  expect(performance.now() - began).toBeLessThan(2_000);
  const { data, headers } = await on.octokit.repos.listDeployments({ ...on.hello, per_page: 1000 });
  expect(data).toHaveLength(100);
  expect(headers.link).toMatch(/page=11[^>]*>; rel="last"/);
  expect(data.map(({ id }) => id).slice(0, 2)).toEqual([now.id, added.at(-1)?.id]);
  expect(data[1]).toMatchObject({ created_at: '2025-09-26T00:00:00Z', updated_at: '2025-09-26T12:00:00Z' });
  const asked = { ...on.hello, environment: 'production', ref: 'main', task: 'deploy', sha: on.sha('main') };
  const found = await on.octokit.paginate(on.octokit.repos.listDeployments, { ...asked, per_page: 100 });
  expect(found).toHaveLength(100);
  const deployment_id = found[0]?.id ?? 0;
  const statuses = await on.octokit.repos.listDeploymentStatuses({ ...on.hello, deployment_id });
  expect(statuses.data).toMatchObject([
    { state: 'success', creator: { login: 'deployer' } },
    { state: 'queued', creator: { login: 'ann' } },
  ]);
  expect(await told()).toHaveLength(1);
});
