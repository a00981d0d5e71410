import WebSocket from 'ws';
import type { SandboxSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf } from './apps.ts';

export interface Listener {
  /** The payload of every envelope, all of them acknowledged at once. */
  payloads: Record<string, unknown>[];
  close(): void;
}

/** The least that can be at the other end of Socket Mode: it takes everything and does nothing. */
export async function listen(slack: SandboxSlack): Promise<Listener> {
  const { url = '' } = await clientOf(slack, slack.appToken).apps.connections.open({});
  const socket = new WebSocket(url);
  const payloads: Record<string, unknown>[] = [];
  socket.on('message', (data) => {
    const { envelope_id, payload } = JSON.parse(String(data));
    if (!envelope_id) return;
    payloads.push(payload);
    socket.send(JSON.stringify({ envelope_id }));
  });
  await slack.onConnection(slack.connections() + 1);
  return { payloads, close: () => socket.terminate() };
}
