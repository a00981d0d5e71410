import { describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../src/deploy/ports.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { ann, deploys, type Flow } from './flow.ts';
import { asked, asSoonAs, calm, creations, flows, parentOf, passes, posted, scene, threadText, until } from './seen.ts';

// Minutes and hours pass in here, step by step.
vi.setConfig({ testTimeout: 60_000 });

const { begin } = flows();

const always = Number.POSITIVE_INFINITY;
const create = { method: 'POST', path: /\/deployments$/ };
const postMessage = { path: /chat\.postMessage/ };
const minute = 60_000;

const made = (flow: Flow) => flow.github.deployments('acme/hello');
const parents = (flow: Flow) => posted(flow).filter(({ thread_ts }) => !thread_ts);

/** What ann was told where only she reads it: in the channel, or in a direct message. */
const privately = (flow: Flow): string =>
  [
    ...flow.told(),
    ...flow.slack.calls
      .filter(({ method, args, status }) => method === 'chat.postMessage' && args.channel === ann && status === 200)
      .map(({ args }) => String(args.text)),
  ].join('\n');

/** One deployment with one parent that knows it, and nobody was told anything else. */
async function isDone(flow: Flow): Promise<void> {
  await until(flow, () => made(flow).length === 1);
  await until(flow, async () => (await parentOf(flow)).shown.includes(String(made(flow)[0]?.id)));
  await passes(flow, minute, 5_000);
  expect(made(flow)).toHaveLength(1);
  expect(parents(flow), scene(flow)).toHaveLength(1);
  const { payload } = made(flow)[0] ?? {};
  expect(payload).toMatchObject({ notify: { message_id: parents(flow)[0]?.ts } });
  expect(flow.told()).toEqual([]);
}

describe.each(['restart', 'crash'] as const)('a %s is survived', (way) => {
  /** Ends the bot in that way and starts it anew. A polite end may wait for what hangs; time goes on meanwhile. */
  async function ends(flow: Flow, whileDown?: () => Promise<void> | void): Promise<void> {
    let over = false;
    const started = flow[way](whileDown).finally(() => {
      over = true;
    });
    while (!over) {
      await flow.clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await started;
  }

  test('right after the acknowledgement, while GitHub is being read', async () => {
    const flow = await begin();
    const mend = flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => asked(flow).length > 0, { withinMs: 0 });
    if (way === 'crash') {
      await ends(flow, mend);
      await isDone(flow);
    } else {
      await ends(flow, mend);
      // It had the time to give up and say so, or else it finishes.
      await until(flow, () => flow.told().length + made(flow).length === 1);
      if (made(flow).length === 1) await isDone(flow);
    }
  });

  test('while GitHub is asked to create, and has done it', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => made(flow).length === 1, { withinMs: 0 });
    await ends(flow);
    await isDone(flow);
    expect(creations(flow)).toHaveLength(1);
  });

  test('while GitHub is asked to create, and has not done it: never sent again', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => creations(flow).length === 1, { withinMs: 0 });
    await ends(flow);
    await until(flow, () => /nobody knows/i.test(threadText(flow)), { withinMs: 2 * minute });
    await passes(flow, 2 * minute, 10_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('while it is being looked for', async () => {
    const flow = await begin();
    flow.github.faults.add(create, { kind: 'done-then-reset' });
    flow.github.faults.add(
      { method: 'GET', path: /\/deployments$/, times: 2 },
      { kind: 'status', status: 200, body: [] },
    );
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => made(flow).length === 1);
    await passes(flow, 7_000);
    await ends(flow);
    await isDone(flow);
    expect(creations(flow)).toHaveLength(1);
  });

  test('statuses that were set while the bot was down are told', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await asSoonAs(flow, async () => (await parentOf(flow)).shown.includes(String(id)));
    await ends(flow, async () => {
      await flow.report(id, 'in_progress');
      await flow.report(id, 'success', { environment_url: 'https://staging.example' });
      await flow.github.idle();
    });
    await until(flow, () => threadText(flow).includes('https://staging.example'), { withinMs: 70_000 });
  });

  test('everything at once: ten commands, each is done once', async () => {
    const flow = await begin();
    flow.github.faults.add({ ...create, times: 3 }, { kind: 'done-then-hang' });
    await Promise.all(Array.from({ length: 10 }, () => flow.type('hello/topic-branch to staging')));
    // And none is between its record and its request: of such a one nobody could know whether it was created.
    await until(flow, () => made(flow).length >= 3, { withinMs: 0 });
    await ends(flow);
    await until(flow, () => made(flow).length === 10);
    await passes(flow, 2 * minute, 5_000);
    expect(made(flow)).toHaveLength(10);
    expect(creations(flow)).toHaveLength(10);
    expect(parents(flow)).toHaveLength(10);
    const requests = made(flow).map(({ payload }) => (payload as { deckhand: { request: string } }).deckhand.request);
    expect(new Set(requests).size).toBe(10);
  });
});

test('a crash the moment after the acknowledgement: what was acknowledged is done', async () => {
  const flow = await begin();
  flow.slack.faults.add({ path: /users\.info/ }, { kind: 'hang' });
  await flow.type('hello/topic-branch to staging');
  await flow.crash();
  await isDone(flow);
});

