import { describe, expect, test } from 'vitest';
import type { SlackChannel } from '../../src/sandbox/slack/server.ts';
import { ann, deploys, type Flow, random } from './flow.ts';
import { flows, passes, until } from './seen.ts';
import {
  deployed,
  lines,
  linesOf,
  looksOf,
  parent,
  post,
  replies,
  type Story,
  shows,
  statusPayload,
  tells,
} from './story.ts';

const { begin } = flows();

const words = ['first step', 'second step', 'third step', 'fourth step'];

const always = Number.POSITIVE_INFINITY;
const tooMany = (seconds: number) =>
  ({ kind: 'status', status: 429, headers: { 'retry-after': String(seconds) } }) as const;
const says = (error: string) => ({ kind: 'status', status: 200, body: { ok: false, error } }) as const;

/** Calls Slack's Web API with the bot's token, not as the bot does. */
async function asTheBot(flow: Flow, method: string, call: object): Promise<void> {
  const response = await fetch(`${flow.slack.url}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${flow.slack.botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(call),
  });
  expect(await response.json()).toMatchObject({ ok: true });
}

async function report(flow: Flow, story: Story, states: readonly string[]): Promise<void> {
  for (const [index, state] of states.entries()) {
    await flow.clock.advance(1_000);
    await flow.report(story.id, state, { description: words[index] });
  }
  await flow.github.idle();
}

/** What ann alone was told: privately in a room, or in a direct message. */
function toldAnnAlone(flow: Flow): string[] {
  const direct = flow.slack.calls.flatMap(({ method, args, result }) => {
    const { ok, channel } = (result ?? {}) as { ok?: boolean; channel?: string };
    return method === 'chat.postMessage' && ok && channel && args.channel === ann ? [channel] : [];
  });
  const said = [...new Set(direct)].flatMap((room) => flow.slack.messages(room));
  return [...flow.slack.ephemerals(ann), ...said].map(({ shown }) => shown);
}

describe('Slack says that it is asked too often', () => {
  test('for a reply: it is said as soon as it may be, and nothing is lost, doubled or out of order', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, tooMany(7));
    await report(flow, story, ['queued']);
    await passes(flow, 5_000, 500);
    expect(lines(flow, story)).toEqual([]);
    await passes(flow, 5_000, 500);
    await report(flow, story, ['in_progress', 'success']);
    await linesOf(flow, story, 3);
    expect(lines(flow, story)[0]).toMatch(/queued/i);
    await shows(flow, story, /succe|deployed/i);
  });

  test('for a reply: it waits as long as it was told, also when more arrives meanwhile', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, tooMany(7));
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 2_000, 500);
    expect(lines(flow, story)).toEqual([]);
    await passes(flow, 10_000, 500);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('for many replies, one after the other', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/, times: 5 }, tooMany(1));
    await report(flow, story, ['queued', 'in_progress', 'failure', 'success']);
    await passes(flow, 30_000, 2_000);
    await tells(flow, story, words, words);
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
  });

  test('in a body that is otherwise fine', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/, times: 2 }, says('ratelimited'));
    await report(flow, story, ['queued', 'success']);
    await passes(flow, 30_000, 2_000);
    await tells(flow, story, words, words.slice(0, 2));
  });

  test('for edits: the parent shows the newest in the end, and the replies do not wait for it', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.update$/, times: 3 }, tooMany(10));
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await linesOf(flow, story, 3);
    await passes(flow, 60_000, 2_000);
    await shows(flow, story, /succe|deployed/i);
    await linesOf(flow, story, 3);
  });

  test('the thread of another deployment does not wait', async () => {
    const flow = await begin();
    const held = await deployed(flow);
    const other = await deployed(flow, 'hello/topic-branch to review', { channel: random });
    flow.slack.faults.add(
      { path: /chat\.(postMessage|update)$/, times: always, when: ({ channel }) => channel === deploys },
      tooMany(30),
    );
    await report(flow, held, ['in_progress']);
    await flow.report(other.id, 'success');
    // Without a second of waiting.
    await linesOf(flow, other, 1);
    await shows(flow, other, /succe|deployed/i);
    expect(lines(flow, held)).toEqual([]);
    flow.slack.faults.clear();
    await passes(flow, 35_000, 1_000);
    await linesOf(flow, held, 1);
  });

  test('people’s commands are answered meanwhile', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/, times: always }, tooMany(30));
    await report(flow, story, ['in_progress']);
    await flow.type('help');
    await until(flow, () => flow.told().length > 0, { withinMs: 1_000 });
  });

  test('by its real limits: ten statuses at once, all told in order', async () => {
    const flow = await begin({ slack: { limits: true } });
    const story = await deployed(flow);
    for (let step = 1; step <= 9; step++) await flow.report(story.id, 'in_progress', { description: `step ${step}.` });
    await flow.report(story.id, 'success', { description: 'step 10.' });
    await passes(flow, 60_000, 1_000);
    const told = await linesOf(flow, story, 10);
    expect(told.map((line) => Number(/step (\d+)\./.exec(line)?.[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await shows(flow, story, /succe|deployed/i);
  });

  test('with a Retry-After that makes no sense', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'status', status: 429 });
    flow.slack.faults.add(
      { path: /chat\.postMessage$/ },
      { kind: 'status', status: 429, headers: { 'retry-after': 'soon' } },
    );
    await report(flow, story, ['success']);
    await passes(flow, 90_000, 2_000);
    await linesOf(flow, story, 1);
  });
});

describe('nobody knows whether it was said', () => {
  const doubtful = [
    { kind: 'done-then-reset' },
    { kind: 'done-then-status', status: 500 },
    { kind: 'done-then-status', status: 503, body: 'upstream connect error' },
    { kind: 'done-then-status', status: 200, body: { ok: false, error: 'internal_error' } },
    { kind: 'done-then-hang' },
    { kind: 'reset' },
    { kind: 'status', status: 500 },
    { kind: 'hang' },
  ] as const;

  test.each(doubtful)('%o: a step and an ending stand in the thread exactly once', async (fault) => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [index, state, shows] of [
      [0, 'queued', /queued/i],
      [1, 'failure', /fail/i],
      [2, 'success', /succe|deployed/i],
    ] as const) {
      flow.slack.faults.add({ path: /chat\.postMessage$/ }, fault);
      await flow.clock.advance(1_000);
      await flow.report(story.id, state, { description: words[index] });
      await until(flow, () => shows.test(parent(flow, story).shown));
    }
    await passes(flow, 30_000, 3_000);
    await tells(flow, story, words, words.slice(0, 3));
    expect(flow.slack.messages(deploys)).toHaveLength(2);
  });

  test('several times over, and the reading back fails too', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/, times: 2 }, { kind: 'done-then-reset' });
    flow.slack.faults.add({ path: /conversations\.replies$/, times: 2 }, tooMany(3));
    flow.slack.faults.add({ path: /conversations\.replies$/, times: 2 }, { kind: 'status', status: 500 });
    await report(flow, story, ['queued', 'success']);
    await passes(flow, 60_000, 1_000);
    await tells(flow, story, words, words.slice(0, 2));
  });

  test('what comes meanwhile waits for its turn', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-reset' });
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 20_000, 1_000);
    await tells(flow, story, words, words.slice(0, 3));
  });

  test('in a long thread, where it is on a later page', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const talk = { channel: story.room, thread_ts: story.ts };
    for (let turn = 0; turn < 210; turn++) await asTheBot(flow, 'chat.postMessage', { ...talk, text: `no. ${turn}` });
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-reset' });
    await flow.report(story.id, 'success', { description: 'only once' });
    await passes(flow, 20_000, 1_000);
    expect(lines(flow, story).filter((line) => line.includes('only once'))).toHaveLength(1);
  });

  test('a person’s look-alike in the thread is not taken for it', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.slack.mention({ user: ann, channel: deploys, text: 'in_progress: only once', thread: story.ts });
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'reset' });
    await flow.report(story.id, 'in_progress', { description: 'only once' });
    await passes(flow, 20_000, 1_000);
    const bots = replies(flow, story).filter((reply) => reply.bot_id);
    expect(bots).toHaveLength(1);
  });

  describe('without the right to read it back', () => {
    const botScopes = [
      'app_mentions:read',
      'channels:read',
      'chat:write',
      'commands',
      'im:write',
      'team:read',
      'users:read',
    ];

    test.each(doubtful)('%o: an ending is said at least once', async (fault) => {
      const flow = await begin({ slack: { botScopes } });
      const story = await deployed(flow);
      flow.slack.faults.add({ path: /chat\.postMessage$/ }, fault);
      await flow.report(story.id, 'success', { description: 'the end' });
      await until(flow, () => /succe|deployed/i.test(parent(flow, story).shown));
      await passes(flow, 30_000, 2_000);
      const ends = lines(flow, story).filter((line) => line.includes('the end'));
      expect(ends.length).toBeGreaterThanOrEqual(1);
      expect(ends.length).toBeLessThanOrEqual(2);
    });

    test('a step is said at most once, and what comes after it is said', async () => {
      const flow = await begin({ slack: { botScopes } });
      const story = await deployed(flow);
      flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-reset' });
      await report(flow, story, ['queued', 'success']);
      await passes(flow, 30_000, 2_000);
      await tells(flow, story, words, words.slice(0, 2));
    });
  });
});

describe('the parent', () => {
  /** As somebody in the workspace who may take the bot's messages away. */
  const takeAway = (flow: Flow, story: Story) => asTheBot(flow, 'chat.delete', { channel: story.room, ts: story.ts });

  const edits = (flow: Flow) => flow.slack.calls.filter(({ method }) => method === 'chat.update').length;

  test('was deleted with its thread standing: the thread goes on, and no edit is tried for ever', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await report(flow, story, ['queued']);
    await linesOf(flow, story, 1);
    await takeAway(flow, story);
    const before = edits(flow);
    await report(flow, story, ['in_progress', 'success']);
    await linesOf(flow, story, 3);
    await passes(flow, 300_000, 5_000);
    expect(edits(flow) - before).toBeLessThanOrEqual(3);
    expect(lines(flow, story)[2]).toContain('@ann');
  });

  test('was deleted before anything was said below it: the person who asked hears of it, and the bot goes on', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await takeAway(flow, story);
    await report(flow, story, ['in_progress', 'success']);
    await passes(flow, 30_000, 2_000);
    const newOnes = flow.slack.messages(deploys).filter(({ bot_id }) => bot_id);
    expect(newOnes).toHaveLength(1);
    expect(newOnes[0]?.shown).toMatch(/deployed/);
    expect(toldAnnAlone(flow).length).toBeLessThanOrEqual(1);
    const next = await deployed(flow, 'hello/topic-branch to review', { channel: random });
    await flow.report(next.id, 'success');
    await linesOf(flow, next, 1);
  });

  test.each(['cant_update_message', 'message_not_found', 'is_inactive', 'msg_too_long', 'block_mismatch'])(
    'may not be edited (%s): the thread is complete, and no edit is tried for ever',
    async (error) => {
      const flow = await begin();
      const story = await deployed(flow);
      flow.slack.faults.add({ path: /chat\.update$/, times: always }, says(error));
      const before = edits(flow);
      await report(flow, story, ['queued', 'in_progress', 'success']);
      await passes(flow, 300_000, 10_000);
      await linesOf(flow, story, 3);
      expect(edits(flow) - before).toBeLessThanOrEqual(6);
      expect(toldAnnAlone(flow)).toEqual([]);
    },
  );

  test('may not be edited any more after a while', async () => {
    const flow = await begin();
    flow.slack.editWindowSeconds = 60;
    const story = await deployed(flow);
    await report(flow, story, ['queued']);
    await linesOf(flow, story, 1);
    await passes(flow, 70_000, 5_000);
    await report(flow, story, ['in_progress', 'success']);
    await linesOf(flow, story, 3);
    await passes(flow, 120_000, 5_000);
    await linesOf(flow, story, 3);
  });

  test.each([
    { kind: 'done-then-reset' },
    { kind: 'status', status: 500 },
    { kind: 'done-then-status', status: 503 },
    { kind: 'done-then-hang' },
  ] as const)('edited in doubt ($kind): it shows the newest in the end', async (fault) => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.update$/, times: 2 }, fault);
    await report(flow, story, ['in_progress', 'success']);
    await until(flow, () => /succe|deployed/i.test(parent(flow, story).shown));
    await passes(flow, 30_000, 2_000);
    await tells(flow, story, words, words.slice(0, 2));
  });

  test('never goes back while edits fail and come again', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const looks = looksOf(flow, story);
    flow.slack.faults.add({ path: /chat\.update$/, times: 2 }, tooMany(4));
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 30_000, 2_000);
    const ranks = looks.map((look) =>
      [/asking|waiting for/i, /queued/i, /in progress/i, /succe|deployed/i].findLastIndex((rank) => rank.test(look)),
    );
    expect(ranks).toEqual([...ranks].sort());
    expect(ranks.at(-1)).toBe(3);
  });
});

describe('the room', () => {
  async function deployedIn(flow: Flow): Promise<{ story: Story; channel: SlackChannel }> {
    const channel = flow.slack.addChannel({ id: 'C0SHORT', name: 'short-lived', members: [ann], botIsMember: true });
    return { channel, story: await deployed(flow, 'hello/topic-branch to staging', { channel: channel.id }) };
  }

  test('was archived meanwhile: the person who asked is told once, directly, and the bot goes on', async () => {
    const flow = await begin();
    const { story, channel } = await deployedIn(flow);
    await report(flow, story, ['queued']);
    await linesOf(flow, story, 1);
    channel.archived = true;
    await report(flow, story, ['in_progress', 'failure', 'success']);
    await passes(flow, 300_000, 5_000);
    const told = toldAnnAlone(flow);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/topic-branch/);
    expect(told[0]).toMatch(/archived/i);
    // Nobody reads in an archived room.
    expect(flow.slack.ephemerals(ann, channel.id)).toEqual([]);
    const next = await deployed(flow, 'hello/topic-branch to review');
    await flow.report(next.id, 'success');
    await linesOf(flow, next, 1);
  });

  test('was archived, and Slack is not asked about it for ever', async () => {
    const flow = await begin();
    const { story, channel } = await deployedIn(flow);
    channel.archived = true;
    await report(flow, story, ['in_progress', 'success']);
    await passes(flow, 10_000, 1_000);
    const before = flow.slack.calls.length;
    await passes(flow, 3_600_000, 60_000);
    const asked = flow.slack.calls.slice(before).filter(({ method }) => method !== 'apps.connections.open');
    expect(asked.map(({ method }) => method)).toEqual([]);
  });

  test('was archived for a while: the parent shows the newest once something moves, if only the comparing with GitHub', async () => {
    const flow = await begin();
    const { story, channel } = await deployedIn(flow);
    channel.archived = true;
    await report(flow, story, ['in_progress']);
    await passes(flow, 30_000, 5_000);
    channel.archived = false;
    await passes(flow, 70_000, 5_000);
    await shows(flow, story, /in progress/i);
  });

  test('was archived half an hour after the command was typed', async () => {
    const flow = await begin();
    const { story, channel } = await deployedIn(flow);
    await report(flow, story, ['queued']);
    await linesOf(flow, story, 1);
    await passes(flow, 31 * 60_000, 60_000);
    channel.archived = true;
    await report(flow, story, ['in_progress', 'failure']);
    await passes(flow, 60_000, 5_000);
    expect(toldAnnAlone(flow)).toHaveLength(1);
  });

  test('has put the bot out: the person who asked is told once', async () => {
    const flow = await begin();
    const { story, channel } = await deployedIn(flow);
    channel.members.delete(flow.slack.botUserId);
    await report(flow, story, ['in_progress', 'success']);
    await passes(flow, 60_000, 5_000);
    const told = toldAnnAlone(flow);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/can.t write|invite/i);
  });

  test.each(['restricted_action', 'restricted_action_thread_locked', 'channel_not_found', 'is_archived'])(
    'does not let the bot write any more (%s): the person who asked is told once',
    async (error) => {
      const flow = await begin();
      const story = await deployed(flow);
      flow.slack.faults.add(
        { path: /chat\.(postMessage|postEphemeral)$/, times: always, when: ({ channel }) => channel === deploys },
        says(error),
      );
      await report(flow, story, ['queued', 'in_progress', 'success']);
      await passes(flow, 120_000, 5_000);
      expect(toldAnnAlone(flow)).toHaveLength(1);
    },
  );

  test('takes all lines but one: the others are said', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add(
      {
        path: /chat\.postMessage$/,
        times: always,
        when: ({ channel, text }) => channel === deploys && String(text).includes('second step'),
      },
      says('invalid_blocks'),
    );
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 30_000, 2_000);
    await tells(flow, story, words, ['first step', 'third step']);
  });
});

describe('Slack', () => {
  test('does not know the bot for ten minutes: nothing is lost', async () => {
    const flow = await begin({ http: true });
    const story = await deployed(flow);
    flow.slack.revokeToken('token_revoked');
    await report(flow, story, ['queued', 'in_progress', 'success']);
    await passes(flow, 600_000, 30_000);
    flow.slack.revokeToken(undefined);
    await passes(flow, 130_000, 10_000);
    await tells(flow, story, words, words.slice(0, 3));
    await shows(flow, story, /succe|deployed/i);
  });

  test.each([
    { kind: 'reset' },
    { kind: 'status', status: 503, body: 'over capacity' },
    { kind: 'status', status: 200, body: '<html>Slack is down</html>' },
    { kind: 'status', status: 200, body: { ok: false, error: 'service_unavailable' } },
  ] as const)('is down for ten minutes (%o): webhooks are taken, and then all is told in order', async (fault) => {
    const flow = await begin({ http: true });
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /./, times: always }, fault);
    await report(flow, story, ['queued', 'in_progress', 'failure', 'success']);
    const answers = flow.github.deliveries.filter(({ event }) => event === 'deployment_status').map((d) => d.response);
    expect(answers).toEqual([200, 200, 200, 200]);
    await passes(flow, 600_000, 30_000);
    expect((await fetch(`${flow.url}/readyz`)).status).toBe(200);
    expect(await post(flow, JSON.stringify(statusPayload(flow, story)), { event: 'ping' })).toBe(200);
    flow.slack.faults.clear();
    await passes(flow, 130_000, 10_000);
    await tells(flow, story, words, words);
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
    await shows(flow, story, /succe|deployed/i);
  });

  test('does not know its own client_msg_id: the line is said all the same', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add(
      { path: /chat\.postMessage$/, times: always, when: ({ client_msg_id }) => client_msg_id !== undefined },
      says('duplicate_message_not_found'),
    );
    await report(flow, story, ['success']);
    await linesOf(flow, story, 1);
  });
});
