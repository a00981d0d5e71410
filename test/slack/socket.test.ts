import { afterEach, beforeEach, expect, test } from 'vitest';
import { testClock } from '../clock.ts';
import { ann, ops, type Scene, type SceneOptions, startScene } from './scene.ts';

let scene: Scene | undefined;
const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);

beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await scene?.stop();
  scene = undefined;
  process.off('unhandledRejection', note);
  // In production one of these ends the process.
  expect(rejections).toEqual([]);
});

const start = async (options: SceneOptions = {}): Promise<Scene> => {
  scene = await startScene(options);
  return scene;
};

const opened = ({ slack }: Scene) => slack.calls.filter(({ method }) => method === 'apps.connections.open').length;

/** Types a command and answers how Slack saw it taken. */
async function typed({ slack }: Scene, text = 'hello') {
  return (await slack.command({ user: ann, channel: ops, text })).acked;
}

test('two connections, the second one later', async () => {
  const scene = await start({ idle: true, app: { staggerMs: 300 } });
  await scene.app.start();
  expect(scene.slack.connections()).toBe(1);
  await scene.slack.onConnection(2);
  expect(opened(scene)).toBe(2);
});

test.each([false, true])('sent away, connections lose no command (left open: %s)', async (leaveOpen) => {
  const scene = await start();
  for (const connection of [0, 1]) {
    scene.slack.disconnect('refresh_requested', { connection, leaveOpen });
    // At once: the other one is there.
    expect(await typed(scene)).toMatchObject({ status: 200 });
  }
  await scene.slack.onConnection(2);
  expect(await typed(scene)).toMatchObject({ status: 200 });
  expect(scene.stored).toHaveLength(3);
});

test('both sent away at once are back well before the SDK would be, which waits for five seconds', async () => {
  const scene = await start();
  const began = performance.now();
  scene.slack.disconnect('refresh_requested', { leaveOpen: true });
  await scene.slack.onConnection(2);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await typed(scene)).toMatchObject({ status: 200 });
});

test('a connection that is warned has its successor before it goes', async () => {
  const scene = await start();
  const three = scene.slack.onConnection(3);
  scene.slack.disconnect('warning', { connection: 0 });
  await three;
  await expect.poll(() => scene.slack.connections()).toBe(2);
});

test('where Slack has too many connections, one goes before another comes', async () => {
  const scene = await start();
  scene.slack.disconnect('too_many_websockets', { connection: 0 });
  expect(await typed(scene)).toMatchObject({ status: 200 });
  await expect.poll(() => opened(scene)).toBe(3);
  await scene.slack.onConnection(2);
});

