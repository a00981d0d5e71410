import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Headers, json, listening, post, secrets, sign } from './webhook-target.ts';

describe('turned away', () => {
  const body = json();
  test.each<[string, Headers]>([
    ['without a signature', { 'x-hub-signature-256': undefined }],
    [
      'with the old kind of signature alone',
      {
        'x-hub-signature-256': undefined,
        'x-hub-signature': `sha1=${createHmac('sha1', 'new secret').update(body).digest('hex')}`,
      },
    ],
    ['with another secret', { 'x-hub-signature-256': sign(body, 'guess') }],
    ['with no secret', { 'x-hub-signature-256': sign(body, '') }],
    ['with a signature of other bytes', { 'x-hub-signature-256': sign(`${body} `) }],
    ['with a signature that is cut', { 'x-hub-signature-256': sign(body).slice(0, -1) }],
    ['with an empty one', { 'x-hub-signature-256': 'sha256=' }],
    ['with one that is no hex', { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` }],
    [
      'unsigned, whatever else is wrong',
      { 'x-hub-signature-256': undefined, 'content-type': 'text/plain', 'x-github-event': undefined },
    ],
  ])('401 %s', async (_, headers) => {
    const bot = await listening({ secrets: [...secrets, ''] });
    expect(await post(bot.url, body, headers)).toMatchObject({ status: 401 });
    expect(bot.stored.size).toBe(0);
    expect(bot.counted).toEqual(['none unsigned']);
  });

  test.each<[string, string | Buffer, Headers]>([
    ['broken JSON', '{"deployment_status":', {}],
    ['an empty body', '', {}],
    ['an array', '[]', {}],
    ['null', 'null', {}],
    ['a string', '"x"', {}],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}],
    ['JSON called a form', body, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form called JSON', new URLSearchParams({ payload: body }).toString(), {}],
    ['a form with broken JSON', 'payload=%7B', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['another content type', body, { 'content-type': 'text/plain' }],
    ['no content type', body, { 'content-type': undefined }],
    ['no event', body, { 'x-github-event': undefined }],
  ])('400 for %s', async (_, sent, headers) => {
    const bot = await listening();
    expect(await post(bot.url, sent, headers)).toMatchObject({ status: 400 });
    expect(bot.stored.size).toBe(0);
  });

  test.each(['GET', 'PUT', 'DELETE'])('405 for %s, with what is allowed', async (method) => {
    const bot = await listening();
    expect(await post(bot.url, '', {}, method)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test('413 for what is announced as too large', async () => {
    const bot = await listening({ bodyLimit: 100 });
    expect(await post(bot.url, 'x'.repeat(101))).toMatchObject({ status: 413 });
  });

  test('413 for what turns out too large', async () => {
    const bot = await listening({ bodyLimit: 100 });
    const headers = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
    expect(await post(bot.url, 'x'.repeat(5_000), headers)).toMatchObject({ status: 413 });
    expect(bot.stored.size).toBe(0);
  });

  test('503 for large bodies that are more than fit at once, and for nothing else', async () => {
    const bot = await listening();
    const large = 20 * 1024 * 1024;
    const head = `POST /github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: ${large}\r\n\r\n`;
    const answers: string[] = [];
    const senders = Array.from({ length: 8 }, () => {
      const socket = connect(bot.port, '127.0.0.1');
      socket.on('data', (data) => answers.push(data.toString().split(' ')[1] ?? '')).on('error', () => {});
      socket.write(head);
      // The last byte never comes.
      socket.write(Buffer.alloc(large - 1, ' '));
      return socket;
    });
    await expect.poll(() => answers, { timeout: 20_000 }).toEqual(['503', '503', '503']);
    expect(await post(bot.url, json())).toMatchObject({ status: 200 });
    for (const socket of senders) socket.destroy();
    const padded = `${' '.repeat(large)}${json()}`;
    await expect.poll(async () => (await post(bot.url, padded)).status, { timeout: 20_000 }).toBe(200);
    expect(answers).toEqual(['503', '503', '503']);
  });

  test('a sender that goes away half way leaves nothing behind', async () => {
    const bot = await listening();
    const socket = connect(bot.port, '127.0.0.1');
    socket.write('POST /github/webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf');
    await new Promise<void>((resolve) => socket.end(() => resolve()));
    socket.destroy();
    expect(await post(bot.url, json())).toMatchObject({ status: 200 });
    expect(bot.stored.size).toBe(1);
  });
});
