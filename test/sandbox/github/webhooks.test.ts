import { Webhooks } from '@octokit/webhooks';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { useGitHub } from './fixture.ts';
import { type Received, startTarget, type Target } from './target.ts';

const on = useGitHub({ webhookTimeoutMs: 1000 });
const secret = 'the secret';
const verifier = new Webhooks({ secret });

let json: Target;
let form: Target;
let silent: Target;
let isSilent = false;

beforeAll(async () => {
  json = await startTarget();
  form = await startTarget(() => 500);
  silent = await startTarget(() => (isSilent ? undefined : 204));
  on.github.addWebhook({ url: json.url, secret, events: ['deployment', 'deployment_status'] });
  on.github.addWebhook({ url: form.url, secret, events: ['deployment'], contentType: 'form' });
  on.github.addWebhook({ url: silent.url, secret, events: ['deployment_status'] });
  return async () => {
    for (const target of [json, form, silent]) await target.stop();
  };
});

afterEach(() => {
  isSilent = false;
  for (const { received } of [json, form, silent]) received.length = 0;
});

async function deploy(payload: Record<string, unknown> | string = {}) {
  const asked = { ...on.hello, ref: 'ahead', environment: 'staging', required_contexts: [], payload };
  const { data } = await on.octokit.repos.createDeployment(asked as never);
  return (data as unknown as { id: number }).id;
}

const say = (deployment_id: number, state: 'queued' | 'success' | 'inactive') =>
  on.octokit.repos.createDeploymentStatus({ ...on.hello, deployment_id, state });

describe('a delivery', () => {
  test('is signed over its raw body, as JSON or as a form, and has one guid for all targets', async () => {
    const id = await deploy({ notify: { room: 'C1' }, accents: 'déjà vu' });
    await on.github.idle();
    for (const { received } of [json, form]) {
      expect(received).toHaveLength(1);
      const [{ headers, body }] = received as [Received];
      expect(await verifier.verify(body, String(headers['x-hub-signature-256']))).toBe(true);
      expect(headers).toMatchObject({
        'x-github-event': 'deployment',
        'x-github-hook-installation-target-type': 'repository',
        'x-github-hook-id': expect.stringMatching(/^\d+$/),
        'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
        'x-github-delivery': json.received[0]?.headers['x-github-delivery'],
      });
    }
    expect(json.received[0]?.headers['content-type']).toBe('application/json');
    expect(form.received[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const sent = JSON.parse(json.received[0]?.body ?? '');
    expect(sent).toMatchObject({
      action: 'created',
      deployment: { id, payload: { notify: { room: 'C1' } } },
      repository: { full_name: 'acme/hello' },
      sender: { login: 'sandbox-user' },
    });
    expect(JSON.parse(new URLSearchParams(form.received[0]?.body).get('payload') ?? '')).toEqual(sent);
    expect(on.github.deliveries.map(({ response }) => response)).toEqual([202, 500]);
  });

  test('carries a text payload as text', async () => {
    await deploy('{"user":"atmos"}');
    await on.github.idle();
    expect(JSON.parse(json.received[0]?.body ?? '').deployment.payload).toBe('{"user":"atmos"}');
  });

  test('has timestamps of whole seconds', async () => {
    await deploy();
    await on.github.idle();
    const { created_at, updated_at } = JSON.parse(json.received[0]?.body ?? '').deployment;
    for (const time of [created_at, updated_at]) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('is given up after the time-out, and never sent again', async () => {
    const id = await deploy();
    isSilent = true;
    await say(id, 'queued');
    await on.github.idle();
    isSilent = false;
    await say(id, 'success');
    await on.github.idle();
    const toSilent = on.github.deliveries.filter(({ url }) => url === silent.url);
    expect(toSilent.map(({ response }) => response)).toEqual(['timeout', 204]);
    expect(silent.received).toHaveLength(2);
  });

  test('to nobody is an error', async () => {
    const gone = await startTarget();
    await gone.stop();
    on.github.addWebhook({ url: gone.url, secret, events: ['deployment'] });
    await deploy();
    await on.github.idle();
    expect(on.github.deliveries.find(({ url }) => url === gone.url)?.response).toBe('error');
  });
});

describe('a deployment status', () => {
  test('is told with its deployment, to those who want it', async () => {
    const id = await deploy();
    await say(id, 'success');
    await on.github.idle();
    expect(form.received).toHaveLength(1);
    expect(JSON.parse(json.received[1]?.body ?? '')).toMatchObject({
      deployment_status: { state: 'success', environment: 'staging' },
      deployment: { id },
    });
  });

  test('is never told when it is inactive, whoever set it', async () => {
    const [one, other] = [await deploy(), await deploy()];
    await say(one, 'success');
    await say(other, 'success');
    await say(other, 'inactive');
    await on.github.idle();
    expect(on.github.statuses('acme/hello', one)[0]?.state).toBe('inactive');
    const told = on.github.deliveries.filter(({ url }) => url === silent.url);
    expect(told.map(({ payload }) => payload.deployment_status.state)).toEqual(['success', 'success']);
  });

  test('of a state that nobody may send is told too', async () => {
    on.github.addStatus('acme/hello', await deploy(), { state: 'waiting' });
    await on.github.idle();
    expect(JSON.parse(silent.received[0]?.body ?? '').deployment_status.state).toBe('waiting');
  });
});

describe('a push', () => {
  test('is told when GitHub merges the default branch, with the commits that the branch did not have', async () => {
    const pushes = await startTarget();
    on.github.addWebhook({ url: pushes.url, secret, events: ['push'] });
    const before = on.sha('topic-branch');
    await on.octokit.repos.createDeployment({ ...on.hello, ref: 'topic-branch' });
    await on.github.idle();
    await pushes.stop();
    expect(pushes.received).toHaveLength(1);
    const [{ headers, body }] = pushes.received as [Received];
    expect(headers['x-github-event']).toBe('push');
    const after = on.sha('topic-branch');
    const push = JSON.parse(body);
    expect(push).toMatchObject({ ref: 'refs/heads/topic-branch', before, after, sender: { login: 'sandbox-user' } });
    expect(push.commits).toMatchObject([
      { id: on.sha('main~1'), distinct: false, modified: ['page.txt'], added: [] },
      { id: on.sha('main'), distinct: false, modified: [], added: ['other.txt'] },
      { id: after, distinct: true, modified: ['page.txt'], added: ['other.txt'] },
    ]);
    expect(push.head_commit).toEqual(push.commits[2]);
  });
});
