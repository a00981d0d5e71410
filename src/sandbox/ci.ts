import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAsk, type InstalledApp } from './ci/app-token.ts';
import { build, readHead } from './ci/build.ts';
import { readSignedWebhook } from './signed-webhook.ts';

export interface CiOptions {
  github: { url: string };
  /** Check runs are for GitHub Apps only. It needs `checks` and `statuses` to write. */
  app: InstalledApp;
  webhookSecret: string;
  /** The bare repositories: `<gitFolder>/<owner>/<name>.git`. */
  gitFolder: string;
  /** Milliseconds between two steps, for people to see them happen; default 300. */
  stepMs?: number;
  now?: () => Date;
}

export interface Ci {
  /** Where `push` webhooks go. */
  url: string;
  /** Whether something is being checked. */
  isBusy(): boolean;
  /** Resolves when nothing is being checked. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the sandbox's continuous integration on a free port of 127.0.0.1. It listens for signed `push` webhooks and
 * reports on each new head to GitHub's REST API. What it did is told below `/builds/<owner>/<name>/<sha>`.
 */
export async function startCi(o: CiOptions): Promise<Ci> {
  const now = o.now ?? (() => new Date());
  const stopping = new AbortController();
  const { signal } = stopping;
  const ask = createAsk({ url: o.github.url, app: o.app, now, signal });
  const logs = new Map<string, string[]>();
  const underWay = new Set<Promise<void>>();

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A name that leads here by DNS is some page on the internet looking around on this machine.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return say(response, 421);
    if (request.url === '/webhook') return takeWebhook(request, response);
    const log = logs.get((request.url ?? '').replace('/builds/', ''));
    return log ? say(response, 200, log.join('\n')) : say(response, 404);
  }

  async function takeWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const webhook = await readSignedWebhook(request, o.webhookSecret);
    if (typeof webhook === 'number') return say(response, webhook);
    const head = webhook.event === 'push' ? readHead(webhook.body) : undefined;
    say(response, 202);
    if (!head) return;
    const name = `${head.repository}/${head.sha}`;
    const log: string[] = [];
    // GitHub may deliver the same event again, and several branches may have one head: a commit is checked once.
    if (logs.has(name)) return;
    logs.set(name, log);
    const { gitFolder, stepMs = 300 } = o;
    const write = (line: string) => void log.push(`${now().toISOString()} ${line}`);
    const done = build(head, { ask, gitFolder, stepMs, page: `${home}builds/${name}`, log: write, signal })
      // Its report is lost, as it would be outside; the page tells why.
      .catch((error: unknown) => write(`given up: ${error instanceof Error ? error.message : error}`))
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }

  return {
    url: `${home}webhook`,
    isBusy: () => underWay.size > 0,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function say(response: ServerResponse, status: number, text = String(status)): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(`${text}\n`);
}
