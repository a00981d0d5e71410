import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { parsed } from './arguments.ts';
import type { AckResult, Outgoing } from './delivery.ts';

/** Connections of one app at the same time; Slack picks one of them for each envelope. */
const mostConnections = 10;
/** What `ws` says of a connection that ended without a close frame (RFC 6455, 7.4.1). */
const noCloseFrame = 1006;
/** Clients give up on a server that they have not heard of for 30 seconds. */
const pingEveryMs = 10_000;

export type DisconnectReason = 'refresh_requested' | 'warning' | 'too_many_websockets' | 'link_disabled';

export interface DisconnectOptions {
  /** Slack says to go and then leaves the TCP connection open, not answering the client's close frame. */
  leaveOpen?: boolean;
  /** Which of the live connections, oldest first, from 0; all of them when left out. */
  connection?: number;
}

/** An envelope that was written on `socket`. */
interface Unacknowledged {
  envelopeId: string;
  socket: WebSocket;
  /** The app has answered the ping that was written right behind it. */
  isRead: boolean;
  /** The app has closed the connection without having read it. */
  hasCrossed: boolean;
  acknowledge(payload: unknown): void;
  giveUp(): void;
}

/** The WebSocket side of Slack. `origin` is `ws://127.0.0.1:PORT`; an envelope counts as lost after `ackMs`. */
export function createSocketMode(o: { appId: string; origin: string; ackMs: number }) {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const live: WebSocket[] = [];
  const waiting: { least: number; resolve: () => void }[] = [];
  const unacknowledged: Unacknowledged[] = [];
  let next = 0;

  function welcome(socket: WebSocket) {
    socket.on('message', (data) => receive(String(data)));
    socket.on('error', () => socket.terminate());
    if (live.length >= mostConnections) {
      socket.send(
        JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: { host: 'sandbox' } }),
      );
      socket.close();
      return;
    }
    const pings = setInterval(() => socket.ping('Ping from sandbox'), pingEveryMs).unref();
    socket.on('pong', (data) => {
      for (const one of unacknowledged) {
        if (one.socket === socket && one.envelopeId === String(data)) one.isRead = true;
      }
    });
    socket.on('close', (code) => {
      clearInterval(pings);
      retire(socket);
      if (code === noCloseFrame) return;
      for (const one of unacknowledged) if (one.socket === socket && !one.isRead) one.hasCrossed = true;
    });
    live.push(socket);
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: live.length,
        debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: o.appId },
      }),
    );
    for (const one of [...waiting]) if (live.length >= one.least) one.resolve();
  }

  /** No envelope goes to it any more. */
  function retire(socket: WebSocket) {
    const at = live.indexOf(socket);
    if (at >= 0) live.splice(at, 1);
  }

  function receive(data: string) {
    const frame = parsed(data) as { envelope_id?: string; payload?: unknown } | null;
    const at = unacknowledged.findIndex(({ envelopeId }) => envelopeId === frame?.envelope_id);
    // Too late, or never asked: Slack pays no attention either.
    if (at >= 0) unacknowledged.splice(at, 1)[0]?.acknowledge(frame?.payload);
  }

  function refuse(socket: Duplex, status: string) {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  return {
    /** A URL that opens one connection. */
    newUrl(): string {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `${o.origin}/link/?ticket=${ticket}&app_id=${o.appId}`;
    },

    /** Takes an HTTP request to upgrade; its ticket has to be a fresh one. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
      if (pathname !== '/link/') refuse(socket, '404 Not Found');
      else if (!tickets.delete(searchParams.get('ticket') ?? '')) refuse(socket, '401 Unauthorized');
      else server.handleUpgrade(request, socket, head, welcome);
    },

    connections: () => live.length,

    /** Resolves when at least so many connections are live. */
    async whenConnections(least: number): Promise<void> {
      if (live.length >= least) return;
      await new Promise<void>((resolve) => {
        const one = {
          least,
          resolve: () => {
            waiting.splice(waiting.indexOf(one), 1);
            resolve();
          },
        };
        waiting.push(one);
      });
    },

    /** Sends an envelope to the next connection and waits for its acknowledgement. */
    async deliver({ type, payload, envelopeId, retry }: Outgoing): Promise<AckResult> {
      const started = performance.now();
      const elapsed = () => performance.now() - started;
      // Whoever has answered a close frame sends nothing any more (RFC 6455, 5.5.1); `ws` throws it away without a word.
      const open = live.filter(({ readyState }) => readyState === WebSocket.OPEN);
      const socket = open[next++ % Math.max(open.length, 1)];
      if (!socket) return { status: 'not_delivered', body: undefined, ms: elapsed(), failure: 'dispatch_failed' };
      socket.send(
        JSON.stringify({
          envelope_id: envelopeId,
          type,
          payload,
          accepts_response_payload: type === 'slash_commands',
          ...(type === 'events_api' && { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' }),
        }),
      );
      // Answered as soon as the app has read what stands before it.
      socket.ping(envelopeId);
      return new Promise((resolve) => {
        const entry: Unacknowledged = {
          envelopeId,
          socket,
          isRead: false,
          hasCrossed: false,
          acknowledge: (body: unknown) => {
            clearTimeout(timer);
            resolve({ status: 200, body: isEmpty(body) ? undefined : body, ms: elapsed() });
          },
          giveUp: () => {
            clearTimeout(timer);
            const crossed = entry.hasCrossed && { crossed: true as const };
            resolve({ status: 'timeout', body: undefined, ms: elapsed(), failure: 'dispatch_failed', ...crossed });
          },
        };
        const timer = setTimeout(() => {
          unacknowledged.splice(unacknowledged.indexOf(entry), 1);
          entry.giveUp();
        }, o.ackMs);
        unacknowledged.push(entry);
      });
    },

    /** Tells connections to go. After a mere `warning` they still get envelopes. */
    disconnect(
      reason: DisconnectReason = 'refresh_requested',
      { leaveOpen, connection }: DisconnectOptions = {},
    ): void {
      const chosen = connection === undefined ? [...live] : live.slice(connection, connection + 1);
      for (const socket of chosen) {
        if (reason !== 'warning') retire(socket);
        // ws answers a close frame by calling close(): without it the frame stays unanswered and TCP stays open.
        if (leaveOpen) socket.close = () => {};
        socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'sandbox' } }));
      }
    },

    /** Says goodbye, and soon cuts what does not go by itself; connections that were left open are among that. */
    async stop(): Promise<void> {
      for (const { giveUp } of unacknowledged.splice(0)) giveUp();
      const gone = [...server.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of server.clients) socket.close(1001);
      const cut = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, 100);
      await Promise.all(gone);
      clearTimeout(cut);
    },
  };
}

function isEmpty(payload: unknown): boolean {
  return (
    payload === undefined || payload === null || (typeof payload === 'object' && Object.keys(payload).length === 0)
  );
}
