import { describe, expect, test } from 'vitest';
import { ann, deploys, type Flow } from './flow.ts';
import { calm, flows, passes, until } from './seen.ts';
import { deployed, lines, linesOf, parent, replies, type Story, shows } from './story.ts';

const { begin } = flows();

const inChannel = (flow: Flow) => flow.slack.messages(deploys);

describe('who is called', () => {
  test.each(['success', 'failure', 'error'])(
    '%s mentions the person who asked, and only that person',
    async (state) => {
      const flow = await begin();
      const story = await deployed(flow, 'hello/topic-branch to staging', { user: 'U0BOB' });
      await flow.report(story.id, 'in_progress');
      await flow.clock.advance(2_000);
      await flow.report(story.id, state);
      const [running, end] = await linesOf(flow, story, 2);
      expect(running).not.toContain('@bob');
      expect(end).toContain('@bob');
      expect(end).not.toContain('@ann');
      // Also where only the text counts: on the lock screen.
      expect(JSON.stringify(replies(flow, story)[1]?.blocks)).toContain('<@U0BOB>');
    },
  );

  test('no step on the way rings a bell', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const state of ['queued', 'pending', 'in_progress']) await flow.report(story.id, state);
    flow.github.addStatus('acme/hello', story.id, { state: 'waiting' });
    await linesOf(flow, story, 4);
    expect(lines(flow, story).join('\n')).not.toContain('@ann');
  });

  test('an ending of a second deployer rings again', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success', { description: 'first half' });
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'failure', { description: 'second half' });
    const told = await linesOf(flow, story, 2);
    expect(told.every((line) => line.includes('@ann'))).toBe(true);
    await shows(flow, story, /fail/i);
  });
});

describe('how long it took', () => {
  test.each([
    [3_000, /\b3 ?s/],
    [192_000, /\b3 ?m\w* 12 ?s/],
    [3_600_000 + 5 * 60_000, /\b1 ?h\w* 5 ?m/],
  ])('%i ms from creation to success', async (ms, wanted) => {
    const flow = await begin({ env: { RECONCILE_SECONDS: '36000' } });
    const story = await deployed(flow);
    await flow.report(story.id, 'queued');
    await linesOf(flow, story, 1);
    await flow.clock.advance(ms);
    await flow.report(story.id, 'success');
    await until(flow, () => wanted.test(lines(flow, story).at(-1) ?? ''));
    await shows(flow, story, wanted);
  });

  test('a success after a failure took until the success, not until the failure', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.clock.advance(10_000);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    await shows(flow, story, /10 ?s/);
    await flow.clock.advance(35_000);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 2);
    const { shown } = parent(flow, story);
    expect(shown).toMatch(/succe|deployed/i);
    expect(shown).not.toMatch(/\b10 ?s/);
  });

  test('is not said while it runs', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.clock.advance(10_000);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    expect(parent(flow, story).shown).not.toMatch(/10 ?s/);
  });

  test('a clock that is behind GitHub’s shows no negative time', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    expect(`${lines(flow, story)}${parent(flow, story).shown}`).not.toMatch(/-\d+ ?s|NaN/);
  });
});

describe('the first failure', () => {
  test('is also shown in the channel, the second is not', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'failure', { description: 'broke once' });
    await linesOf(flow, story, 1);
    await flow.clock.advance(2_000);
    await flow.report(story.id, 'error', { description: 'broke twice' });
    await linesOf(flow, story, 2);
    expect(replies(flow, story).map((reply) => reply.reply_broadcast === true)).toEqual([true, false]);
    expect(inChannel(flow)).toHaveLength(2);
    expect(inChannel(flow)[1]?.shown).toContain('broke once');
    // It stands alone there, so it says what it is about.
    expect(inChannel(flow)[1]?.shown).toMatch(/hello.*topic-branch.*staging/s);
  });

  test('of two that arrive together only one is shown in the channel', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await Promise.all([
      flow.report(story.id, 'failure'),
      flow.report(story.id, 'failure'),
      flow.report(story.id, 'error'),
    ]);
    await linesOf(flow, story, 3);
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
  });

  test('is still the only one after a restart', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    await flow.restart();
    await flow.clock.advance(2_000);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 2);
    expect(inChannel(flow)).toHaveLength(2);
  });

  test('of each deployment is its own', async () => {
    const flow = await begin();
    const stories: Story[] = [];
    for (const line of ['hello/topic-branch to staging', 'hello/main to review'])
      stories.push(await deployed(flow, line));
    for (const { id } of stories) await flow.report(id, 'failure');
    for (const story of stories) await linesOf(flow, story, 1);
    for (const story of stories) expect(replies(flow, story).map((reply) => reply.reply_broadcast)).toEqual([true]);
  });

  test('a success is not shown in the channel', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    expect(inChannel(flow)).toHaveLength(1);
  });

  test('in a thread somebody asked in, is shown in the channel too', async () => {
    const flow = await begin();
    const said = await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand help' });
    await said.acked;
    const asked = await flow.slack.mention({
      user: ann,
      channel: deploys,
      text: '@deckhand deploy hello/topic-branch to staging',
      thread: said.ts,
    });
    await asked.acked;
    const deployment = await flow.deployment();
    await calm(flow);
    await flow.report(deployment.id, 'failure', { description: 'in the thread' });
    const loudOnes = () => inChannel(flow).filter((message) => message.reply_broadcast);
    await until(flow, () => loudOnes().length > 0);
    await calm(flow);
    const loud = loudOnes();
    expect(loud).toHaveLength(1);
    expect(loud[0]?.shown).toContain('in the thread');
  });
});

describe('after an ending', () => {
  test('a newer status that is none moves the parent on, and the next ending rings again', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'in_progress', { description: 'trying again' });
    await linesOf(flow, story, 2);
    await shows(flow, story, /in progress/i);
    expect(parent(flow, story).shown).not.toMatch(/failed/i);
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'success');
    const told = await linesOf(flow, story, 3);
    expect(told[2]).toContain('@ann');
    await shows(flow, story, /succe|deployed/i);
  });

  test('what is unfinished again is followed up: a dropped ending is learned', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 2);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'success');
    stop();
    await passes(flow, 65_000, 5_000);
    await linesOf(flow, story, 3);
    await shows(flow, story, /succe|deployed/i);
  });

  test('nothing is said or edited any more as time goes by', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    const before = flow.slack.calls.length;
    await passes(flow, 2 * 3_600_000, 60_000);
    expect(
      flow.slack.calls
        .slice(before)
        .map(({ method }) => method)
        .filter((method) => method.startsWith('chat.')),
    ).toEqual([]);
  });
});
