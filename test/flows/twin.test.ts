import { expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { catalogueOfHello, deploys, type Flow, random } from './flow.ts';
import { flows, passes, posted, until } from './seen.ts';
import { deployed, linesOf, type Story, statusEvents } from './story.ts';

/**
 * A job with `environment:` makes GitHub create a second deployment for the one that its workflow was started for. It is
 * told once, in whatever order the events of the two come.
 */

const { begin } = flows();
const hello = 'acme/hello';
const announced = { catalogue: `announce: ${random}\n${catalogueOfHello}`, env: { RECONCILE_SECONDS: '36000' } };

const stories = (flow: Flow, room: string): SlackMessage[] =>
  posted(flow).filter(({ channel, thread_ts, shown }) => channel === room && !thread_ts && /#\d+/.test(shown));

async function storyIn(flow: Flow, room: string): Promise<Story> {
  await until(flow, () => stories(flow, room).length > 0);
  const [{ ts = '', shown = '' } = {}] = stories(flow, room);
  return { id: Number(/#(\d+)/.exec(shown)?.[1]), room, ts, request: '' };
}

/** The workflow that a deployment starts, and the deployment of its job. */
async function jobOf(flow: Flow, id: number, environment = 'staging', by?: string) {
  const run = await flow.github.addRun(hello, { deploymentId: id });
  const job = flow.github.addJobDeployment(hello, run.id, { environment, ...(by && { by }) });
  return { run: run.id, job: job.id };
}

const byCarol = (flow: Flow) => flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });

test('of what was asked for here, the job’s own deployment is not announced', async () => {
  const flow = await begin(announced);
  const ours = await deployed(flow);
  const { run, job } = await jobOf(flow, ours.id);
  for (const state of ['in_progress', 'success']) {
    await flow.clock.advance(2_000);
    flow.github.addStatus(hello, job, { state, run });
    await flow.report(ours.id, state);
  }
  await linesOf(flow, ours, 2);
  // Its last words come when all is over.
  await flow.clock.advance(60_000);
  flow.github.addStatus(hello, job, { state: 'success', run });
  await passes(flow, 10_000);
  expect(stories(flow, random)).toEqual([]);
});

test('a room that watches is told of the one that was asked for', async () => {
  const flow = await begin();
  await flow.type('watch hello', { channel: random });
  const ours = await deployed(flow);
  const { run, job } = await jobOf(flow, ours.id);
  flow.github.addStatus(hello, job, { state: 'success', run });
  await flow.report(ours.id, 'success');
  const story = await storyIn(flow, random);
  expect(story.id).toBe(ours.id);
  await linesOf(flow, story, 1);
  await passes(flow, 10_000);
  expect(stories(flow, random)).toHaveLength(1);
});

test('of what another tool began, one of the two is told: the first, and then its job’s', async () => {
  const flow = await begin(announced);
  const { id } = await byCarol(flow);
  const story = await storyIn(flow, random);
  expect(story.id).toBe(id);
  const { run, job } = await jobOf(flow, id);
  flow.github.addStatus(hello, job, { state: 'success', run });
  flow.github.addStatus(hello, id, { state: 'success', run });
  await linesOf(flow, story, 1);
  await passes(flow, 10_000);
  expect(stories(flow, random)).toHaveLength(1);
});

test('the same where the job’s events come first', async () => {
  const flow = await begin(announced);
  const stop = flow.github.dropWebhooks(() => true);
  const { id } = await byCarol(flow);
  const { run, job } = await jobOf(flow, id);
  flow.github.addStatus(hello, job, { state: 'in_progress', run });
  flow.github.addStatus(hello, id, { state: 'in_progress', run });
  await flow.github.idle();
  stop();
  for (const guid of statusEvents(flow, job)) await flow.github.redeliver(guid);
  const story = await storyIn(flow, random);
  expect(story.id).toBe(job);
  for (const guid of statusEvents(flow, id)) await flow.github.redeliver(guid);
  await passes(flow, 10_000);
  expect(stories(flow, random)).toHaveLength(1);
});

test('a job whose deployment GitHub says a user made is known by its run', async () => {
  const flow = await begin(announced);
  const ours = await deployed(flow);
  const { run, job } = await jobOf(flow, ours.id, 'staging', 'ann');
  flow.github.addStatus(hello, ours.id, { state: 'in_progress', run });
  await linesOf(flow, ours, 1);
  flow.github.addStatus(hello, job, { state: 'in_progress', run });
  flow.github.addStatus(hello, job, { state: 'success', run });
  await passes(flow, 10_000);
  expect(stories(flow, random)).toEqual([]);
});

test('a job that nobody asked for is told, each time it runs', async () => {
  const flow = await begin(announced);
  const run = await flow.github.addRun(hello, { ref: 'main', event: 'push' });
  const first = flow.github.addJobDeployment(hello, run.id, { environment: 'staging' });
  flow.github.addStatus(hello, first.id, { state: 'success' });
  await until(flow, () => stories(flow, random).length === 1);
  await flow.clock.advance(5_000);
  const second = flow.github.addJobDeployment(hello, run.id, { environment: 'staging' });
  flow.github.addStatus(hello, second.id, { state: 'success' });
  await until(flow, () => stories(flow, random).length === 2);
});

test('and so is one that deploys the same commit to the same place hours later', async () => {
  const flow = await begin(announced);
  const ours = await deployed(flow);
  await flow.report(ours.id, 'success');
  await linesOf(flow, ours, 1);
  await flow.clock.advance(2 * 3_600_000);
  const run = await flow.github.addRun(hello, { ref: 'topic-branch', event: 'push' });
  const later = flow.github.addJobDeployment(hello, run.id, { environment: 'staging' });
  flow.github.addStatus(hello, later.id, { state: 'success' });
  expect((await storyIn(flow, random)).id).toBe(later.id);
});

test('what is told in one room of the two is told in another as well', async () => {
  const flow = await begin(announced);
  await flow.type('watch hello', { channel: deploys });
  const { id } = await byCarol(flow);
  const { run, job } = await jobOf(flow, id);
  flow.github.addStatus(hello, job, { state: 'success', run });
  flow.github.addStatus(hello, id, { state: 'success', run });
  for (const room of [random, deploys]) {
    await until(flow, () => stories(flow, room).length > 0);
    await passes(flow, 5_000);
    expect(stories(flow, room)).toHaveLength(1);
  }
});

test.each([
  ['GitHub Actions made it', 'github-actions[bot]'],
  ['GitHub says that a user made it', 'ann'],
])('the job’s own deployment moves before its first step can report: %s', async (_, by) => {
  const flow = await begin(announced);
  await flow.type('watch hello', { channel: deploys });
  await flow.type('watch hello', { channel: random });
  const ours = await deployed(flow);
  const { run, job } = await jobOf(flow, ours.id, 'staging', by);
  for (const state of ['in_progress', 'success']) {
    flow.github.addStatus(hello, job, { state, run });
    await passes(flow, 5_000);
    await flow.report(ours.id, state);
    await passes(flow, 5_000);
  }
  await linesOf(flow, ours, 2);
  expect(stories(flow, random).map(({ shown }) => shown)).toEqual([expect.stringContaining(`#${ours.id}`)]);
  expect(stories(flow, deploys)).toHaveLength(1);
});

test.each([['github-actions[bot]'], ['ann']])(
  'a run that was started for staging goes on to production, by %s: that is told',
  async (by) => {
    const flow = await begin(announced);
    const ours = await deployed(flow);
    const { run, job } = await jobOf(flow, ours.id);
    flow.github.addStatus(hello, ours.id, { state: 'in_progress', run });
    flow.github.addStatus(hello, job, { state: 'in_progress', run });
    await linesOf(flow, ours, 1);
    const production = flow.github.addJobDeployment(hello, run, { environment: 'production', by });
    flow.github.addStatus(hello, production.id, { state: 'success', run });
    const story = await storyIn(flow, random);
    expect(story.id).toBe(production.id);
    await linesOf(flow, story, 1);
    expect(stories(flow, random)).toHaveLength(1);
  },
);

test('what somebody runs by hand is no deployment’s job, though it is the same commit soon after', async () => {
  const flow = await begin(announced);
  const ours = await deployed(flow);
  await flow.report(ours.id, 'failure');
  await linesOf(flow, ours, 1);
  await flow.clock.advance(5 * 60_000);
  const run = await flow.github.addRun(hello, { ref: 'topic-branch', event: 'workflow_dispatch' });
  const again = flow.github.addJobDeployment(hello, run.id, { environment: 'staging' });
  flow.github.addStatus(hello, again.id, { state: 'in_progress' });
  flow.github.addStatus(hello, again.id, { state: 'success' });
  const story = await storyIn(flow, random);
  expect(story.id).toBe(again.id);
  await linesOf(flow, story, 2);
});

test('a deployment whose job was told first in its place: the job of its next attempt is told as well', async () => {
  const flow = await begin({
    ...announced,
    catalogue: `announce: { room: ${random}, states: [success, failure] }\n${catalogueOfHello}`,
  });
  const { id } = await byCarol(flow);
  const { run, job } = await jobOf(flow, id);
  flow.github.addStatus(hello, job, { state: 'failure', run });
  const first = await storyIn(flow, random);
  flow.github.addStatus(hello, id, { state: 'failure', run });
  await passes(flow, 5_000);
  expect(first.id).toBe(job);
  expect(stories(flow, random)).toHaveLength(1);
  flow.github.rerun(hello, run);
  const next = flow.github.addJobDeployment(hello, run, { environment: 'staging' });
  flow.github.addStatus(hello, next.id, { state: 'success', run });
  await until(flow, () => stories(flow, random).length === 2);
});
