import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';
import { late } from './late.ts';
import { calm, flows, passes, until } from './seen.ts';
import {
  deliver,
  deployed,
  lines,
  linesOf,
  looksOf,
  parent,
  type Story,
  shows,
  statusEvents,
  statusPayload,
  tells,
  toldOf,
} from './story.ts';

const { begin } = flows();

/** Far away, so that only webhooks tell anything. */
const noReconciling = { RECONCILE_SECONDS: '36000' };

const words = ['first step', 'second step', 'third step', 'the end', 'after the end'];

/**
 * The deployer reports one status every three seconds, each described by one of `words`, and no webhook leaves. Answers
 * their guids.
 */
async function reportedUnheard(flow: Flow, story: Story, states: readonly string[]): Promise<string[]> {
  const before = statusEvents(flow, story.id).length;
  const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
  for (const [index, state] of states.entries()) {
    await flow.clock.advance(3_000);
    await flow.report(story.id, state, { description: words[index] });
  }
  stop();
  return statusEvents(flow, story.id).slice(before);
}

async function redeliver(flow: Flow, guids: readonly (string | undefined)[]): Promise<void> {
  for (const guid of guids) await flow.github.redeliver(guid ?? 'nothing was sent');
}

/** How far along a look of the parent is, by the words that people know. */
const ranks = [/asking|waiting for a deployer/i, /queued/i, /in progress/i, /failed/i, /succe|deployed/i];
const rankOf = (look: string): number => ranks.findLastIndex((rank) => rank.test(look));

