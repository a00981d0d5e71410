import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { type SandboxSlack, type SlackOptions, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf, eventually, refusalOf, socketApp } from './apps.ts';

let slack: SandboxSlack;
let apps: App[];
const ann = 'U0ANN';
const room = 'C0DEPLOYS';

beforeEach(() => begin());

async function begin(options: SlackOptions = {}): Promise<void> {
  slack = await startSlack(options);
  slack.addUser({ id: ann, name: 'ann' });
  slack.addChannel({ id: room, name: 'deploys', members: [ann] });
  apps = [];
}

afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop()));
  await slack.stop();
});

async function start(addListeners: (app: App) => void, pingMs?: number): Promise<void> {
  const app = socketApp(slack, pingMs);
  apps.push(app);
  addListeners(app);
  await app.start();
  await slack.onConnection(apps.length);
}

describe('a command, from typing to the pressed button', () => {
  it('is acknowledged, answered, told in a thread, edited and confirmed', async () => {
    const received: Record<string, unknown>[] = [];
    await start((app) => {
      app.command('/deploy', async ({ ack, respond, command, client }) => {
        received.push({ ...command });
        await ack('Working on it');
        await respond({ text: `Looking at ${command.text}` });
        const { ts } = await client.chat.postMessage({
          channel: command.channel_id,
          text: 'Deploying',
          metadata: { event_type: 'deployment', event_payload: { id: 7 } },
          blocks: [
            { type: 'section', text: { type: 'mrkdwn', text: `*<@${command.user_id}>* deploys \`${command.text}\`` } },
            {
              type: 'actions',
              elements: [
                { type: 'button', action_id: 'confirm_deploy', value: '7', text: { type: 'plain_text', text: 'Yes' } },
              ],
            },
          ],
        });
        await client.chat.postMessage({ channel: command.channel_id, thread_ts: ts, text: 'in progress' });
      });
      app.action('confirm_deploy', async ({ ack, body, client, respond }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        const channel = body.channel?.id ?? '';
        await client.chat.update({ channel, ts: body.message?.ts ?? '', text: 'Deployed', blocks: [] });
        await client.chat.postEphemeral({ channel, user: body.user.id, text: 'Thank you' });
        await respond({ text: 'Recorded', response_type: 'in_channel' });
      });
    });

    const sent = await slack.command({ user: ann, channel: room, text: 'hello/topic to staging' });
    expect(await sent.acked).toMatchObject({ status: 200, body: { text: 'Working on it' } });
    await eventually(() => slack.messages(room).map((parent) => slack.thread(room, parent.ts).length)).toEqual([1]);

    expect(received).toEqual([
      expect.objectContaining({
        command: '/deploy',
        text: 'hello/topic to staging',
        team_id: slack.teamId,
        team_domain: expect.any(String),
        channel_id: room,
        channel_name: 'deploys',
        user_id: ann,
        user_name: 'ann',
        api_app_id: expect.any(String),
        is_enterprise_install: 'false',
        response_url: expect.stringContaining('/response/'),
        trigger_id: sent.triggerId,
      }),
    ]);
    const [parent] = slack.messages(room);
    expect(parent).toMatchObject({
      shown: '@ann deploys hello/topic to staging\n[Yes]',
      buttons: [{ action_id: 'confirm_deploy', text: 'Yes', value: '7' }],
      metadata: { event_type: 'deployment', event_payload: { id: 7 } },
    });
    expect(slack.ephemerals(ann).map(({ text }) => text)).toEqual([
      'Working on it',
      'Looking at hello/topic to staging',
    ]);

    await slack.press({ user: ann, channel: room, message: parent?.ts ?? '', action: 'confirm_deploy' });
    await eventually(() => slack.messages(room).map(({ shown }) => shown)).toEqual(['Deployed', 'Recorded']);
    expect(slack.messages(room)[0]).toMatchObject({ ts: parent?.ts, metadata: parent?.metadata, buttons: [] });
    expect(slack.ephemerals(ann).at(-1)).toMatchObject({ text: 'Thank you', ephemeralFor: ann });
    expect(slack.calls.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['apps.connections.open', 'chat.postMessage', 'chat.update', 'response_url']),
    );
  });

  it('in private places calls them directmessage and privategroup', async () => {
    const names: string[] = [];
    await start((app) =>
      app.command('/deploy', async ({ ack, command }) => {
        names.push(command.channel_name);
        await ack();
      }),
    );
    const bob = slack.addUser({ name: 'bob' });
    const places = [
      slack.addChannel({ name: 'secret', private: true }),
      slack.addChannel({ name: 'ann', dmWith: ann }),
      slack.addChannel({ name: 'ann-bob', people: [ann, bob.id] }),
    ];
    for (const place of places) {
      const sent = await slack.command({ user: ann, channel: place.id, text: 'help' });
      expect(await sent.acked).toMatchObject({ status: 200 });
    }
    expect(names).toEqual(['privategroup', 'directmessage', 'directmessage']);
  });

  it('tells the person when nobody takes it', async () => {
    await slack.stop();
    await begin({ ackMs: 200 });
    const failure = expect.stringContaining('dispatch_failed');
    const nobody = await slack.command({ user: ann, channel: room, text: 'x' });
    expect(await nobody.acked).toMatchObject({ status: 'not_delivered', failure: 'dispatch_failed' });
    expect(slack.ephemerals(ann, room)).toEqual([expect.objectContaining({ shown: failure })]);

    await start((app) => app.command('/deploy', async () => {}));
    const silent = await slack.command({ user: ann, channel: room, text: 'x' });
    expect(await silent.acked).toMatchObject({ status: 'timeout', failure: 'dispatch_failed' });
    expect(slack.ephemerals(ann, room)).toHaveLength(2);
  });
});

