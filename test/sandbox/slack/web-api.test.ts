import { ErrorCode, type View, type WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxSlack, type SlackChannel, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf, refusalOf } from './apps.ts';

let slack: SandboxSlack;
let client: WebClient;
let time: Date;
const rooms: Record<'open' | 'strange' | 'secret' | 'old' | 'theirs', SlackChannel> = {} as never;

beforeEach(async () => {
  time = new Date('2026-06-10T06:13:20Z');
  slack = await startSlack({ now: () => time });
  client = clientOf(slack);
  const ann = slack.addUser({ id: 'U0ANN', name: 'ann' });
  const bob = slack.addUser({ id: 'U0BOB', name: 'bob' });
  rooms.open = slack.addChannel({ name: 'open', members: [ann.id] });
  rooms.strange = slack.addChannel({ name: 'strange', botIsMember: false });
  rooms.secret = slack.addChannel({ name: 'secret', private: true, botIsMember: false });
  rooms.old = slack.addChannel({ name: 'old', archived: true });
  rooms.theirs = slack.addChannel({ name: 'ann--bob', people: [ann.id, bob.id] });
});

afterEach(() => slack.stop());

async function post(channel: string, more: Record<string, unknown> = {}): Promise<string> {
  return (await client.chat.postMessage({ channel, text: 'hi', ...more })).ts ?? '';
}

describe('tokens, scopes and teams', () => {
  it('says who the token is, and what it may do', async () => {
    const answer = await client.auth.test();
    expect(answer).toMatchObject({ user_id: slack.botUserId, team_id: slack.teamId, user: slack.botUserName });
    expect(answer.response_metadata?.scopes).toContain('chat:write');
  });

  it.each([
    ['invalid_auth', () => clientOf(slack, 'xoxb-other').auth.test()],
    ['not_authed', () => clientOf(slack, '').auth.test()],
    ['not_allowed_token_type', () => clientOf(slack, slack.appToken).users.list({})],
    ['unknown_method', () => client.apiCall('chat.shout')],
    ['team_access_not_granted', () => client.apiCall('auth.test', { team_id: 'T0OTHER' })],
  ])('refuses with %s', async (error, call) => {
    expect(await refusalOf(call())).toBe(error);
  });

  it('refuses every call of a revoked token', async () => {
    slack.revokeToken('account_inactive');
    expect(await refusalOf(client.auth.test())).toBe('account_inactive');
    slack.revokeToken();
    expect(await refusalOf(client.auth.test())).toBe('none');
  });

  it('names the scope that is missing', async () => {
    const narrow = await startSlack({ botScopes: ['chat:write', 'channels:history'] });
    narrow.addChannel({ id: 'C0ROOM', name: 'room' });
    narrow.addChannel({ id: 'G0ROOM', name: 'private', private: true });
    const poor = clientOf(narrow);
    const needed = async (call: Promise<unknown>) =>
      call.then(
        () => 'none',
        (error) => error.data.needed,
      );
    expect(await needed(poor.conversations.history({ channel: 'C0ROOM' }))).toBe('none');
    expect(await needed(poor.conversations.history({ channel: 'G0ROOM' }))).toBe('groups:history');
    expect(await needed(poor.users.info({ user: 'U1' }))).toBe('users:read');
    expect(await needed(poor.conversations.list({ types: 'public_channel,im' }))).toBe('channels:read');
    await expect(poor.conversations.info({ channel: 'C0ROOM' })).rejects.toMatchObject({
      code: ErrorCode.PlatformError,
      data: { error: 'missing_scope', needed: 'channels:read', provided: 'chat:write,channels:history' },
    });
    await narrow.stop();
  });

  it('takes JSON bodies and a token among the arguments', async () => {
    const answer = await fetch(`${slack.url}chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${slack.botToken}` },
      body: JSON.stringify({ channel: rooms.open.id, blocks: [{ type: 'divider' }], text: 'x' }),
    });
    expect(await answer.json()).toMatchObject({ ok: true, message: { blocks: [{ type: 'divider' }] } });
    const form = new URLSearchParams({ token: slack.botToken, channel: rooms.open.id, text: 'y' });
    const second = await fetch(`${slack.url}chat.postMessage`, { method: 'POST', body: form });
    expect(await second.json()).toMatchObject({ ok: true });
  });
});

