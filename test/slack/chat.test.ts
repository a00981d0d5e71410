import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Chat } from '../../src/deploy/ports.ts';
import { code, say } from '../../src/deploy/words.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { SandboxSlack, SlackOptions } from '../../src/sandbox/slack/server.ts';
import { testClock } from '../clock.ts';
import { at, type Chatting, startChatting } from './chatting.ts';
import { deployment, noteLine, notes, plainly, status, statusLine, view } from './deployments.ts';
import { elsewhere, ops } from './scene.ts';

let slack: SandboxSlack;
let chat: Chat;
let chatWith: Chatting['chatWith'];
let opened: Chatting['opened'];
let limited: string[];

const says = (error: string): Fault => ({ kind: 'status', status: 200, body: { ok: false, error } });

async function start(options: SlackOptions = {}): Promise<void> {
  ({ slack, chat, chatWith, opened, limited } = await startChatting(options));
}

beforeEach(() => start());
afterEach(() => slack.stop());

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
      fault: says('ratelimited'),
      kind: 'later',
    },
    'a rate limit without a time': { fault: { kind: 'status', status: 429 }, kind: 'later' },
    'a rate limit at some hour': {
      fault: { kind: 'status', status: 429, headers: { 'retry-after': 'Fri, 20 Nov 2026 12:00:00 GMT' } },
      kind: 'later',
    },
    'a request that came in pieces': { fault: says('request_timeout'), kind: 'later' },
    'a workspace on the move': { fault: says('team_added_to_org'), kind: 'later' },
    'done, then a reset': { fault: { kind: 'done-then-reset' }, kind: 'doubtful' },
    'done, then 503': { fault: { kind: 'done-then-status', status: 503 }, kind: 'doubtful' },
    'a reset': { fault: { kind: 'reset' }, kind: 'doubtful' },
    internal_error: { fault: says('internal_error'), kind: 'doubtful' },
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
    expect(await chat.open(view())).toMatchObject({ kind: 'later', afterMs: expect.closeTo(30_000, -3) });
    slack.addChannel({ id: 'C0OTHER', name: 'other' });
    const other = view({ deployment: deployment({ place: at('C0OTHER') }) });
    expect(await chat.open(other)).toMatchObject({ kind: 'posted' });
    const asked = slack.calls.length;
    expect(await chat.open(view())).toMatchObject({ kind: 'later' });
    expect(slack.calls).toHaveLength(asked);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('a doubtful post is found by its metadata, and not by that of another', async () => {
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
      slack.faults.add({ path: /chat\.postMessage/ }, says(error));
      expect(await chat.reply(one, statusLine(status('queued')), plainly)).toMatchObject({ kind: 'refused', error });
    },
  );

  test('a revoked token refuses who asks now, and loses no line', async () => {
    const one = await opened();
    const clock = testClock();
    chat = chatWith(clock);
    slack.revokeToken('token_revoked');
    const posted = await chat.open(view());
    expect(posted).toMatchObject({ kind: 'refused', error: 'token_revoked' });
    expect(JSON.stringify(posted)).toContain('SLACK_BOT_TOKEN');
    expect(await chat.reply(one, statusLine(status('success')), plainly)).toMatchObject({ kind: 'later' });
    expect(await chat.find(one, 'status:7')).toMatchObject({ laterMs: 60_000 });
    slack.revokeToken(undefined);
    await clock.advance(60_000);
    expect(await chat.find(one, 'status:7')).toEqual({});
    expect(await chat.reply(one, statusLine(status('success')), plainly)).toMatchObject({ kind: 'posted' });
  });

  test('what is not mended is tried ever less often, and when it was, as soon as ever', async () => {
    const one = await opened();
    const clock = testClock();
    chat = chatWith(clock);
    const tries = async (count: number, attempt: () => Promise<unknown>): Promise<number[]> => {
      const minutes: number[] = [];
      for (let n = 0; n < count; n++) {
        const { afterMs = 0, laterMs = afterMs } = (await attempt()) as { afterMs?: number; laterMs?: number };
        minutes.push(laterMs / 60_000);
        await clock.advance(laterMs);
      }
      return minutes;
    };
    const reply = () => chat.reply(one, statusLine(status('success')), plainly);
    const find = () => chat.find(one, 'status:7');
    slack.revokeToken('token_revoked');
    expect(await tries(10, reply)).toEqual([1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(await tries(3, find)).toEqual([1, 1, 2]);
    slack.faults.add({ path: /replies/ }, says('ratelimited'));
    expect(await tries(1, find)).toEqual([5 / 60]);
    expect((await tries(1, find))[0]).toBeGreaterThan(4);
    slack.revokeToken(undefined);
    expect(await reply()).toMatchObject({ kind: 'posted' });
    expect(await find()).toMatchObject({ ts: expect.any(String) });
    slack.revokeToken('token_revoked');
    expect(await tries(1, reply)).toEqual([1]);
    expect(await tries(1, find)).toEqual([1]);
  });

  test('a look that Slack wants hours later is done after five minutes', async () => {
    const one = await opened();
    slack.faults.add({ path: /replies/ }, { kind: 'status', status: 429, headers: { 'retry-after': '86400' } });
    expect(await chat.find(one, 'status:7')).toEqual({ laterMs: 300_000 });
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
    slack.faults.add({ path: /chat\.update/ }, says('cant_update_message'));
    expect(await chat.edit(view({ deployment: one }))).toMatchObject({ kind: 'refused', error: 'cant_update_message' });
  });

  test('a message that was deleted since is posted anew', async () => {
    slack.faults.add(
      { path: /chat\.postMessage/, when: (body) => body.client_msg_id !== undefined },
      says('duplicate_message_not_found'),
    );
    expect(await chat.open(view())).toMatchObject({ kind: 'posted' });
  });

  test('every call that comes too often is counted by its method', async () => {
    const one = await opened();
    slack.faults.add({ path: /chat\.postMessage/ }, says('ratelimited'));
    slack.faults.add({ path: /chat\.update|users\.info/, times: 2 }, { kind: 'status', status: 429 });
    await chat.reply(one, statusLine(status('queued')), plainly);
    await chat.edit(view({ deployment: one }));
    await chat.standing('T0SANDBOX', 'U0BOB').catch(() => {});
    expect(limited).toEqual(['chat.postMessage', 'chat.update', 'users.info']);
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

test('a message is linked where Slack says where it is, and nowhere else', async () => {
  const { place, thread = '' } = await opened();
  expect(await chat.permalink(place, thread)).toMatch(new RegExp(`/archives/${ops}/p${thread.replace('.', '')}$`));
  expect(await chat.permalink(place, '1.000001')).toBeUndefined();
  slack.faults.add({ path: /getPermalink/ }, { kind: 'reset' });
  expect(await chat.permalink(place, thread)).toBeUndefined();
});

describe('what Slack does not take of a message is left out, so that no line is lost', () => {
  const only = (key: string) => (body: Record<string, unknown>) => body[key] !== undefined;

  test.each([
    ['invalid_blocks', 'blocks'],
    ['invalid_blocks_format', 'blocks'],
    ['msg_blocks_too_long', 'blocks'],
    ['metadata_too_large', 'metadata'],
    ['duplicate_channel_not_found', 'client_msg_id'],
    ['restricted_action_thread_only_channel', 'reply_broadcast'],
  ])('%s: %s', async (error, part) => {
    const one = await opened();
    slack.faults.add({ path: /chat\.postMessage/, when: only(part), times: 5 }, says(error));
    const loud = { loud: true, mention: true, late: false };
    const posted = await chat.reply(
      one,
      statusLine(status('failure', { description: 'no space <left> & more' })),
      loud,
    );
    expect(posted).toMatchObject({ kind: 'posted' });
    const [line, ...more] = slack.thread(ops, one.thread ?? '');
    expect(more).toEqual([]);
    expect(line?.shown).toContain('no space <left> & more');
    expect(line).not.toHaveProperty([part]);
  });

  test('several parts, and no others', async () => {
    slack.faults.add({ path: /chat\.postMessage/, when: only('blocks') }, says('invalid_blocks'));
    slack.faults.add({ path: /chat\.postMessage/, when: only('metadata') }, says('metadata_too_large'));
    expect(await chat.open(view())).toMatchObject({ kind: 'posted' });
    slack.faults.add({ path: /chat\.postMessage/, times: 9 }, says('invalid_blocks'));
    expect(await chat.open(view())).toMatchObject({ kind: 'refused', error: 'invalid_blocks' });
  });

  test('an edit becomes plain text, a text that is too long a shorter one', async () => {
    const one = await opened();
    slack.faults.add({ path: /chat\.update/, when: only('blocks') }, says('invalid_blocks'));
    expect(await chat.edit(view({ deployment: one, status: status('success') }))).toMatchObject({ kind: 'posted' });
    const [parent] = slack.messages(ops);
    expect(parent?.blocks ?? []).toEqual([]);
    expect(parent?.shown).toContain('ann deployed hello/topic-branch to staging');

    const tooLong = { path: /chat\.update/, when: (body: { text: string }) => [...body.text].length > 1_000 };
    slack.faults.add({ ...tooLong, times: 5 }, says('msg_too_long'));
    const refusal = { code: 'no', words: ['&'.repeat(3_000)] };
    const refused = view({ deployment: { ...one, stage: 'refused', refusal } });
    expect(await chat.edit(refused)).toMatchObject({ kind: 'posted' });
    const text = slack.calls.at(-1)?.args.text;
    expect(text).toMatch(/^\S+ Not deployed: (&amp;)+…$/);
  });

  test('a private answer is said without its blocks', async () => {
    slack.faults.add({ path: /chat\.postEphemeral/, when: only('blocks') }, says('invalid_blocks'));
    await chat.whisper({ place: at(ops), user: 'U0ANN', at: new Date().toISOString() }, { words: ['Hello there.'] });
    expect(slack.ephemerals('U0ANN', ops)).toMatchObject([{ shown: 'Hello there.' }]);
  });
});

describe('as people here know the bot', () => {
  const called = () => ({ id: 'T0SANDBOX', name: 'S', botUser: 'U0DECKHAND', botName: 'shipbot', scopes: [] });

  test('it is invited by its own name', async () => {
    const named = chatWith(testClock(), { team: called });
    const posted = await named.open(view({ deployment: deployment({ place: at(elsewhere) }) }));
    expect(JSON.stringify(posted)).toContain('/invite @shipbot');
  });

  test('lines to type begin with the slash command that works here', async () => {
    const named = chatWith(testClock(), { slash: () => '/ship' });
    const refusal = {
      code: 'checks-failed',
      words: say`Type ${code('/deploy hello')} again.`,
      details: [say`${code('/deployer/build')} failed`],
      advice: say`Or ${code('/deploy hello!')}.`,
    };
    const one = { ...(await opened()), stage: 'refused' as const, refusal };
    await named.edit(view({ deployment: one }));
    await named.reply(one, noteLine({ key: 'refused', at: one.askedAt, kind: 'refused' }), plainly);
    const [parent] = slack.messages(ops);
    expect(parent?.shown).toContain('Type /ship hello again.');
    const [line] = slack.thread(ops, one.thread ?? '');
    expect(line?.shown).toContain('Or /ship hello!.');
    expect(line?.shown).toContain('/deployer/build failed');
    const to = { place: at(ops), user: 'U0ANN', at: new Date().toISOString() };
    await named.whisper(to, { words: say`Type ${code('/deploy help')}.` });
    expect(slack.ephemerals('U0ANN', ops)).toMatchObject([{ shown: 'Type /ship help.' }]);
  });
});

test('the message that took the parent’s place is the one to edit', async () => {
  const one = await opened();
  const anew = await chat.open(view({ deployment: { ...one, request: '01J-ANEW' } }));
  const parent = anew.kind === 'posted' ? anew.ts : '';
  const edited = await chat.edit(view({ deployment: { ...one, parent }, status: status('success') }));
  expect(edited).toEqual({ kind: 'posted', ts: parent });
  expect(slack.messages(ops).map(({ shown }) => shown.includes('ann deployed'))).toEqual([false, true]);
});