describe('mentions', () => {
  it('reach the app once each, in threads and when edited, with an event id of their own', async () => {
    const events: Record<string, unknown>[] = [];
    await start((app) =>
      app.event('app_mention', async ({ event, body }) => {
        events.push({ ...event, event_id: body.event_id });
      }),
    );
    const first = await slack.mention({ user: ann, channel: room, text: '@deckhand deploy a&b' });
    const inThread = await slack.mention({
      user: ann,
      channel: room,
      text: '<@U0DECKHAND> status',
      thread: first.ts,
    });
    const edited = await slack.editMessage(room, first.ts ?? '', '@deckhand deploy c');
    expect((await edited.acked).status).toBe(200);
    await eventually(() => events.length).toBe(3);

    expect(events[0]).toMatchObject({
      type: 'app_mention',
      user: ann,
      channel: room,
      text: '<@U0DECKHAND> deploy a&amp;b',
      ts: first.ts,
      event_id: first.eventId,
    });
    expect(events[1]).toMatchObject({ thread_ts: first.ts, ts: inThread.ts });
    expect(events[2]).toMatchObject({ ts: first.ts, edited: { user: ann }, event_id: edited.eventId });
    expect(edited.eventId).not.toBe(first.eventId);
    expect(slack.messages(room).map(({ shown }) => shown)).toEqual(['@deckhand deploy c']);
  });

  it('are not heard where the app is no member, nor in a direct message', async () => {
    const elsewhere = slack.addChannel({ name: 'elsewhere', botIsMember: false });
    const direct = slack.addChannel({ name: 'ann', dmWith: ann });
    for (const channel of [elsewhere.id, direct.id]) {
      const { acked } = await slack.mention({ user: ann, channel, text: '@deckhand hello' });
      expect(await acked).toMatchObject({ status: 'not_delivered' });
    }
  });

  it('are not heard without the scope', async () => {
    const deaf = await startSlack({ botScopes: ['chat:write'] });
    deaf.addUser({ id: ann, name: 'ann' });
    const { id } = deaf.addChannel({ name: 'room' });
    const { acked } = await deaf.mention({ user: ann, channel: id, text: '@deckhand hello' });
    expect(await acked).toMatchObject({ status: 'not_delivered' });
    await deaf.stop();
  });

  it('come again as a retry that says so', async () => {
    const contexts: unknown[] = [];
    await start((app) =>
      app.event('app_mention', async ({ context, body }) => {
        contexts.push([body.event_id, context.retryNum, context.retryReason]);
      }),
    );
    const sent = await slack.mention({ user: ann, channel: room, text: '@deckhand x' });
    await (await slack.redeliver(sent)).acked;
    await expect
      .poll(() => contexts)
      .toEqual([
        [sent.eventId, 0, ''],
        [sent.eventId, 1, 'timeout'],
      ]);
  });
});

