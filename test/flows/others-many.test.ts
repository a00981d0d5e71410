import { expect, test } from 'vitest';
import { catalogueOfHello, deploys, type Flow, random } from './flow.ts';
import { asked, flows, passes, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, type Story, shows } from './story.ts';

/** Rooms that read along with many deployments that were started elsewhere. */

const { begin } = flows();

const hello = 'acme/hello';
/** The reconciler would ask GitHub for what is counted or lost here. */
const env = { RECONCILE_SECONDS: '36000' };
const announcedIn = (room: string) => `announce: ${room}\n${catalogueOfHello}`;

const byCarol = (flow: Flow, more: object = {}) =>
  flow.github.addDeployment(hello, { by: 'carol', environment: 'staging', ...more });

const parentsOf = (flow: Flow, id: number, room: string) =>
  flow.slack.messages(room).filter(({ thread_ts, shown }) => !thread_ts && shown.includes(`#${id}`));

/** Its story in a room, once it is there. */
async function storyIn(flow: Flow, id: number, room = deploys): Promise<Story> {
  await until(flow, () => parentsOf(flow, id, room).length > 0);
  return { id, room, ts: parentsOf(flow, id, room)[0]?.ts ?? '', request: '' };
}

const questions = (flow: Flow) => asked(flow).filter(({ method }) => method === 'GET').length;

test('a burst of others’ in the same room does not hold up what was asked for in it', async () => {
  const flow = await begin({ env, slack: { limits: true }, catalogue: announcedIn(deploys) });
  const others = await Promise.all(Array.from({ length: 25 }, () => byCarol(flow, { environment: 'production' })));
  await Promise.all(others.map(({ id }) => flow.report(id, 'in_progress')));
  await passes(flow, 3_000);
  const ours = await deployed(flow);
  await flow.report(ours.id, 'in_progress');
  await flow.clock.advance(1_000);
  await flow.report(ours.id, 'failure', { description: 'it broke' });
  await passes(flow, 8_000);
  expect(lines(flow, ours).at(-1)).toContain('it broke');
  expect(parent(flow, ours).shown).toMatch(/failed/);
  for (const { id } of others) await linesOf(flow, await storyIn(flow, id), 1);
  expect(flow.slack.calls.filter(({ status }) => status === 429)).toEqual([]);
});

test('a copy of a return address whose record is gone is told as theirs, and GitHub is asked once whose it is', async () => {
  const secret = { DECKHAND_SECRET: 'a secret of this test alone' };
  const flow = await begin({ env: { RECONCILE_SECONDS: '60', ...secret }, catalogue: announcedIn(random) });
  const ours = await deployed(flow);
  await flow.report(ours.id, 'success');
  await linesOf(flow, ours, 1);
  const { payload } = await flow.deployment();
  await flow.restart(() => {
    flow.env.DATA_DIR += '-new';
  });
  const copies = [await createdElsewhere(flow, { environment: 'staging', payload })];
  copies.push(await createdElsewhere(flow, { environment: 'staging', payload }));
  for (const { id } of copies) {
    await flow.report(id, 'in_progress', { description: 'first step' });
    await flow.clock.advance(2_000);
    await flow.report(id, 'failure', { description: 'of the copy' });
  }
  for (const { id } of copies)
    expect((await linesOf(flow, await storyIn(flow, id, random), 2)).join()).toContain('copy');
  expect(lines(flow, ours)).toHaveLength(1);
  await passes(flow, 120_000, 10_000);
  const before = questions(flow);
  await passes(flow, 3_600_000, 30_000);
  expect(questions(flow)).toBe(before);
});

test('each success of others’ costs as much as the first, however many there were before, in however many rooms', async () => {
  const flow = await begin({ env, catalogue: announcedIn(deploys) });
  await flow.type('watch hello', { channel: random });
  const costs: number[] = [];
  const ids: number[] = [];
  for (let each = 0; each < 6; each++) {
    const before = questions(flow);
    const { id } = await byCarol(flow);
    for (const state of ['queued', 'in_progress', 'success']) await flow.report(id, state, { auto_inactive: false });
    await passes(flow, 30_000, 2_000);
    costs.push(questions(flow) - before);
    ids.push(id);
  }
  expect(Math.max(...costs)).toBeLessThanOrEqual(4);
  for (const room of [deploys, random]) {
    for (const [index, id] of ids.slice(0, -1).entries())
      await shows(flow, await storyIn(flow, id, room), new RegExp(`replaced by deployment ${ids[index + 1]}`));
  }
});

test('a room that watches no more still sees that what it was told of was replaced, and by what', async () => {
  const flow = await begin({ env });
  await flow.type('watch hello', { channel: random });
  await passes(flow, 2_000);
  const first = await byCarol(flow);
  await flow.report(first.id, 'success');
  const story = await storyIn(flow, first.id, random);
  await linesOf(flow, story, 1);
  await flow.type('unwatch hello', { channel: random });
  await passes(flow, 2_000);
  await flow.restart();
  const second = await byCarol(flow, { ref: 'topic-branch' });
  await flow.report(second.id, 'success');
  await shows(flow, story, new RegExp(`replaced by deployment ${second.id}`));
  await linesOf(flow, story, 1);
});

test('a task that nobody wants to hear of costs nothing, however often it reports', async () => {
  const flow = await begin({ env, catalogue: announcedIn(`{ room: ${deploys}, tasks: [deploy] }`) });
  const { id } = await byCarol(flow, { task: 'migrate' });
  const before = questions(flow);
  for (let each = 0; each < 5; each++) {
    await flow.report(id, 'in_progress', { description: `step ${each}` });
    await passes(flow, 1_000);
  }
  expect(questions(flow)).toBe(before);
  expect(parentsOf(flow, id, deploys)).toEqual([]);
});

test('one that reports without end: after fifty lines a word about that, the parent as ever, and the ending', async () => {
  const flow = await begin({ env, catalogue: announcedIn(deploys) });
  const { id } = await byCarol(flow);
  for (let each = 1; each <= 70; each++) await flow.report(id, 'in_progress', { description: `step ${each}.` });
  const story = await storyIn(flow, id);
  const said = await linesOf(flow, story, 51);
  expect(said[49]).toContain('step 50.');
  expect(said[50]).toMatch(/50 lines/);
  await flow.clock.advance(2_000);
  await flow.report(id, 'in_progress', { description: 'one more' });
  await flow.report(id, 'failure', { description: 'the end' });
  expect((await linesOf(flow, story, 52)).at(-1)).toContain('the end');
  await shows(flow, story, /failed/);
});
