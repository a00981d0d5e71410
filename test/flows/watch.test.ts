import { expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { ann, catalogueOfHello, deploys, elsewhere, type Flow, gus, random } from './flow.ts';
import { calm, flows, passes, posted, until } from './seen.ts';
import { deployed, lines, linesOf, parent, type Story, shows } from './story.ts';

const { begin } = flows();
const hello = 'acme/hello';

/** What everybody in that room was answered, once there are so many. */
async function answers(flow: Flow, count: number, room = random): Promise<string[]> {
  const said = () =>
    posted(flow)
      .filter(({ channel, thread_ts, shown }) => channel === room && !thread_ts && shown.includes('typed'))
      .map(({ shown }) => shown);
  await until(flow, () => said().length >= count);
  await calm(flow);
  expect(said()).toHaveLength(count);
  return said();
}

/** What that person alone was told last. */
async function told(flow: Flow, count = 1, user = ann): Promise<string> {
  await until(flow, () => flow.told(user).length >= count);
  expect(flow.told(user)).toHaveLength(count);
  return flow.told(user).at(-1) ?? '';
}

const stories = (flow: Flow, room = random): SlackMessage[] =>
  posted(flow).filter(({ channel, thread_ts, shown }) => channel === room && !thread_ts && /#\d+/.test(shown));

async function storyIn(flow: Flow, id: number, room = random): Promise<Story> {
  await until(flow, () => stories(flow, room).some(({ shown }) => shown.includes(`#${id}`)));
  const all = stories(flow, room).filter(({ shown }) => shown.includes(`#${id}`));
  expect(all.map(({ shown }) => shown)).toHaveLength(1);
  return { id, room, ts: all[0]?.ts ?? '', request: '' };
}

async function watching(flow: Flow, line = 'watch hello', room = random): Promise<void> {
  await flow.type(line, { channel: room });
  const [said] = await answers(flow, 1, room);
  expect(said).toMatch(/from now on/i);
}

const byCarol = (flow: Flow, more: object = {}) =>
  flow.github.addDeployment(hello, { by: 'carol', environment: 'staging', ...more });

test('a room that watches hears of what is asked for in another room: its own thread, each line once in each', async () => {
  const flow = await begin();
  await watching(flow);
  const story = await deployed(flow);
  const there = await storyIn(flow, story.id);
  await flow.report(story.id, 'in_progress', { description: 'first step' });
  await flow.clock.advance(2_000);
  await flow.report(story.id, 'failure', { description: 'it broke' });
  const [first, end] = await linesOf(flow, story, 2);
  const [firstThere, endThere] = await linesOf(flow, there, 2);
  expect([first, firstThere]).toEqual([expect.stringContaining('first step'), expect.stringContaining('first step')]);
  expect([end, endThere]).toEqual([expect.stringContaining('it broke'), expect.stringContaining('it broke')]);
  expect(end).toContain('@ann');
  expect(endThere).not.toContain('@ann');
  await shows(flow, there, /ann.*failed.*Started in.*deploys/is);
});

test('what is asked for in the very room is told once', async () => {
  const flow = await begin();
  await watching(flow, 'watch hello', deploys);
  const story = await deployed(flow);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
  await passes(flow, 5_000);
  expect(stories(flow, deploys)).toHaveLength(1);
});

test('what is started elsewhere is told in every room that wants to hear of it, each in its own time', async () => {
  const flow = await begin({ catalogue: `announce: { room: ${deploys}, states: [success] }\n${catalogueOfHello}` });
  await watching(flow);
  const { id } = await byCarol(flow);
  await flow.report(id, 'queued');
  const here = await storyIn(flow, id, random);
  await linesOf(flow, here, 1);
  expect(stories(flow, deploys)).toEqual([]);
  await flow.clock.advance(2_000);
  await flow.report(id, 'success');
  await linesOf(flow, here, 2);
  await linesOf(flow, await storyIn(flow, id, deploys), 1);
});

test('of one environment nothing else is told', async () => {
  const flow = await begin();
  await watching(flow, 'watch hello stg');
  const { id } = await byCarol(flow, { environment: 'production' });
  await flow.report(id, 'success');
  await passes(flow, 5_000);
  expect(stories(flow)).toEqual([]);
  const other = await byCarol(flow);
  await flow.report(other.id, 'success');
  await linesOf(flow, await storyIn(flow, other.id), 1);
});

test('it outlives a restart, and ends with unwatch: threads that were begun are told to their end', async () => {
  const flow = await begin({ env: { RECONCILE_SECONDS: '36000' } });
  await watching(flow);
  await flow.restart();
  const first = await byCarol(flow);
  await flow.report(first.id, 'queued');
  const story = await storyIn(flow, first.id);
  const ours = await deployed(flow, 'hello/topic-branch to production');
  const theirs = await storyIn(flow, ours.id);
  await flow.type('unwatch hello', { channel: random });
  const said = await answers(flow, 2);
  expect(said[1]).toMatch(/no more.*nothing else/is);
  await flow.restart();
  await flow.clock.advance(2_000);
  await flow.report(first.id, 'success');
  await flow.report(ours.id, 'success');
  await linesOf(flow, story, 2);
  await linesOf(flow, theirs, 1);
  const second = await byCarol(flow);
  await flow.report(second.id, 'success');
  await passes(flow, 5_000);
  expect(stories(flow)).toHaveLength(2);
});

test('twice is once, and says so in private', async () => {
  const flow = await begin();
  await watching(flow);
  await flow.type('watch HELLO', { channel: random });
  expect(await told(flow)).toMatch(/already/);
  await answers(flow, 1);
  await flow.type('watches', { channel: random });
  expect((await told(flow, 2)).match(/hello/g)).toHaveLength(1);
});

test('watches lists what is told here by whom, and what the catalogue announces', async () => {
  const catalogue = `announce: { room: ${random}, states: [failure] }\n${catalogueOfHello}`;
  const flow = await begin({ catalogue });
  await watching(flow, 'watch hello to production');
  await flow.type('watches', { channel: random });
  const said = await told(flow);
  expect(said).toMatch(/hello to production.*ann.*every app.*failure/s);
  await flow.type('watches', { channel: deploys });
  expect(await told(flow, 2)).toMatch(/only what is asked for/i);
  await flow.type('watches now', { channel: deploys });
  expect(await told(flow, 3)).toMatch(/too many/);
  await flow.type('unwatch', { channel: random });
  expect((await answers(flow, 2))[1]).toMatch(/production.*no more.*still told here.*every app/is);
});

test('unwatch of what is not watched names what is', async () => {
  const flow = await begin();
  await flow.type('unwatch hello', { channel: random });
  expect(await told(flow)).toMatch(/does not watch/);
  await flow.type('unwatch', { channel: random });
  expect(await told(flow, 2)).toMatch(/watches nothing/);
  await watching(flow, 'watch hello production');
  await flow.type('unwatch hello staging', { channel: random });
  expect(await told(flow, 3)).toContain('/deploy unwatch hello in production');
  await flow.type('watch hello staging', { channel: random });
  await answers(flow, 2);
  await flow.type('unwatch', { channel: random });
  expect(await told(flow, 4)).toMatch(/hello in production.*hello in staging/s);
});

test('where the bot is no member it says how to invite it, and watches nothing', async () => {
  const flow = await begin();
  await flow.type('watch hello', { channel: elsewhere });
  expect(await told(flow)).toContain('/invite @deckhand');
  await flow.type('watches', { channel: elsewhere });
  expect(await told(flow, 2)).toMatch(/only what is asked for/i);
});

test('guests may not, and neither may a room that the app is not deployed from', async () => {
  const catalogue = catalogueOfHello.replace(
    'default_environment',
    `allowed_rooms: [${deploys}]\n    default_environment`,
  );
  const flow = await begin({ catalogue });
  await flow.type('watch hello', { user: gus, channel: deploys });
  expect(await told(flow, 1, gus)).toMatch(/guests/i);
  await flow.type('watch hello', { channel: random });
  expect(await told(flow)).toMatch(/not deployed from here.*announce/s);
});

test.each(['watch helo', 'watch hello/main', 'watch hello staging now', 'watch hello --all', 'unwatch helo'])(
  '%s is refused with a way out',
  async (line) => {
    const flow = await begin();
    await flow.type(line, { channel: random });
    expect(await told(flow)).toMatch(/\/deploy/);
    expect(posted(flow)).toEqual([]);
  },
);

test('in a thread of what was started elsewhere the app need not be named, and status knows it', async () => {
  const flow = await begin({ catalogue: `announce: ${deploys}\n${catalogueOfHello}` });
  const { id } = await byCarol(flow);
  const story = await storyIn(flow, id, deploys);
  await flow.report(id, 'in_progress', { description: 'first step' });
  await linesOf(flow, story, 1);
  await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand status', thread: story.ts });
  const said = await told(flow);
  expect(said).toMatch(/hello.*staging.*carol/s);
  expect(said).not.toContain('@undefined');
  expect(parent(flow, story).shown).toMatch(/carol/);
  await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand cancel', thread: story.ts });
  await until(flow, () => lines(flow, story).some((line) => /cancelled/i.test(line) && line.includes('error')));
  await shows(flow, story, /error/i);
});

test('in the thread of a room that reads along, cancel is about what was asked for in the other room', async () => {
  const flow = await begin();
  await watching(flow);
  const story = await deployed(flow);
  const there = await storyIn(flow, story.id);
  await flow.report(story.id, 'in_progress');
  await linesOf(flow, there, 1);
  await flow.slack.mention({ user: ann, channel: random, text: '@deckhand cancel', thread: there.ts });
  await until(flow, () => lines(flow, story).some((line) => /cancelled/i.test(line)));
  await until(flow, () => lines(flow, there).some((line) => /cancelled/i.test(line)));
  await shows(flow, there, /error/i);
});
