import { createAppAuth } from '@octokit/auth-app';
import { z } from 'zod';
import type { Clock } from '../deploy/ports.ts';
import { code, say } from '../deploy/words.ts';
import { type No, noFrom, refused } from './refused.ts';
import { attempt, type Manners, type Outcome, octokitFor, troubleOf } from './wire.ts';

/** Why there is no token: nothing was sent, and perhaps GitHub could not even be asked for one. */
type NoToken = Exclude<Outcome, { kind: 'answered' }>;

/** Whose tokens are sent to one API host, and to no other. */
export interface Credentials {
  /**
   * A token for `owner/name`. One that GitHub has just refused is given as `notThis`, and comes back where there is no
   * other. Never rejects.
   */
  tokenFor(repository: string, notThis?: string): Promise<string | NoToken>;
}

export const withToken = (token: string): Credentials => ({ tokenFor: async () => token });

/** A host that no token was given for: nothing is sent there, least of all somebody else's token. */
export function withoutToken(apiUrl: string): Credentials {
  const { host } = new URL(apiUrl);
  const no = refused(
    'no-token-for-host',
    say`I have no token for ${code(host)}, and send no other there. Whoever runs me gives it one in the variable that the catalogue names for this app.`,
  );
  return { tokenFor: async () => ({ kind: 'not sent', no }) };
}

/** The tokens that apps brought for their repositories on this host, and `others` for the rest. */
export const ownFirst = (own: (repository: string) => string | undefined, others: Credentials): Credentials => ({
  tokenFor: async (repository, notThis) => own(repository) ?? others.tokenFor(repository, notThis),
});

/** A token is replaced this long before it expires: clocks differ, and requests take their time. */
const marginMs = 5 * 60_000;
const timeoutMs = 10_000;

const installationShape = z.object({ id: z.int().positive() });
/** A token's form and length are GitHub's business: since April 2026 they are long, and of no fixed length. */
const tokenShape = z.object({ token: z.string().min(1), expires_at: z.string() });

/** Asks GitHub as the App itself. Never rejects. */
export type AsApp = (route: string, parameters: Readonly<Record<string, unknown>>) => Promise<Outcome>;

/** Signs what it asks with the App's key, by @octokit/auth-app, which makes up for a clock that is wrong. */
export function signedAs(app: { id: string; privateKey: string }, apiUrl: string, manners: Manners): AsApp {
  const octokit = octokitFor(apiUrl, manners, {
    authStrategy: createAppAuth,
    auth: { appId: app.id, privateKey: app.privateKey },
  });
  return (route, parameters) =>
    attempt(manners.clock, timeoutMs, (signal) => octokit.request(route, { ...parameters, request: { signal } }));
}

/** A GitHub App: its installation on each repository is looked up once, and a token made for it that serves for an hour. */
export function withApp(ask: AsApp, clock: Clock): Credentials {
  const installations = new Map<string, number>();
  const tokens = new Map<number, { token: string; untilMs: number }>();
  const underWay = new Map<number, Promise<string | NoToken>>();

  async function installationOn(repository: string): Promise<number | NoToken> {
    const known = installations.get(repository.toLowerCase());
    if (known !== undefined) return known;
    const [owner, repo] = repository.split('/');
    const outcome = await ask('GET /repos/{owner}/{repo}/installation', { owner, repo });
    const read = readFrom(outcome, installationShape);
    if (!read) return noTokenFrom(outcome, repository, clock.now());
    installations.set(repository.toLowerCase(), read.id);
    return read.id;
  }

  async function issue(id: number, repository: string): Promise<string | NoToken> {
    const route = 'POST /app/installations/{installation_id}/access_tokens';
    const outcome = await ask(route, { installation_id: id });
    const read = readFrom(outcome, tokenShape);
    if (!read) {
      // Installed anew, it has another id: that is found out at the next request.
      installations.delete(repository.toLowerCase());
      tokens.delete(id);
      return noTokenFrom(outcome, repository, clock.now());
    }
    tokens.set(id, { token: read.token, untilMs: Date.parse(read.expires_at) });
    return read.token;
  }

  async function tokenFor(repository: string, notThis?: string): Promise<string | NoToken> {
    const wasKnown = installations.has(repository.toLowerCase());
    const id = await installationOn(repository);
    if (typeof id !== 'number') return id;
    const held = tokens.get(id);
    if (held && held.token !== notThis && held.untilMs - marginMs > clock.now().getTime()) return held.token;
    const issued = underWay.get(id) ?? issue(id, repository).finally(() => underWay.delete(id));
    underWay.set(id, issued);
    const token = await issued;
    const isGone = typeof token !== 'string' && token.kind === 'not sent' && token.no.kind === 'refused';
    return isGone && wasKnown ? tokenFor(repository) : token;
  }

  return { tokenFor };
}

function readFrom<T>(outcome: Outcome, shape: z.ZodType<T>): T | undefined {
  if (outcome.kind !== 'answered' || outcome.answer.status >= 300) return undefined;
  return shape.safeParse(outcome.answer.data).data;
}

/** What went wrong while a token was asked for. Whatever was to be done with it was not sent. */
function noTokenFrom(outcome: Outcome, repository: string, now: Date): NoToken {
  if (outcome.kind === 'not sent') return outcome;
  const trouble = troubleOf(outcome);
  if (outcome.kind === 'unanswered') return { ...outcome, sent: false };
  const { answer } = outcome;
  if (trouble || answer.status < 300) {
    return { kind: 'unanswered', cause: trouble ?? 'an answer that makes no sense', sent: false, slow: false };
  }
  return {
    kind: 'not sent',
    no: appRefused(answer.status, repository) ?? noFrom(answer, { repository, to: 'read', now }),
  };
}

function appRefused(status: number, repository: string): No | undefined {
  if (status === 404) {
    return refused(
      'app-not-installed',
      say`My GitHub App is not installed on ${code(repository)}, or there is no such repository. Whoever administers it can install the App there, on GitHub under Settings → GitHub Apps.`,
    );
  }
  if (status === 401) {
    return refused(
      'app-key-refused',
      say`GitHub does not accept my App: ${code('GITHUB_APP_ID')} and ${code('GITHUB_APP_PRIVATE_KEY')} do not belong together. Whoever runs me has to mend that.`,
    );
  }
  return undefined;
}
