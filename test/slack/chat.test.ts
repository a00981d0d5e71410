import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Chat, Clock } from '../../src/deploy/ports.ts';
import { code, say } from '../../src/deploy/words.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type SandboxSlack, type SlackOptions, startSlack } from '../../src/sandbox/slack/server.ts';
import { slackChat } from '../../src/slack/chat.ts';
import { deployment, noteLine, notes, plainly, status, statusLine, view } from './deployments.ts';
import { ann, elsewhere, later, ops, quiet } from './scene.ts';

let slack: SandboxSlack;
let chat: Chat;
const log: string[] = [];

const team = () => ({
  id: 'T0SANDBOX',
  name: 'Sandbox',
  botUser: 'U0DECKHAND',
  botName: 'deckhand',
  botId: 'B0DECKHAND',
  scopes: [],
});

const chatWith = (clock: Clock): Chat =>
  slackChat({ config: { botToken: slack.botToken, apiUrl: slack.url }, team, clock, log: quiet(log) });

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startSlack(options);
  slack.addUser({ id: ann, name: 'ann' });
  slack.addUser({ id: 'U0BOB', name: 'bob' });
  slack.addChannel({ id: ops, name: 'ops', members: [ann, 'U0BOB'] });
  slack.addChannel({ id: elsewhere, name: 'elsewhere', members: [ann], botIsMember: false });
  slack.addChannel({ id: 'C0OLD', name: 'old', archived: true });
  slack.addChannel({ id: 'D0PRIVATE', name: 'private', people: [ann, 'U0BOB'] });
  chat = chatWith(systemClock);
}

beforeEach(() => {
  log.length = 0;
  return start();
});
afterEach(() => slack.stop());

const at = (room: string) => ({ team: 'T0SANDBOX', room, roomName: room });

async function opened(more = {}) {
  const posted = await chat.open(view({ deployment: deployment(more) }));
  if (posted.kind !== 'posted') throw new Error(posted.kind);
  return deployment({ ...more, thread: posted.ts });
}

describe('the parent and its thread', () => {
  test('the parent is posted, found again, and edited', async () => {
    const one = await opened();
    const [parent] = slack.messages(ops);
    expect(parent).toMatchObject({
      ts: one.thread,
      metadata: { event_type: 'deckhand', event_payload: { request: one.request, key: 'parent' } },
    });
    expect(parent?.client_msg_id).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(parent?.shown).toContain('ann is deploying hello/topic-branch to staging');

    const edited = await chat.edit(view({ deployment: one, status: status('success'), tookMs: 192_000 }));
    expect(edited).toMatchObject({ kind: 'posted', ts: one.thread });
    const [now] = slack.messages(ops);
    expect(now?.shown).toContain('3 min 12 s');
    expect(await chat.find(one, 'parent')).toEqual({ ts: one.thread });
  });

  test('looks are equal exactly if there is nothing to edit', () => {
    expect(chat.looks(view())).toBe(chat.looks(view()));
    expect(chat.looks(view())).not.toBe(chat.looks(view({ status: status('queued') })));
  });

  test('lines go to the thread; a loud one also to the channel', async () => {
    const one = await opened();
    await chat.reply(one, statusLine(status('queued', { id: 1 })), plainly);
    const loud = { loud: true, mention: true, late: false, tookMs: 5000 };
    await chat.reply(one, statusLine(status('failure', { id: 2, description: 'no space' })), loud);
    expect(slack.thread(ops, one.thread ?? '').map(({ shown }) => shown)).toEqual([
      expect.stringContaining('Queued'),
      expect.stringMatching(/@ann.*hello\/topic-branch to staging.*no space/s),
    ]);
    expect(slack.messages(ops).map(({ reply_broadcast }) => reply_broadcast)).toEqual([undefined, true]);
  });

  test('asked in a thread, all of it stays in that thread', async () => {
    const client = await chat.open(view());
    const root = client.kind === 'posted' ? client.ts : '';
    const one = await opened({ request: '01J-IN-THREAD', place: { ...at(ops), thread: root } });
    expect(await chat.reply(one, statusLine(status('queued')), plainly)).toMatchObject({ kind: 'posted' });
    expect(slack.thread(ops, root)).toHaveLength(2);
    expect(slack.messages(ops)).toHaveLength(1);
    expect(await chat.find(one, 'parent')).toEqual({ ts: one.thread });
  });

  test('an alarm that was answered is struck through', async () => {
    const one = await opened();
    const [, , , , , alarm, answered] = notes;
    if (!alarm || !answered) throw new Error('The notes have changed.');
    const posted = await chat.reply(one, noteLine(alarm), plainly);
    const ts = posted.kind === 'posted' ? posted.ts : '';
    expect(await chat.amend(one, noteLine(answered, ts))).toMatchObject({ kind: 'posted', ts });
    const [line] = slack.thread(ops, one.thread ?? '');
    expect(JSON.stringify(line?.blocks)).toContain('~No deployer');
    expect(line?.shown).toContain('Answered since');
  });
});