describe('webhooks said again', () => {
  test('five times, one after the other: told once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const states = ['queued', 'in_progress', 'success'];
    const guids = await reportedUnheard(flow, story, states);
    for (let round = 0; round < 5; round++) {
      await redeliver(flow, guids);
      await calm(flow);
    }
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('five times, all at once: told once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'in_progress', 'success']);
    await Promise.all(Array.from({ length: 5 }, () => redeliver(flow, guids)));
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('five times under other delivery ids and from several hooks at once: told once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const target = { url: `${flow.url}/github/webhooks`, secret: 'flow-webhook-secret', events: ['deployment_status'] };
    for (let hook = 0; hook < 4; hook++) flow.github.addWebhook(target);
    for (const [index, state] of ['queued', 'in_progress', 'success'].entries()) {
      await flow.clock.advance(3_000);
      await flow.report(story.id, state, { description: words[index] });
    }
    await flow.github.idle();
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('an hour after the ending: nothing more is said, and nothing edited', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'success']);
    await redeliver(flow, guids);
    await calm(flow);
    const before = lines(flow, story);
    await flow.clock.advance(3_600_000);
    const calls = flow.slack.calls.length;
    await redeliver(flow, guids);
    await calm(flow);
    expect(lines(flow, story)).toEqual(before);
    expect(flow.slack.calls.slice(calls).filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
  });
});

describe('webhooks that never come', () => {
  test('an ending first tells what came before it', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'pending', 'in_progress', 'success']);
    await redeliver(flow, guids.slice(3));
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 4));
    expect(lines(flow, story).join('\n')).not.toMatch(/late/i);
    await shows(flow, story, /succe|deployed/i);
  });

  test('a failure likewise', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'in_progress', 'failure']);
    await redeliver(flow, guids.slice(2));
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('a dropped step in the middle stands in its place', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const [first, , third] = await reportedUnheard(flow, story, ['queued', 'in_progress', 'success']);
    await redeliver(flow, [first]);
    await linesOf(flow, story, 1);
    await redeliver(flow, [third]);
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('all of them: learned by asking GitHub', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await reportedUnheard(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 65_000, 5_000);
    await tells(flow, story, words, words.slice(0, 3));
    await shows(flow, story, /succe|deployed/i);
  });

  test('more than GitHub gives on one page', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    for (let step = 1; step <= 119; step++)
      await flow.report(story.id, 'in_progress', { description: `step ${step}.` });
    await flow.report(story.id, 'success', { description: 'step 120.' });
    stop();
    await redeliver(flow, statusEvents(flow, story.id).slice(-1));
    const told = await linesOf(flow, story, 120);
    expect(told.map((line) => Number(/step (\d+)\./.exec(line)?.[1]))).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 1),
    );
  });

  test('an ending is told also while GitHub can’t be asked, and what was missing later', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'in_progress', 'success']);
    const mended = flow.github.faults.add(
      { method: 'GET', path: /\/statuses$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    await redeliver(flow, guids.slice(2));
    await until(flow, () => toldOf(flow, story, words).includes('third step'));
    mended();
    await redeliver(flow, guids.slice(0, 2));
    await linesOf(flow, story, 3);
    expect(toldOf(flow, story, words).sort()).toEqual(words.slice(0, 3).sort());
    await shows(flow, story, /succe|deployed/i);
  });

  test('an ending is told also while GitHub does not answer at all', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    flow.github.faults.add({ method: 'GET', path: /\/statuses$/, times: 3 }, { kind: 'hang' });
    await flow.report(story.id, 'success', { description: 'first step' });
    await until(flow, () => lines(flow, story).length > 0, { withinMs: 45_000, stepMs: 1_000 });
    await passes(flow, 60_000, 5_000);
    await tells(flow, story, words, ['first step']);
  });

  test('what was missing when an ending was told without GitHub is told when GitHub can be asked again', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const guids = await reportedUnheard(flow, story, ['queued', 'in_progress', 'success']);
    const mended = flow.github.faults.add(
      { method: 'GET', path: /\/statuses$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    await redeliver(flow, guids.slice(2));
    await until(flow, () => toldOf(flow, story, words).includes('third step'));
    await passes(flow, 70_000, 5_000);
    mended();
    await passes(flow, 300_000, 10_000);
    expect(toldOf(flow, story, words).sort()).toEqual(words.slice(0, 3).sort());
    await shows(flow, story, /succe|deployed/i);
  });

  test('GitHub limits the bot for an hour: the ending is told, and GitHub is not pressed', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const reset = Math.floor(flow.clock.now().getTime() / 1000) + 3_600;
    flow.github.faults.add(
      { method: 'GET', path: /\/statuses$/, times: Number.POSITIVE_INFINITY },
      {
        kind: 'status',
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
        body: { message: 'API rate limit exceeded for user ID 1.' },
      },
    );
    await flow.report(story.id, 'in_progress', { description: 'first step' });
    await passes(flow, 180_000, 10_000);
    await flow.report(story.id, 'success', { description: 'second step' });
    await passes(flow, 60_000, 2_000);
    await tells(flow, story, words, ['first step', 'second step']);
    const asked = flow.github.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('/statuses'));
    expect(asked.length).toBeLessThanOrEqual(15);
  });
});

describe('webhooks that come late', () => {
  test('one that GitHub’s list did not have is told with its own time, and the parent stays', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const early = statusPayload(flow, story, { state: 'in_progress', description: 'first step' });
    await flow.clock.advance(30_000);
    await flow.report(story.id, 'success', { description: 'second step' });
    await linesOf(flow, story, 1);
    const looks = looksOf(flow, story);
    await flow.clock.advance(30_000);
    await deliver(flow, early);
    await tells(flow, story, words, ['second step', 'first step']);
    const at = new Date(early.deployment_status.created_at);
    expect(lines(flow, story)[1]).toContain(at.toISOString().slice(11, 19));
    expect(new Set(looks).size).toBe(1);
    await shows(flow, story, /succe|deployed/i);
  });

  test('a step that comes after a later step is told with its own time, and the parent stays', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const [queued, running] = await reportedUnheard(flow, story, ['queued', 'in_progress']);
    await redeliver(flow, [running]);
    await linesOf(flow, story, 1);
    const looks = looksOf(flow, story);
    await redeliver(flow, [queued]);
    const told = await linesOf(flow, story, 2);
    expect(told[1]).toContain('first step');
    expect(told[1]).toMatch(/\d\d:\d\d:\d\d/);
    expect(told[0]).not.toMatch(/\d\d:\d\d:\d\d/);
    for (const look of looks) expect(look).toMatch(/in progress/i);
  });

  test('a late failure after a success does not call the deployment failed', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const early = statusPayload(flow, story, { state: 'failure', description: 'first step' });
    await flow.clock.advance(10_000);
    await flow.report(story.id, 'success', { description: 'second step' });
    await linesOf(flow, story, 1);
    await deliver(flow, early);
    await linesOf(flow, story, 2);
    await shows(flow, story, /succe|deployed/i);
    expect(parent(flow, story).shown).not.toMatch(/fail/i);
    // The person was told the end already.
    expect(lines(flow, story)[1]).not.toContain('@ann');
  });
});

