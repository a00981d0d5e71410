import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { ann, catalogueOfHello, deploys, elsewhere, type Flow, random } from './flow.ts';
import { calm, flows, passes, posted, until } from './seen.ts';
import { deployed, linesOf } from './story.ts';

/** What a room that watches may hear of, and of what it is news. */

const { begin } = flows();
const hello = 'acme/hello';
const env = { RECONCILE_SECONDS: '36000' };

const stories = (flow: Flow, room = random): SlackMessage[] =>
  posted(flow).filter(({ channel, thread_ts, shown }) => channel === room && !thread_ts && /#\d+/.test(shown));

const idsIn = (flow: Flow, room = random): number[] =>
  stories(flow, room).map(({ shown }) => Number(/#(\d+)/.exec(shown)?.[1]));

const isSaid = (flow: Flow, text: RegExp): boolean =>
  posted(flow).some(({ channel, shown }) => channel === random && text.test(shown));

/** What ann alone is told next. */
async function told(flow: Flow, line: string, channel = random): Promise<string> {
  const before = flow.told(ann).length;
  await flow.type(line, { channel });
  await until(flow, () => flow.told(ann).length > before);
  return flow.told(ann).at(-1) ?? '';
}

async function watching(flow: Flow, line = 'watch hello'): Promise<void> {
  await flow.type(line, { channel: random });
  await until(flow, () => isSaid(flow, /from now on/i));
}

/** It succeeds, and that many ms go by. */
async function succeeded(flow: Flow, line: string, thenMs = 5_000) {
  const story = await deployed(flow, line);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
  await flow.clock.advance(thenMs);
  await calm(flow);
  return story;
}

test('what was over when the room began to watch begins no thread there, whatever becomes of it', async () => {
  const flow = await begin({ env });
  const old = await succeeded(flow, 'hello/topic-branch to staging', 3 * 86_400_000);
  const open = await deployed(flow, 'hello/main to review');
  await watching(flow);
  const next = await succeeded(flow, 'hello/main to staging', 20_000);
  await flow.type(`mark ${old.id} inactive`);
  await passes(flow, 10_000);
  expect(idsIn(flow)).toEqual([next.id]);
  await flow.report(open.id, 'success');
  await until(flow, () => stories(flow).length === 2);
  expect(idsIn(flow)).toContain(open.id);
});

const twoNames = `owner: acme
apps:
  hello:
    repository: acme/hello
    allowed_rooms: [${deploys}]
    environments: { staging: , production: }
  docs:
    repository: acme/hello
    environments: { staging: , pages: }
`;

test('another name of the repository goes around no rule: what it shares is not watched, what is its own is', async () => {
  const flow = await begin({ env, catalogue: twoNames });
  for (const line of ['watch docs', 'watch docs staging']) {
    expect(await told(flow, line)).toMatch(/hello.*not deployed from here.*announce/s);
  }
  await watching(flow, 'watch docs pages');
});

test('a room that the catalogue closes later hears nothing more, says so, and hears again when it is opened', async () => {
  const flow = await begin({ env });
  await watching(flow);
  const closed = catalogueOfHello.replace(
    'default_environment',
    `allowed_rooms: ['#deploys']\n    default_environment`,
  );
  await flow.restart(() => writeFileSync(flow.appsFile, closed));
  const kept = await succeeded(flow, 'hello/topic-branch to staging');
  await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
  await passes(flow, 5_000);
  expect(idsIn(flow)).toEqual([]);
  expect(await told(flow, 'watches')).toMatch(/hello.*rests.*allowed_rooms/s);
  await flow.restart(() => writeFileSync(flow.appsFile, closed.replace("'#deploys'", "'#deploys', '#random'")));
  expect(await told(flow, 'watches')).not.toContain('rests');
  const { id } = await succeeded(flow, 'hello/main to staging');
  await until(flow, () => idsIn(flow).includes(id));
  expect(idsIn(flow)).not.toContain(kept.id);
});

test('a room that another organization reads watches only what its people may ask about', async () => {
  const flow = await begin({ env });
  flow.slack.addUser({ id: 'U0EVE', name: 'eve', team: 'T0OTHER' });
  flow.slack.addChannel({ id: 'C0SHARED', name: 'shared', members: [ann, 'U0EVE'], botIsMember: true });
  expect(await told(flow, 'watch hello', 'C0SHARED')).toMatch(/other organi[sz]ations.*external: true/s);
  const open = catalogueOfHello.replace('default_environment', 'allow: { external: true }\n    default_environment');
  await flow.restart(() => writeFileSync(flow.appsFile, open));
  await flow.type('watch hello', { channel: 'C0SHARED' });
  await until(flow, () => posted(flow).some(({ channel }) => channel === 'C0SHARED'));
});

test('a room that another organization comes to read is told no more, says so, and is told again when it is gone', async () => {
  const flow = await begin({ env });
  flow.slack.addUser({ id: 'U0EVE', name: 'eve', team: 'T0OTHER' });
  await watching(flow);
  flow.slack.invite(random, 'U0EVE');
  // For as long as Slack is not asked again.
  await passes(flow, 5 * 60_000, 60_000);
  const kept = await succeeded(flow, 'hello/topic-branch to staging');
  const { id: others } = await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
  await flow.report(others, 'success');
  await passes(flow, 5_000);
  expect(idsIn(flow)).toEqual([]);
  expect(await told(flow, 'watches')).toMatch(/hello.*rests.*other organi[sz]ations/s);
  flow.slack.kick(random, 'U0EVE');
  await passes(flow, 5 * 60_000, 60_000);
  expect(await told(flow, 'watches')).not.toContain('rests');
  const { id } = await succeeded(flow, 'hello/main to staging');
  await until(flow, () => idsIn(flow).includes(id));
  expect(idsIn(flow)).not.toContain(kept.id);
});

test('who reads a room is asked once for many at the same time, and no webhook waits for that', async () => {
  let answer = () => {};
  let answered = Promise.resolve();
  const slowly: typeof fetch = async (input, init) => {
    if (String(input).endsWith('/conversations.info')) await answered;
    return fetch(input, init);
  };
  const flow = await begin({ env, fetch: slowly });
  await watching(flow);
  await passes(flow, 5 * 60_000, 60_000);
  const questions = () => flow.slack.calls.filter(({ method }) => method === 'conversations.info').length;
  const before = questions();
  answered = new Promise((resolve) => {
    answer = resolve;
  });
  for (let count = 0; count < 5; count++)
    await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
  await until(flow, () => flow.github.deliveries.filter(({ response }) => response === 200).length === 5);
  expect(stories(flow)).toEqual([]);
  answer();
  await until(flow, () => stories(flow).length === 5);
  expect(questions()).toBe(before + 1);
});

test('where the catalogue announces into a room, whoever keeps that has decided who reads it', async () => {
  const flow = await begin({ env, catalogue: `announce: ${random}\n${catalogueOfHello}` });
  flow.slack.addUser({ id: 'U0EVE', name: 'eve', team: 'T0OTHER' });
  flow.slack.invite(random, 'U0EVE');
  const { id } = await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
  await until(flow, () => idsIn(flow).includes(id));
});

test.each(['inactive', 'failure'])(
  'what somebody marks %s by hand is told where it was started elsewhere, too',
  async (state) => {
    const flow = await begin({ env, catalogue: `announce: ${random}\n${catalogueOfHello}` });
    const { id } = await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
    await flow.report(id, 'in_progress');
    await until(flow, () => /in progress/i.test(stories(flow)[0]?.shown ?? ''));
    await flow.type(`mark ${id} ${state}`);
    await until(flow, () => /no longer live|inactive|failed/i.test(stories(flow)[0]?.shown ?? ''));
    await passes(flow, 5_000);
    expect(stories(flow)).toHaveLength(1);
  },
);

test('whoever keeps the bot hears of a room that it is to tell and can’t write to, once an hour', async () => {
  const flow = await begin({ env, catalogue: `announce: ${elsewhere}\n${catalogueOfHello}` });
  const warnings = () =>
    flow.log.map((line) => JSON.parse(line)).filter(({ level, room }) => level >= 40 && room === elsewhere);
  const oneMore = async () => {
    await flow.github.addDeployment(hello, { by: 'carol', environment: 'staging' });
    await passes(flow, 5_000);
  };
  await oneMore();
  await oneMore();
  expect(warnings()).toEqual([
    expect.objectContaining({ code: 'not_in_channel', msg: expect.stringMatching(/invite/) }),
  ]);
  await flow.clock.advance(3_600_000);
  await oneMore();
  expect(warnings()).toHaveLength(2);
});
