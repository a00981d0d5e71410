import { afterEach, beforeAll, expect, test } from 'vitest';
import { useGitHub } from './fixture.ts';
import { startTarget, type Target } from './target.ts';

/** What a test can do with webhooks. */

const on = useGitHub({ webhookTimeoutMs: 1000 });
const secret = 'the secret';

let all: Target;
let statuses: Target;

beforeAll(async () => {
  all = await startTarget();
  statuses = await startTarget(() => 204);
  on.github.addWebhook({ url: all.url, secret, events: ['deployment', 'deployment_status'] });
  on.github.addWebhook({ url: statuses.url, secret, events: ['deployment_status'] });
  return async () => {
    for (const target of [all, statuses]) await target.stop();
  };
});

afterEach(() => {
  for (const { received } of [all, statuses]) received.length = 0;
});

async function deploy() {
  const asked = { ...on.hello, ref: 'ahead', environment: 'staging', required_contexts: [] };
  const { data } = await on.octokit.repos.createDeployment(asked);
  return (data as unknown as { id: number }).id;
}

const say = (deployment_id: number, state: 'queued' | 'success') =>
  on.octokit.repos.createDeploymentStatus({ ...on.hello, deployment_id, state });

test('hold deliveries, and let them go in order', async () => {
  on.github.holdWebhooks(true);
  const id = await deploy();
  await say(id, 'queued');
  await say(id, 'success');
  await on.github.idle();
  expect(all.received).toEqual([]);
  expect(on.github.deliveries.map(({ response }) => response)).toContain(undefined);
  on.github.holdWebhooks(false);
  await on.github.idle();
  const told = all.received.map(({ body }) => JSON.parse(body).deployment_status?.state);
  expect(told).toEqual([undefined, 'queued', 'success']);
});

test('drop a delivery, and deliver it late with the same guid', async () => {
  const end = on.github.dropWebhooks((_, payload) => payload.deployment_status?.state === 'queued');
  const id = await deploy();
  await say(id, 'queued');
  await say(id, 'success');
  await on.github.idle();
  const states = () => statuses.received.map(({ body }) => JSON.parse(body).deployment_status.state);
  expect(states()).toEqual(['success']);
  const dropped = on.github.deliveries.find(({ response }) => response === 'dropped');
  await on.github.redeliver(dropped?.guid ?? '');
  expect(states()).toEqual(['success', 'queued']);
  expect(statuses.received[1]?.headers['x-github-delivery']).toBe(dropped?.guid);
  end();
  await say(id, 'queued');
  await on.github.idle();
  expect(states()).toEqual(['success', 'queued', 'queued']);
  await expect(on.github.redeliver('no such guid')).rejects.toThrow();
});

test('hold only some, and let them go in any order', async () => {
  on.github.holdWebhooks((event) => event === 'deployment_status');
  const id = await deploy();
  await say(id, 'queued');
  await say(id, 'success');
  await on.github.idle();
  expect(all.received).toHaveLength(1);
  const toStatuses = (url: string) => url === statuses.url;
  await on.github.releaseWebhooks((held) => held.filter(({ url }) => toStatuses(url)).reverse());
  const states = () => statuses.received.map(({ body }) => JSON.parse(body).deployment_status.state);
  expect(states()).toEqual(['success', 'queued']);
  expect(all.received).toHaveLength(1);
  const [gone] = on.github.deliveries.filter(({ response }) => response === 204);
  await expect(on.github.releaseWebhooks(() => (gone ? [gone] : []))).rejects.toThrow(gone?.guid);
  on.github.holdWebhooks(false);
  await on.github.idle();
  expect(all.received).toHaveLength(3);
  expect(states()).toHaveLength(2);
});

test('drop so many and no more', async () => {
  on.github.dropWebhooks((event) => event === 'deployment_status', { times: 3 });
  const id = await deploy();
  await say(id, 'queued');
  await say(id, 'success');
  await on.github.idle();
  const told = on.github.deliveries.filter(({ event }) => event === 'deployment_status');
  expect(told.map(({ response }) => response)).toEqual(['dropped', 'dropped', 'dropped', 204]);
});

