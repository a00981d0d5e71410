import { describe, expect, test } from 'vitest';
import { deploys, type Flow, random } from './flow.ts';
import { flows, passes } from './seen.ts';
import { deployed, lines, linesOf, parent, type Story, shows } from './story.ts';

const { begin } = flows();

const limitedBySlack = (flow: Flow) =>
  flow.slack.calls.filter(({ status }) => status === 429).map(({ method }) => method);

async function reportSteps(flow: Flow, { id }: Story, from: number, to: number): Promise<void> {
  for (let step = from; step <= to; step++) await flow.report(id, 'in_progress', { description: `step ${step}.` });
  await flow.github.idle();
}

const steps = (flow: Flow, story: Story) => lines(flow, story).map((line) => Number(/step (\d+)\./.exec(line)?.[1]));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('by Slack’s real limits', () => {
  test('twenty lines in each of two rooms: in order, at the same time, and never too often', async () => {
    const flow = await begin({ slack: { limits: true } });
    const one = await deployed(flow);
    const two = await deployed(flow, 'hello/topic-branch to review', { channel: random });
    await Promise.all([reportSteps(flow, one, 1, 20), reportSteps(flow, two, 1, 20)]);
    await passes(flow, 26_000);
    expect(steps(flow, one)).toEqual(upTo(20));
    expect(steps(flow, two)).toEqual(upTo(20));
    expect(limitedBySlack(flow)).toEqual([]);
  });

  test('a restart while lines wait: each is told once, in order', async () => {
    const flow = await begin({ slack: { limits: true } });
    const story = await deployed(flow);
    await reportSteps(flow, story, 1, 12);
    await passes(flow, 3_000);
    expect(lines(flow, story).length).toBeLessThan(12);
    await flow.restart(() => flow.clock.advance(2_000));
    await passes(flow, 15_000);
    expect(steps(flow, story)).toEqual(upTo(12));
  });

  test('many deployments of one room: the edits stay within their budget, and each parent ends right', async () => {
    const flow = await begin({ slack: { limits: true } });
    const stories: Story[] = [];
    for (let each = 0; each < 6; each++) {
      stories.push(await deployed(flow));
      await passes(flow, 2_000);
    }
    for (const state of ['queued', 'in_progress', 'failure']) {
      await Promise.all(stories.map(({ id }) => flow.report(id, state)));
    }
    await flow.github.idle();
    await passes(flow, 45_000);
    for (const story of stories) {
      await linesOf(flow, story, 3);
      await shows(flow, story, /failed/);
    }
    expect(limitedBySlack(flow)).toEqual([]);
  });
});

test('another app has used up the edits: lines go on, and the parent ends right as soon as it may', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  const tooMany = { kind: 'status', status: 429, headers: { 'retry-after': '20' } } as const;
  flow.slack.faults.add({ path: /chat\.update$/ }, tooMany);
  await flow.report(story.id, 'success', { description: 'step 1.' });
  await linesOf(flow, story, 1);
  await passes(flow, 19_000);
  expect(parent(flow, story).shown).not.toMatch(/deployed/);
  await passes(flow, 2_000);
  expect(parent(flow, story).shown).toMatch(/deployed/);
  expect(flow.slack.messages(deploys)).toHaveLength(1);
});
