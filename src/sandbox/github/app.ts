import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Links, nodeId, stamp } from './memory.ts';
import { type Person, simpleUser } from './people.ts';
import { Refused } from './refused.ts';
import type { WebhookTarget } from './webhook-target.ts';

export type Permissions = Record<string, 'read' | 'write'>;

export interface AppOptions {
  id: number;
  /** PEM. */
  publicKey: string;
  slug?: string;
  clientId?: string;
  installations: InstallationOptions[];
  /** Hears of the repositories that the App is installed on. */
  webhook?: WebhookTarget;
}

export interface InstallationOptions {
  id: number;
  /** Full names. */
  repositories: string[];
  /** What its tokens may do; everything that deploying needs when left out. */
  permissions?: Permissions;
}

/** A GitHub App. */
export interface App {
  id: number;
  slug: string;
  clientId: string;
  key: KeyObject;
  owner: Person;
  bot: Person;
  since: Date;
  /** What its webhook hears of. */
  events: string[];
  installations: Installation[];
}

export interface Installation {
  id: number;
  /** Full names in lower case. */
  repositories: string[];
  permissions: Permissions;
}

const whatDeployingNeeds: Permissions = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  environments: 'read',
  metadata: 'read',
  pull_requests: 'read',
  statuses: 'write',
};

/** Makes an App; `person` gives out people. */
export function createApp(o: AppOptions, since: Date, person: (login: string, type: Person['type']) => Person): App {
  const slug = o.slug ?? 'sandbox-app';
  return {
    id: o.id,
    slug,
    clientId: o.clientId ?? `Iv23li${String(o.id).padStart(14, '0')}`,
    key: createPublicKey(o.publicKey),
    owner: person('app-owner', 'User'),
    bot: person(`${slug}[bot]`, 'Bot'),
    since,
    events: o.webhook?.events ?? [],
    installations: o.installations.map(({ id, repositories, permissions }) => ({
      id,
      repositories: repositories.map((name) => name.toLowerCase()),
      permissions: permissions ?? whatDeployingNeeds,
    })),
  };
}

/** GitHub allows ten minutes between issue and expiry, and some drift of clocks. */
const longestLifeSeconds = 10 * 60;
const driftSeconds = 60;

/**
 * The App that signed this JSON web token. Throws GitHub's 401s, and its 404 for an unknown App.
 * Source: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App".
 */
export function verifyJwt(jwt: string, apps: App[], now: Date): App {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const { alg } = decode(header);
  const { iss, iat, exp } = decode(claims);
  const app = apps.find(({ id, clientId }) => String(iss) === String(id) || iss === clientId);
  if (!app) throw new Refused({ status: 404, message: 'Integration not found' });
  const genuine =
    alg === 'RS256' &&
    verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), app.key, Buffer.from(signature, 'base64url'));
  if (!genuine) throw unreadable();
  const seconds = now.getTime() / 1000;
  if (typeof iat !== 'number' || iat > seconds + driftSeconds)
    throw badTime("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  if (typeof exp !== 'number' || exp <= seconds)
    throw badTime("'Expiration time' claim ('exp') must be a numeric value representing a future time");
  if (exp > seconds + longestLifeSeconds + driftSeconds)
    throw badTime("'Expiration time' claim ('exp') is too far in the future");
  return app;
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw unreadable();
}

const badTime = (message: string) => new Refused({ status: 401, message });
const unreadable = () => new Refused({ status: 401, message: 'A JSON web token could not be decoded' });

/** "GitHub app" of GitHub's schemas. */
export function appObject(app: App, links: Links) {
  return {
    id: app.id,
    slug: app.slug,
    client_id: app.clientId,
    node_id: nodeId('A', app.id),
    owner: simpleUser(app.owner, links),
    name: app.slug,
    description: '',
    external_url: `${links.web}/${app.slug}`,
    html_url: `${links.web}/apps/${app.slug}`,
    created_at: stamp(app.since),
    updated_at: stamp(app.since),
    permissions: whatDeployingNeeds,
    events: app.events,
  };
}

/** "Installation" of GitHub's schemas; `account` owns the repositories. */
export function installationObject(app: App, installation: Installation, account: Person, links: Links) {
  const url = `${links.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    client_id: app.clientId,
    account: simpleUser(account, links),
    repository_selection: 'selected',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${links.api}/installation/repositories`,
    html_url: `${links.web}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: app.events,
    created_at: stamp(app.since),
    updated_at: stamp(app.since),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}