test('drop redeliveries too', async () => {
  const end = on.github.dropWebhooks(() => true, { redeliveries: true });
  await deploy();
  const again = () => on.github.redeliver(on.github.deliveries[0]?.guid ?? '');
  await again();
  expect(all.received).toEqual([]);
  expect(on.github.deliveries.map(({ response }) => response)).toEqual(['dropped', 'dropped']);
  end();
  await again();
  expect(all.received).toHaveLength(1);
});

test('have every event delivered several times', async () => {
  on.github.repeatWebhooks(3);
  await deploy();
  on.github.repeatWebhooks(1);
  await on.github.idle();
  expect(all.received).toHaveLength(3);
  expect(new Set(all.received.map(({ headers }) => headers['x-github-delivery'])).size).toBe(1);
  const toAll = on.github.deliveries.filter(({ url }) => url === all.url);
  expect(toAll.map(({ redelivery }) => redelivery)).toEqual([false, true, true]);
});

test('move a target, for what waits as well', async () => {
  const [old, young] = [await startTarget(), await startTarget()];
  on.github.addWebhook({ url: old.url, secret, events: ['deployment'] });
  on.github.holdWebhooks(true);
  await deploy();
  on.github.retarget(old.url, young.url);
  on.github.holdWebhooks(false);
  await deploy();
  await on.github.idle();
  expect(old.received).toEqual([]);
  expect(young.received).toHaveLength(2);
  expect(() => on.github.retarget(old.url, young.url)).toThrow(old.url);
  for (const target of [old, young]) await target.stop();
});

test('put several servers behind one address: in turn, and past one that refuses', async () => {
  const [one, other] = [await startTarget(), await startTarget()];
  on.github.addWebhook({ url: [one.url, other.url], secret, events: ['deployment'] });
  for (let i = 0; i < 4; i += 1) await deploy();
  await on.github.idle();
  expect([one.received.length, other.received.length]).toEqual([2, 2]);
  await one.stop();
  for (let i = 0; i < 2; i += 1) await deploy();
  await on.github.idle();
  expect(other.received).toHaveLength(4);
  await other.stop();
  await deploy();
  await on.github.idle();
  expect(on.github.deliveries.at(-1)).toMatchObject({ response: 'error' });
});

test('send a target one request after the other when nothing was said', async () => {
  const before: unknown[] = [];
  const slow = await startTarget(() => {
    const [first] = on.github.deliveries.filter(({ url }) => url === slow.url);
    before.push(first?.response);
    return before.length === 1 ? undefined : 202;
  });
  on.github.addWebhook({ url: slow.url, secret, events: ['deployment'] });
  for (let i = 0; i < 2; i += 1) await deploy();
  await on.github.idle();
  expect(before).toEqual([undefined, 'timeout']);
  await slow.stop();
});

test('allow a target several requests at once', async () => {
  let arrive = () => {};
  const bothAreHere = new Promise<void>((resolve) => {
    arrive = () => patient.received.length === 2 && resolve();
  });
  const patient = await startTarget(async () => {
    arrive();
    await bothAreHere;
    return 202;
  });
  on.github.addWebhook({ url: patient.url, secret, events: ['deployment'], atOnce: 2 });
  for (let i = 0; i < 2; i += 1) await deploy();
  await on.github.idle();
  const answers = on.github.deliveries.filter(({ url }) => url === patient.url).map(({ response }) => response);
  expect(answers).toEqual([202, 202]);
  await patient.stop();
});

test('limit a target to some repositories, or turn it off', async () => {
  const quiet = await startTarget();
  on.github.addWebhook({ url: quiet.url, secret, events: ['*'], repositories: ['acme/other'] });
  on.github.addWebhook({ url: quiet.url, secret, events: ['*'], active: false });
  await deploy();
  await on.github.idle();
  expect(quiet.received).toEqual([]);
  await quiet.stop();
});
