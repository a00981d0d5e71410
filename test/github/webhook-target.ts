import { createHmac } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Deployment, Status } from '../../src/deploy/deployment.ts';
import { payloadFor } from '../../src/deploy/return-address.ts';
import { githubWebhooks, type WebhookOptions } from '../../src/github/webhooks.ts';

export const keys = ['our key'];
export const secrets = ['new secret', 'old secret'];

/** The bot's end, with a memory: what it stored, what it was woken for, what it counted. */
export async function listening(options: Partial<WebhookOptions> = {}) {
  const stored = new Map<number, Status>();
  const woken: number[] = [];
  const counted: string[] = [];
  const lines: string[] = [];
  const handler = githubWebhooks({
    secrets,
    keys,
    async record(status) {
      const isNew = !stored.has(status.id);
      stored.set(status.id, status);
      return { isNew, isStrangers: false };
    },
    arrived: ({ id }) => void woken.push(id),
    clock: systemClock,
    observe: (event, result) => counted.push(`${event} ${result}`),
    log: pino({}, { write: (line: string) => lines.push(line) }),
    ...options,
  });
  const handled: Promise<void>[] = [];
  const server = createServer((req, res) => void handled.push(handler(req, res)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/github/webhooks`,
    stored,
    woken,
    counted,
    /** Each settles when nothing more follows from a request. */
    handled,
    logged: () => lines.join(''),
  };
}

export const sign = (body: string | Buffer, secret = 'new secret') =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

export type Headers = Record<string, string | undefined>;

/** Sends raw bytes, signed unless the headers say otherwise. */
export function post(url: string, body: string | Buffer, headers: Headers = {}, method = 'POST') {
  const all: Headers = {
    'content-type': 'application/json',
    'x-github-event': 'deployment_status',
    'x-github-delivery': 'guid-1',
    'x-hub-signature-256': sign(body),
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
  return new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(url, { method, headers: given, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    sent.on('error', reject).end(body);
  });
}

export const deployment = {
  request: '01JD',
  place: { team: 'T1', room: 'C1', roomName: 'deploys' },
  asker: { id: 'U1', name: 'ann' },
  app: 'hello',
  repository: 'acme/hello',
  hosts: [],
  create: { ref: 'topic', task: 'deploy', auto_merge: false, environment: 'staging', description: '', payload: {} },
  thread: '1718.1',
} as unknown as Deployment;

export const event = (change: { status?: object; deployment?: object; repository?: object } = {}) => ({
  action: 'created',
  deployment_status: {
    id: 11,
    state: 'in_progress',
    description: 'Building',
    environment: 'staging',
    target_url: 'https://log.example/11',
    log_url: 'https://log.example/11',
    environment_url: '',
    creator: { login: 'deployer[bot]' },
    created_at: '2026-11-20T12:00:05Z',
    ...change.status,
  },
  deployment: {
    id: 7,
    sha: 'a'.repeat(40),
    ref: 'topic',
    task: 'deploy',
    original_environment: 'staging',
    environment: 'staging',
    created_at: '2026-11-20T12:00:00Z',
    payload: payloadFor(deployment, keys),
    ...change.deployment,
  },
  repository: { full_name: 'acme/hello', ...change.repository },
});
export const json = (change = {}) => JSON.stringify(event(change));
