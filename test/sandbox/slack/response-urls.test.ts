import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxSlack, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf } from './apps.ts';
import { type Listener, listen } from './listener.ts';

const ann = 'U0ANN';
let slack: SandboxSlack;
let listener: Listener;
let time: Date;
let room: string;
let theirs: string;

beforeEach(async () => {
  time = new Date('2026-06-10T06:13:20Z');
  slack = await startSlack({ now: () => time });
  slack.addUser({ id: ann, name: 'ann' });
  room = slack.addChannel({ name: 'room', members: [ann] }).id;
  theirs = slack.addChannel({ name: 'ann--bob', people: [ann, slack.addUser({ name: 'bob' }).id] }).id;
  listener = await listen(slack);
});

afterEach(async () => {
  listener.close();
  await slack.stop();
});

async function respond(url: string, answer: Record<string, unknown>): Promise<{ status: number; body: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(answer) });
  return { status: response.status, body: await response.text() };
}

async function commandUrl(channel = room): Promise<string> {
  await (await slack.command({ user: ann, channel, text: 'x' })).acked;
  return String(listener.payloads.at(-1)?.response_url);
}

describe('a response_url', () => {
  it('says ok, five times, and no ts', async () => {
    const url = await commandUrl();
    for (let use = 1; use <= 5; use += 1) {
      expect(await respond(url, { text: `answer ${use}` })).toEqual({ status: 200, body: 'ok' });
    }
    expect((await respond(url, { text: 'answer 6' })).status).toBe(404);
    expect(slack.ephemerals(ann, room)).toHaveLength(5);
  });

  it('ends after thirty minutes', async () => {
    const url = await commandUrl();
    time = new Date(time.getTime() + 30 * 60_000);
    expect((await respond(url, { text: 'just in time' })).status).toBe(200);
    time = new Date(time.getTime() + 1);
    expect((await respond(url, { text: 'too late' })).status).toBe(404);
    expect(slack.ephemerals(ann, room)).toHaveLength(1);
  });

  it('reaches places where the bot is no member, for one or for all', async () => {
    const url = await commandUrl(theirs);
    await respond(url, { text: 'for you' });
    await respond(url, { text: 'for all', response_type: 'in_channel' });
    expect(slack.ephemerals(ann, theirs).map(({ text }) => text)).toEqual(['for you']);
    expect(slack.messages(theirs).map(({ text }) => text)).toEqual(['for all']);
  });

  it('refuses what cannot be shown', async () => {
    const url = await commandUrl();
    expect(await respond(url, {})).toMatchObject({ status: 400, body: expect.stringContaining('no_text') });
    const wrong = await respond(url, { blocks: [{ type: 'header', text: { type: 'plain_text', text: '' } }] });
    expect(wrong).toMatchObject({ status: 400, body: expect.stringContaining('invalid_blocks') });
    expect((await respond(`${url}x`, { text: 'x' })).status).toBe(404);
  });
});

describe('the response_url of a pressed button', () => {
  const buttons = {
    text: 'Sure?',
    blocks: [
      {
        type: 'actions',
        block_id: 'ask',
        elements: [{ type: 'button', action_id: 'confirm', value: '1', text: { type: 'plain_text', text: 'Yes' } }],
      },
    ],
  };

  async function pressedUrl(message: string): Promise<string> {
    await (await slack.press({ user: ann, channel: room, message, action: 'confirm' })).acked;
    return String(listener.payloads.at(-1)?.response_url);
  }

  it('replaces an ephemeral message, or takes it away', async () => {
    await respond(await commandUrl(), buttons);
    const ts = slack.ephemerals(ann)[0]?.ts ?? '';
    const url = await pressedUrl(ts);
    const { container, actions, message } = listener.payloads.at(-1) ?? {};
    expect(container).toMatchObject({ is_ephemeral: true, message_ts: ts, channel_id: room });
    expect(actions).toEqual([expect.objectContaining({ action_id: 'confirm', block_id: 'ask', value: '1' })]);
    expect(message).toBeUndefined();

    await respond(url, { text: 'Done', replace_original: true });
    expect(slack.ephemerals(ann)).toEqual([expect.objectContaining({ ts, shown: 'Done', buttons: [] })]);
    await expect(slack.press({ user: ann, channel: room, message: ts, action: 'confirm' })).rejects.toThrow(
      /no button/,
    );
    await respond(url, { delete_original: true });
    expect(slack.ephemerals(ann)).toEqual([]);
  });

  it('leaves the message alone unless asked to replace it', async () => {
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel: room, ...buttons });
    const url = await pressedUrl(ts);
    expect(listener.payloads.at(-1)).toMatchObject({
      type: 'block_actions',
      user: { id: ann },
      team: { id: slack.teamId },
      channel: { id: room, name: 'room' },
      container: { is_ephemeral: false },
      message: { ts, text: 'Sure?' },
      is_enterprise_install: false,
    });
    await respond(url, { text: 'Only for you' });
    expect(slack.messages(room).map(({ shown }) => shown)).toEqual(['[Yes]']);
    await respond(url, { text: 'For all', replace_original: true });
    expect(slack.messages(room).map(({ shown }) => shown)).toEqual(['For all']);
  });
});
