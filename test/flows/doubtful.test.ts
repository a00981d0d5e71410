import { describe, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Flow } from './flow.ts';
import { late } from './late.ts';
import { calm, creations, flows, parentOf, passes, posted, press, scene, threadText, until } from './seen.ts';

// Minutes and hours pass in here, step by step.
vi.setConfig({ testTimeout: 60_000 });

const { begin } = flows();

const always = Number.POSITIVE_INFINITY;
const create = { method: 'POST', path: /\/deployments$/ };
const list = { method: 'GET', path: /\/deployments$/ };
const outage: Fault = { kind: 'status', status: 503, body: { message: 'Service Unavailable' } };
const staleList: Fault = { kind: 'status', status: 200, body: [] };
const nobodyKnows = /nobody knows|not known|unknown|unclear|can’t tell|can't tell|may or may not/i;

const lists = (flow: Flow) =>
  flow.github.requests.filter(({ method, path }) => method === 'GET' && /\/deployments$/.test(path));
const made = (flow: Flow) => flow.github.deployments('acme/hello');

async function typed(flow: Flow, line = 'hello/topic-branch to staging'): Promise<void> {
  await flow.type(line);
  await until(flow, () => creations(flow).length > 0);
}

describe('GitHub did it, and its answer was lost', () => {
  const faults: [string, Fault][] = [
    ['the connection was cut', { kind: 'done-then-reset' }],
    ['a proxy said 502', { kind: 'done-then-status', status: 502, body: '<html>Bad Gateway</html>' }],
    ['it said 500', { kind: 'done-then-status', status: 500, body: { message: 'Server Error' } }],
    ['it never answered', { kind: 'done-then-hang' }],
    ['it answered nonsense', { kind: 'done-then-status', status: 201, body: 'truncat' }],
    ['it answered 200 with nothing', { kind: 'done-then-status', status: 200, body: {} }],
  ];
  test.each(faults)('%s: it is found at once, and its story goes on', async (_, fault) => {
    const flow = await begin();
    flow.github.faults.add(create, fault);
    await typed(flow);
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(made(flow)[0]?.id)));
    await passes(flow, 40_000, 5_000);
    expect(creations(flow)).toHaveLength(1);
    expect(made(flow)).toHaveLength(1);
    expect(threadText(flow)).not.toMatch(nobodyKnows);
    await flow.report(made(flow)[0]?.id ?? 0, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'));
  });

  test('looked for at once, after 5 and after 30 seconds, while the list does not show it yet', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-reset' });
    flow.github.faults.add({ ...list, times: 2 }, staleList);
    await typed(flow);
    const started = flow.clock.now().getTime();
    await until(flow, () => lists(flow).length === 3, { withinMs: 40_000 });
    const at = lists(flow).map((request) => Math.round((request.at.getTime() - started) / 1000));
    expect(at[0]).toBeLessThanOrEqual(1);
    expect(at[1]).toBeGreaterThanOrEqual(4);
    expect(at[1]).toBeLessThanOrEqual(7);
    expect(at[2]).toBeGreaterThanOrEqual(28);
    expect(at[2]).toBeLessThanOrEqual(32);
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(made(flow)[0]?.id)));
    expect(creations(flow)).toHaveLength(1);
    expect(threadText(flow)).not.toMatch(nobodyKnows);
  });

  test('GitHub is down for the first looks: found with the last', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-reset' });
    const mend = flow.github.faults.add({ ...list, times: always }, outage);
    await typed(flow);
    await passes(flow, 20_000, 1_000);
    mend();
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(made(flow)[0]?.id)));
    expect(creations(flow)).toHaveLength(1);
  });

  test('its first status makes the bot look again at once', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-reset' });
    flow.github.faults.add({ ...list, times: 1 }, staleList);
    await typed(flow);
    await until(flow, () => made(flow).length === 1 && lists(flow).length === 1);
    await flow.report(made(flow)[0]?.id ?? 0, 'in_progress', { description: 'unpacking' });
    await until(flow, () => /unpacking/.test(threadText(flow)), { withinMs: 3_000 });
    await flow.report(made(flow)[0]?.id ?? 0, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'));
    await passes(flow, 60_000, 5_000);
    expect(threadText(flow)).not.toMatch(nobodyKnows);
    expect(creations(flow)).toHaveLength(1);
  });

  test('a status while GitHub’s answer is still awaited', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-hang' });
    await typed(flow);
    await until(flow, () => made(flow).length === 1, { withinMs: 0 });
    await flow.report(made(flow)[0]?.id ?? 0, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'), { withinMs: 40_000 });
    expect(threadText(flow)).not.toMatch(nobodyKnows);
    expect(creations(flow)).toHaveLength(1);
  });

  test.each([3, 4])(
    'a status that comes after nobody knew (%i lists did not show it): its story is told, and the doubt is taken back',
    async (stale) => {
      const flow = await begin();
      flow.github.faults.add(create, { kind: 'done-then-reset' });
      flow.github.faults.add({ ...list, times: stale }, staleList);
      await typed(flow);
      await until(flow, () => nobodyKnows.test(threadText(flow)), { withinMs: 120_000 });
      await flow.report(made(flow)[0]?.id ?? 0, 'success', { environment_url: 'https://staging.example' });
      await until(flow, () => threadText(flow).includes('https://staging.example'), { withinMs: 90_000 });
      await until(flow, async () => (await parentOf(flow)).shown.includes('https://staging.example'));
      await passes(flow, 20_000);
      expect(threadText(flow)).not.toMatch(/nobody knows/i);
      expect(posted(flow).flatMap(({ buttons }) => buttons)).toEqual([]);
      expect(creations(flow)).toHaveLength(1);
    },
  );

  test('of two alike, each finds its own', async () => {
    const flow = await begin();
    flow.github.faults.add({ ...create, times: 2 }, { kind: 'done-then-reset' });
    await flow.type('hello/topic-branch to staging');
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => made(flow).length === 2);
    await passes(flow, 10_000);
    const parents = posted(flow).filter(({ thread_ts }) => !thread_ts);
    for (const { id, payload } of made(flow)) {
      const { notify } = payload as { notify: { message_id: string } };
      expect(parents.find(({ ts }) => ts === notify.message_id)?.shown).toContain(String(id));
    }
  });

  test('found in a long list', async () => {
    const flow = await begin();
    for (let count = 0; count < 120; count++) {
      const headers = { authorization: `Bearer ${flow.github.token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({
        ref: 'main',
        environment: 'staging',
        auto_merge: false,
        required_contexts: [],
        payload: { n: count },
      });
      await fetch(`${flow.github.url}/repos/acme/hello/deployments`, { method: 'POST', headers, body });
    }
    flow.github.requests.length = 0;
    flow.github.faults.add(create, { kind: 'done-then-reset' });
    flow.github.faults.add({ ...list, times: 1 }, staleList);
    await typed(flow);
    await until(flow, () => made(flow).length === 121);
    const mine = made(flow)[0];
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(mine?.id)));
    expect(creations(flow)).toHaveLength(1);
  });
});

describe('GitHub did nothing, and nobody knows', () => {
  const faults: [string, Fault][] = [
    ['the connection was cut', { kind: 'reset' }],
    ['a proxy said 502', { kind: 'status', status: 502, body: 'Bad Gateway' }],
    ['it never answered', { kind: 'hang' }],
  ];
  test.each(faults)('%s: it is looked for, never sent again, and a person decides', async (_, fault) => {
    const flow = await begin();
    flow.github.faults.add(create, fault);
    await typed(flow);
    await until(flow, () => nobodyKnows.test(threadText(flow)), { withinMs: 120_000 });
    await passes(flow, 10 * 60_000, 30_000);
    expect(creations(flow)).toHaveLength(1);
    expect(made(flow)).toEqual([]);
    expect(lists(flow).length).toBeGreaterThanOrEqual(3);
    expect((await parentOf(flow)).shown).not.toMatch(/deploying hello/i);
    // What to do about it: again, by a button or a line.
    await press(flow, /again|anyway|retry/i);
    await until(flow, () => made(flow).length === 1);
    expect(creations(flow)).toHaveLength(2);
  });

  test('while it is being looked for, the parent says so', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'reset' });
    await typed(flow);
    await passes(flow, 2_000, 500);
    const { shown } = await parentOf(flow);
    expect(shown).toMatch(/look|whether|sure|know|check/i);
  });

  test('a server that can’t be reached at all creates nothing, and that is told at once', async () => {
    const flow = await begin();
    flow.slack.on('message', () => void flow.github.faults.add({ path: /.*/, times: always }, { kind: 'reset' }));
    await typed(flow);
    await until(flow, () => nobodyKnows.test(threadText(flow)) || /not deployed/i.test(scene(flow)), {
      withinMs: 120_000,
    });
    await calm(flow);
    expect(creations(flow)).toHaveLength(1);
  });
});

describe('a slow GitHub', () => {
  test('that answers before anybody gives up: nothing is doubted', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'slow', ms: 300 });
    await typed(flow);
    await until(flow, () => made(flow).length === 1, { withinMs: 0 }).catch(() => {});
    await expect.poll(() => made(flow).length).toBe(1);
    await calm(flow);
    expect(lists(flow)).toEqual([]);
  });

  test('that does it after everybody gave up: found by a later look, not sent again', async () => {
    const creation = late('the request', create);
    const flow = await begin({ fetch: creation.fetch });
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => creation.isKept);
    await flow.clock.advance(25_000);
    await until(flow, () => lists(flow).length >= 1, { withinMs: 5_000 });
    expect(made(flow)).toEqual([]);
    creation.letGo();
    await until(flow, () => made(flow).length === 1, { withinMs: 0 });
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(made(flow)[0]?.id)), {
      withinMs: 60_000,
    });
    expect(creations(flow)).toHaveLength(1);
  });
});
