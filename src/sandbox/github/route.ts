import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../faults.ts';
import type { Access, Caller, Needs } from './access.ts';
import type { Directory } from './directory.ts';
import type { Links, Repository } from './memory.ts';
import type { RateLimitBook } from './rate-limit.ts';
import type { Webhooks } from './webhooks.ts';

/** One request, as its route sees it. */
export interface Call {
  /** What the route's `{names}` stand for, decoded. */
  params: Record<string, string>;
  /** Without the prefix that GitHub Enterprise Server puts before it. */
  path: string;
  query: URLSearchParams;
  /** Parsed; undefined without one. */
  body: unknown;
  headers: IncomingHttpHeaders;
  caller: Caller;
  /** What GitHub counts the caller's requests by, and how many it allows an hour. */
  quota: [key: string, limit: number];
  links: Links;
  github: Surroundings;
}

export interface RepositoryCall extends Call {
  repository: Repository;
}

/** The parts of the server that routes use. */
export interface Surroundings {
  now(): Date;
  nextId(): number;
  access: Access;
  people: Directory;
  rateLimits: RateLimitBook;
  webhooks: Webhooks;
  findRepository(fullName: string): Repository | undefined;
}

interface RouteOf<C extends Call> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for one segment and `{name+}` for one or more. */
  path: string;
  /** The page below docs.github.com/rest/ that errors point to. */
  docs: string;
  perform(call: C): Answer | Promise<Answer>;
}

/** A route below /repos/{owner}/{repo}: it runs only once its caller may see, or change, that repository. */
export interface RepositoryRoute extends RouteOf<RepositoryCall> {
  needs: Needs;
}

export type Route = RouteOf<Call>;

/** What reading a repository's code and refs takes. */
export const readsContents: Needs = { scopes: ['repo'], permission: ['contents', 'read'] };

const patterns = new Map<string, RegExp>();

/** The values of the template's `{names}` when the path fits it. */
export function matchPath(template: string, path: string): Record<string, string> | undefined {
  let pattern = patterns.get(template);
  if (!pattern) {
    const source = template
      .replaceAll('.', '\\.')
      .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
      .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    pattern = new RegExp(`^${source}$`);
    patterns.set(template, pattern);
  }
  const groups = pattern.exec(path)?.groups;
  if (!groups && !pattern.test(path)) return undefined;
  try {
    return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}
