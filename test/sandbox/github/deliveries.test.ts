import { generateKeyPairSync } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { Webhooks } from '@octokit/webhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';
import { startTarget, type Target } from './target.ts';

let now: Date | undefined;
const on = useGitHub({ webhookTimeoutMs: 300, now: () => now ?? new Date() });
const secret = 'the secret';
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let target: Target;
let appTarget: Target;
let answer: number | undefined = 202;

beforeAll(async () => {
  target = await startTarget(() => answer);
  appTarget = await startTarget(() => answer);
  const { github } = on;
  github.addWebhook({ url: target.url, secret, events: ['deployment', 'deployment_status'] });
  github.addWebhook({ url: 'http://127.0.0.1:1/elsewhere', secret, events: ['*'], repositories: ['acme/other'] });
  await github.addRepository({ owner: 'acme', name: 'secret', private: true });
  await github.addRepository({ owner: 'acme', name: 'away' });
  github.addUser('ann', 'ghp_ann', ['read:repo_hook']);
  github.addUser('bob', 'ghp_bob', ['repo_deployment']);
  github.addUser('cid', 'ghp_cid');
  github.addApp({
    id: 17,
    publicKey,
    installations: [
      { id: 99, repositories: ['acme/hello'] },
      { id: 98, repositories: ['acme/secret'], permissions: { metadata: 'read', repository_hooks: 'read' } },
    ],
    webhook: { url: appTarget.url, secret: 'of the app', events: ['deployment', 'deployment_status'] },
  });
});

beforeEach(() => {
  for (const login of ['sandbox-user', 'ann', 'bob']) on.github.setLevel('acme/hello', login, 'admin');
});

afterEach(() => {
  answer = 202;
  now = undefined;
  for (const { received } of [target, appTarget]) received.length = 0;
});

afterAll(async () => {
  for (const one of [target, appTarget]) await one.stop();
});

