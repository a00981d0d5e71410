import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOfHello, deploys, type Flow, startFlow } from './flow.ts';
import { asSoonAs, calm, flows, passes, until } from './seen.ts';
import { deployed, lines, linesOf, replies, type Story, shows, tells, toldOf } from './story.ts';

const { begin } = flows();

const words = ['first step', 'second step', 'third step', 'fourth step', 'fifth step', 'sixth step'];

/** Reports the status of that number in the story. */
async function step(flow: Flow, story: Story, index: number, state: string): Promise<void> {
  await flow.clock.advance(2_000);
  await flow.report(story.id, state, { description: words[index] });
  await flow.github.idle();
}

const ends = ['restart', 'crash'] as const;

describe.each(ends)('a %s', (end) => {
  const states = ['queued', 'in_progress', 'success'];

  test.each([0, 1, 2, 3])('after %i of three statuses: complete, in order, once each', async (before) => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [index, state] of states.entries()) {
      if (index === before) await flow[end]();
      await step(flow, story, index, state);
    }
    if (before === states.length) await flow[end]();
    await passes(flow, 10_000);
    await tells(flow, story, words, words.slice(0, 3));
    await shows(flow, story, /succe|deployed/i);
    expect(flow.slack.messages(deploys)).toHaveLength(1);
  });

  test.each([
    [0, 1],
    [0, 3],
    [1, 2],
    [1, 3],
    [2, 3],
  ])('with statuses %i to %i set while it is down: learned within a minute', async (from, to) => {
    const flow = await begin();
    const story = await deployed(flow);
    for (let index = 0; index < from; index++) await step(flow, story, index, states[index] ?? '');
    await linesOf(flow, story, from);
    await flow[end](async () => {
      for (let index = from; index < to; index++) await step(flow, story, index, states[index] ?? '');
    });
    await passes(flow, 65_000, 5_000);
    await tells(flow, story, words, words.slice(0, to));
    for (let index = to; index < 3; index++) await step(flow, story, index, states[index] ?? '');
    await linesOf(flow, story, 3);
    await tells(flow, story, words, words.slice(0, 3));
    await shows(flow, story, /succe|deployed/i);
  });

  test('while everything happened: the whole story is learned', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow[end](async () => {
      for (const [index, state] of ['queued', 'in_progress', 'failure', 'success'].entries()) {
        await step(flow, story, index, state);
      }
    });
    await passes(flow, 65_000, 5_000);
    await tells(flow, story, words, words.slice(0, 4));
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
  });

  test('with what is stored and not told yet', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add(
      { path: /chat\./, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 429, headers: { 'retry-after': '3600' } },
    );
    await step(flow, story, 0, 'in_progress');
    await step(flow, story, 1, 'failure');
    await calm(flow);
    await flow[end](() => flow.slack.faults.clear());
    await passes(flow, 60_000, 2_000);
    await tells(flow, story, words, words.slice(0, 2));
    await shows(flow, story, /fail/i);
  });

  test('of several deployments: each goes on in its own thread', async () => {
    const flow = await begin();
    const stories: Story[] = [];
    for (const line of ['hello/topic-branch to staging', 'hello/main to review', 'hello/main to production']) {
      stories.push(await deployed(flow, line));
    }
    for (const story of stories) await step(flow, story, 0, 'in_progress');
    await calm(flow);
    await flow[end](async () => {
      for (const story of stories) await step(flow, story, 1, 'success');
    });
    await passes(flow, 65_000, 5_000);
    for (const story of stories) await tells(flow, story, words, words.slice(0, 2));
  });

  test('twice in a row, with the webhook of the ending said again', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await step(flow, story, 0, 'success');
    await linesOf(flow, story, 1);
    await flow[end]();
    await flow[end]();
    const guid = flow.github.deliveries.findLast(({ event }) => event === 'deployment_status')?.guid ?? '';
    await flow.github.redeliver(guid);
    await passes(flow, 65_000, 5_000);
    await linesOf(flow, story, 1);
  });
});

