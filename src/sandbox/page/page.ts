import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../world.ts';
import { Impossible, perform, readAct } from './acts.ts';
import { chatView, messageView } from './chat-view.ts';
import { createControls } from './controls.ts';
import { pageFiles } from './files.ts';
import { safeHeaders, whyRefused, whyTokenRefused } from './guard.ts';
import { createLive } from './live.ts';
import { createRefReader } from './refs.ts';
import { worldView } from './world-view.ts';

export interface SandboxPage {
  /** The link to open, with its token. The token is a fragment: no server, log or Referer ever sees it in an address. */
  link: string;
  url: string;
  token: string;
  stop(): Promise<void>;
}

/** Longest body of a request, in bytes. */
const mostBytes = 64 * 1024;

/**
 * Starts the sandbox's page on a free port of 127.0.0.1: `/` and its files for everybody on this machine, `/api/stream`
 * (what there is and what changes) and `/api/act` (what one can do) for whoever has the link's token.
 */
export async function startPage(world: World, o: { beginWith: string; now?: () => Date }): Promise<SandboxPage> {
  const now = o.now ?? (() => new Date());
  const token = randomBytes(24).toString('base64url');
  const files = pageFiles();
  const controls = createControls(world);
  const readers = world.stored.map(createRefReader);
  const lookAtWorld = () => worldView(world, controls, readers);
  const settings = {
    beginWith: { line: o.beginWith, room: world.channels.deploys.id },
    apps: world.repositories.map((name) => name.split('/')[1] ?? name),
  };
  const live = createLive({
    // The chat last: it must be as it is when the stream begins.
    state: async () => {
      const seen = await lookAtWorld();
      return { kind: 'state', world: seen, chat: chatView(world, settings) };
    },
    world: lookAtWorld,
  });
  const unsubscribe = (['message', 'edit', 'ephemeral'] as const).map((event) =>
    world.slack.on(event, (message) =>
      live.tell({ kind: 'message', message: messageView(message, world.slack.botUserId) }),
    ),
  );

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
    const path = (request.url ?? '/').replace(/[?#].*$/, '');
    const refused =
      whyRefused(request.headers, port) ??
      (path.startsWith('/api/') ? whyTokenRefused(request.headers, token) : undefined);
    if (refused) return say(response, refused.status, { error: refused.why });
    if (request.method === 'GET' && path === '/api/stream') return live.follow(response);
    if (request.method === 'POST' && path === '/api/act') return act(request, response);
    const file = request.method === 'GET' ? files.get(path) : undefined;
    if (!file) return say(response, 404, { error: 'There is nothing here.' });
    response.writeHead(200, { 'content-type': file.type }).end(await file.read());
  }

  async function act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined)
      return say(response, 413, { error: `That is too long: a request may have ${mostBytes / 1024} KB.` });
    try {
      say(response, 200, await perform(readAct(body), { world, controls, readers, now }));
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      return say(response, 400, { error: error.message });
    }
    await live.look();
  }

  const url = `http://127.0.0.1:${port}/`;
  return {
    link: `${url}#key=${token}`,
    url,
    token,
    async stop() {
      for (const end of unsubscribe) end();
      live.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** The body as text; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
