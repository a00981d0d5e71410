import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../src/clock.ts';
import { oneAttempt } from '../../src/slack/client.ts';
import { slackLogger } from '../../src/slack/logger.ts';
import { type Envelope, socketConnections } from '../../src/slack/socket.ts';
import { listening, quiet } from './scene.ts';

/** A Slack that sends frames as a test wants them, well-formed or not. */
let server: Server;
let sockets: WebSocketServer;
let url: string;
const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);

beforeEach(async () => {
  rejections.length = 0;
  process.on('unhandledRejection', note);
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, url: url.replace('http', 'ws') }));
  });
  sockets = new WebSocketServer({ server });
  url = await listening(server);
});

afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

const hello = JSON.stringify({ type: 'hello' });
const command = JSON.stringify({ type: 'slash_commands', envelope_id: 'e1', payload: { command: '/deploy' } });

/** One connection to it; `greet` is run with each new socket, counted from 0. */
function connect(greet: (socket: WebSocket, count: number) => void, log: string[] = []) {
  let count = 0;
  sockets.on('connection', (socket) => greet(socket, count++));
  const envelopes: Envelope[] = [];
  const connections = socketConnections({
    appToken: 'xapp-1',
    clientOptions: () => oneAttempt(url, quiet(log)),
    logger: slackLogger(quiet(log)),
    connections: 1,
    staggerMs: 0,
    receive: async (envelope) => void envelopes.push(envelope),
    clock: systemClock,
    log: quiet(log),
  });
  return { connections, envelopes, count: () => count };
}

test('a frame that cannot be read is skipped, and the connection goes on', async () => {
  const { connections, envelopes } = connect((socket) => {
    for (const frame of [hello, 'not json', '""', 'null', '7', '{"type":"events_api"}', '{}', command])
      socket.send(frame);
  });
  await connections.start();
  await expect.poll(() => envelopes.some(({ body }) => body?.command === '/deploy')).toBe(true);
  await connections.stop();
});

test('greeted and sent away in one breath, it comes again at once', async () => {
  const began = performance.now();
  const { connections, envelopes, count } = connect((socket, number) => {
    // As when Slack leaves TCP open: the close frame stays unanswered.
    socket.close = () => {};
    socket.send(hello);
    socket.send(number === 0 ? JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }) : command);
  });
  await connections.start();
  await expect.poll(() => envelopes.length).toBe(1);
  expect(count()).toBe(2);
  expect(performance.now() - began).toBeLessThan(3_000);
  await connections.stop();
});

test('a connection that is never greeted is given up when the bot stops', async () => {
  const { connections, count } = connect(() => {});
  const started = connections.start();
  await expect.poll(count).toBe(1);
  await connections.stop();
  await started;
  expect(connections.isConnected()).toBe(false);
});
