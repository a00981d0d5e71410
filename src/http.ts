import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface Parts {
  /** POST /github/webhooks */
  webhooks: Handler;
  /** POST /slack/events; none in Socket Mode. */
  slackEvents?: Handler;
  /** What stands behind /readyz; `ready` only needs the store and the jobs. */
  readiness(): Promise<{ ready: boolean; parts: Record<string, string> }>;
  log: Logger;
}

/** Slack and GitHub give up after 3 and 10 seconds; a body that trickles in for longer is nobody's. */
const requestTimeoutMs = 30_000;

const idleLookMs = 50;

/**
 * The HTTP server in front. It is ours, since Bolt compiles the patterns of its custom routes anew on every request and
 * lets what they throw escape; Bolt gets what is Slack's, and nothing else. `close` takes no new connection, answers what
 * is under way, and resolves when all are closed and what their handlers do is done.
 */
export function createHttp(parts: Parts): { server: Server; close(): Promise<void> } {
  let closing = false;
  /** Requests whose handlers are at work; a webhook's is after its answer, too. */
  let underWay = 0;
  let idle = () => {};
  const server = createServer(async (request, response) => {
    // Whoever keeps sending on an open connection would keep us from closing; a balancer opens its next one elsewhere.
    if (closing) response.setHeader('connection', 'close');
    underWay += 1;
    try {
      await route(parts, request, response);
    } catch (error) {
      // A handler that throws is a bug: it is logged, and the request is answered all the same.
      parts.log.error({ err: error, path: pathOf(request) }, 'request failed');
      if (!response.headersSent) answer(response, 500, 'Something broke here; it has been logged.');
      else response.destroy();
    } finally {
      underWay -= 1;
      if (underWay === 0) idle();
    }
  });
  server.requestTimeout = requestTimeoutMs;
  // Longer than a load balancer's idle time, so that it and not we close the connection.
  server.keepAliveTimeout = 75_000;
  return {
    server,
    async close() {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Again and again: whoever was answered without a word of the end keeps the connection for the next request.
      const looks = setInterval(() => server.closeIdleConnections(), idleLookMs);
      await closed;
      clearInterval(looks);
      if (underWay > 0) await new Promise<void>((resolve) => (idle = resolve));
    },
  };
}

function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> | void {
  switch (pathOf(request)) {
    case '/github/webhooks':
      return parts.webhooks(request, response);
    case '/slack/events':
      if (parts.slackEvents) return parts.slackEvents(request, response);
      return answer(response, 404, 'Slack is connected by Socket Mode; no request URL is needed.');
    case '/healthz':
      return answer(response, 200, 'ok');
    case '/readyz':
      return sayReadiness(parts, response);
    default:
      return answer(response, 404, 'Nothing here.');
  }
}

async function sayReadiness(parts: Parts, response: ServerResponse): Promise<void> {
  const { ready, parts: states } = await parts.readiness();
  response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ ready, ...states })}\n`);
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0] ?? '/';

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