describe('equal times', () => {
  test('the order is that of the ids, however they come', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    for (const [index, state] of ['queued', 'in_progress', 'failure', 'success'].entries()) {
      await flow.report(story.id, state, { description: words[index] });
    }
    stop();
    await redeliver(flow, statusEvents(flow, story.id).reverse());
    await calm(flow);
    await tells(flow, story, words, words.slice(0, 4));
    await shows(flow, story, /succe|deployed/i);
  });

  test('a success and an in_progress of the same second: the greater id is the newer', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const at = `${flow.clock.now().toISOString().slice(0, 19)}Z`;
    await deliver(flow, statusPayload(flow, story, { id: 9_100_000_002, state: 'in_progress', created_at: at }));
    await deliver(flow, statusPayload(flow, story, { id: 9_100_000_001, state: 'success', created_at: at }));
    await linesOf(flow, story, 2);
    await shows(flow, story, /in progress/i);
  });

  test('ids are compared as numbers', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const at = `${flow.clock.now().toISOString().slice(0, 19)}Z`;
    const status = (id: number, state: string) => statusPayload(flow, story, { id, state, created_at: at });
    await deliver(flow, status(9_999_999_999, 'in_progress'));
    await deliver(flow, status(10_000_000_000, 'success'));
    await linesOf(flow, story, 2);
    await shows(flow, story, /succe|deployed/i);
  });
});

test('held back and then all at once, in order', async () => {
  const flow = await begin({ env: noReconciling });
  const story = await deployed(flow);
  flow.github.holdWebhooks(true);
  for (const [index, state] of ['queued', 'in_progress', 'success'].entries()) {
    await flow.clock.advance(3_000);
    await flow.report(story.id, state, { description: words[index] });
  }
  expect(lines(flow, story)).toEqual([]);
  flow.github.holdWebhooks(false);
  await flow.github.idle();
  await calm(flow);
  await tells(flow, story, words, words.slice(0, 3));
});

