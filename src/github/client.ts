import type { Logger } from 'pino';
import type { CreateParameters } from '../deploy/deployment.ts';
import type { Check, Clock, CreateResult, GitHub, Repository } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { webRoot } from '../deploy/web-root.ts';
import { type AsApp, type Credentials, ownFirst, signedAs, withApp, withoutToken, withToken } from './auth.ts';
import { readChecks } from './checks.ts';
import { compare } from './compare.ts';
import { createResult, isUnexplained } from './create.ts';
import { findRequest, newest, readStatuses } from './deployments.ts';
import { readDeployment, readDeployments } from './existing.ts';
import { connect, type Host } from './host.ts';
import { login } from './login.ts';
import { deleteDeployment, mark } from './mark.ts';
import { closedPullRequests, pullRequest } from './pulls.ts';
import { readRaw } from './raw.ts';
import { type Request, reading } from './reading.ts';
import { createRedelivery } from './redelivery.ts';
import { defaultBranch, resolve } from './refs.ts';
import { cancelRun, runsOf } from './runs.ts';
import type { Manners, Outcome } from './wire.ts';

export interface GitHubOptions {
  /** Root of the REST API. */
  apiUrl: string;
  /** Who the bot is there. An App's id is its number or its client id, its key a PEM. */
  auth: Readonly<{ kind: 'token'; token: string } | { kind: 'app'; id: string; privateKey: string }>;
  /** The token that an app of the catalogue brought for its repository on its host, if it did. */
  tokenFor?(repository: Repository): string | undefined;
  clock: Clock;
  log: Logger;
  fetch?: typeof fetch;
  /** `deckhand/1.2.3`. */
  userAgent?: string;
  /** Called with what GitHub says is left of an hour's requests, and of how many, on a host (`api.github.com`). */
  observeRate?(host: string, remaining: number, limit: number): void;
}

export interface GitHubClient extends GitHub {
  /** What the last request to the main host has shown, without asking: `ok`, `unreachable since …`, `wants no requests until …`. */
  state(): string;
}

/** GitHub merges, and looks at every check, before it answers. */
const createTimeoutMs = 20_000;