test('a refusal that a crash came upon is told once', async () => {
  const flow = await begin();
  flow.slack.faults.add({ path: /users\.info/ }, { kind: 'hang' });
  await flow.type('hello/nope to staging');
  await flow.crash();
  await until(flow, () => flow.told().length > 0);
  await passes(flow, minute, 5_000);
  expect(flow.told()).toHaveLength(1);
});

describe('a crash is survived while Slack has not answered', () => {
  test('while the parent is being posted, and Slack has done it', async () => {
    const flow = await begin();
    flow.slack.faults.add(postMessage, { kind: 'done-then-hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => parents(flow).length === 1, { withinMs: 0 });
    await flow.crash();
    await isDone(flow);
  });

  test('while the parent is being posted, and Slack has not done it', async () => {
    const flow = await begin();
    flow.slack.faults.add(postMessage, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => flow.slack.calls.some(({ method }) => method === 'chat.postMessage'), { withinMs: 0 });
    await flow.crash();
    await isDone(flow);
  });

  test('right after it was created, before the parent showed it', async () => {
    const flow = await begin();
    const mend = flow.slack.faults.add({ path: /chat\.update/, times: always }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => made(flow).length === 1);
    await flow.report(made(flow)[0]?.id ?? 0, 'in_progress', { description: 'unpacking' });
    await flow.crash(mend);
    await until(flow, () => /unpacking/.test(threadText(flow)));
    await passes(flow, minute, 5_000);
    expect(threadText(flow).match(/unpacking/g)).toHaveLength(1);
    expect(parents(flow)).toHaveLength(1);
  });
});

describe('a command that waited too long', () => {
  test('is not done any more, and the person is told', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => asked(flow).length > 0, { withinMs: 0 });
    await flow.crash(async () => {
      flow.github.faults.clear();
      await flow.clock.advance(6 * minute);
    });
    await until(flow, () => flow.told().length > 0);
    await calm(flow);
    expect(flow.told()).toHaveLength(1);
    expect(flow.told()[0]).toMatch(/did not|was not|not done/i);
    expect(flow.told()[0]).toContain('hello/topic-branch to staging');
    await passes(flow, minute, 5_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
  });

  test('after half an hour, when Slack’s private address has run out, the person is told all the same', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => asked(flow).length > 0, { withinMs: 0 });
    await flow.crash(async () => {
      flow.github.faults.clear();
      await flow.clock.advance(45 * minute);
    });
    await until(flow, () => privately(flow) !== '');
    expect(creations(flow)).toEqual([]);
  });

  test('a minute is not too long', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => asked(flow).length > 0, { withinMs: 0 });
    await flow.crash(async () => {
      flow.github.faults.clear();
      await flow.clock.advance(minute);
    });
    await isDone(flow);
  });

  test('a parent that was begun an hour ago is not followed by a deployment by surprise', async () => {
    const flow = await begin();
    flow.slack.faults.add({ ...postMessage, times: 1 }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => flow.slack.calls.some(({ method }) => method === 'chat.postMessage'), { withinMs: 0 });
    await flow.crash(() => flow.clock.advance(60 * minute));
    await passes(flow, 2 * minute, 5_000);
    expect(creations(flow)).toEqual([]);
    const told = [...flow.told(), ...posted(flow).map(({ shown }) => shown)].join('\n');
    expect(told).toMatch(/not deployed|did not|was not/i);
  });

  test('a parent that was posted an hour ago, just before the crash: no deployment by surprise either', async () => {
    const flow = await begin();
    flow.slack.faults.add({ ...postMessage, times: 1 }, { kind: 'done-then-hang' });
    await flow.type('hello/topic-branch to staging');
    await asSoonAs(flow, () => parents(flow).length === 1, { withinMs: 0 });
    await flow.crash(() => flow.clock.advance(60 * minute));
    await passes(flow, 2 * minute, 5_000);
    expect(creations(flow)).toEqual([]);
    expect((await parentOf(flow)).shown).toMatch(/not deployed/i);
  });
});