describe('in every order, with repetitions', () => {
  /** Which event is sent, and whether all that follows from it is waited for before the next. */
  const deliveries = (count: number) =>
    fc
      .tuple(
        fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
        fc.array(fc.nat(count - 1), { maxLength: 4 }),
      )
      .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }))
      .chain((order) =>
        fc.tuple(fc.constant(order), fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length })),
      );

  /** What must hold however they came. */
  async function tellsAll(states: readonly string[], order: readonly number[], waits: readonly boolean[]) {
    const flow = await startFlow({ env: noReconciling });
    try {
      const story = await deployed(flow);
      const looks = looksOf(flow, story);
      const guids = await reportedUnheard(flow, story, states);
      for (const [step, index] of order.entries()) {
        await redeliver(flow, [guids[index]]);
        if (waits[step]) await calm(flow);
      }
      await until(flow, () => lines(flow, story).length >= states.length);
      await shows(flow, story, /succe|deployed/i);
      await calm(flow);
      const told = toldOf(flow, story, words);
      const expected = states.map((_state, index) => words[index] ?? '');
      expect([...told].sort()).toEqual([...expected].sort());
      // Nothing that came before an ending is missing when the ending is told.
      for (const [index, state] of states.entries()) {
        if (state !== 'success' && state !== 'failure') continue;
        const at = told.indexOf(words[index] ?? '');
        for (const earlier of expected.slice(0, index)) expect(told.slice(0, at)).toContain(earlier);
      }
      const shownRanks = looks.map(rankOf);
      expect(shownRanks).toEqual([...shownRanks].sort((a, b) => a - b));
      return told;
    } finally {
      await flow.stop();
    }
  }

  test('queued, in_progress, success: each once, all before the success, the parent never goes back', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries(3), async ([order, waits]) => {
        await tellsAll(['queued', 'in_progress', 'success'], order, waits);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  test('queued, in_progress, failure, success: the endings in their order', async () => {
    await fc.assert(
      fc.asyncProperty(deliveries(4), async ([order, waits]) => {
        const told = await tellsAll(['queued', 'in_progress', 'failure', 'success'], order, waits);
        expect(told.indexOf('the end')).toBeGreaterThan(told.indexOf('third step'));
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

test.each(['done-then-hang', 'done-then-reset', 'done-then-status'] as const)(
  'statuses that come before GitHub’s answer to the creation (%s) are told in order, once',
  async (kind) => {
    const flow = await begin();
    flow.github.faults.add(
      { method: 'POST', path: /\/deployments$/ },
      kind === 'done-then-status' ? { kind, status: 502 } : { kind },
    );
    await flow.type('hello/topic-branch to staging');
    const deployment = await flow.deployment();
    for (const [index, state] of ['queued', 'in_progress', 'success'].entries()) {
      await flow.report(deployment.id, state, { description: words[index] });
    }
    const parentMessage = await flow.parent();
    const story = { id: deployment.id, room: parentMessage.channel, ts: parentMessage.ts, request: '' };
    await until(flow, () => lines(flow, story).length >= 3, { withinMs: 120_000, stepMs: 1_000 });
    await passes(flow, 40_000, 2_000);
    await tells(flow, story, words, words.slice(0, 3));
    expect(flow.github.deployments('acme/hello')).toHaveLength(1);
    await shows(flow, story, /succe|deployed/i);
  },
);

test('a status that comes while the creation is still being answered is not lost', async () => {
  const creation = late('the answer', { method: 'POST', path: /\/deployments$/ });
  const flow = await begin({ fetch: creation.fetch });
  await flow.type('hello/topic-branch to staging');
  const { id } = await flow.deployment();
  await flow.report(id, 'queued', { description: 'first step' });
  await calm(flow);
  expect(creation.isKept).toBe(true);
  creation.letGo();
  const { ts, channel } = await flow.parent();
  const story = { id, room: channel, ts, request: '' };
  await linesOf(flow, story, 1);
});

test('a status that comes after the thread has said that nobody knows settles it', async () => {
  const flow = await begin();
  flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, { kind: 'done-then-status', status: 502 });
  const mended = flow.github.faults.add(
    { method: 'GET', path: /\/deployments$/, times: Number.POSITIVE_INFINITY },
    { kind: 'status', status: 502 },
  );
  await flow.type('hello/topic-branch to staging');
  const { id } = await flow.deployment();
  const { ts, channel } = await flow.parent();
  const story = { id, room: channel, ts, request: '' };
  await passes(flow, 60_000, 1_000);
  await shows(flow, story, /nobody knows|unknown/i);
  mended();
  await flow.report(id, 'success', { description: 'first step' });
  await until(flow, () => lines(flow, story).some((line) => line.includes('first step')));
  await shows(flow, story, /succe|deployed/i);
  expect(parent(flow, story).shown).not.toMatch(/nobody knows/i);
});