const asApp = (installationId?: number) =>
  new Octokit({
    authStrategy: createAppAuth,
    auth: { appId: 17, privateKey, ...(installationId && { installationId }) },
    baseUrl: on.github.url,
    request: { retries: 0 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });

async function deploy() {
  const asked = { ...on.hello, ref: 'ahead', environment: 'staging', required_contexts: [] };
  const { data } = await on.octokit.repos.createDeployment(asked);
  await on.github.idle();
  return (data as unknown as { id: number }).id;
}

const hooks = async (octokit = on.octokit) => (await octokit.repos.listWebhooks(on.hello)).data;
const hook = async () => ({ ...on.hello, hook_id: (await hooks())[0]?.id ?? 0 });
const deliveries = async (o: { status?: 'success' | 'failure'; per_page?: number; cursor?: string } = {}) =>
  (await on.octokit.repos.listWebhookDeliveries({ ...(await hook()), ...o })).data;

describe('the webhooks of a repository', () => {
  test('are listed with where they go and what came last, without their secret', async () => {
    const before = await hooks();
    expect(before).toHaveLength(1);
    expect(before[0]).toMatchObject({
      active: true,
      events: ['deployment', 'deployment_status'],
      config: { url: target.url, content_type: 'json' },
      last_response: { code: null, status: 'unused' },
    });
    expect(JSON.stringify(before)).not.toContain(secret);
    answer = 503;
    await deploy();
    expect((await on.octokit.repos.getWebhook(await hook())).data.last_response).toMatchObject({ code: 503 });
    expect(target.received[0]?.headers['x-github-hook-id']).toBe(String(before[0]?.id));
    expect(await refusal(on.octokit.repos.getWebhook({ ...on.hello, hook_id: 7 }))).toMatchObject({ status: 404 });
  });

  test('exist only for administrators with a scope for it', async () => {
    expect(await hooks(on.as('ghp_ann'))).toHaveLength(1);
    for (const token of ['ghp_bob', 'ghp_cid', undefined])
      expect(await refusal(hooks(on.as(token)))).toMatchObject({ status: 404 });
    on.github.setLevel('acme/hello', 'sandbox-user', 'push');
    expect(await refusal(hooks())).toMatchObject({ status: 404 });
  });

  test('take a permission of their own from an App', async () => {
    expect(await refusal(hooks(asApp(99)))).toMatchObject({ status: 403 });
    const there = asApp(98).repos.listWebhooks({ owner: 'acme', repo: 'secret' });
    expect((await there).data).toHaveLength(1);
    const away = asApp(98).repos.listWebhooks({ owner: 'acme', repo: 'away' });
    expect(await refusal(away)).toMatchObject({ status: 404 });
  });

  test('may not be asked to redeliver by who may only read', async () => {
    await deploy();
    const [{ id: delivery_id } = { id: 0 }] = await deliveries();
    const asked = on.as('ghp_ann').repos.redeliverWebhookDelivery({ ...(await hook()), delivery_id });
    expect(await refusal(asked)).toMatchObject({ status: 404 });
  });
});

describe('a delivery', () => {
  test('is listed with what became of it, newest first', async () => {
    const id = await deploy();
    const say = async (state: 'queued' | 'in_progress' | 'pending' | 'success') => {
      await on.octokit.repos.createDeploymentStatus({ ...on.hello, deployment_id: id, state });
      await on.github.idle();
    };
    answer = 500;
    await say('queued');
    answer = undefined;
    await say('in_progress');
    answer = 302;
    await say('pending');
    const drop = on.github.dropWebhooks(() => true);
    await say('success');
    drop();
    expect(await deliveries()).toMatchObject([
      { status: 'failed to connect to host', status_code: 502 },
      { status: 'Invalid HTTP Response: 302', status_code: 302 },
      { status: 'timed out', status_code: 504 },
      { status: 'Invalid HTTP Response: 500', status_code: 500, event: 'deployment_status', action: 'created' },
      { status: 'OK', status_code: 202, redelivery: false, installation_id: null, throttled_at: null },
    ]);
    const codes = async (status: 'success' | 'failure') => (await deliveries({ status })).map((one) => one.status_code);
    expect(await codes('failure')).toEqual([502, 504, 500]);
    expect(await codes('success')).toEqual([302, 202]);
    const odd = on.octokit.repos.listWebhookDeliveries({ ...(await hook()), status: 'odd' as never });
    expect(await refusal(odd)).toMatchObject({ status: 422 });
  });

  test('to a port where nobody listens has failed, too', async () => {
    const gone = await startTarget();
    await gone.stop();
    on.github.addWebhook({ url: gone.url, secret, events: ['deployment'], repositories: ['acme/hello'] });
    await deploy();
    const hook_id = (await hooks()).find(({ config }) => config.url === gone.url)?.id ?? 0;
    const { data } = await on.octokit.repos.listWebhookDeliveries({ ...on.hello, hook_id, status: 'failure' });
    expect(data).toMatchObject([{ status: 'failed to connect to network', status_code: 502 }]);
  });

  test('can be seen whole', async () => {
    await deploy();
    const [{ id: delivery_id, guid } = { id: 0, guid: '' }] = await deliveries();
    const { data } = await on.octokit.repos.getWebhookDelivery({ ...(await hook()), delivery_id });
    expect(data).toMatchObject({
      guid,
      url: target.url,
      request: { headers: { 'x-github-delivery': guid }, payload: { action: 'created' } },
      response: { payload: 'said 202' },
    });
    const other = on.octokit.repos.getWebhookDelivery({ ...(await hook()), delivery_id: 7 });
    expect(await refusal(other)).toMatchObject({ status: 404 });
  });

  test('is not listed while held or under way, nor when GitHub never tried', async () => {
    on.github.holdWebhooks(true);
    await deploy();
    expect(await deliveries()).toEqual([]);
    on.github.holdWebhooks(false);
    const end = on.github.dropWebhooks((event) => event === 'deployment', { recorded: false });
    await deploy();
    end();
    await on.github.idle();
    expect(await deliveries()).toHaveLength(1);
    expect(on.github.deliveries.at(-1)?.response).toBe('lost');
  });

  test('is on a page that a cursor finds again while new ones come', async () => {
    for (let i = 0; i < 5; i += 1) await deploy();
    const all = (await deliveries()).map(({ id }) => id);
    const next = (link: string | undefined, rel: string) =>
      new URL(new RegExp(`<([^>]+)>; rel="${rel}"`).exec(link ?? '')?.[1] ?? 'http://none/').searchParams.get('cursor');
    const page = async (cursor?: string | null) => {
      const asked = { ...(await hook()), per_page: 2, ...(cursor && { cursor }) };
      const { data, headers } = await on.octokit.repos.listWebhookDeliveries(asked);
      return { ids: data.map(({ id }) => id), next: next(headers.link, 'next'), prev: next(headers.link, 'prev') };
    };
    const first = await page();
    expect(first.ids).toEqual(all.slice(0, 2));
    await deploy();
    const second = await page(first.next);
    expect(second.ids).toEqual(all.slice(2, 4));
    const third = await page(second.next);
    expect(third).toMatchObject({ ids: all.slice(4), next: null });
    expect((await page(third.prev)).ids).toEqual(all.slice(2, 4));
    expect(await refusal(page('nonsense'))).toMatchObject({ status: 400 });
  });
});

describe('a redelivery', () => {
  test('sends the same body with the same guid, under an id of its own', async () => {
    answer = 503;
    await deploy();
    answer = 202;
    const [failed] = await deliveries();
    const asked = { ...(await hook()), delivery_id: failed?.id ?? 0 };
    expect((await on.octokit.repos.redeliverWebhookDelivery(asked)).status).toBe(202);
    await on.github.idle();
    const [first, second] = target.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['x-github-delivery']).toBe(first?.headers['x-github-delivery']);
    const [again, ...earlier] = await deliveries();
    expect(again).toMatchObject({ guid: failed?.guid, redelivery: true, status: 'OK' });
    expect(again?.id).not.toBe(failed?.id);
    expect(earlier).toEqual([failed]);
    expect(appTarget.received).toHaveLength(1);
  });

  test('is for three days', async () => {
    await deploy();
    const [{ id: delivery_id } = { id: 0 }] = await deliveries();
    const asked = { ...(await hook()), delivery_id };
    now = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000);
    expect(await refusal(on.octokit.repos.redeliverWebhookDelivery(asked))).toMatchObject({ status: 404 });
    expect(await deliveries()).toEqual([]);
  });
});

