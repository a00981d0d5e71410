import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Announcement, readAnnouncement } from './deployer/announcement.ts';
import { createCallOff } from './deployer/call-off.ts';
import { serveFile } from './deployer/files.ts';
import { createLog, type LiveLog } from './deployer/log.ts';
import { escapeHtml, overviewPage, pageStart } from './deployer/pages.ts';
import { release } from './deployer/release.ts';
import { createReport } from './deployer/report.ts';
import { readSignedWebhook } from './signed-webhook.ts';

export interface DeployerOptions {
  github: { url: string; token: string };
  webhookSecret: string;
  /** The bare repositories: `<gitFolder>/<owner>/<name>.git`. */
  gitFolder: string;
  /** The deployer's own: checked-out files. */
  folder: string;
  /** Whether a deploy.sh in the checked-out files is run. */
  runScripts: boolean;
  /** Milliseconds between two steps, for people to see them happen; default 300. */
  stepMs?: number;
  /** Milliseconds that a deploy.sh may take; default 60,000. */
  scriptTimeLimit?: number;
  now?: () => Date;
}

export interface Deployer {
  /** Where `deployment` webhooks go. */
  url: string;
  /** What is live, and the logs. */
  home: string;
  /** Whether a status `error` that somebody else sets stops it at its next step, as it does at first. */
  heedsCalls: boolean;
  /** Resolves when no deployment is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Deployment {
  what: Announcement;
  log: LiveLog;
}

/**
 * Starts the sandbox's deployer on a free port of 127.0.0.1. It listens for signed `deployment` webhooks, deploys one at a
 * time in each environment, reports to GitHub's REST API, and serves what it deployed: `/<app>/<environment>/`, and the
 * log of each deployment as a page that grows (`/~logs/<owner>/<name>/<id>`, plain with `.txt` added).
 */
export async function startDeployer(o: DeployerOptions): Promise<Deployer> {
  const now = o.now ?? (() => new Date());
  const deployments = new Map<string, Deployment>();
  const live = new Map<string, { what: Announcement; folder: string }>();
  const turns = new Map<string, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const home = `http://127.0.0.1:${port}/`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    // A name that leads here by DNS is some page on the internet looking around on this machine.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return refuse(response, 421);
    const segments = (request.url ?? '/')
      .replace(/[?#].*$/, '')
      .split('/')
      .slice(1);
    if (segments[0] === '~webhook') return takeWebhook(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    if (segments[0] === '') return sendOverview(response);
    if (segments[0] === '~logs') return sendLog(response, segments.slice(1).join('/'));

    const place = live.get(segments.slice(0, 2).map(reencoded).join('/'));
    if (!place) return refuse(response, 404);
    if (segments.length === 2) return void response.writeHead(308, { location: `./${segments[1]}/` }).end();
    await serveFile(response, place.folder, segments.slice(2), place.what);
  }

  async function takeWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const webhook = await readSignedWebhook(request, o.webhookSecret);
    if (typeof webhook === 'number') return refuse(response, webhook);
    const what = webhook.event === 'deployment' ? readAnnouncement(webhook.body, webhook.contentType) : undefined;
    response.writeHead(202).end();
    // GitHub may deliver the same event again; a deployment is deployed once.
    if (what && !deployments.has(logName(what))) begin(what);
  }

  function begin(what: Announcement): void {
    const log = createLog();
    deployments.set(logName(what), { what, log });
    const onLoss = (line: string) => log.write(`${now().toISOString()} ${line}\n`);
    const wire = { github: o.github, onLoss, signal: stopping.signal };
    const logUrl = `${home}~logs/${logName(what)}`;
    const report = createReport(what, { ...wire, logUrl });
    const asks = createCallOff(what, wire);
    const place = `${encodeURIComponent(what.app)}/${encodeURIComponent(what.environment)}`;
    const folder = path.join(o.folder, 'trees', what.repository, String(what.id));
    const work = async (turn: Promise<void> | undefined) => {
      await report({ state: 'queued', description: turn ? `Waiting for its turn on ${what.environment}` : 'Taken up' });
      await turn;
      await release(what, {
        gitFolder: o.gitFolder,
        folder,
        runScripts: o.runScripts,
        stepMs: o.stepMs ?? 300,
        scriptTimeLimit: o.scriptTimeLimit ?? 60_000,
        environmentUrl: `${home}${place}/`,
        log,
        report,
        isCalledOff: async () => deployer.heedsCalls && asks(),
        publish: () => live.set(place, { what, folder }),
        signal: stopping.signal,
      });
    };
    const turnName = `${what.repository} ${what.environment}`;
    const done = work(turns.get(turnName)).finally(() => {
      underWay.delete(done);
      if (turns.get(turnName) === done) turns.delete(turnName);
    });
    turns.set(turnName, done);
    underWay.add(done);
  }

  function sendOverview(response: ServerResponse): void {
    response.writeHead(200, ownPage).end(
      overviewPage(
        [...live].map(([place, { what }]) => ({ url: `/${place}/`, what })),
        [...deployments].map(([name, { what, log }]) => ({
          url: `/~logs/${name}`,
          what,
          outcome: log.outcome() ?? 'under way',
        })),
      ),
    );
  }

  function sendLog(response: ServerResponse, name: string): void {
    const deployment = deployments.get(name.replace(/\.txt$/, ''));
    if (!deployment) {
      refuse(response, 404);
      return;
    }
    const { what, log } = deployment;
    const isPlain = name.endsWith('.txt');
    response.writeHead(200, isPlain ? { 'content-type': 'text/plain; charset=utf-8' } : ownPage);
    if (response.req.method === 'HEAD') return void response.end();
    // At once, also while there is no line yet: the page should show that it is the right one.
    response.flushHeaders();
    if (!isPlain) response.write(`${pageStart(`${what.app}: ${what.ref} to ${what.environment}`)}<pre>`);
    const unfollow = log.follow({
      line: (line) => response.write(`${isPlain ? line : escapeHtml(line)}\n`),
      end: (outcome) => response.end(isPlain ? '' : `</pre><p>Ended: ${escapeHtml(outcome)}</p></body></html>\n`),
    });
    response.on('close', unfollow);
  }

  const deployer: Deployer = {
    url: `${home}~webhook`,
    home,
    heedsCalls: true,
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
  return deployer;
}

const ownPage = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

function logName(what: Announcement): string {
  return `${what.repository}/${what.id}`;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${status}\n`);
}

/** One spelling for an address's segment: browsers differ in what they encode. */
function reencoded(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment));
  } catch {
    return segment;
  }
}