describe('posting', () => {
  it('gives timestamps that are unique strings and only grow', async () => {
    const all = [await post(rooms.open.id), await post(rooms.open.id)];
    time = new Date(time.getTime() - 60_000);
    all.push(await post(rooms.open.id));
    expect(all).toEqual(['1781072000.000100', '1781072000.000200', '1781072000.000300']);
  });

  it.each([
    ['channel_not_found', { channel: 'C0NOWHERE', text: 'x' }],
    ['channel_not_found', () => ({ channel: rooms.secret.id, text: 'x' })],
    ['channel_not_found', () => ({ channel: rooms.theirs.id, text: 'x' })],
    ['not_in_channel', () => ({ channel: rooms.strange.id, text: 'x' })],
    ['is_archived', () => ({ channel: rooms.old.id, text: 'x' })],
    ['no_text', () => ({ channel: rooms.open.id, text: ' ' })],
    ['no_text', () => ({ channel: rooms.open.id, blocks: [] })],
    ['thread_not_found', () => ({ channel: rooms.open.id, text: 'x', thread_ts: '1.000100' })],
    ['markdown_text_conflict', () => ({ channel: rooms.open.id, text: 'x', markdown_text: 'y' })],
    ['invalid_blocks_format', () => ({ channel: rooms.open.id, blocks: '[{' })],
    ['invalid_metadata_format', () => ({ channel: rooms.open.id, text: 'x', metadata: '{' })],
    ['invalid_metadata_schema', () => ({ channel: rooms.open.id, text: 'x', metadata: { event_type: 'a' } })],
    ['invalid_metadata_schema', () => withMetadata({ deep: { deeper: { deepest: 1 } } })],
    ['invalid_metadata_schema', () => withMetadata({ nothing: null })],
    ['metadata_too_large', () => withMetadata({ much: 'x'.repeat(9000) })],
    ['none', () => withMetadata({ a: 'x', b: 1, c: true, d: { e: 'flat' }, f: [{ g: 1 }] })],
  ] as [string, Record<string, unknown> | (() => Record<string, unknown>)][])('answers %s', async (error, given) => {
    const args = typeof given === 'function' ? given() : given;
    expect(await refusalOf(client.apiCall('chat.postMessage', args))).toBe(error);
    expect(slack.messages(rooms.open.id)).toHaveLength(error === 'none' ? 1 : 0);
  });

  function withMetadata(event_payload: Record<string, unknown>): Record<string, unknown> {
    return { channel: rooms.open.id, text: 'x', metadata: { event_type: 'a', event_payload } };
  }

  it('reaches public channels from outside only with chat:write.public', async () => {
    const wide = await startSlack({ botScopes: ['chat:write', 'chat:write.public'] });
    const strange = wide.addChannel({ name: 'strange', botIsMember: false });
    const secret = wide.addChannel({ name: 'secret', private: true, botIsMember: false });
    expect(await refusalOf(clientOf(wide).chat.postMessage({ channel: strange.id, text: 'x' }))).toBe('none');
    expect(await refusalOf(clientOf(wide).chat.postMessage({ channel: secret.id, text: 'x' }))).toBe(
      'channel_not_found',
    );
    await wide.stop();
  });

  it('takes a name or a person for a channel', async () => {
    await post('#open');
    expect(slack.messages(rooms.open.id)).toHaveLength(1);
    const { channel } = await client.chat.postMessage({ channel: 'U0ANN', text: 'psst' });
    const opened = await client.conversations.open({ users: 'U0ANN' });
    expect(opened.channel?.id).toBe(channel);
    expect(slack.messages(channel ?? '')).toEqual([expect.objectContaining({ text: 'psst' })]);
  });

  it('threads under parents only, and broadcasts', async () => {
    const parent = await post(rooms.open.id);
    const reply = await post(rooms.open.id, { thread_ts: parent, text: 'first' });
    await post(rooms.open.id, { thread_ts: parent, text: 'all hear', reply_broadcast: true });
    expect(await refusalOf(post(rooms.open.id, { thread_ts: reply }))).toBe('cannot_reply_to_message');
    expect(slack.thread(rooms.open.id, parent).map(({ text }) => text)).toEqual(['first', 'all hear']);
    expect(slack.messages(rooms.open.id).map(({ text }) => text)).toEqual(['hi', 'all hear']);
    // A ts that has been a number has lost its last digits.
    expect(await refusalOf(post(rooms.open.id, { thread_ts: String(Number(parent)) }))).toBe('thread_not_found');
  });

  it('keeps a client_msg_id without promising anything', async () => {
    const client_msg_id = '0d3c6a53-4f3c-5b7f-9c1e-0f4f5f6b7a88';
    await post(rooms.open.id, { client_msg_id });
    await post(rooms.open.id, { client_msg_id });
    expect(slack.messages(rooms.open.id).map((message) => message.client_msg_id)).toEqual([
      client_msg_id,
      client_msg_id,
    ]);
  });

  it('shows ephemeral messages to their one member, and keeps them out of the channel', async () => {
    const { ok } = await client.chat.postEphemeral({ channel: rooms.open.id, user: 'U0ANN', text: 'only you' });
    expect(ok).toBe(true);
    expect(slack.ephemerals('U0ANN', rooms.open.id)).toEqual([expect.objectContaining({ text: 'only you' })]);
    expect(slack.messages(rooms.open.id)).toEqual([]);
    const toBob = client.chat.postEphemeral({ channel: rooms.open.id, user: 'U0BOB', text: 'x' });
    expect(await refusalOf(toBob)).toBe('user_not_in_channel');
  });
});

