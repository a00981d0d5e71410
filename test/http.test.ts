import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createHttp, type Handler } from '../src/http.ts';

/** A server whose webhooks are handled so. */
async function serving(webhooks: Handler) {
  const http = createHttp({
    webhooks,
    readiness: async () => ({ ready: true, parts: {} }),
    log: pino({ level: 'silent' }),
  });
  await new Promise<void>((resolve) => http.server.listen(0, '127.0.0.1', resolve));
  const { port } = http.server.address() as AddressInfo;
  return { ...http, deliver: () => fetch(`http://127.0.0.1:${port}/github/webhooks`, { method: 'POST' }) };
}

test('it is closed when what follows from a request is done, also after the answer', async () => {
  let over = () => {};
  const { deliver, close, server } = await serving((_, response) => {
    response.end('Stored.');
    return new Promise<void>((resolve) => (over = resolve));
  });
  expect((await deliver()).status).toBe(200);
  let isClosed = false;
  const closed = close().then(() => {
    isClosed = true;
  });
  await once(server, 'close');
  await turn();
  expect(isClosed).toBe(false);
  over();
  await closed;
});

test('a handler that throws is answered for, and nobody waits for it', async () => {
  const { deliver, close } = await serving(() => Promise.reject(new Error('a bug')));
  expect((await deliver()).status).toBe(500);
  await close();
});

test('a connection that is kept for the next request does not hold it up once its answer is out', async () => {
  let answer = () => {};
  const { deliver, close, server } = await serving((_, response) => {
    answer = () => response.end('Stored.');
  });
  const delivered = deliver();
  await once(server, 'request');
  const closed = close();
  answer();
  expect((await delivered).status).toBe(200);
  await closed;
});
