import { mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createFaults, type Faults } from '../faults.ts';
import { createAccess } from './access.ts';
import { type AppOptions, createApp } from './app.ts';
import { type DeploymentControls, deploymentControls } from './deployment-controls.ts';
import { createDirectory } from './directory.ts';
import { initRepository, openRepository } from './git.ts';
import { answerRequest, type RecordedRequest } from './listener.ts';
import { countIds, type Links, type Repository } from './memory.ts';
import { type PullControls, pullControls } from './pull-controls.ts';
import { createRateLimits, type RateLimits } from './rate-limit.ts';
import { type RepositoryControls, repositoryControls } from './repository-controls.ts';
import type { Surroundings } from './route.ts';
import type { WebhookTarget } from './webhook-target.ts';
import { createWebhooks, type WebhookControls } from './webhooks.ts';

export type { AppOptions } from './app.ts';
export type { WebhookDelivery } from './delivery.ts';
export type { DeploymentObject, DeploymentStatusObject } from './deployment-object.ts';
export type { RecordedRequest } from './listener.ts';
export type { Repository } from './memory.ts';
export type { PullObject } from './pull-object.ts';
export type { WorkflowRunObject } from './run-object.ts';
export type { WebhookTarget } from './webhook-target.ts';

export interface GitHubOptions {
  /** Bare repositories live in here: <folder>/<owner>/<name>.git */
  folder: string;
  /** More can be added later. */
  webhooks?: WebhookTarget[];
  /** The token of the first user, `sandbox-user`; `ghp_sandbox` when left out. */
  token?: string;
  /** That token's scopes; `repo_deployment` and `repo` when left out. */
  scopes?: string[];
  /** How long a webhook's target has for its answer; GitHub's 10 seconds when left out. */
  webhookTimeoutMs?: number;
  now?: () => Date;
}

export interface RepositoryOptions {
  owner: string;
  name: string;
  private?: boolean;
  /** An adopted repository's own when left out, `main` for a new one. */
  defaultBranch?: string;
}

/** GitHub on this machine, over real git repositories; and what a test sees of it and does to it. */
export interface SandboxGitHub extends WebhookControls, RepositoryControls, DeploymentControls, PullControls {
  /** The API's root; it also answers below /api/v3, as GitHub Enterprise Server does. */
  url: string;
  token: string;
  /** Makes a bare repository, or adopts the one that is there. */
  addRepository(r: RepositoryOptions): Promise<Repository>;
  /** One more user with a token. The creator of a thing is its token's user. */
  addUser(login: string, token: string, scopes?: string[]): void;
  /** An address that somebody writes commits with: GitHub knows them as theirs. */
  addEmail(login: string, email: string): void;
  /** Deletes it, but for what git has. */
  removeRepository(fullName: string): void;
  addApp(app: AppOptions): void;
  /** Every request, in the order of arrival. */
  requests: RecordedRequest[];
  faults: Faults;
  rateLimits: RateLimits;
  stop(): Promise<void>;
}

const githubsOwnTimeoutMs = 10_000;

/** Starts it on a free port of the loopback interface. */
export async function startGitHub(options: GitHubOptions): Promise<SandboxGitHub> {
  const now = options.now ?? (() => new Date());
  const nextId = countIds();
  const stopping = new AbortController();
  const repositories = new Map<string, Repository>();
  const people = createDirectory(now);
  const { person } = people;
  const access = createAccess(now);
  const faults = createFaults();
  const rateLimits = createRateLimits(now);
  const webhooks = createWebhooks({
    timeoutMs: options.webhookTimeoutMs ?? githubsOwnTimeoutMs,
    nextId,
    now,
    stopping: stopping.signal,
  });
  const requests: RecordedRequest[] = [];
  const findRepository = (fullName: string) => repositories.get(fullName.toLowerCase());
  const github: Surroundings = { now, nextId, access, people, rateLimits, webhooks, findRepository };

  const server = createServer((request, response) => {
    const parts = { github, faults, requests, stopping: stopping.signal };
    answerRequest(parts, request, response).catch((error) => response.destroy(error));
  });
  // Closing a quiet connection just as a caller takes it up again would be a fault that no test asked for.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const links: Links = { api: url, web: url };

  async function adopt(folder: string, o: Omit<RepositoryOptions, 'defaultBranch'> & { forkOf?: Repository }) {
    const git = openRepository(folder);
    const repository: Repository = {
      id: nextId(),
      owner: person(o.owner, o.forkOf ? 'User' : 'Organization'),
      name: o.name,
      fullName: `${o.owner}/${o.name}`,
      private: o.private ?? false,
      defaultBranch: await git.defaultBranch(),
      forkOf: o.forkOf,
      folder,
      git,
      createdAt: now(),
      deployments: [],
      commitStatuses: [],
      checkRuns: [],
      runs: [],
      pulls: [],
      archived: false,
      levels: new Map(),
      lastChange: Promise.resolve(),
    };
    repositories.set(repository.fullName.toLowerCase(), repository);
    return repository;
  }

  function known(fullName: string): Repository {
    const found = findRepository(fullName);
    if (!found) throw new Error(`the sandbox has no repository ${fullName}`);
    return found;
  }

  const token = options.token ?? 'ghp_sandbox';
  access.addToken(token, person('sandbox-user', 'User'), options.scopes ?? ['repo_deployment', 'repo']);
  for (const target of options.webhooks ?? []) webhooks.addWebhook(target);

  return {
    ...webhooks,
    ...repositoryControls(github, links, known),
    ...deploymentControls(github, links, known),
    ...pullControls(github, links, known, adopt),
    url,
    token,
    requests,
    faults,
    rateLimits,
    async addRepository({ defaultBranch, ...o }) {
      const folder = await bareRepository(join(options.folder, o.owner, `${o.name}.git`), defaultBranch);
      return adopt(folder, o);
    },
    addUser(login, userToken, scopes = ['repo_deployment', 'repo']) {
      access.addToken(userToken, person(login, 'User'), scopes);
    },
    addEmail(login, email) {
      people.addEmail(email, person(login, 'User'));
    },
    removeRepository(fullName) {
      repositories.delete(fullName.toLowerCase());
    },
    addApp(o) {
      const app = createApp(o, now(), person);
      access.addApp(app);
      if (o.webhook) webhooks.addAppWebhook(o.webhook, app);
    },
    async stop() {
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await webhooks.idle();
    },
  };
}

async function bareRepository(folder: string, defaultBranch: string | undefined): Promise<string> {
  const there = await stat(join(folder, 'HEAD')).then(
    () => true,
    () => false,
  );
  if (!there) {
    await mkdir(folder, { recursive: true });
    await initRepository(folder, defaultBranch ?? 'main');
  } else if (defaultBranch) {
    await openRepository(folder).setDefaultBranch(defaultBranch);
  }
  return folder;
}