test.each([
  ['an HTTP error', { kind: 'status', status: 503 }],
  ['a reset', { kind: 'reset' }],
  ['an answer that is no JSON', { kind: 'status', status: 200, body: '<html>' }],
  ['an invalid token', { kind: 'status', status: 200, body: { ok: false, error: 'invalid_auth' } }],
  ['an error of Slack’s own', { kind: 'status', status: 200, body: { ok: false, error: 'internal_error' } }],
  ['a rate limit', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
] as const)('reconnecting goes on after %s, and the process lives', async (_, fault) => {
  const scene = await start();
  scene.slack.faults.add({ path: /apps\.connections\.open/, times: 2 }, fault);
  scene.slack.disconnect('refresh_requested');
  await expect.poll(() => scene.app.state()).toBe('connecting');
  await scene.slack.onConnection(2);
  await expect.poll(() => scene.app.state()).toBe('connected');
  expect(await typed(scene)).toMatchObject({ status: 200 });
});

test('app_rate_limited, which has no inner event, is acknowledged and noted', async () => {
  const scene = await start();
  expect(await (await scene.slack.sendAppRateLimited()).acked).toMatchObject({ status: 200 });
  expect(scene.log.join('')).toContain('holds back events');
  expect(await typed(scene)).toMatchObject({ status: 200 });
});

test('a command whose acknowledgement cannot be sent is kept all the same', async () => {
  const scene = await start({ slack: { ackMs: 500 } });
  let release = () => {};
  scene.storing.wait = new Promise((resolve) => {
    release = resolve;
  });
  const sent = await scene.slack.command({ user: ann, channel: ops, text: 'hello' });
  await expect.poll(() => scene.storing.asked).toBe(1);
  // Its connection goes while it is being stored.
  scene.slack.disconnect('refresh_requested');
  await expect.poll(() => opened(scene)).toBe(4);
  await scene.slack.onConnection(2);
  expect((await sent.acked).status).toBe('timeout');
  release();
  await expect.poll(() => scene.stored.length).toBe(1);
  await expect.poll(() => scene.log.join('')).toContain('acknowledgement did not get through');
  expect(scene.log.join('')).not.toContain('could not be stored');
  expect(await typed(scene, 'status')).toMatchObject({ status: 200 });
});

test('each token is checked at the start, and named when it is a bad one', async () => {
  const bad = await start({ idle: true, app: {} });
  bad.slack.revokeToken('account_inactive');
  await expect(bad.app.start()).rejects.toThrow(/SLACK_BOT_TOKEN.*account_inactive/);
  bad.slack.revokeToken(undefined);
  bad.slack.faults.add(
    { path: /apps\.connections\.open/ },
    { kind: 'status', status: 200, body: { ok: false, error: 'invalid_auth' } },
  );
  await expect(bad.app.start()).rejects.toThrow(/SLACK_APP_TOKEN.*invalid_auth/);
});

test('while Slack cannot be reached the start goes on by itself', async () => {
  const clock = testClock(new Date());
  const scene = await start({ idle: true, app: { clock } });
  scene.slack.faults.add({ path: /auth\.test/ }, { kind: 'status', status: 503 });
  await scene.app.start();
  expect(scene.app.state()).toBe('connecting');
  expect(scene.app.team()).toBeUndefined();
  await clock.advance(5_000);
  await expect.poll(() => scene.app.state()).toBe('connected');
  expect(await typed(scene)).toMatchObject({ status: 200 });
});

test('stopping closes every connection, also those that Slack leaves open', async () => {
  const scene = await start();
  scene.slack.disconnect('warning', { leaveOpen: true });
  await scene.app.stop();
  await expect.poll(() => scene.slack.connections()).toBe(0);
  const before = opened(scene);
  await scene.slack.idle(400);
  expect(opened(scene)).toBe(before);
});

test('what Slack has written by then is read and acknowledged before the goodbye', async () => {
  const scene = await start();
  // Both connections are known to be open.
  for (const text of ['1', '2']) expect(await typed(scene, text)).toMatchObject({ status: 200 });
  const sent = await Promise.all(
    ['3', '4', '5', '6'].map((text) => scene.slack.command({ user: ann, channel: ops, text })),
  );
  // Nothing of it has been read yet: both sides are in this process, which has had no moment to.
  expect(scene.storing.asked).toBe(2);
  await scene.app.stop();
  const acked = await Promise.all(sent.map((one) => one.acked));
  expect(acked.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(scene.stored).toHaveLength(6);
});

test('what Slack has sent on a connection that is just being opened is acknowledged before the goodbye', async () => {
  const clock = testClock(new Date());
  const scene = await start({ idle: true, app: { clock } });
  await scene.app.start();
  const two = scene.slack.onConnection(2);
  await clock.advance(15_000);
  await two;
  // Slack has opened it in this very moment, and the bot does not know yet.
  const sent = await Promise.all(['1', '2'].map((text) => scene.slack.command({ user: ann, channel: ops, text })));
  await scene.app.stop();
  const acked = await Promise.all(sent.map((one) => one.acked));
  expect(acked.map(({ status }) => status)).toEqual([200, 200]);
  await expect.poll(() => scene.slack.connections()).toBe(0);
});

test('what comes while the goodbye waits for others is acknowledged before it, too', async () => {
  const scene = await start();
  const type = (text: string) => scene.slack.command({ user: ann, channel: ops, text });
  let release = () => {};
  scene.storing.wait = new Promise((resolve) => {
    release = resolve;
  });
  // One on each connection.
  const first = [await type('1'), await type('2')];
  await expect.poll(() => scene.storing.asked).toBe(2);
  const stopped = scene.app.stop();
  const second = [await type('3'), await type('4')];
  release();
  await stopped;
  const acked = await Promise.all([...first, ...second].map((sent) => sent.acked));
  expect(acked.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(scene.stored).toHaveLength(4);
});

test('a store that hangs holds up the goodbye for five seconds', async () => {
  const clock = testClock(new Date());
  const scene = await start({ idle: true, app: { clock } });
  await scene.app.start();
  let release = () => {};
  scene.storing.wait = new Promise((resolve) => {
    release = resolve;
  });
  await scene.slack.command({ user: ann, channel: ops, text: 'hello' });
  await expect.poll(() => scene.storing.asked).toBe(1);
  const stopped = scene.app.stop();
  await clock.advance(4_999);
  expect(scene.slack.connections()).toBe(1);
  await clock.advance(1);
  await expect.poll(() => scene.slack.connections()).toBe(0);
  release();
  await stopped;
});

test('tokens, tickets and response_urls never reach the log', async () => {
  const scene = await start();
  await typed(scene);
  scene.slack.faults.add({ path: /apps\.connections\.open/, times: 1 }, { kind: 'reset' });
  scene.slack.disconnect('refresh_requested');
  await scene.slack.onConnection(2);
  const log = scene.log.join('');
  for (const secret of [scene.slack.botToken, scene.slack.appToken, 'ticket=', '/response/']) {
    expect(log).not.toContain(secret);
  }
});
