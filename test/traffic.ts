import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/**
 * The HTTP requests of this process that are not over: those of the bot, of the platforms and of the test itself. Node
 * tells of each (nodejs.org/api/diagnostics_channel.html, "HTTP"; undici's docs, "Diagnostics Channel Support"), so that
 * nothing has to stand between those who talk. One is over when its answer has come to its end, or it has failed.
 */
const requests = new Set<object>();

/** How many requests are under way in this process. */
export const requestsUnderWay = (): number => requests.size;

listen<{ upgrade?: unknown }>('undici:request:create', (request) => {
  // A WebSocket begins as a request that has no end.
  if (!request.upgrade) requests.add(request);
});
listen('undici:request:trailers', (request) => requests.delete(request));
listen('undici:request:error', (request) => requests.delete(request));
listen<ClientRequest>('http.client.request.start', (request) => {
  requests.add(request);
  request.once('close', () => requests.delete(request));
});

function listen<R extends object>(channel: string, hear: (request: R) => void): void {
  subscribe(channel, (message) => hear((message as { request: R }).request));
}