describe('the webhook of an App', () => {
  test('hears of the repositories that it is installed on, as itself', async () => {
    await deploy();
    const [{ headers, body } = { headers: {}, body: '' }] = appTarget.received;
    expect(headers).toMatchObject({
      'x-github-hook-installation-target-type': 'integration',
      'x-github-hook-installation-target-id': '17',
    });
    const signature = String(headers['x-hub-signature-256']);
    expect(await new Webhooks({ secret: 'of the app' }).verify(body, signature)).toBe(true);
    expect(JSON.parse(body).installation).toMatchObject({ id: 99 });
    expect(JSON.parse(target.received[0]?.body ?? '').installation).toBeUndefined();
  });

  test('hears nothing of others, nor of what its installation may not read', async () => {
    for (const repo of ['away', 'secret']) {
      on.git('push', '--quiet', `${on.folder}/../${repo}.git`, 'main');
      const asked = { owner: 'acme', repo, ref: 'main', auto_merge: false, required_contexts: [] };
      expect((await on.octokit.repos.createDeployment(asked)).status).toBe(201);
    }
    await on.github.idle();
    expect(target.received).toHaveLength(2);
    expect(appTarget.received).toEqual([]);
  });

  test('is for its JSON web token alone', async () => {
    expect((await asApp().apps.getWebhookConfigForApp()).data).toMatchObject({ url: appTarget.url });
    const { token } = (await asApp().apps.createInstallationAccessToken({ installation_id: 99 })).data;
    for (const octokit of [on.octokit, on.as(token), on.as(undefined)]) {
      expect(await refusal(octokit.apps.getWebhookConfigForApp())).toMatchObject({ status: 401 });
      expect(await refusal(octokit.apps.listWebhookDeliveries())).toMatchObject({ status: 401 });
    }
  });

  test('tells of its deliveries, and sends them again', async () => {
    answer = 503;
    await deploy();
    answer = 202;
    const { apps } = asApp();
    const failures = async () => (await apps.listWebhookDeliveries({ status: 'failure' } as never)).data;
    const [failed, ...others] = await failures();
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ installation_id: 99, event: 'deployment', status_code: 503 });
    const delivery_id = failed?.id ?? 0;
    expect((await apps.getWebhookDelivery({ delivery_id })).data).toMatchObject({ guid: failed?.guid });
    expect((await apps.redeliverWebhookDelivery({ delivery_id })).status).toBe(202);
    await on.github.idle();
    expect(appTarget.received).toHaveLength(2);
    expect(target.received).toHaveLength(1);
    expect(await failures()).toHaveLength(1);
    expect((await apps.listWebhookDeliveries()).data[0]).toMatchObject({ redelivery: true, status: 'OK' });
  });
});
