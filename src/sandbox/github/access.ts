import { randomBytes } from 'node:crypto';
import { type App, type Installation, type Permissions, verifyJwt } from './app.ts';
import type { Repository } from './memory.ts';
import type { Person } from './people.ts';
import { notFound, Refused } from './refused.ts';

/** Who is asking. */
export type Caller =
  | { kind: 'anonymous' }
  | { kind: 'user'; person: Person; scopes: string[] }
  | { kind: 'installation'; app: App; installation: Installation; repositories: string[]; permissions: Permissions }
  | { kind: 'app'; app: App };

/** What a route asks of its caller. */
export interface Needs {
  /** Classic scopes, any of which opens it in a private repository, or for writing. */
  scopes: string[];
  /** The permission that an App's installation needs. */
  permission: [name: string, level: 'read' | 'write'];
  /** Only a GitHub App may do this. */
  appsOnly?: boolean;
  /** For everybody else the thing does not exist, public repository or not. */
  adminsOnly?: boolean;
}

export interface Access {
  addToken(token: string, person: Person, scopes: string[]): void;
  addApp(app: App): void;
  /** Throws 401 for an Authorization header that is no good. */
  identify(authorization: string | undefined): Caller;
  /** A new installation token, narrowed as asked; valid for an hour. */
  issue(app: App, installation: Installation, narrowed: Narrowed): { token: string; expiresAt: Date };
}

export interface Narrowed {
  repositories: string[];
  permissions: Permissions;
}

const oneHourMs = 60 * 60 * 1000;

/** Keeps who holds which token. */
export function createAccess(now: () => Date): Access {
  const holders = new Map<string, { caller: Caller; expiresAt?: Date }>();
  const apps: App[] = [];
  return {
    addToken(token, person, scopes) {
      holders.set(token, { caller: { kind: 'user', person, scopes } });
    },
    addApp(app) {
      apps.push(app);
    },
    identify(authorization) {
      if (authorization === undefined) return { kind: 'anonymous' };
      const token = tokenIn(authorization);
      const holder = holders.get(token);
      if (holder && (!holder.expiresAt || holder.expiresAt > now())) return holder.caller;
      if (!holder && token.split('.').length === 3) return { kind: 'app', app: verifyJwt(token, apps, now()) };
      throw new Refused({ status: 401, message: 'Bad credentials', docs: '' });
    },
    issue(app, installation, narrowed) {
      // Long, and of no fixed length, as since April 2026.
      const token = `ghs_${installation.id}_${randomBytes(120 + (installation.id % 40)).toString('base64url')}`;
      const expiresAt = new Date(now().getTime() + oneHourMs);
      holders.set(token, { caller: { kind: 'installation', app, installation, ...narrowed }, expiresAt });
      return { token, expiresAt };
    },
  };
}

function tokenIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(/\s+/, 2);
  if (scheme.toLowerCase() !== 'basic') return value;
  return Buffer.from(value, 'base64').toString().split(':').at(-1) ?? '';
}

/** Refuses whoever may not do this here: 404 where they may not even see the repository, else 401, 403 or 404. */
export function admit(caller: Caller, repository: Repository, needs: Needs): void {
  const writes = needs.permission[1] === 'write';
  admitCaller(caller, repository, needs, writes);
  if (writes && repository.archived)
    throw new Refused({ status: 403, message: 'Repository was archived so is read-only.' });
}

function admitCaller(caller: Caller, repository: Repository, needs: Needs, writes: boolean): void {
  switch (caller.kind) {
    case 'anonymous':
      if (repository.private || needs.adminsOnly) throw notFound();
      if (writes) throw new Refused({ status: 401, message: 'Requires authentication' });
      return;
    case 'app':
      throw new Refused({ status: 401, message: 'A JSON web token could not be decoded' });
    case 'user':
      admitUser(caller, repository, needs, writes);
      return;
    case 'installation':
      admitInstallation(caller, repository, needs, writes);
  }
}

function admitUser(
  { person, scopes }: Caller & { kind: 'user' },
  repository: Repository,
  needs: Needs,
  writes: boolean,
): void {
  const level = repository.levels.get(person.login.toLowerCase()) ?? 'push';
  const inScope = needs.scopes.some((scope) => scopes.includes(scope));
  if (repository.private && (level === 'none' || !inScope)) throw notFound();
  if (needs.adminsOnly && (level !== 'admin' || !inScope)) throw notFound();
  if (!writes) return;
  if (needs.appsOnly) throw new Refused({ status: 403, message: 'You must authenticate via a GitHub App.' });
  // GitHub hides what may not be written, rather than forbidding it.
  if (level === 'none' || level === 'pull') throw notFound();
  if (!inScope) throw new Refused({ status: 403, message: 'Resource not accessible by personal access token' });
}

function admitInstallation(
  { repositories, permissions }: Caller & { kind: 'installation' },
  repository: Repository,
  needs: Needs,
  writes: boolean,
): void {
  const installed = repositories.includes(repository.fullName.toLowerCase());
  if (!installed && (repository.private || needs.adminsOnly)) throw notFound();
  if (!installed && !writes) return;
  const [name, level] = needs.permission;
  const granted = permissions[name];
  if (!installed || granted === undefined || (level === 'write' && granted === 'read'))
    throw new Refused({ status: 403, message: 'Resource not accessible by integration' });
}

/** The headers that tell a caller what its token has and what this route takes. */
export function accessHeaders(caller: Caller, needs: Needs | undefined): Record<string, string> {
  if (caller.kind === 'user')
    return {
      'x-oauth-scopes': caller.scopes.join(', '),
      'x-accepted-oauth-scopes': needs?.scopes.join(', ') ?? '',
    };
  if (caller.kind === 'installation' && needs) return { 'x-accepted-github-permissions': needs.permission.join('=') };
  return {};
}
