import { type KeyObject, sign } from 'node:crypto';
import { within } from '../within.ts';

/** A GitHub App, installed once. */
export interface InstalledApp {
  id: number;
  installation: number;
  privateKey: KeyObject;
}

/** A request to GitHub's REST API; throws unless it is answered with 2xx. `path` begins with a slash. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

/** A new token is taken when the one at hand has less than this to live. */
const spareMs = 5 * 60 * 1000;

/**
 * Asks GitHub as the App's installation, with a token that lives an hour and is renewed in time.
 * Source: docs.github.com, "Authenticating as a GitHub App installation".
 */
export function createAsk(o: { url: string; app: InstalledApp; now: () => Date; signal: AbortSignal }): Ask {
  let current: Promise<{ token: string; until: number }> | undefined;

  async function send(authorization: string, method: string, path: string, body: unknown) {
    const answer = await fetch(`${o.url}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${authorization}`,
        'content-type': 'application/json',
        'user-agent': 'sandbox-ci',
        'x-github-api-version': '2022-11-28',
      },
      body: JSON.stringify(body),
      signal: within(10_000, o.signal),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GitHub answered ${method} ${path} with ${answer.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function newToken() {
    const path = `/app/installations/${o.app.installation}/access_tokens`;
    const { token, expires_at } = await send(jwtOf(o.app, o.now()), 'POST', path, {});
    return { token: String(token), until: Date.parse(String(expires_at)) };
  }

  async function token(): Promise<string> {
    const known = await current?.catch(() => undefined);
    if (!known || known.until - spareMs < o.now().getTime()) current = newToken();
    return (await (current as Promise<{ token: string }>)).token;
  }

  return async (method, path, body) => send(await token(), method, path, body);
}

/** Valid from a minute ago, for clocks drift, and for nine minutes: GitHub allows ten. */
function jwtOf({ id, privateKey }: InstalledApp, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: String(id), iat: seconds - 60, exp: seconds + 540 })}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
