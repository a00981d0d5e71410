import type { z } from 'zod';
import type { Catalog } from '../catalog.ts';
import type { GitHubConfig } from '../config/github.ts';
import type { App } from '../deploy/apps.ts';
import type { Clock } from '../deploy/ports.ts';
import { plain } from '../deploy/words.ts';
import { type AsApp, ownFirst, signedAs, withApp, withoutToken, withToken } from '../github/auth.ts';
import { oneLine } from '../github/foreign.ts';
import { connect } from '../github/host.ts';
import type { Manners, Outcome } from '../github/wire.ts';
import { createLog } from '../log.ts';
import { type HooksFacts, lookAtAppHook, lookAtHooks } from './hooks.ts';
import {
  appShape,
  environmentsShape,
  installationShape,
  type Permissions,
  repositoryShape,
  userShape,
} from './shapes.ts';
import { answerWithinMs, fewAtATime, inWords } from './wire.ts';

/** What became of one request. `silent`: nothing that can be read came back. */
export type Asked<T> =
  | { kind: 'yes'; value: T; headers: Readonly<Record<string, string | number | undefined>> }
  | { kind: 'no'; status: number; said: string }
  | { kind: 'silent'; cause: string };

/** Who the bot is on its own host. */
export type Self =
  | { kind: 'token'; token: string; user: Asked<{ login: string }> }
  | {
      kind: 'app';
      app: Asked<{ slug: string; permissions: Permissions; events: readonly string[] }>;
      hook?: HooksFacts;
    };

export interface RepositoryFacts {
  /** `owner/name`, as in the catalogue. */
  fullName: string;
  /** The host, where it is not the bot's own. */
  host?: string;
  apps: readonly App[];
  repository: Asked<z.infer<typeof repositoryShape>>;
  /** Of the App there; nothing where the bot comes with a token. */
  installation?: Asked<z.infer<typeof installationShape>>;
  /** Names; nothing where the token may not look. */
  environments?: readonly string[];
  /** Nothing where the App's own webhook brings everything. */
  hooks?: HooksFacts;
}

export interface GitHubFacts {
  self: Self;
  repositories: readonly RepositoryFacts[];
  /** How many more there are in the catalogue. */
  leftOut: number;
}

/** Of the catalogue; each takes four or five requests. */
const mostRepositories = 50;

interface Options {
  config: GitHubConfig;
  catalog: Pick<Catalog, 'all' | 'tokenFor'>;
  fetch: typeof fetch;
  clock: Clock;
}

/** Asks as the bot would, and changes nothing. Never rejects. */
export async function lookAtGitHub({ config, catalog, fetch, clock }: Options): Promise<GitHubFacts> {
  const manners: Manners = { fetch, clock, log: createLog('silent'), userAgent: 'deckhand' };
  const asApp = config.auth.kind === 'app' ? signedAs(config.auth, config.apiUrl, manners) : undefined;
  const self = await lookAtSelf(config, asApp, manners);
  const isKnown = (self.kind === 'app' ? self.app : self.user).kind !== 'silent';
  // A host that does not answer would be waited for with every repository.
  const all = repositoriesOf(catalog).filter(({ apiUrl }) => isKnown || apiUrl !== undefined);
  const some = all.slice(0, mostRepositories);
  const repositories = await fewAtATime(some, async ({ apiUrl, fullName, apps }) => {
    const own = catalog.tokenFor({ fullName, ...(apiUrl && { apiUrl }) });
    const asInstalled = own === undefined && apiUrl === undefined ? asApp : undefined;
    const others = apiUrl ? withoutToken(apiUrl) : mainCredentials(config, asApp, clock);
    const host = connect(
      apiUrl ?? config.apiUrl,
      ownFirst(() => own, others),
      manners,
    );
    const ask: Ask = async (route, shape, parameters = {}) =>
      read(await host.send(fullName, { route, parameters, timeoutMs: answerWithinMs }), shape);
    return { ...(await lookAtRepository(fullName, ask, asInstalled)), apps, ...(apiUrl && { host: hostOf(apiUrl) }) };
  });
  return { self, repositories, leftOut: all.length - some.length };
}

