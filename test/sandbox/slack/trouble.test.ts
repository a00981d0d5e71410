import type { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxSlack, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf, refusalOf } from './apps.ts';

const room = 'C0ROOM';
let slack: SandboxSlack;
let client: WebClient;
let time: Date;

beforeEach(() => {
  time = new Date('2026-06-10T06:13:20Z');
});

afterEach(() => slack.stop());

async function start(limits = false): Promise<void> {
  slack = await startSlack({ limits, now: () => time });
  slack.addChannel({ id: room, name: 'room' });
  slack.addChannel({ id: 'C0OTHER', name: 'other' });
  client = clientOf(slack);
}

const post = (channel = room) => client.chat.postMessage({ channel, text: 'hi' });

describe('faults', () => {
  beforeEach(() => start());

  const postMessage = { path: /^\/api\/chat\.postMessage$/ };

  it.each([
    ['reset', { kind: 'reset' }, 0],
    ['status', { kind: 'status', status: 503, body: 'busy' }, 0],
    ['hang', { kind: 'hang' }, 0],
    ['done-then-reset', { kind: 'done-then-reset' }, 1],
    ['done-then-status', { kind: 'done-then-status', status: 503 }, 1],
    ['done-then-hang', { kind: 'done-then-hang' }, 1],
  ] as const)('%s fails the call, once', async (_kind, fault, stored) => {
    const impatient = clientOf(slack, slack.botToken, { timeout: 500 });
    slack.faults.add(postMessage, fault);
    await expect(impatient.chat.postMessage({ channel: room, text: 'hi' })).rejects.toThrow();
    await slack.idle();
    expect(slack.faults.hanging).toBe(0);
    expect(slack.messages(room)).toHaveLength(stored);
    expect(slack.calls.at(-1)?.result !== undefined).toBe(stored === 1);
    await post();
    expect(slack.messages(room)).toHaveLength(stored + 1);
  });

  it('make a retrying client post twice what was stored once', async () => {
    const eager = clientOf(slack, slack.botToken, { retryConfig: { retries: 1, minTimeout: 1 } });
    slack.faults.add(postMessage, { kind: 'done-then-reset' });
    await eager.chat.postMessage({ channel: room, text: 'hi' });
    expect(slack.messages(room)).toHaveLength(2);
  });

  it('look at parsed arguments, and may answer with any of Slack’s errors', async () => {
    slack.faults.add(
      { ...postMessage, when: ({ blocks }) => blocks?.[0]?.type === 'plan' },
      { kind: 'status', status: 200, body: { ok: false, error: 'invalid_blocks' } },
    );
    const plan = { type: 'plan', title: 'Deploy', tasks: [] };
    expect(await refusalOf(post())).toBe('none');
    const args = { channel: room, text: 'x', blocks: JSON.stringify([plan]) };
    expect(await refusalOf(client.apiCall('chat.postMessage', args))).toBe('invalid_blocks');
  });

  it('can be a 429 that says how long to wait', async () => {
    slack.faults.add(postMessage, { kind: 'status', status: 429, headers: { 'Retry-After': '7' } });
    await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
  });

  it('hit response_urls too', async () => {
    slack.faults.add({ path: /^\/response\// }, { kind: 'status', status: 500 });
    const answer = await fetch(`${new URL(slack.url).origin}/response/T0SANDBOX/1/x`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(500);
  });
});

describe('rate limits', () => {
  beforeEach(() => start(true));

  it('let a short burst through in a channel, then one a second', async () => {
    for (let burst = 0; burst < 5; burst += 1) await post();
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(await refusalOf(post('C0OTHER'))).toBe('none');
    time = new Date(time.getTime() + 1000);
    expect(await refusalOf(post())).toBe('none');
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(slack.messages(room)).toHaveLength(6);
  });

  it('allow fifty edits a minute over the whole workspace', async () => {
    const { ts = '' } = await post();
    for (let edit = 0; edit < 50; edit += 1) await client.chat.update({ channel: room, ts, text: `${edit}` });
    time = new Date(time.getTime() + 20_000);
    await expect(client.chat.update({ channel: room, ts, text: 'more' })).rejects.toMatchObject({ retryAfter: 40 });
    time = new Date(time.getTime() + 40_000);
    expect(await refusalOf(client.chat.update({ channel: room, ts, text: 'more' }))).toBe('none');
    expect(slack.calls.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it.each([
    ['conversations.replies', 50],
    ['conversations.history', 50],
    ['conversations.info', 50],
    ['conversations.members', 100],
    ['conversations.list', 20],
  ])('allow %s %i times a minute, by the clock that was given', async (method, most) => {
    const { ts } = await post();
    const call = () => client.apiCall(method, { channel: room, ts });
    for (let one = 0; one < most; one += 1) await call();
    await expect(call()).rejects.toMatchObject({ retryAfter: 60 });
    expect(await refusalOf(post())).toBe('none');
    time = new Date(time.getTime() + 59_999);
    await expect(call()).rejects.toMatchObject({ retryAfter: 1 });
    time = new Date(time.getTime() + 1);
    expect(await refusalOf(call())).toBe('none');
  });
});

describe('what people do to a channel', () => {
  beforeEach(() => start());

  const edit = (ts = '') => client.chat.update({ channel: room, ts, text: 'more' });

  it('archived: nothing is posted, nothing edited, until it is brought back', async () => {
    const { ts } = await post();
    slack.archive(room);
    expect(await refusalOf(post())).toBe('is_archived');
    expect(await refusalOf(edit(ts))).toBe('is_inactive');
    slack.archive(room, false);
    expect(await refusalOf(edit(ts))).toBe('none');
  });

  it('the bot removed: it may neither post nor read, and a private channel is gone', async () => {
    const { ts = '' } = await post();
    slack.addChannel({ id: 'C0PRIVATE', name: 'private', private: true });
    for (const channel of [room, 'C0PRIVATE']) slack.kick(channel);
    expect(await refusalOf(post())).toBe('not_in_channel');
    expect(await refusalOf(client.conversations.replies({ channel: room, ts }))).toBe('not_in_channel');
    expect(await refusalOf(post('C0PRIVATE'))).toBe('channel_not_found');
    slack.invite(room);
    expect(await refusalOf(post())).toBe('none');
  });

  it('a message deleted: it can’t be edited, and its thread goes on', async () => {
    const { ts = '' } = await post();
    await client.chat.postMessage({ channel: room, thread_ts: ts, text: 'a reply' });
    slack.deleteMessage(room, ts);
    expect(await refusalOf(edit(ts))).toBe('message_not_found');
    expect(slack.thread(room, ts)).toHaveLength(1);
    expect(() => slack.deleteMessage(room, '1.000000')).toThrow('1.000000');
  });

  it('nothing of the kind can be done to a channel that is not there', () => {
    for (const change of [slack.archive, slack.kick, slack.invite]) expect(() => change('C0NONE')).toThrow('C0NONE');
  });
});

describe('reading back', () => {
  beforeEach(() => start());

  it('takes the scope of the channel’s kind, from the next call on', async () => {
    const { ts = '' } = await post();
    const read = () => refusalOf(client.conversations.replies({ channel: room, ts }));
    expect(await read()).toBe('none');
    slack.botScopes = slack.botScopes.filter((scope) => !scope.endsWith(':history'));
    expect(await read()).toBe('missing_scope');
    expect(await refusalOf(post())).toBe('none');
  });

  it('may lag behind what people see', async () => {
    const { ts = '' } = await post();
    slack.historyLagMs = 300;
    time = new Date(time.getTime() + 300);
    await client.chat.postMessage({ channel: room, thread_ts: ts, text: 'a reply' });
    await post();
    expect(slack.thread(room, ts)).toHaveLength(1);
    const replies = async () => (await client.conversations.replies({ channel: room, ts })).messages?.length;
    const history = async () => (await client.conversations.history({ channel: room })).messages?.length;
    expect([await replies(), await history()]).toEqual([1, 1]);
    time = new Date(time.getTime() + 299);
    expect([await replies(), await history()]).toEqual([1, 1]);
    time = new Date(time.getTime() + 1);
    expect([await replies(), await history()]).toEqual([2, 2]);
  });

  it('does not find a thread whose parent is not there yet', async () => {
    slack.historyLagMs = 300;
    const { ts = '' } = await post();
    expect(await refusalOf(client.conversations.replies({ channel: room, ts }))).toBe('thread_not_found');
  });
});
