import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Chat } from '../../src/deploy/ports.ts';
import { code, say } from '../../src/deploy/words.ts';
import type { SandboxSlack, SlackOptions } from '../../src/sandbox/slack/server.ts';
import { at, type Chatting, startChatting } from './chatting.ts';
import { ann, elsewhere, later, ops } from './scene.ts';

let slack: SandboxSlack;
let chat: Chat;
let chatWith: Chatting['chatWith'];
let opened: Chatting['opened'];
let log: string[];

async function start(options: SlackOptions = {}): Promise<void> {
  ({ slack, chat, chatWith, opened, log } = await startChatting(options));
}

beforeEach(() => start());
afterEach(() => slack.stop());

describe('whispers', () => {
  const answer = {
    words: say`No app ${code('helo')} here.`,
    refusal: 'unknown-app',
    buttons: [{ label: 'hello', line: 'hello' }],
  };
  const now = () => new Date().toISOString();

  async function answerUrl(channel = ops): Promise<string> {
    let url = '';
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

describe('rooms', () => {
  const named = (room: string, roomName = room) => chat.roomName({ team: 'T0SANDBOX', room, roomName });

  test('are called by their names, private ones too; others as Slack says', async () => {
    slack.addChannel({ id: 'G0SECRET', name: 'secret', private: true });
    slack.addChannel({ id: 'D0ANN', name: 'ann', dmWith: ann });
    expect(await named(ops)).toBe('ops');
    expect(await named('G0SECRET', 'privategroup')).toBe('secret');
    expect(await named('D0ANN', 'directmessage')).toBe('directmessage');
    expect(await named('D0PRIVATE')).toBe('D0PRIVATE');
    const asked = slack.calls.length;
    expect([await named(ops), await named(elsewhere, 'elsewhere')]).toEqual(['ops', 'elsewhere']);
    expect(slack.calls.length).toBe(asked);
  });

  test('have no name that we may know without the scope', async () => {
    await slack.stop();
    await start({ botScopes: ['chat:write'] });
    expect(await named(ops)).toBe(ops);
  });
});
