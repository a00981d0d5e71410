import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, type FaultBook, performWithFault } from '../faults.ts';
import type { createActivity } from './activity.ts';
import { type Arguments, readArguments } from './arguments.ts';
import type { createResponseUrls } from './response-urls.ts';
import type { createWebApi } from './web-api.ts';

/** A Web API call, as it came and as it was answered. */
export interface RecordedCall {
  /** `chat.postMessage`, …; `response_url` for an answer to a response_url. */
  method: string;
  /** `blocks`, `metadata`, `attachments` and `view` parsed. */
  args: Arguments;
  at: Date;
  /** The HTTP status that was answered; undefined while unanswered or cut off. */
  status?: number;
  /** What was done and would be answered; undefined when a fault kept it from being done. */
  result?: unknown;
}

/** Turns HTTP requests into Web API calls and response_url answers, with the faults that tests ask for. */
export function createRoutes(o: {
  webApi: ReturnType<typeof createWebApi>;
  responseUrls: ReturnType<typeof createResponseUrls>;
  faults: FaultBook;
  activity: ReturnType<typeof createActivity>;
  calls: RecordedCall[];
  now: () => Date;
  stopping: AbortSignal;
}) {
  /** Who answers this path, under which name it is recorded; undefined for paths that are not Slack's. */
  function route(
    path: string,
    authorization: string,
  ): { name: string; answer: (args: Arguments) => Answer } | undefined {
    const method = /^\/api\/([\w.]+)$/.exec(path)?.[1];
    if (method) return { name: method, answer: (args) => o.webApi.call(method, args, authorization) };
    if (path.startsWith('/response/'))
      return { name: 'response_url', answer: (args) => o.responseUrls.take(path, args) };
    return undefined;
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = o.activity.begin();
    // Also when the client gives up on a call that hangs.
    response.on('close', ended);
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const body = await readBody(request);
    const found = route(url.pathname, request.headers.authorization ?? '');
    if (body === undefined || !found) {
      response.writeHead(found ? 400 : 404).end();
      return;
    }
    const args = readArguments(request.headers['content-type'] ?? '', body, url.searchParams);
    const call: RecordedCall = { method: found.name, args, at: o.now() };
    o.calls.push(call);
    const fault = o.faults.take(request.method ?? 'GET', url.pathname, args);
    const answer = await performWithFault(fault, o.faults, response, o.stopping, async () => {
      const done = found.answer(args);
      call.result = done.body;
      return done;
    });
    if (!answer) return;
    call.status = answer.status;
    write(response, answer);
  };
}

/** The whole body, or undefined when the client went away before its end. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

function write(response: ServerResponse, { status, headers, body }: Answer) {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    ...headers,
  });
  response.end(isText ? body : JSON.stringify(body ?? {}));
}
