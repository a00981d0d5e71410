import { describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';

const on = useGitHub();

async function deploy(
  asked: { environment?: string; transient_environment?: boolean; production_environment?: boolean } = {},
) {
  const all = { ...on.hello, ref: 'ahead', required_contexts: [], environment: 'staging', ...asked };
  const { data } = await on.octokit.repos.createDeployment(all);
  return (data as { id: number }).id;
}

interface Asked {
  deployment_id: number;
  state: 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';
  description?: string;
  log_url?: string;
  target_url?: string;
  environment?: string;
  environment_url?: string;
  auto_inactive?: boolean;
}
const say = async (asked: Asked) => (await on.octokit.repos.createDeploymentStatus({ ...on.hello, ...asked })).data;
const states = (id: number) => on.github.statuses('acme/hello', id).map(({ state }) => state);

describe('creating a deployment status', () => {
  test.each(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] as const)(
    'takes %s',
    async (state) => {
      const deployment_id = await deploy();
      const status = await say({ deployment_id, state });
      expect(status).toMatchObject({ state, description: '', log_url: '', environment: 'staging' });
      const got = await on.octokit.repos.getDeploymentStatus({ ...on.hello, deployment_id, status_id: status.id });
      expect(got.data).toEqual(status);
    },
  );

  test.each(['waiting', 'done', ''])('refuses the state %j', async (state) => {
    const deployment_id = await deploy();
    const said = await refusal(say({ deployment_id, state: state as 'success' }));
    expect(said).toMatchObject({ status: 422, errors: [{ resource: 'DeploymentStatus', field: 'state' }] });
    expect(states(deployment_id)).toEqual([]);
  });

  test('takes 140 characters of description and not one more', async () => {
    const deployment_id = await deploy();
    expect(await say({ deployment_id, state: 'queued', description: '🚀'.repeat(140) })).toMatchObject({
      state: 'queued',
    });
    const said = await refusal(say({ deployment_id, state: 'queued', description: 'x'.repeat(141) }));
    expect(said).toMatchObject({
      status: 422,
      message: 'Validation Failed',
      errors: [
        {
          resource: 'DeploymentStatus',
          code: 'custom',
          field: 'description',
          message: 'description is too long (maximum is 140 characters)',
        },
      ],
    });
  });

  test('shows one URL as log and as target, whichever was sent', async () => {
    const deployment_id = await deploy();
    const [log, target] = ['http://127.0.0.1/log', 'http://127.0.0.1/target'];
    expect(await say({ deployment_id, state: 'queued', log_url: log, target_url: target })).toMatchObject({
      log_url: log,
      target_url: log,
    });
    expect(await say({ deployment_id, state: 'queued', target_url: target })).toMatchObject({
      log_url: target,
      target_url: target,
    });
  });

  test('takes every field', async () => {
    const deployment_id = await deploy();
    const asked = {
      state: 'success' as const,
      description: 'Live',
      log_url: 'https://logs.example.com/1',
      environment: 'staging-eu',
      environment_url: 'https://eu.example.com/',
    };
    const status = await say({ deployment_id, ...asked, auto_inactive: false });
    expect(status).toMatchObject({ ...asked, target_url: asked.log_url, creator: { login: 'sandbox-user' } });
  });

  test('names every field that is wrong, and adds nothing', async () => {
    const deployment_id = await deploy();
    const url = `/repos/acme/hello/deployments/${deployment_id}/statuses`;
    const wrong = { description: 7, log_url: 'ftp://x', environment: null, auto_inactive: 'no' };
    const said = await refusal(on.octokit.request({ method: 'POST', url, ...wrong }));
    expect(said).toMatchObject({ status: 422, message: 'Validation Failed' });
    const codes = said.errors?.map(({ resource, field, code }) => [resource, field, code]);
    expect(codes?.sort()).toEqual([
      ['DeploymentStatus', 'auto_inactive', 'invalid'],
      ['DeploymentStatus', 'description', 'invalid'],
      ['DeploymentStatus', 'environment', 'invalid'],
      ['DeploymentStatus', 'log_url', 'custom'],
      ['DeploymentStatus', 'state', 'missing_field'],
    ]);
    expect(states(deployment_id)).toEqual([]);
  });

  test('takes only web addresses', async () => {
    const deployment_id = await deploy();
    const said = await refusal(say({ deployment_id, state: 'success', environment_url: 'javascript:alert(1)' }));
    expect(said.errors).toMatchObject([{ field: 'environment_url' }]);
    expect(await say({ deployment_id, state: 'success', environment_url: '' })).toMatchObject({ environment_url: '' });
  });

  test('can move the deployment to another environment', async () => {
    const deployment_id = await deploy();
    await say({ deployment_id, state: 'queued', environment: 'review' });
    expect(await say({ deployment_id, state: 'success' })).toMatchObject({ environment: 'review' });
    expect(on.github.deployments('acme/hello')[0]).toMatchObject({
      environment: 'review',
      original_environment: 'staging',
    });
  });

  test('needs its deployment', async () => {
    expect(await refusal(say({ deployment_id: 1, state: 'queued' }))).toMatchObject({ status: 404 });
    const deployment_id = await deploy();
    const missing = on.octokit.repos.getDeploymentStatus({ ...on.hello, deployment_id, status_id: 1 });
    expect(await refusal(missing)).toMatchObject({ status: 404 });
  });
});