describe('editing and deleting', () => {
  it('keeps what an edit leaves out, except blocks under a new text', async () => {
    const metadata = { event_type: 'a', event_payload: { b: 1 } };
    const ts = await post(rooms.open.id, { blocks: [{ type: 'divider' }], metadata });
    await client.chat.update({ channel: rooms.open.id, ts, text: 'new' });
    expect(slack.messages(rooms.open.id)[0]).toMatchObject({ ts, text: 'new', shown: 'new', metadata });
    expect(slack.messages(rooms.open.id)[0]?.edited).toBeDefined();
    await client.apiCall('chat.update', { channel: rooms.open.id, ts, text: 'new', metadata: {} });
    expect(slack.messages(rooms.open.id)[0]?.metadata).toBeUndefined();
  });

  it('refuses what Slack refuses', async () => {
    const channel = rooms.open.id;
    const ts = await post(channel);
    const theirs = (await slack.mention({ user: 'U0ANN', channel, text: 'hello' })).ts ?? '';
    const reply = await post(channel, { thread_ts: ts });
    const direct = (await client.chat.postMessage({ channel: 'U0ANN', text: 'x' })).ts ?? '';
    const refusals = {
      msg_too_long: { channel, ts, text: 'x'.repeat(4001) },
      message_not_found: { channel, ts: '1.000100', text: 'x' },
      cant_update_message: { channel, ts: theirs, text: 'x' },
      no_dual_broadcast_content_update: { channel, ts: reply, text: 'x', reply_broadcast: true },
      no_text: { channel, ts, text: '', blocks: [] },
      channel_not_found: { channel: 'U0ANN', ts: direct, text: 'x' },
    };
    for (const [error, args] of Object.entries(refusals)) {
      expect(await refusalOf(client.apiCall('chat.update', args))).toBe(error);
    }
    expect(await refusalOf(client.chat.delete({ channel, ts: theirs }))).toBe('cant_delete_message');

    slack.editWindowSeconds = 60;
    time = new Date(time.getTime() + 61_000);
    expect(await refusalOf(client.chat.update({ channel, ts, text: 'x' }))).toBe('edit_window_closed');
    slack.editWindowSeconds = undefined;
    rooms.open.archived = true;
    expect(await refusalOf(client.chat.update({ channel, ts, text: 'x' }))).toBe('is_inactive');
  });

  it('leaves a tombstone where replies hang on a deleted parent', async () => {
    const channel = rooms.open.id;
    const [alone, parent] = [await post(channel), await post(channel)];
    await post(channel, { thread_ts: parent });
    const edits: string[] = [];
    slack.on('edit', ({ ts }) => edits.push(ts));
    await client.chat.delete({ channel, ts: alone });
    await client.chat.delete({ channel, ts: parent });
    expect(edits).toEqual([alone, parent]);
    expect(slack.messages(channel)).toEqual([expect.objectContaining({ ts: parent, deleted: true })]);
    expect(await refusalOf(client.chat.update({ channel, ts: parent, text: 'x' }))).toBe('message_not_found');
    expect(await refusalOf(post(channel, { thread_ts: alone }))).toBe('thread_not_found');
  });
});

