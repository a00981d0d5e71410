import type { Clock } from '../deploy/ports.ts';
import type { Credentials } from './auth.ts';
import { type Answer, asRefusal, noFrom, unreachable } from './refused.ts';
import { attempt, type Manners, octokitFor, type Outcome, troubleOf } from './wire.ts';

export interface Request {
  /** As GitHub documents it: `GET /repos/{owner}/{repo}`; owner and repo are filled in. */
  route: string;
  parameters?: Readonly<Record<string, unknown>>;
  /** `sha`: the answer is only a commit's SHA. */
  format?: 'sha';
  timeoutMs?: number;
}

/** One API host with its credentials. */
export interface Host {
  /** Sends a request exactly once (once more with a new token, where the old one was refused). Never rejects. */
  send(repository: string, request: Request): Promise<Outcome>;
  /**
   * Reads, and tries again on what passes by itself. Rejects with a Refusal, but for a success and the statuses that
   * `also` names as answers.
   */
  read(repository: string, request: Request, also?: readonly number[]): Promise<Answer>;
  /** The pages of a list, at most `mostPages`. */
  pages(repository: string, request: Request, mostPages?: number): AsyncGenerator<unknown>;
  /** What the last request has shown, in a few words. */
  reachable(): string;
}

const readTimeoutMs = 10_000;
/** Waits before the second and the third try of a read. */
const readAgainAfterMs = [250, 1_000];
const mostAPage = 100;

export function connect(apiUrl: string, credentials: Credentials, manners: Manners): Host {
  const { clock, log } = manners;
  const octokit = octokitFor(apiUrl, manners);
  let shown = 'not asked yet';

  function once(token: string, repository: string, request: Request): Promise<Outcome> {
    const [owner, repo] = repository.split('/');
    return attempt(clock, request.timeoutMs ?? readTimeoutMs, (signal) =>
      octokit.request(request.route, {
        ...request.parameters,
        owner,
        repo,
        headers: { authorization: `Bearer ${token}` },
        ...(request.format && { mediaType: { format: request.format } }),
        request: { signal },
      }),
    );
  }

  async function send(repository: string, request: Request): Promise<Outcome> {
    const token = await credentials.tokenFor(repository);
    if (typeof token !== 'string') return noted(token);
    const outcome = await once(token, repository, request);
    const isRefused = outcome.kind === 'answered' && outcome.answer.status === 401;
    if (!isRefused || !credentials.renewable) return noted(outcome);
    // A 401 did nothing, so even a creation may be sent again.
    const fresh = await credentials.tokenFor(repository, token);
    return noted(typeof fresh === 'string' ? await once(fresh, repository, request) : fresh);
  }

  function noted(outcome: Outcome): Outcome {
    const trouble = troubleOf(outcome);
    if (!trouble) shown = 'ok';
    else if (!shown.startsWith('unreachable')) {
      shown = `unreachable since ${clock.now().toISOString()}: ${trouble}`;
      log.warn({ host: apiUrl, cause: trouble }, 'GitHub is unreachable');
    }
    return outcome;
  }

  async function read(repository: string, request: Request, also: readonly number[] = []): Promise<Answer> {
    for (let attempts = 0; ; attempts++) {
      const outcome = await send(repository, request);
      if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
      if (outcome.kind === 'answered') {
        const { answer } = outcome;
        if (answer.status < 300 || also.includes(answer.status)) return answer;
        if (answer.status < 500) throw asRefusal(noFrom(answer, { repository, to: 'read', now: clock.now() }));
      }
      const againAfterMs = readAgainAfterMs[attempts];
      const isSlow = outcome.kind === 'unanswered' && outcome.slow;
      if (againAfterMs === undefined || isSlow) throw asRefusal(unreachable(troubleOf(outcome) ?? 'no answer'));
      await passed(clock, againAfterMs);
    }
  }

  return {
    send,
    read,
    async *pages(repository, request, mostPages = 50) {
      for (let page = 1; page <= mostPages; page++) {
        // By number and not by the address in the Link header: addresses are not ours to follow with a token.
        const parameters = { ...request.parameters, per_page: mostAPage, page };
        const answer = await read(repository, { ...request, parameters });
        yield answer.data;
        if (!/\brel="?next\b/.test(String(answer.headers.link ?? ''))) return;
      }
    },
    reachable: () => shown,
  };
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(new Date(clock.now().getTime() + ms), resolve);
  });
}