describe('connections', () => {
  it('each get their share of the envelopes, and a duplicate comes as it was', async () => {
    const taken: [number, string][] = [];
    const addListeners = (index: number) => (app: App) =>
      app.command('/deploy', async ({ ack, command }) => {
        taken.push([index, command.trigger_id]);
        await ack();
      });
    await start(addListeners(0));
    await start(addListeners(1));
    expect(slack.connections()).toBe(2);

    const sent = await slack.command({ user: ann, channel: room, text: 'once' });
    await sent.acked;
    const again = await slack.redeliver(sent);
    expect(await again.acked).toMatchObject({ status: 200 });
    expect(again.envelopeId).toBe(sent.envelopeId);
    expect(taken.map(([, trigger]) => trigger)).toEqual([sent.triggerId, sent.triggerId]);
    expect(new Set(taken.map(([index]) => index)).size).toBe(2);
  });

  it('are at most ten', async () => {
    const app = clientOf(slack, slack.appToken);
    const frames: unknown[] = [];
    const open = async () => {
      const { url } = await app.apps.connections.open({});
      const socket = new WebSocket(url ?? '');
      socket.on('message', (data) => frames.push(JSON.parse(String(data))));
      return socket;
    };
    const sockets = await Promise.all(Array.from({ length: 11 }, open));
    await eventually(() => frames.length).toBe(11);
    expect(frames).toContainEqual(expect.objectContaining({ type: 'disconnect', reason: 'too_many_websockets' }));
    expect(slack.connections()).toBe(10);
    for (const socket of sockets) socket.terminate();
    await eventually(() => slack.connections()).toBe(0);
  });

  it('need a fresh ticket, and the app token in the header', async () => {
    const { url = '' } = await clientOf(slack, slack.appToken).apps.connections.open({});
    const first = new WebSocket(url);
    await slack.onConnection(1);
    const second = new WebSocket(url);
    const refused = await new Promise<Error>((resolve) => second.on('error', resolve));
    expect(refused.message).toContain('401');
    first.terminate();

    expect(await refusalOf(clientOf(slack).apps.connections.open({}))).toBe('not_allowed_token_type');
    const inBody = await fetch(`${slack.url}apps.connections.open`, {
      method: 'POST',
      body: new URLSearchParams({ token: slack.appToken }),
    });
    expect(await inBody.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  it('answer the close frame after a disconnect, or leave TCP open when asked to', async () => {
    const app = clientOf(slack, slack.appToken);
    const polite = new WebSocket((await app.apps.connections.open({})).url ?? '');
    await slack.onConnection(1);
    const rude = new WebSocket((await app.apps.connections.open({})).url ?? '');
    await slack.onConnection(2);
    const closed = vi.fn();
    rude.on('close', closed);
    const told = (socket: WebSocket) =>
      new Promise<string>((resolve) => {
        socket.on('message', (data) => {
          const { type, reason } = JSON.parse(String(data));
          if (type === 'disconnect') resolve(reason);
        });
      });
    const [politeTold, rudeTold] = [told(polite), told(rude)];

    slack.disconnect('refresh_requested', { leaveOpen: true, connection: 1 });
    slack.disconnect('refresh_requested', { connection: 0 });
    expect(await politeTold).toBe('refresh_requested');
    expect(await rudeTold).toBe('refresh_requested');
    expect(slack.connections()).toBe(0);

    rude.close();
    polite.close();
    await new Promise((resolve) => polite.once('close', resolve));
    expect(rude.readyState).toBe(WebSocket.CLOSING);
    expect(closed).not.toHaveBeenCalled();
    rude.terminate();
  });

  describe('that the app closes', () => {
    const connect = async () => {
      const { url } = await clientOf(slack, slack.appToken).apps.connections.open({});
      const socket = new WebSocket(url ?? '');
      // Slack's hello.
      await new Promise((resolve) => socket.once('message', resolve));
      return socket;
    };
    const type = async () => (await slack.command({ user: ann, channel: room, text: 'x' })).acked;
    beforeEach(async () => {
      await slack.stop();
      await begin({ ackMs: 200 });
    });

    it('get nothing any more, also while the TCP connection is still there', async () => {
      const leaving = await connect();
      const staying = await connect();
      staying.on('message', (data) => staying.send(String(data)));
      leaving.pause();
      leaving.close();
      // The first one is written before Slack has had a moment to read the close frame.
      expect(await type()).toMatchObject({ status: 'timeout' });
      for (const _ of [1, 2, 3]) expect(await type()).toMatchObject({ status: 200 });
      leaving.terminate();
      staying.terminate();
    });

    it('say whether an envelope crossed the goodbye on the wire', async () => {
      const unread = await connect();
      unread.close();
      expect(await type()).toMatchObject({ status: 'timeout', crossed: true });

      // Both have read it: one then says goodbye without having acknowledged it, one ends without a goodbye.
      for (const leave of [(socket: WebSocket) => socket.close(), (socket: WebSocket) => socket.terminate()]) {
        const reader = await connect();
        const isEnvelope = (data: Buffer) => String(data) !== 'Ping from sandbox';
        reader.on('ping', (data) => isEnvelope(data) && leave(reader));
        const ended = new Promise((resolve) => reader.once('close', resolve));
        const result = await type();
        await ended;
        expect(result.status).toBe('timeout');
        expect(result).not.toHaveProperty('crossed');
      }

      // Cut before it was read: there was no goodbye.
      const cut = await connect();
      cut.pause();
      const sent = type();
      cut.terminate();
      const result = await sent;
      expect(result.status).toBe('timeout');
      expect(result).not.toHaveProperty('crossed');
    });
  });

  it('are opened anew by a Bolt app that finds TCP left open', async () => {
    await start((app) => app.command('/deploy', async ({ ack }) => ack()), 500);
    slack.disconnect('refresh_requested', { leaveOpen: true });
    expect(slack.connections()).toBe(0);
    const inTheGap = await slack.command({ user: ann, channel: room, text: 'lost' });
    expect(await inTheGap.acked).toMatchObject({ status: 'not_delivered' });
    await slack.onConnection(1);
    const after = await slack.command({ user: ann, channel: room, text: 'taken' });
    expect(await after.acked).toMatchObject({ status: 200 });
  });

  it('send app_rate_limited without an inner event', async () => {
    const socket = new WebSocket((await clientOf(slack, slack.appToken).apps.connections.open({})).url ?? '');
    const frames: { type: string; envelope_id?: string; payload?: Record<string, unknown> }[] = [];
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data));
      frames.push(frame);
      if (frame.envelope_id) socket.send(JSON.stringify({ envelope_id: frame.envelope_id }));
    });
    await slack.onConnection(1);
    const { acked } = await slack.sendAppRateLimited();
    expect((await acked).status).toBe(200);
    expect(frames[0]).toMatchObject({ type: 'hello', num_connections: 1 });
    expect(frames[1]).toMatchObject({
      type: 'events_api',
      payload: { type: 'app_rate_limited', team_id: slack.teamId },
    });
    expect(frames[1]?.payload).not.toHaveProperty('event');
    socket.terminate();
  });
});