describe('reading', () => {
  it('gives a thread with its parent first, in pages, with metadata only when asked for', async () => {
    const channel = rooms.open.id;
    const metadata = { event_type: 'line', event_payload: { status: 1 } };
    const ts = await post(channel);
    for (const text of ['one', 'two', 'three']) await post(channel, { thread_ts: ts, text, metadata });
    const first = await client.conversations.replies({ channel, ts, limit: 2 });
    expect(first.messages?.map(({ text }) => text)).toEqual(['hi', 'one']);
    expect(first.messages?.[0]).toMatchObject({ reply_count: 3, thread_ts: ts });
    expect(first.messages?.[1]).not.toHaveProperty('metadata');
    expect(first.has_more).toBe(true);
    const cursor = first.response_metadata?.next_cursor;
    const rest = await client.conversations.replies({ channel, ts, limit: 2, cursor, include_all_metadata: true });
    expect(rest.messages?.map(({ text }) => text)).toEqual(['two', 'three']);
    expect(rest.messages?.[0]).toMatchObject({ metadata, bot_id: expect.any(String) });
    expect(rest.has_more).toBe(false);
    expect(await refusalOf(client.conversations.replies({ channel, ts: '1.000100' }))).toBe('thread_not_found');
  });

  it('gives the history newest first, between two times', async () => {
    const channel = rooms.open.id;
    const all = [await post(channel), await post(channel), await post(channel)];
    const { messages } = await client.conversations.history({ channel, oldest: all[0] });
    expect(messages?.map(({ ts }) => ts)).toEqual([all[2], all[1]]);
    expect(await refusalOf(client.conversations.history({ channel: rooms.strange.id }))).toBe('not_in_channel');
  });

  it('tells channels apart, and hides what the bot may not see', async () => {
    const { channel } = await client.conversations.info({ channel: rooms.strange.id });
    expect(channel).toMatchObject({ name: 'strange', is_member: false, is_private: false });
    expect(await refusalOf(client.conversations.info({ channel: rooms.secret.id }))).toBe('channel_not_found');
    const { channels } = await client.conversations.list({ types: 'public_channel,private_channel,im' });
    expect(channels?.map(({ name }) => name)).toEqual(['open', 'strange', 'old']);
    const joined = await client.conversations.join({ channel: rooms.strange.id });
    expect(joined.channel?.is_member).toBe(true);
    const { members } = await client.conversations.members({ channel: rooms.strange.id });
    expect(members).toEqual([slack.botUserId]);
    expect(await refusalOf(client.conversations.join({ channel: rooms.old.id }))).toBe('is_archived');
  });

  it('tells guests, bots and people of other teams', async () => {
    const guest = slack.addUser({ name: 'gus', guest: 'single' });
    const robot = slack.addUser({ name: 'robot', bot: true });
    const stranger = slack.addUser({ name: 'eve', team: 'T0OTHER' });
    expect((await client.users.info({ user: guest.id })).user).toMatchObject({
      is_restricted: true,
      is_ultra_restricted: true,
    });
    expect((await client.users.info({ user: robot.id })).user).toMatchObject({ is_bot: true });
    expect((await client.users.info({ user: stranger.id })).user).toMatchObject({
      team_id: 'T0OTHER',
      is_stranger: true,
    });
    expect(await refusalOf(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
    expect((await client.users.list({})).members?.map(({ name }) => name)).toContain('gus');
    expect((await client.team.info()).team).toMatchObject({ id: slack.teamId });
  });

  it('links to messages and takes reactions', async () => {
    const channel = rooms.open.id;
    const ts = await post(channel);
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    expect(permalink).toContain(`/archives/${channel}/p${ts.replace('.', '')}`);
    await client.reactions.add({ channel, timestamp: ts, name: 'rocket' });
    expect(slack.messages(channel)[0]?.reactions).toEqual([{ name: 'rocket', users: [slack.botUserId] }]);
    expect(await refusalOf(client.reactions.add({ channel, timestamp: ts, name: 'rocket' }))).toBe('already_reacted');
  });
});

describe('views', () => {
  const view: View = { type: 'modal', title: { type: 'plain_text', text: 'Deploy' }, blocks: [{ type: 'divider' }] };

  it('open on a trigger once, within three seconds', async () => {
    const trigger = async () => {
      const sent = await slack.command({ user: 'U0ANN', channel: rooms.open.id, text: 'x' });
      return sent.triggerId ?? '';
    };
    const first = await trigger();
    expect(await refusalOf(client.views.open({ trigger_id: first, view }))).toBe('none');
    expect(await refusalOf(client.views.open({ trigger_id: first, view }))).toBe('exchanged_trigger_id');
    expect(await refusalOf(client.views.open({ trigger_id: 'made-up', view }))).toBe('invalid_trigger_id');
    const late = await trigger();
    time = new Date(time.getTime() + 3001);
    expect(await refusalOf(client.views.open({ trigger_id: late, view }))).toBe('expired_trigger_id');
    expect(slack.calls.find(({ method }) => method === 'views.open')?.args.view).toEqual(view);
  });
});
