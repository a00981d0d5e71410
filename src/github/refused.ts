import type { CreateResult } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say, type Words } from '../deploy/words.ts';
import { oneLine } from './foreign.ts';

/** What came back over the wire. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | number | undefined>>;
  /** Parsed where it was JSON that can be read. */
  data: unknown;
}

/** A no that is sure: nothing was done. `later`: it may be asked again after a while. */
export type No = Extract<CreateResult, { kind: 'refused' | 'later' }>;

/** What was asked, for the words. */
export interface Asked {
  /** `owner/name`. */
  repository: string;
  /** `create`: writing a deployment; `read`: everything else. */
  to: 'read' | 'create';
  now: Date;
}

export const refused = (code: string, words: Words): No => ({ kind: 'refused', code, words });

/** The same as the error that people read. */
export function asRefusal(no: No): Refusal {
  return new Refusal(no.kind === 'later' ? 'rate-limited' : no.code, no.words);
}

/** What it means that GitHub could not be talked to at all. `cause`: `ECONNREFUSED`, `no answer in 10 s`, `502`. */
export function unreachable(cause: string): No {
  return refused(
    'github-unreachable',
    say`GitHub could not be reached (${cause}), so nothing was done. Type it again in a minute; if it stays like this, look at https://www.githubstatus.com.`,
  );
}

/** GitHub's own message, for the details: somebody else's text in our sentence. */
export function messageOf(data: unknown): string {
  const message = typeof data === 'object' && data !== null ? (data as { message?: unknown }).message : undefined;
  return typeof message === 'string' ? oneLine(message, 300) : '';
}

/**
 * Any answer that is no success, in plain words with what to do. The statuses of creations that mean something of their
 * own (409, 422) are told apart in create.ts.
 */
export function noFrom(answer: Answer, asked: Asked): No {
  const limit = limitIn(answer, asked.now);
  if (limit) return limited(limit, asked.now);
  const { repository } = asked;
  const said = messageOf(answer.data);
  switch (answer.status) {
    case 301:
    case 302:
    case 307:
    case 308:
      return refused(
        'repository-moved',
        say`${code(repository)} has moved to another host, and the token is not sent there. Put its new name in the catalogue.`,
      );
    case 401:
      return refused(
        'github-token-refused',
        say`GitHub does not accept my token: it is wrong, expired or revoked. Whoever runs me has to give it a new one.`,
      );
    case 403:
      return forbidden(answer, asked, said);
    case 404:
      return notShown(asked);
    case 410:
      return refused(
        'github-gone',
        say`GitHub says that this is gone or switched off for ${code(repository)}${saying(said)} Ask somebody who administers the repository.`,
      );
    case 451:
      return refused(
        'github-blocked',
        say`${code(repository)} is blocked for legal reasons, says GitHub${saying(said)} Its owners can ask GitHub Support.`,
      );
    default:
      if (answer.status >= 500) return unreachable(`it answered ${answer.status}`);
      return refused(
        'github-refused',
        say`GitHub refused this${about('for', repository)} (${answer.status})${saying(said)} It is unlikely to help to type it again unchanged.`,
      );
  }
}

/** The end of a sentence that quotes GitHub where it said something. */
export const saying = (message: string): string => (message ? `: “${message.replace(/\.$/, '')}”.` : '.');

/** Who the bot is, is asked for no repository: then its owner alone is named, and is nothing to be refused for. */
const about = (preposition: string, repository: string): Words =>
  repository.includes('/') ? say` ${preposition} ${code(repository)}` : [];

function notShown({ repository, to }: Asked): No {
  if (to === 'create') {
    return refused(
      'no-access',
      say`GitHub does not let my token create deployments in ${code(repository)}: the repository is gone, or the token may only read it. It needs the permission “Deployments: write” (classic tokens: the scope ${code('repo_deployment')}).`,
    );
  }
  return refused(
    'no-repository',
    say`GitHub shows no repository ${code(repository)} to this token; either it is spelled differently in the catalogue than on GitHub, or the token was not given access to it.`,
  );
}

