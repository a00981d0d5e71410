import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HTTPReceiver } from '@slack/bolt';
import type { Clock } from '../deploy/ports.ts';

/** Slack's own limit for the age of a request (docs.slack.dev/authentication/verifying-requests-from-slack). */
const clockSkewMs = 5 * 60_000;

/**
 * The way in for signed requests, for a server that hands over `POST /slack/events`. Mends what Bolt's receiver gets
 * wrong: it compares the content type letter by letter, takes requests from the future, and throws at other paths.
 */
export function signedRequests(receiver: HTTPReceiver, clock: Clock, isOpen: () => boolean) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (!isOpen()) answer(response, 503);
    else if (isFromTheFuture(request, clock)) answer(response, 401);
    else handOver(request, response);
  };

  function handOver(request: IncomingMessage, response: ServerResponse): void {
    const type = request.headers['content-type'];
    // `; charset=utf-8` is all that is ever added.
    if (type !== undefined) request.headers['content-type'] = type.split(';', 1)[0]?.trim().toLowerCase();
    try {
      receiver.requestListener(request, response);
    } catch {
      answer(response, 404);
    }
  }
}

function answer(response: ServerResponse, status: number): void {
  if (response.headersSent) return;
  // The rest of the body is not read, so the connection can't be used again.
  response.writeHead(status, { connection: 'close' }).end();
}

/** A signature for tomorrow could be replayed for a day; Bolt looks at the past only. */
function isFromTheFuture(request: IncomingMessage, clock: Clock): boolean {
  const stamp = Number(request.headers['x-slack-request-timestamp']);
  return stamp * 1000 > clock.now().getTime() + clockSkewMs;
}