describe('what becomes of a message', () => {
  const post: Record<string, { fault: Fault; kind: string }> = {
    'a rate limit': { fault: { kind: 'status', status: 429, headers: { 'retry-after': '3' } }, kind: 'later' },
    'a rate limit in the body': {
      fault: { kind: 'status', status: 200, body: { ok: false, error: 'ratelimited' } },
      kind: 'later',
    },
    'a rate limit without a time': { fault: { kind: 'status', status: 429 }, kind: 'doubtful' },
    'done, then a reset': { fault: { kind: 'done-then-reset' }, kind: 'doubtful' },
    'done, then 503': { fault: { kind: 'done-then-status', status: 503 }, kind: 'doubtful' },
    'a reset': { fault: { kind: 'reset' }, kind: 'doubtful' },
    internal_error: {
      fault: { kind: 'status', status: 200, body: { ok: false, error: 'internal_error' } },
      kind: 'doubtful',
    },
    'a page instead of an answer': { fault: { kind: 'status', status: 200, body: '<html>' }, kind: 'doubtful' },
  };

  test.each(Object.entries(post))('%s', async (_, { fault, kind }) => {
    slack.faults.add({ path: /chat\.postMessage/ }, fault);
    expect(await chat.open(view())).toMatchObject({ kind });
    // Once: the SDK by itself would post again, and twice what had been done.
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(1);
    expect(slack.messages(ops).length).toBe(fault.kind.startsWith('done') ? 1 : 0);
  });

  test('a 429 says when to come back, and holds up nothing else', async () => {
    slack.faults.add({ path: /chat\.postMessage/ }, { kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    const began = performance.now();
    expect(await chat.open(view())).toEqual({ kind: 'later', afterMs: 30_000 });
    expect(await chat.open(view())).toMatchObject({ kind: 'posted' });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('a doubtful post is found by its metadata, and not by another app’s', async () => {
    const one = await opened();
    slack.faults.add({ path: /chat\.postMessage/ }, { kind: 'done-then-reset' });
    expect(await chat.reply(one, statusLine(status('success')), plainly)).toEqual({ kind: 'doubtful' });
    const [line] = slack.thread(ops, one.thread ?? '');
    expect(await chat.find(one, 'status:7')).toEqual({ ts: line?.ts });
    expect(await chat.find(one, 'status:8')).toEqual({});
    expect(await chat.find({ ...one, request: '01J-OTHER' }, 'status:7')).toEqual({});
  });

  test('a doubtful edit is simply made again', async () => {
    const one = await opened();
    slack.faults.add({ path: /chat\.update/ }, { kind: 'done-then-reset' });
    expect(await chat.edit(view({ deployment: one }))).toMatchObject({ kind: 'later' });
  });

  test.each([
    [elsewhere, 'not_in_channel', '/invite @deckhand'],
    ['C0UNKNOWN', 'channel_not_found', '/invite @deckhand'],
    ['D0PRIVATE', 'channel_not_found', 'direct message'],
    ['C0OLD', 'is_archived', 'archived'],
  ])('in %s Slack refuses with %s, and the person reads what to do', async (room, error, advice) => {
    const posted = await chat.open(view({ deployment: deployment({ place: at(room) }) }));
    expect(posted).toMatchObject({ kind: 'refused', error });
    expect(JSON.stringify(posted)).toContain(advice);
  });

  test.each(['restricted_action', 'restricted_action_read_only_channel', 'restricted_action_thread_locked'])(
    '%s is for good',
    async (error) => {
      const one = await opened();
      slack.faults.add({ path: /chat\.postMessage/ }, { kind: 'status', status: 200, body: { ok: false, error } });
      expect(await chat.reply(one, statusLine(status('queued')), plainly)).toMatchObject({ kind: 'refused', error });
    },
  );

  test('a revoked token refuses who asks now, and loses no line', async () => {
    const one = await opened();
    slack.revokeToken('token_revoked');
    const posted = await chat.open(view());
    expect(posted).toMatchObject({ kind: 'refused', error: 'token_revoked' });
    expect(JSON.stringify(posted)).toContain('SLACK_BOT_TOKEN');
    expect(await chat.reply(one, statusLine(status('success')), plainly)).toMatchObject({ kind: 'later' });
    slack.revokeToken(undefined);
    expect(await chat.reply(one, statusLine(status('success')), plainly)).toMatchObject({ kind: 'posted' });
  });

  test('a missing scope is named', async () => {
    await slack.stop();
    await start({ botScopes: ['commands'] });
    const posted = await chat.open(view());
    expect(posted).toMatchObject({ kind: 'refused', error: 'missing_scope' });
    expect(JSON.stringify(posted)).toContain('chat:write');
  });

  test('a message that is gone or no longer editable is the caller’s to decide on', async () => {
    const one = await opened();
    const gone = await chat.edit(view({ deployment: { ...one, thread: '1700000000.000100' } }));
    expect(gone).toMatchObject({ kind: 'refused', error: 'message_not_found' });
    slack.faults.add(
      { path: /chat\.update/ },
      { kind: 'status', status: 200, body: { ok: false, error: 'cant_update_message' } },
    );
    expect(await chat.edit(view({ deployment: one }))).toMatchObject({ kind: 'refused', error: 'cant_update_message' });
  });

  test('a message that was deleted since is posted anew', async () => {
    slack.faults.add(
      { path: /chat\.postMessage/, when: (body) => body.client_msg_id !== undefined },
      { kind: 'status', status: 200, body: { ok: false, error: 'duplicate_message_not_found' } },
    );
    expect(await chat.open(view())).toMatchObject({ kind: 'posted' });
  });

  test('without the scope to read, nobody can look', async () => {
    await slack.stop();
    await start({ botScopes: ['chat:write'] });
    const one = await opened();
    expect(await chat.find(one, 'parent')).toBe('cannot-look');
    slack.faults.add({ path: /replies/ }, { kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    expect(await chat.find(one, 'status:7')).toEqual({ laterMs: 7000 });
  });
});

describe('whispers', () => {
  const answer = {
    words: say`No app ${code('helo')} here.`,
    refusal: 'unknown-app',
    buttons: [{ label: 'hello', line: 'hello' }],
  };
  const now = () => new Date().toISOString();

  async function answerUrl(channel = ops): Promise<string> {
    let url = '';
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        url = new URLSearchParams(Buffer.concat(chunks).toString()).get('response_url') ?? '';
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    slack.requestUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    await (await slack.command({ user: ann, channel, text: 'x' })).acked;
    await new Promise((resolve) => server.close(resolve));
    return url;
  }

  const used = () => slack.calls.map(({ method }) => method).filter((method) => method.startsWith('chat.'));

  test('by the answer address, also where the bot is no member; marked as a refusal', async () => {
    await chat.whisper({ place: at(elsewhere), user: ann, answerUrl: await answerUrl(elsewhere), at: now() }, answer);
    const [told] = slack.ephemerals(ann, elsewhere);
    expect(told?.shown).toContain('No app helo here.');
    expect(told?.buttons).toMatchObject([{ action_id: 'say:0', value: 'hello' }]);
    expect(told?.blocks?.[0]?.block_id).toMatch(/^refusal/);
    expect(used()).toEqual([]);
  });

  test('an ephemeral message when the address is too old, used up, or there is none', async () => {
    const url = await answerUrl();
    await chatWith(later(29 * 60_000)).whisper({ place: at(ops), user: ann, answerUrl: url, at: now() }, answer);
    expect(used()).toEqual(['chat.postEphemeral']);
    for (let use = 0; use < 6; use += 1)
      await chat.whisper({ place: at(ops), user: ann, answerUrl: url, at: now() }, answer);
    await chat.whisper({ place: at(ops), user: ann, at: now() }, answer);
    expect(used()).toHaveLength(3);
    expect(slack.ephemerals(ann, ops)).toHaveLength(8);
    expect(log.join('')).not.toContain(url);
  });

  test('in the thread where it was asked', async () => {
    const one = await opened();
    await chat.whisper({ place: { ...at(ops), thread: one.thread }, user: ann, at: now() }, answer);
    expect(slack.ephemerals(ann, ops)).toMatchObject([{ thread_ts: one.thread }]);
  });

  test('else a direct message', async () => {
    await chat.whisper({ place: at(elsewhere), user: ann, at: now() }, answer);
    expect(used()).toEqual(['chat.postEphemeral', 'chat.postMessage']);
    const call = slack.calls.at(-1);
    expect(JSON.stringify(call?.args)).toContain('helo');
    expect(call?.result).toMatchObject({ ok: true });
  });

  test('never throws', async () => {
    slack.revokeToken('account_inactive');
    await chat.whisper({ place: at(ops), user: ann, answerUrl: 'http://127.0.0.1:1/x', at: now() }, answer);
    expect(log.join('')).toContain('could not be given');
  });
});

describe('standing', () => {
  test('members, guests, strangers and bots', async () => {
    slack.addUser({ id: 'U1', name: 'gus', guest: 'single' });
    slack.addUser({ id: 'U2', name: 'gia', guest: 'multi' });
    slack.addUser({ id: 'U3', name: 'eve', team: 'T0OTHER' });
    slack.addUser({ id: 'U4', name: 'robot', bot: true });
    const member = { name: 'ann', guest: false, external: false, bot: false };
    expect(await chat.standing('T0SANDBOX', ann)).toEqual(member);
    expect(await chat.standing('T0SANDBOX', 'U1')).toEqual({ ...member, name: 'gus', guest: true });
    expect(await chat.standing('T0SANDBOX', 'U2')).toEqual({ ...member, name: 'gia', guest: true });
    expect(await chat.standing('T0SANDBOX', 'U3')).toEqual({ ...member, name: 'eve', external: true });
    expect(await chat.standing('T0SANDBOX', 'U4')).toEqual({ ...member, name: 'robot', bot: true });
  });

  test('is remembered for five minutes', async () => {
    let ms = 0;
    const remembering = chatWith({ ...systemClock, now: () => new Date(ms) });
    const asked = () => slack.calls.filter(({ method }) => method === 'users.info').length;
    await remembering.standing('T0SANDBOX', ann);
    ms = 299_000;
    await remembering.standing('T0SANDBOX', ann);
    expect(asked()).toBe(1);
    ms = 301_000;
    await remembering.standing('T0SANDBOX', ann);
    expect(asked()).toBe(2);
  });

  test('is refused when Slack does not tell', async () => {
    await expect(chat.standing('T0SANDBOX', 'U0NOBODY')).rejects.toMatchObject({ code: 'unknown-person' });
    slack.faults.add({ path: /users\.info/ }, { kind: 'reset' });
    await expect(chat.standing('T0SANDBOX', ann)).rejects.toMatchObject({ code: 'slack-unreachable' });
    await slack.stop();
    await start({ botScopes: ['chat:write'] });
    await expect(chat.standing('T0SANDBOX', ann)).rejects.toMatchObject({ code: 'cannot-tell-who' });
  });
});