function forbidden({ headers }: Answer, { repository }: Asked, said: string): No {
  if (typeof headers['x-github-sso'] === 'string') {
    return refused(
      'sso-required',
      say`The organisation of ${code(repository)} asks for single sign-on, and my token was not authorised for it. Its owner can do that on GitHub under Settings → Developer settings, “Configure SSO”.`,
    );
  }
  const wanted = permissionsWanted(headers);
  return refused(
    'not-permitted',
    wanted
      ? say`My token may not do this${about('in', repository)}: GitHub asks for ${wanted}${saying(said)} Whoever runs me can grant it to the token or the App.`
      : say`GitHub forbids this${about('in', repository)}${saying(said)} Whoever runs me can look at what my token or App may do.`,
  );
}

/**
 * What an endpoint wants, from the headers: `x-accepted-github-permissions` for Apps and fine-grained tokens, the scopes
 * for classic ones.
 */
function permissionsWanted(headers: Answer['headers']): string | undefined {
  const permissions = headers['x-accepted-github-permissions'];
  if (typeof permissions === 'string' && permissions) {
    // Alternatives are separated by `;`, what is wanted together by `,`.
    return oneLine(permissions.replaceAll('=', ': ').replaceAll(';', ' or ').replaceAll(',', ', '), 200);
  }
  const accepted = scopesIn(headers['x-accepted-oauth-scopes']);
  const granted = scopesIn(headers['x-oauth-scopes']);
  // With one of them granted, something else is in the way: an archived repository, a rule of the organisation.
  if (accepted.length === 0 || accepted.some((scope) => granted.includes(scope))) return undefined;
  return `one of the scopes ${oneLine(accepted.join(', '), 200)}`;
}

const scopesIn = (header: string | number | undefined): string[] =>
  typeof header === 'string' ? header.split(',').flatMap((scope) => scope.trim() || []) : [];

/** Where a limit says nothing of how long: GitHub's own advice is to wait at least a minute. */
const aMinuteMs = 60_000;

/** That GitHub was asked too often. */
export interface Limit {
  /** When it may be asked again, ms since 1970. */
  untilMs: number;
  /** Whether what it allows in an hour is used up; else it only wants to be asked more slowly. */
  isUsedUp: boolean;
}

/**
 * Primary and secondary limits alike come as 403 or 429; the headers tell, and then the page that GitHub points to.
 * Source: docs.github.com, "Rate limits for the REST API", "Exceeding the rate limit".
 */
export function limitIn({ status, headers, data }: Answer, now: Date): Limit | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const nowMs = now.getTime();
  const retryAfterMs = Number(headers['retry-after']) * 1000;
  if (Number.isFinite(retryAfterMs) && headers['retry-after'] !== undefined) {
    return { untilMs: nowMs + retryAfterMs, isUsedUp: false };
  }
  if (headers['x-ratelimit-remaining'] !== undefined && Number(headers['x-ratelimit-remaining']) === 0) {
    const untilMs = Number(headers['x-ratelimit-reset']) * 1000;
    return { untilMs: Number.isFinite(untilMs) ? untilMs : nowMs + aMinuteMs, isUsedUp: true };
  }
  // Last resorts, for servers between us and GitHub that drop headers.
  const page = typeof data === 'object' && data !== null ? (data as { documentation_url?: unknown }) : {};
  const pointsToLimits = typeof page.documentation_url === 'string' && /rate-limit/.test(page.documentation_url);
  const saysSo = /secondary rate limit/i.test(messageOf(data));
  const isLimit = status === 429 || pointsToLimits || saysSo;
  return isLimit ? { untilMs: nowMs + aMinuteMs, isUsedUp: false } : undefined;
}

/** The same as what people are told. */
export function limited({ untilMs, isUsedUp }: Limit, now: Date): No {
  const ms = Math.max(1_000, untilMs - now.getTime());
  const minutes = Math.ceil(ms / 60_000);
  const when = ms < 90_000 ? `${Math.ceil(ms / 1000)} seconds` : `about ${minutes} minutes`;
  const words = isUsedUp
    ? say`I have used up what GitHub allows me in an hour. Type it again in ${when}; nothing was done.`
    : say`GitHub asks me to slow down. Type it again in ${when}; nothing was done.`;
  return { kind: 'later', afterMs: ms, words };
}