describe('listing them', () => {
  test('newest first, in pages', async () => {
    const deployment_id = await deploy();
    const ids: number[] = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await say({ deployment_id, state: 'in_progress' })).id);
    const asked = { ...on.hello, deployment_id, per_page: 2 };
    expect((await on.octokit.repos.listDeploymentStatuses(asked)).data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const all = await on.octokit.paginate(on.octokit.repos.listDeploymentStatuses, asked);
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  test('at most a hundred a page, whatever is asked for', async () => {
    const deployment_id = await deploy();
    for (let i = 0; i < 130; i += 1) on.github.addStatus('acme/hello', deployment_id, { state: 'queued' });
    const asked = { ...on.hello, deployment_id, per_page: 1000 };
    const first = await on.octokit.repos.listDeploymentStatuses(asked);
    expect(first.data).toHaveLength(100);
    expect(first.headers.link).toMatch(/page=2[^>]*>; rel="last"/);
    const all = await on.octokit.paginate(on.octokit.repos.listDeploymentStatuses, { ...asked, per_page: 100 });
    expect(new Set(all.map(({ id }) => id)).size).toBe(130);
  });

  test('shows states that nobody may send', async () => {
    const deployment_id = await deploy();
    on.github.addStatus('acme/hello', deployment_id, { state: 'waiting', description: 'for a reviewer' });
    const { data } = await on.octokit.repos.listDeploymentStatuses({ ...on.hello, deployment_id });
    expect(data).toMatchObject([{ state: 'waiting', creator: { login: 'github-actions[bot]' } }]);
  });
});

describe('auto_inactive', () => {
  test('retires earlier successes of the same environment, and only those', async () => {
    const succeeded = await deploy();
    const failed = await deploy();
    const elsewhere = await deploy({ environment: 'review' });
    const transient = await deploy({ transient_environment: true });
    const production = await deploy({ production_environment: true });
    for (const deployment_id of [succeeded, elsewhere, transient, production])
      await say({ deployment_id, state: 'success', auto_inactive: false });
    await say({ deployment_id: failed, state: 'failure' });
    const newest = await deploy();
    await say({ deployment_id: newest, state: 'in_progress' });
    expect(states(succeeded)).toEqual(['success']);
    await say({ deployment_id: newest, state: 'success' });
    expect(states(succeeded)).toEqual(['inactive', 'success']);
    expect(states(failed)).toEqual(['failure']);
    for (const id of [elsewhere, transient, production]) expect(states(id)).toEqual(['success']);
    expect(states(newest)).toEqual(['success', 'in_progress']);
  });

  test('can be left off, and goes by the environment that the deployment was moved to', async () => {
    const [first, second] = [await deploy(), await deploy({ environment: 'qa' })];
    await say({ deployment_id: first, state: 'success' });
    await say({ deployment_id: second, state: 'success', environment: 'staging', auto_inactive: false });
    expect(states(first)).toEqual(['success']);
    await say({ deployment_id: second, state: 'success' });
    expect(states(first)).toEqual(['inactive', 'success']);
  });

  test('never touches a later deployment', async () => {
    const [earlier, later] = [await deploy(), await deploy()];
    await say({ deployment_id: later, state: 'success' });
    await say({ deployment_id: earlier, state: 'success' });
    expect(states(later)).toEqual(['success']);
  });
});