describe('Slack lets the parent down', () => {
  test('by a rate limit: waited out, one parent, one deployment', async () => {
    const flow = await begin();
    flow.slack.faults.add(
      { ...postMessage, times: 2 },
      { kind: 'status', status: 429, body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': '7' } },
    );
    await flow.type('hello/topic-branch to staging');
    await passes(flow, 5_000);
    expect(creations(flow)).toEqual([]);
    await isDone(flow);
  });

  const doubts: [string, Fault][] = [
    ['stored it, then cut the connection', { kind: 'done-then-reset' }],
    ['stored it, then said 503', { kind: 'done-then-status', status: 503, body: 'upstream' }],
    [
      'stored it, then said internal_error',
      { kind: 'done-then-status', status: 200, body: { ok: false, error: 'internal_error' } },
    ],
    ['stored nothing and cut the connection', { kind: 'reset' }],
    ['stored nothing and said 500', { kind: 'status', status: 500, body: 'oops' }],
    [
      'stored nothing and said service_unavailable',
      { kind: 'status', status: 200, body: { ok: false, error: 'service_unavailable' } },
    ],
  ];
  test.each(doubts)('it %s: exactly one parent', async (_, fault) => {
    const flow = await begin();
    flow.slack.faults.add(postMessage, fault);
    await flow.type('hello/topic-branch to staging');
    await isDone(flow);
    expect(creations(flow)).toHaveLength(1);
  });

  test('several times over', async () => {
    const flow = await begin();
    flow.slack.faults.add(postMessage, { kind: 'reset' });
    flow.slack.faults.add(postMessage, { kind: 'status', status: 502, body: '' });
    flow.slack.faults.add(postMessage, { kind: 'done-then-reset' });
    await flow.type('hello/topic-branch to staging');
    await isDone(flow);
  });

  test('without a scope to read back by, nothing is doubled and nothing is lost in silence', async () => {
    const flow = await begin({
      slack: { botScopes: ['app_mentions:read', 'chat:write', 'commands', 'users:read', 'channels:read'] },
    });
    flow.slack.faults.add(postMessage, { kind: 'done-then-reset' });
    await flow.type('hello/topic-branch to staging');
    await passes(flow, 2 * minute, 5_000);
    expect(creations(flow).length).toBeLessThanOrEqual(1);
    expect(creations(flow).length + flow.told().length, scene(flow)).toBeGreaterThanOrEqual(1);
  });

  test('by its own limits, when twenty deploy at once: each has one parent and one deployment', async () => {
    const flow = await begin({ slack: { limits: true } });
    await Promise.all(Array.from({ length: 20 }, () => flow.type('hello/topic-branch to staging')));
    await until(flow, () => made(flow).length === 20, { withinMs: 5 * minute });
    await passes(flow, 3 * minute, 5_000);
    expect(creations(flow)).toHaveLength(20);
    expect(parents(flow)).toHaveLength(20);
    for (const { id, payload } of made(flow)) {
      const { notify } = payload as { notify: { message_id: string } };
      expect(parents(flow).find(({ ts }) => ts === notify.message_id)?.shown).toContain(String(id));
    }
    expect(flow.told()).toEqual([]);
  });

  test('for more than ten minutes: nothing is created, and that is told when it can be', async () => {
    const flow = await begin();
    const mend = flow.slack.faults.add({ ...postMessage, times: always }, { kind: 'status', status: 503, body: '' });
    await flow.type('hello/topic-branch to staging');
    await passes(flow, 12 * minute, 20_000);
    mend();
    await passes(flow, 2 * minute, 5_000);
    expect(creations(flow)).toEqual([]);
    expect(flow.told().join()).toMatch(/not deployed|was not|did not/i);
  });

  test('the channel was archived before the parent', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging', { channel: deploys });
    await flow.deployment();
    flow.slack.addChannel({ id: 'C0OLD', name: 'old', members: [ann] });
    flow.github.faults.add({ method: 'GET', path: /\/git\/ref|\/branches|\/commits/ }, { kind: 'slow', ms: 100 });
    await flow.type('hello/topic-branch to staging', { channel: 'C0OLD' });
    flow.slack.addChannel({ id: 'C0OLD', name: 'old', members: [ann], archived: true });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/archived/i);
    expect(made(flow)).toHaveLength(1);
  });

  test('the channel was archived after the parent: the deployment goes on, and the person hears that its story can’t be told there', async () => {
    const flow = await begin();
    flow.slack.addChannel({ id: 'C0OLD', name: 'old', members: [ann] });
    await flow.type('hello/topic-branch to staging', { channel: 'C0OLD' });
    const { id } = await flow.deployment();
    await calm(flow);
    flow.slack.addChannel({ id: 'C0OLD', name: 'old', members: [ann], archived: true });
    await flow.report(id, 'failure', { description: 'the smoke test failed' });
    await until(flow, () => privately(flow) !== '');
    expect(privately(flow)).toMatch(/hello\/topic-branch/);
    // It is running: to ask for it again would be wrong advice.
    expect(privately(flow)).not.toMatch(/ask again|type it again/i);
    expect(creations(flow)).toHaveLength(1);
  });

  test('the bot was thrown out of the channel between the parent and the first status', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await calm(flow);
    flow.slack.addChannel({ id: deploys, name: 'deploys', members: [ann], botIsMember: false });
    await flow.report(id, 'success');
    await passes(flow, minute, 5_000);
    expect(creations(flow)).toHaveLength(1);
  });
});

test('a process that died while it began a deployment is waited for, until what it held is free', async () => {
  const heldForMs = 17_000;
  let freeAt: number | undefined;
  const flow = await begin({
    around: (ports) => {
      const lease: Ports['store']['lease'] = async (name) => {
        if (!name.startsWith('deployment:')) return ports.store.lease(name);
        const now = ports.clock.now().getTime();
        freeAt ??= now + heldForMs;
        return now < freeAt ? undefined : ports.store.lease(name);
      };
      return { ...ports, store: { ...ports.store, lease } };
    },
  });
  await flow.type('hello/topic-branch to staging');
  await isDone(flow);
});
