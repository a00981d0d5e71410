import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, type Fault, type FaultBook, performWithFault } from '../faults.ts';
import { dispatch } from './dispatch.ts';
import { enterpriseVersion } from './general-routes.ts';
import { pageAt } from './pages.ts';
import type { Surroundings } from './route.ts';

/** A request as it came, and what it got. */
export interface RecordedRequest {
  method: string;
  /** Without query, and without the prefix of GitHub Enterprise Server. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  /** Parsed; undefined without one or when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the body that it looks at
  body?: any;
  at: Date;
  /** Undefined until answered, and for ever when the connection was cut. */
  status?: number;
  /** The answer's body, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the body that it looks at
  answer?: any;
  /** The fault it met: then the answer, if any, may be the test's and not GitHub's. */
  fault?: Fault['kind'];
}

interface Parts {
  github: Surroundings;
  faults: FaultBook;
  requests: RecordedRequest[];
  stopping: AbortSignal;
}

const enterprisePrefix = '/api/v3';

/** Answers one request, with whatever fault it meets, and records both. */
export async function answerRequest(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { github, faults, requests, stopping } = parts;
  const text = await textOf(request);
  if (text === undefined) return;
  const web = `http://127.0.0.1:${request.socket.localPort}`;
  const { pathname, searchParams: query } = new URL(`${web}${request.url}`);
  const prefix = pathname.startsWith(`${enterprisePrefix}/`) ? enterprisePrefix : '';
  const { method = 'GET', headers } = request;
  // People's reading is no traffic of the API: not recorded, not counted, met by no fault.
  const page = await pageAt(github, method, pathname);
  if (page) return write(response, page, '');
  const body = parsed(text);
  const path = pathname.slice(prefix.length);
  const recorded: RecordedRequest = { method, path, query: Object.fromEntries(query), headers, body, at: github.now() };
  requests.push(recorded);

  const fault = faults.take(method, path, body);
  recorded.fault = fault?.kind;
  const isBroken = text !== '' && body === undefined;
  const links = { api: web + prefix, web };
  const answer = await performWithFault(fault, faults, response, stopping, () =>
    dispatch(github, { method, path, query, headers, body, isBroken, links }),
  );
  if (!answer) return;
  recorded.status = answer.status;
  recorded.answer = answer.body;
  write(response, answer, prefix);
}

function write(response: ServerResponse, { status, headers, body }: Answer, prefix: string) {
  const general = {
    'x-github-media-type': 'github.v3; format=json',
    'x-github-api-version-selected': '2022-11-28',
    'x-github-request-id': `${randomBytes(2).toString('hex')}:${randomBytes(10).toString('hex')}`.toUpperCase(),
    ...(prefix && { 'x-github-enterprise-version': `enterprise-server@${enterpriseVersion}` }),
    ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
  };
  response.writeHead(status, { ...general, ...headers });
  response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
}

/** Undefined when the caller went away before all was sent. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
