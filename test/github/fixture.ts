import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { CreateParameters } from '../../src/deploy/deployment.ts';
import type { Clock } from '../../src/deploy/ports.ts';
import { Refusal } from '../../src/deploy/refusal.ts';
import { type GitHubClient, type GitHubOptions, githubClient } from '../../src/github/client.ts';

/** Ten times as fast as the world's: time-outs and pauses come soon, and everything else is over before them. */
export const fastClock: Clock = {
  now: () => new Date(),
  at(at, call) {
    const timer = setTimeout(call, Math.max(0, at.getTime() - Date.now()) / 10);
    return () => clearTimeout(timer);
  },
};

/** A client whose every line of log is kept, to be searched for what must not be in it. */
export function client(apiUrl: string, options: Partial<GitHubOptions> = {}): GitHubClient & { logged(): string } {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const auth = { kind: 'token', token: 'ghp_sandbox' } as const;
  const made = githubClient({ apiUrl, auth, clock: fastClock, log, userAgent: 'deckhand/test', ...options });
  return { ...made, logged: () => lines.join('') };
}

export const create = (change: Partial<CreateParameters> = {}): CreateParameters => ({
  ref: 'topic-branch',
  task: 'deploy',
  auto_merge: false,
  required_contexts: [],
  environment: 'staging',
  description: 'ann deploys from #deploys',
  payload: { deckhand: { request: '01J1' } },
  ...change,
});

/** A server that answers what a test says, for answers that the sandbox's GitHub never gives. */
export async function serving(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    let body = '';
    for await (const chunk of request) body += chunk;
    handle(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** A server that gives one answer to everything. */
export const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  serving((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });

/** An address at which nobody listens. */
export async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** The Refusal that a promise rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Refusal) return error;
  throw new Error('it was not refused', { cause: error });
}
