import { createAnswers, unchanged } from './answers.ts';
import type { Credentials } from './auth.ts';
import { type Reading, type Request, reading } from './reading.ts';
import type { Answer } from './refused.ts';
import { createRestraint } from './restraint.ts';
import { attempt, type Manners, type Outcome, octokitFor, troubleOf } from './wire.ts';

/** One API host with its credentials. */
export interface Host extends Reading {
  /**
   * Sends a request exactly once (once more with a new token, where the old one was refused); not at all while GitHub wants no
   * requests with that token. Never rejects.
   */
  send(repository: string, request: Request): Promise<Outcome>;
  /** What the last request has shown, in a few words. */
  reachable(): string;
}

const timeoutMs = 10_000;

export function connect(apiUrl: string, credentials: Credentials, manners: Manners): Host {
  const { clock, log, observeRate } = manners;
  const { host } = new URL(apiUrl);
  const octokit = octokitFor(apiUrl, manners);
  const answers = createAnswers();
  const restraint = createRestraint(clock);
  let shown = 'not asked yet';

  async function once(token: string, repository: string, request: Request): Promise<Outcome> {
    const [owner, repo] = repository.split('/');
    const no = restraint.holds(token);
    if (no) return { kind: 'not sent', no };
    const list = request.remember ? JSON.stringify([repository, request.route, request.parameters]) : undefined;
    const known = list === undefined ? undefined : answers.recall(token, list);
    const outcome = await attempt(clock, request.timeoutMs ?? timeoutMs, (signal) =>
      octokit.request(request.route, {
        ...request.parameters,
        ...(request.route.includes('{owner}') && { owner, repo }),
        headers: { authorization: `Bearer ${token}`, ...(known && { 'if-none-match': known.etag }) },
        ...(request.format && { mediaType: { format: request.format } }),
        request: { signal },
      }),
    );
    if (outcome.kind !== 'answered') return outcome;
    const { answer } = outcome;
    const untilMs = restraint.heed(token, answer);
    if (untilMs !== undefined) {
      log.warn({ host: apiUrl, until: new Date(untilMs).toISOString() }, 'GitHub wants no requests until then');
    }
    if (known && answer.status === 304) return { kind: 'answered', answer: unchanged(known, answer.headers) };
    if (list !== undefined && answer.status === 200) answers.learn(token, list, answer, request.remember === 'page');
    return outcome;
  }

  async function send(repository: string, request: Request): Promise<Outcome> {
    const token = await credentials.tokenFor(repository);
    if (typeof token !== 'string') return noted(token);
    const outcome = await once(token, repository, request);
    if (outcome.kind !== 'answered' || outcome.answer.status !== 401) return noted(outcome);
    // A 401 did nothing, so even a creation may be sent again, where there is another token to send it with.
    const fresh = await credentials.tokenFor(repository, token);
    if (typeof fresh !== 'string') return noted(fresh);
    return noted(fresh === token ? outcome : await once(fresh, repository, request));
  }

  function noted(outcome: Outcome): Outcome {
    if (outcome.kind === 'not sent') return outcome;
    if (outcome.kind === 'answered') noteRate(outcome.answer);
    const trouble = troubleOf(outcome);
    if (!trouble) shown = 'ok';
    else if (!shown.startsWith('unreachable')) {
      shown = `unreachable since ${clock.now().toISOString()}: ${trouble}`;
      log.warn({ host: apiUrl, cause: trouble }, 'GitHub is unreachable');
    }
    return outcome;
  }

  /** Source: docs.github.com, "Rate limits for the REST API", "Checking the status of your rate limit". */
  function noteRate({ headers }: Answer): void {
    const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN);
    const limit = Number(headers['x-ratelimit-limit'] ?? Number.NaN);
    if (Number.isFinite(remaining) && Number.isFinite(limit)) observeRate?.(host, remaining, limit);
  }

  function reachable(): string {
    const untilMs = restraint.until();
    return untilMs === undefined ? shown : `wants no requests until ${new Date(untilMs).toISOString()}`;
  }

  return { send, ...reading(send, clock), reachable };
}
