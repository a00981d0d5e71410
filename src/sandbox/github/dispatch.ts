import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../faults.ts';
import { accessHeaders, admit, type Caller, type Needs } from './access.ts';
import { appRoutes } from './app-routes.ts';
import { checkRunRoutes } from './check-run-routes.ts';
import { commitRoutes } from './commit-routes.ts';
import { compareRoutes } from './compare.ts';
import { deploymentStatusRoutes } from './deployment-statuses.ts';
import { deploymentRoutes } from './deployments.ts';
import { generalRoutes } from './general-routes.ts';
import { appHookRoutes, repositoryHookRoutes } from './hook-routes.ts';
import type { Links } from './memory.ts';
import { pullRoutes } from './pull-routes.ts';
import type { Quota } from './rate-limit.ts';
import { notFound, type Refusal, Refused } from './refused.ts';
import { repositoryRoutes } from './repository-routes.ts';
import { type Call, matchPath, type Surroundings } from './route.ts';
import { runRoutes } from './run-routes.ts';

/** A request as it arrived, the prefix of GitHub Enterprise Server taken off its path. */
export interface Arrival {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Parsed; undefined without one, or when it is no JSON. */
  body: unknown;
  isBroken: boolean;
  links: Links;
}

/** In the order of asking: a ref may hold slashes, so that the longer path must come first. */
const ofRepositories = [
  ...deploymentRoutes,
  ...deploymentStatusRoutes,
  ...checkRunRoutes,
  ...pullRoutes,
  ...commitRoutes,
  ...repositoryHookRoutes,
  ...runRoutes,
  ...compareRoutes,
  ...repositoryRoutes,
];
const ofNone = [...appRoutes, ...appHookRoutes, ...generalRoutes];

/** What GitHub answers: who is asking, what they have left, what they ask for and whether they may, in this order. */
export async function dispatch(github: Surroundings, arrival: Arrival): Promise<Answer> {
  const route = routeFor(arrival);
  let caller: Caller = { kind: 'anonymous' };
  let answer: Answer;
  try {
    refuseOddClients(arrival.headers);
    caller = github.access.identify(arrival.headers.authorization);
    const quota = quotaOf(caller);
    if (arrival.path !== '/rate_limit') github.rateLimits.count(...quota);
    if (arrival.isBroken) throw new Refused({ status: 400, message: 'Problems parsing JSON' });
    if (!route) throw notFound();
    answer = withEtag(await route.perform({ ...arrival, params: route.params, caller, quota, github }), arrival);
    if (answer.status === 304) github.rateLimits.giveBack(quota[0]);
  } catch (error) {
    answer = answerToError(error, route?.docs);
  }
  const quota = quotaHeaders(github.rateLimits.quota(...quotaOf(caller)));
  return { ...answer, headers: { ...quota, ...accessHeaders(caller, route?.needs), ...answer.headers } };
}

interface FoundRoute {
  docs: string;
  params: Record<string, string>;
  needs?: Needs;
  perform(call: Call): Answer | Promise<Answer>;
}

function routeFor({ method, path }: Arrival): FoundRoute | undefined {
  for (const route of ofNone) {
    const params = route.method === method ? matchPath(route.path, path) : undefined;
    if (params) return { docs: route.docs, params, perform: route.perform };
  }
  for (const route of ofRepositories) {
    const params = route.method === method ? matchPath(route.path, path) : undefined;
    if (!params) continue;
    const { docs, needs } = route;
    return {
      docs,
      params,
      needs,
      perform(call) {
        const repository = call.github.findRepository(`${params.owner}/${params.repo}`);
        if (!repository) throw notFound();
        admit(call.caller, repository, needs);
        return route.perform({ ...call, repository });
      },
    };
  }
  return undefined;
}

/** Source: docs.github.com, "API Versions". */
const versions = ['2022-11-28', '2026-03-10'];

function refuseOddClients(headers: IncomingHttpHeaders) {
  if (!headers['user-agent'])
    throw new Refused({
      status: 403,
      message: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
    });
  const version = headers['x-github-api-version'];
  if (version !== undefined && !versions.includes(String(version)))
    throw new Refused({ status: 400, message: `${version} is not a supported version of the API.` });
}

/** Who is counted, and how many requests they have an hour. */
function quotaOf(caller: Caller): [key: string, limit: number] {
  switch (caller.kind) {
    case 'anonymous':
      return ['127.0.0.1', 60];
    case 'user':
      return [`user ID ${caller.person.id}`, 5000];
    case 'installation':
      return [`installation ID ${caller.installation.id}`, 5000];
    case 'app':
      return [`app ID ${caller.app.id}`, 5000];
  }
}

function quotaHeaders(quota: Quota): Record<string, string> {
  return Object.fromEntries(Object.entries(quota).map(([name, value]) => [`x-ratelimit-${name}`, String(value)]));
}

/** The tag differs by token, as GitHub's does (github/docs#34689). */
function withEtag(answer: Answer, { method, headers }: Arrival): Answer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const content = `${headers.authorization}\n${JSON.stringify(answer.body)}`;
  const etag = `W/"${createHash('sha256').update(content).digest('hex')}"`;
  const tagged = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  const isKnown = headers['if-none-match']?.split(/\s*,\s*/).includes(etag);
  return isKnown ? { status: 304, headers: tagged } : { ...answer, headers: tagged };
}

function answerToError(error: unknown, docs: string | undefined): Answer {
  if (error instanceof Refused) return answerToRefusal(error.refusal, docs);
  const said = error instanceof Error ? error.stack : String(error);
  return { status: 500, body: { message: `The sandbox's GitHub has a bug: ${said}` } };
}

function answerToRefusal({ status, message, errors, headers, docs }: Refusal, routeDocs = ''): Answer {
  const page = docs ?? routeDocs;
  const documentation_url = `https://docs.github.com/rest${page && '/'}${page}`;
  return { status, headers, body: { message, ...(errors && { errors }), documentation_url, status: String(status) } };
}
