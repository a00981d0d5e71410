import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxSlack, startSlack } from '../../../src/sandbox/slack/server.ts';
import { eventually, httpApp } from './apps.ts';

let slack: SandboxSlack;
const ann = 'U0ANN';
const room = 'C0DEPLOYS';

async function begin(ackMs?: number): Promise<void> {
  slack = await startSlack({ ackMs });
  slack.addUser({ id: ann, name: 'ann' });
  slack.addChannel({ id: room, name: 'deploys', members: [ann] });
}

afterEach(() => slack.stop());

describe('a real Bolt app behind HTTP', () => {
  let app: App;
  const events: unknown[] = [];

  beforeEach(async () => {
    await begin();
    events.length = 0;
    app = await httpApp(slack, (listeners) => {
      listeners.command('/deploy', async ({ ack, command, client }) => {
        await ack(command.text === 'shout' ? { text: 'Hear, hear', response_type: 'in_channel' } : 'Queued');
        await client.chat.postMessage({
          channel: command.channel_id,
          text: `told by ${command.user_name}`,
          blocks: [
            {
              type: 'actions',
              elements: [{ type: 'button', action_id: 'stop', text: { type: 'plain_text', text: 'Stop' } }],
            },
          ],
        });
      });
      listeners.action('stop', async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: 'Stopped' });
      });
      listeners.event('app_mention', async ({ body, context }) => {
        events.push([body.event_id, context.retryNum, context.retryReason]);
      });
    });
  });

  afterEach(() => app.stop());

  it('takes commands, buttons and events', async () => {
    const sent = await slack.command({ user: ann, channel: room, text: 'x' });
    expect(await sent.acked).toMatchObject({ status: 200, body: 'Queued' });
    expect(slack.ephemerals(ann).map(({ text }) => text)).toEqual(['Queued']);
    await eventually(() => slack.messages(room).map(({ shown }) => shown)).toEqual(['[Stop]']);

    const message = slack.messages(room)[0]?.ts ?? '';
    const pressed = await slack.press({ user: ann, channel: room, message, action: 'stop' });
    expect(await pressed.acked).toMatchObject({ status: 200 });
    await eventually(() => slack.messages(room).map(({ shown }) => shown)).toEqual(['Stopped']);

    const mention = await slack.mention({ user: ann, channel: room, text: '@deckhand hi' });
    await mention.acked;
    const again = await slack.redeliver(mention);
    expect(await again.acked).toMatchObject({ status: 200 });
    await expect
      .poll(() => events)
      .toEqual([
        [mention.eventId, undefined, undefined],
        [mention.eventId, 1, 'http_timeout'],
      ]);
  });

  it('shows an answer to all when it says in_channel', async () => {
    await (await slack.command({ user: ann, channel: room, text: 'shout' })).acked;
    await eventually(() => slack.messages(room).map(({ text }) => text)).toContain('Hear, hear');
    expect(slack.ephemerals(ann)).toEqual([]);
  });

  it('gets the challenge back from the request URL', async () => {
    expect(await slack.verifyUrl('3eZbrw1a')).toMatchObject({ status: 200, body: { challenge: '3eZbrw1a' } });
  });

  it.each([
    ['a wrong signature', { signature: 'wrong' }, 401],
    ['no signature', { signature: 'missing' }, 401],
    ['an old timestamp', { shiftSeconds: -301 }, 401],
    ['a timestamp in the future', { shiftSeconds: 3600 }, 200],
    ['another content type', { contentType: 'application/x-www-form-urlencoded; charset=utf-8' }, 400],
  ] as const)('answers %s as Bolt does', async (_what, tamper, status) => {
    const sent = await slack.command({ user: ann, channel: room, text: 'x', tamper });
    const result = await sent.acked;
    expect(result.status).toBe(status);
    expect(result.failure).toBe(status === 200 ? undefined : 'dispatch_failed');
  });
});

describe('a request URL that', () => {
  let server: Server;

  beforeEach(() => begin(500));

  async function listen(handle: Parameters<typeof createServer>[1]): Promise<void> {
    server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    slack.requestUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  }

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['never answers', () => {}, 'timeout', 'operation_timeout'],
    ['fails', (_req, res) => res.writeHead(500).end(), 500, 'dispatch_failed'],
    ['hangs up', (req) => req.socket.destroy(), 'error', 'dispatch_failed'],
  ] as [string, Parameters<typeof createServer>[1], number | string, string][])(
    '%s shows in the channel, to that person alone',
    async (_what, handle, status, failure) => {
      await listen(handle);
      const sent = await slack.command({ user: ann, channel: room, text: 'x' });
      expect(await sent.acked).toMatchObject({ status, failure });
      expect(slack.ephemerals(ann).map(({ text }) => text)).toEqual([expect.stringContaining(failure)]);
      expect(slack.messages(room)).toEqual([]);
    },
  );
});
