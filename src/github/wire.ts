import { Octokit } from '@octokit/rest';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';
import type { Answer, No } from './refused.ts';
import { stayOn } from './stay-on.ts';

/** How GitHub is talked to, whatever the host. */
export interface Manners {
  fetch: typeof fetch;
  clock: Clock;
  log: Logger;
  /** `deckhand/1.2.3`; GitHub refuses requests without one. */
  userAgent: string;
  /** Called with what GitHub says is left of an hour's requests, and of how many, on a host (`api.github.com`). */
  observeRate?(host: string, remaining: number, limit: number): void;
}

/** No answer that can be read. `sent`: it may have been done all the same; `slow`: it took all the time it was given. */
export interface Unanswered {
  kind: 'unanswered';
  cause: string;
  sent: boolean;
  slow: boolean;
}

/** What became of one request. `not sent`: there is no token to send it with, or none that GitHub wants to see now. */
export type Outcome = { kind: 'answered'; answer: Answer } | Unanswered | { kind: 'not sent'; no: No };

/** The version of the API that all this was written against. Source: docs.github.com, "API Versions". */
const apiVersion = '2022-11-28';

/**
 * Octokit as it is meant to be used, without the plug-ins that send things twice (plugin-retry sends a creation again
 * after a 502, and a 409 four times).
 */
export function octokitFor(
  apiUrl: string,
  manners: Manners,
  options: Pick<OctokitOptions, 'authStrategy' | 'auth'> = {},
) {
  const { fetch, log, userAgent } = manners;
  const debug = (message: string) => log.debug({ github: message }, 'asked GitHub');
  const warn = (message: string) => log.warn({ github: message }, 'Octokit warns');
  const octokit = new Octokit({
    ...options,
    baseUrl: apiUrl,
    userAgent,
    request: { fetch: stayOn(new URL(apiUrl).origin, fetch) },
    // The debug level has whole requests with their headers, so nobody gets to see it; errors are told by us.
    log: { debug: () => {}, info: debug, warn, error: debug },
  });
  octokit.hook.before('request', (request) => {
    request.headers['x-github-api-version'] = apiVersion;
  });
  return octokit;
}

type OctokitOptions = NonNullable<ConstructorParameters<typeof Octokit>[0]>;

/** Sends one request and waits for it at most `timeoutMs`. Never rejects. */
export async function attempt(
  clock: Clock,
  timeoutMs: number,
  send: (signal: AbortSignal) => Promise<Answer>,
): Promise<Exclude<Outcome, { kind: 'not sent' }>> {
  const controller = new AbortController();
  const stopTimer = clock.at(new Date(clock.now().getTime() + timeoutMs), () => controller.abort());
  const cause = `no answer in ${timeoutMs / 1000} seconds`;
  try {
    const answer = await send(controller.signal);
    // Cut off in the middle of its body, an answer looks like one without.
    return controller.signal.aborted
      ? { kind: 'unanswered', cause, sent: true, slow: true }
      : { kind: 'answered', answer };
  } catch (error) {
    if (controller.signal.aborted) return { kind: 'unanswered', cause, sent: true, slow: true };
    // Octokit throws what was answered with 400 and above. Its error has the whole request in it: it goes no further.
    const { response: answer } = error as { response?: Answer };
    return answer ? { kind: 'answered', answer } : { kind: 'unanswered', slow: false, ...causeOf(error) };
  } finally {
    stopTimer();
  }
}

/** With these no connection was made, so nothing can have been done. */
const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** The code of a network error. Never its message, which may have the URL or a header in it. */
function causeOf(error: unknown): { cause: string; sent: boolean } {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code } = e as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code))
      return { cause: code, sent: !neverConnected.has(code) };
  }
  return { cause: 'the connection broke', sent: true };
}

/** Why nothing can be made of it, if nothing can: no answer, or that of a server in trouble. */
export function troubleOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'unanswered') return outcome.cause;
  if (outcome.kind === 'answered' && outcome.answer.status >= 500) return `it answered ${outcome.answer.status}`;
  return undefined;
}