/** Asks about one repository. */
export type Ask = <T>(
  route: string,
  shape: z.ZodType<T>,
  parameters?: Readonly<Record<string, unknown>>,
) => Promise<Asked<T>>;

const hostOf = (apiUrl: string): string => new URL(apiUrl).host;

const mainCredentials = ({ auth }: GitHubConfig, asApp: AsApp | undefined, clock: Clock) =>
  auth.kind === 'token' || !asApp ? withToken(auth.kind === 'token' ? auth.token : '') : withApp(asApp, clock);

/** What an answer says, in the shape that is needed. */
export function read<T>(outcome: Outcome, shape: z.ZodType<T>): Asked<T> {
  if (outcome.kind === 'unanswered') return { kind: 'silent', cause: inWords(outcome.cause) };
  if (outcome.kind === 'not sent') return { kind: 'no', status: 0, said: plain(outcome.no.words) };
  const { status, headers, data } = outcome.answer;
  if (status >= 500) return { kind: 'silent', cause: `it answered ${status}` };
  if (status >= 300) return { kind: 'no', status, said: messageIn(data) };
  const value = shape.safeParse(data);
  return value.success
    ? { kind: 'yes', value: value.data, headers }
    : { kind: 'silent', cause: 'an answer that makes no sense' };
}

function messageIn(data: unknown): string {
  const message = typeof data === 'object' && data !== null && 'message' in data ? data.message : undefined;
  return typeof message === 'string' ? oneLine(message, 200) : '';
}

async function lookAtSelf({ auth, apiUrl }: GitHubConfig, asApp: AsApp | undefined, manners: Manners): Promise<Self> {
  if (!asApp) {
    const token = auth.kind === 'token' ? auth.token : '';
    const outcome = await connect(apiUrl, withToken(token), manners).send('', {
      route: 'GET /user',
      timeoutMs: answerWithinMs,
    });
    return { kind: 'token', token, user: read(outcome, userShape) };
  }
  const ask: Ask = async (route, shape, parameters = {}) => read(await asApp(route, parameters), shape);
  const app = await ask('GET /app', appShape);
  return { kind: 'app', app, ...(app.kind === 'yes' && { hook: await lookAtAppHook(ask, app.value.events) }) };
}

interface Named {
  fullName: string;
  apiUrl?: string;
  apps: App[];
}

/** The repositories of the catalogue, each once. */
function repositoriesOf({ all }: Pick<Catalog, 'all'>): Named[] {
  const known = new Map<string, Named>();
  for (const app of all()) {
    const key = `${app.apiUrl ?? ''} ${app.repository.toLowerCase()}`;
    const one = known.get(key) ?? { fullName: app.repository, apiUrl: app.apiUrl, apps: [] };
    one.apps.push(app);
    known.set(key, one);
  }
  return [...known.values()];
}

async function lookAtRepository(
  fullName: string,
  ask: Ask,
  asInstalled: AsApp | undefined,
): Promise<Omit<RepositoryFacts, 'apps'>> {
  const [owner, repo] = fullName.split('/');
  const installation =
    asInstalled &&
    read(await asInstalled('GET /repos/{owner}/{repo}/installation', { owner, repo }), installationShape);
  const repository = await ask('GET /repos/{owner}/{repo}', repositoryShape);
  if (repository.kind !== 'yes') return { fullName, repository, installation };
  const [environments, hooks] = await Promise.all([
    lookAtEnvironments(ask),
    asInstalled ? undefined : lookAtHooks(ask),
  ]);
  return { fullName, repository, installation, environments, hooks };
}

/** A page each, of a hundred environments: previews may have made many. */
const mostPages = 5;

async function lookAtEnvironments(ask: Ask): Promise<string[] | undefined> {
  const names: string[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const parameters = { per_page: 100, page };
    const asked = await ask('GET /repos/{owner}/{repo}/environments', environmentsShape, parameters);
    if (asked.kind !== 'yes') return undefined;
    names.push(...asked.value.environments.map(({ name }) => name));
    if (asked.value.environments.length === 0 || names.length >= asked.value.total_count) break;
  }
  return names;
}
