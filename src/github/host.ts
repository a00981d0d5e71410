import type { z } from 'zod';
import type { Clock } from '../deploy/ports.ts';
import type { Credentials } from './auth.ts';
import { type Answer, asRefusal, noFrom, unreachable } from './refused.ts';
import { attempt, type Manners, type Outcome, octokitFor, troubleOf } from './wire.ts';

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
   * Reads, and tries again on what passes by itself. Rejects with a Refusal; but answers nothing where GitHub does with
   * one of the statuses that say, for this request, that there is none.
   */
  read<T>(repository: string, request: Request, shape: z.ZodType<T>): Promise<T>;
  find<T>(repository: string, request: Request, shape: z.ZodType<T>, absent: readonly number[]): Promise<T | undefined>;
  /** The pages of a list, at most `mostPages`. */
  pages<T>(repository: string, request: Request, shape: z.ZodType<T>, mostPages?: number): AsyncGenerator<T>;
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
    if (outcome.kind !== 'answered' || outcome.answer.status !== 401) return noted(outcome);
    // A 401 did nothing, so even a creation may be sent again, where there is another token to send it with.
    const fresh = await credentials.tokenFor(repository, token);
    if (typeof fresh !== 'string') return noted(fresh);
    return noted(fresh === token ? outcome : await once(fresh, repository, request));
  }

  function noted(outcome: Outcome): Outcome {
    if (outcome.kind === 'not sent') return outcome;
    const trouble = troubleOf(outcome);
    if (!trouble) shown = 'ok';
    else if (!shown.startsWith('unreachable')) {
      shown = `unreachable since ${clock.now().toISOString()}: ${trouble}`;
      log.warn({ host: apiUrl, cause: trouble }, 'GitHub is unreachable');
    }
    return outcome;
  }

  /** One answer that can be read, its headers with it; nothing for the statuses that mean that there is none. */
  async function look<T>(
    repository: string,
    request: Request,
    shape: z.ZodType<T>,
    absent: readonly number[] = [],
  ): Promise<{ data: T; headers: Answer['headers'] } | undefined> {
    for (let attempts = 0; ; attempts++) {
      const outcome = await send(repository, request);
      let trouble = troubleOf(outcome);
      if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
      if (outcome.kind === 'answered' && !trouble) {
        const { answer } = outcome;
        if (absent.includes(answer.status)) return undefined;
        if (answer.status >= 300) throw asRefusal(noFrom(answer, { repository, to: 'read', now: clock.now() }));
        const read = shape.safeParse(answer.data);
        if (read.success) return { data: read.data, headers: answer.headers };
        // Cut off on its way, most likely.
        trouble = 'an answer that makes no sense';
      }
      const againAfterMs = readAgainAfterMs[attempts];
      const isSlow = outcome.kind === 'unanswered' && outcome.slow;
      if (againAfterMs === undefined || isSlow) throw asRefusal(unreachable(trouble ?? 'no answer'));
      await passed(clock, againAfterMs);
    }
  }

  return {
    send,
    async read(repository, request, shape) {
      const found = await look(repository, request, shape);
      // Nothing was named that would mean absence.
      if (!found) throw new Error('an answer is missing');
      return found.data;
    },
    async find(repository, request, shape, absent) {
      return (await look(repository, request, shape, absent))?.data;
    },
    async *pages(repository, request, shape, mostPages = 50) {
      for (let page = 1; page <= mostPages; page++) {
        // By number and not by the address in the Link header: addresses are not ours to follow with a token.
        const parameters = { ...request.parameters, per_page: mostAPage, page };
        const found = await look(repository, { ...request, parameters }, shape);
        if (!found) return;
        yield found.data;
        if (!/\brel="?next\b/.test(String(found.headers.link ?? ''))) return;
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