/** Everything that is asked of GitHub. Each host gets its own tokens, and never those of another. */
export function githubClient(options: GitHubOptions): GitHubClient {
  const { auth, tokenFor = () => undefined, userAgent = 'deckhand', fetch = globalThis.fetch } = options;
  const { clock, log, observeRate } = options;
  const manners = { fetch, userAgent, clock, log, observeRate };
  const mainUrl = root(options.apiUrl);
  const { main, asApp } = mainCredentials(auth, mainUrl, manners);
  const hosts = new Map<string, Host>();

  function hostOf({ apiUrl = mainUrl }: Repository): Host {
    const url = root(apiUrl);
    const known = hosts.get(url);
    if (known) return known;
    const apart = url === mainUrl ? {} : { apiUrl: url };
    const others = url === mainUrl ? main : withoutToken(url);
    const host = connect(
      url,
      ownFirst((fullName) => tokenFor({ fullName, ...apart }), others),
      manners,
    );
    hosts.set(url, host);
    return host;
  }

  const isMain = ({ apiUrl = mainUrl }: Repository) => root(apiUrl) === mainUrl;
  // Where an app has a token of its own, the bot is there by that token, and the App is perhaps not installed.
  const isByApp = (repository: Repository) => asApp !== undefined && isMain(repository) && !tokenFor(repository);
  const app = asApp && asItself(asApp, clock);
  const redeliver = createRedelivery({
    hostOf,
    hookOf: (repository) => (isByApp(repository) ? 'app' : 'repository'),
    ...(app && { app }),
    clock,
    log,
  });

  return {
    redeliver,
    page({ fullName, apiUrl = mainUrl }) {
      const host = webRoot(apiUrl);
      return host && `${host}/${fullName}`;
    },
    defaultBranch: async (repository) => defaultBranch(hostOf(repository), repository.fullName),
    resolve: async (repository, ref) => resolve(hostOf(repository), repository.fullName, ref),
    pullRequest: async (repository, number) => pullRequest(hostOf(repository), repository.fullName, number),
    findRequest: async (repository, environment, request, since) =>
      findRequest(hostOf(repository), repository.fullName, environment, request, since),
    statuses: async (repository, deployment, which) =>
      readStatuses(hostOf(repository), repository.fullName, deployment, which),
    checks: async (repository, sha) => readChecks(hostOf(repository), repository.fullName, sha),
    deployments: async (repository, filter, page) =>
      readDeployments(hostOf(repository), repository.fullName, filter, page),
    deployment: async (repository, id) => readDeployment(hostOf(repository), repository.fullName, id),
    raw: async (repository, path, parameters) => readRaw(hostOf(repository), repository.fullName, path, parameters),
    compare: async (repository, base, head) => compare(hostOf(repository), repository.fullName, base, head),
    closedPullRequests: async (repository) => closedPullRequests(hostOf(repository), repository.fullName),
    mark: async (repository, deployment, asked, before) =>
      mark(hostOf(repository), repository.fullName, deployment, asked, before, clock),
    deleteDeployment: async (repository, deployment) =>
      deleteDeployment(hostOf(repository), repository.fullName, deployment, clock),
    cancelRun: async (repository, run) => cancelRun(hostOf(repository), repository.fullName, run, clock),
    runsOf: async (repository, sha, event) => runsOf(hostOf(repository), repository.fullName, sha, event),
    login: async (repository) => login(hostOf(repository), repository.fullName, isByApp(repository) ? app : undefined),
    newest: async (repository, environment, task) => newest(hostOf(repository), repository.fullName, environment, task),
    async create(repository, parameters) {
      const { fullName } = repository;
      const host = hostOf(repository);
      const route = 'POST /repos/{owner}/{repo}/deployments';
      const outcome = await host.send(fullName, { route, parameters: { ...parameters }, timeoutMs: createTimeoutMs });
      const result = createResult(outcome, parameters, { repository: fullName, now: clock.now() });
      if (result.kind === 'checks') return withLinks(result, host, fullName, parameters);
      return isUnexplained(result) ? ((await refIsGone(host, fullName, parameters.ref)) ?? result) : result;
    },
    state: () => hostOf({ fullName: '' }).reachable(),
  };
}

/** Who the bot is on the main host, and how it asks as an App where it is one. */
function mainCredentials(
  auth: GitHubOptions['auth'],
  apiUrl: string,
  manners: Manners,
): { main: Credentials; asApp?: AsApp } {
  if (auth.kind === 'token') return { main: withToken(auth.token) };
  const asApp = signedAs(auth, apiUrl, manners);
  return { main: withApp(asApp, manners.clock), asApp };
}

/** The App's own requests; they are about no repository. */
function asItself(asApp: AsApp, clock: Clock) {
  const send = (_: string, { route, parameters = {} }: Request): Promise<Outcome> => asApp(route, parameters);
  return { send, ...reading(send, clock) };
}

const root = (url: string): string => url.replace(/\/+$/, '');

/**
 * GitHub names the checks and gives no links, and old servers not even the names: both are read, as far as they can be.
 */
async function withLinks(
  result: Extract<CreateResult, { kind: 'checks' }>,
  host: Host,
  repository: string,
  { ref, required_contexts: required }: CreateParameters,
): Promise<CreateResult> {
  const known = (await unlessRefused(readChecks(host, repository, ref))) ?? [];
  const wanted = known.filter(({ context }) => required?.includes(context) ?? true);
  const isNamed = result.checks.some(({ state }) => state !== 'missing');
  const checks = isNamed ? result.checks : [...wanted, ...result.checks.filter((check) => !wanted.some(alike(check)))];
  return { kind: 'checks', checks: checks.map((check) => ({ ...known.find(alike(check)), ...check })) };
}

const alike = (one: Check) => (other: Check) => one.context === other.context;

/** The ref may have been deleted since it was resolved; then that is what is wrong, and something else may be near. */
async function refIsGone(host: Host, repository: string, ref: string): Promise<CreateResult | undefined> {
  const error = await resolve(host, repository, ref).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Refusal && error.code === 'no-such-ref'
    ? { kind: 'refused', code: error.code, words: error.words }
    : undefined;
}

/** Best effort: what only makes an answer nicer must not stand in its way. */
async function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