describe('a crash in the middle of telling', () => {
  /** The calls that telling a failure takes: two replies and their edits. */
  const calls = [1, 2, 3, 4];

  test.each(
    calls.flatMap((call) => [
      { call, kind: 'done-then-hang' as const },
      { call, kind: 'hang' as const },
    ]),
  )('at Slack’s answer to call $call ($kind): exactly one line each', async ({ call, kind }) => {
    const flow = await begin();
    const story = await deployed(flow);
    let seen = 0;
    let reached = false;
    flow.slack.faults.add(
      {
        path: /chat\.(postMessage|update)$/,
        when: () => {
          seen += 1;
          reached ||= seen === call;
          return seen === call;
        },
      },
      { kind },
    );
    await step(flow, story, 0, 'in_progress');
    await calm(flow);
    await step(flow, story, 1, 'failure');
    await asSoonAs(flow, () => reached, { withinMs: 5_000 });
    await flow.crash();
    await passes(flow, 70_000, 2_000);
    await tells(flow, story, words, words.slice(0, 2));
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
    expect(flow.slack.messages(deploys)).toHaveLength(2);
    await shows(flow, story, /fail/i);
  });

  test('while it asks GitHub what came before the ending', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.faults.add({ method: 'GET', path: /\/statuses$/ }, { kind: 'hang' });
    const stop = flow.github.dropWebhooks((_event, payload) => payload.deployment_status?.state === 'in_progress');
    await step(flow, story, 0, 'in_progress');
    await step(flow, story, 1, 'success');
    await asSoonAs(flow, () =>
      flow.github.requests.some(({ path, method }) => method === 'GET' && path.endsWith('/statuses')),
    );
    stop();
    await flow.crash();
    await passes(flow, 20_000, 1_000);
    await tells(flow, story, words, words.slice(0, 2));
  });

  test('over and over: the line is still said once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (let life = 0; life < 4; life++) {
      flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-hang' });
      await step(flow, story, life, life === 3 ? 'success' : 'in_progress');
      await asSoonAs(flow, () => lines(flow, story).length === life + 1, { withinMs: 10_000 });
      await flow.crash(() => flow.slack.faults.clear());
      await passes(flow, 10_000);
    }
    await passes(flow, 65_000, 5_000);
    await tells(flow, story, words, words.slice(0, 4));
  });
});

describe('whatever happens between any two events', () => {
  const patient = catalogueOfHello.replace('    repository:', '    no_deployer_after: 1h\n    repository:');
  type Happening = 'told' | 'dropped' | 'restart' | 'crash' | 'down' | 'a minute';

  test('in the end everything stands in the thread once, nothing after the ending', async () => {
    const happenings = fc.array(fc.constantFrom<Happening>('told', 'dropped', 'restart', 'crash', 'down', 'a minute'), {
      minLength: 3,
      maxLength: 7,
    });
    await fc.assert(
      fc.asyncProperty(happenings, async (list) => {
        // Nobody is missed: the alarm would be one line more.
        const flow = await startFlow({ catalogue: patient });
        try {
          const story = await deployed(flow);
          let count = 0;
          const next = async () => {
            if (count < words.length - 1) await step(flow, story, count++, 'in_progress');
          };
          for (const happening of list) {
            if (happening === 'told') await next();
            else if (happening === 'dropped') {
              const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
              await next();
              stop();
            } else if (happening === 'a minute') await passes(flow, 62_000, 10_000);
            else if (happening === 'down') await flow.restart(next);
            else await flow[happening]();
          }
          const last = count;
          await step(flow, story, last, 'success');
          await until(flow, () => lines(flow, story).length > last);
          await passes(flow, 10_000, 2_000);
          const told = toldOf(flow, story, words);
          expect([...told].sort()).toEqual(words.slice(0, last + 1).sort());
          expect(told.at(-1)).toBe(words[last]);
          await shows(flow, story, /succe|deployed/i);
        } finally {
          await flow.stop();
        }
      }),
      { numRuns: 12 },
    );
  }, 180_000);
});
