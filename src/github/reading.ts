import type { z } from 'zod';
import type { Clock } from '../deploy/ports.ts';
import { type Answer, asRefusal, noFrom, unreachable } from './refused.ts';
import { type Outcome, troubleOf } from './wire.ts';

export interface Request {
  /** As GitHub documents it: `GET /repos/{owner}/{repo}`; owner and repo are filled in. */
  route: string;
  parameters?: Readonly<Record<string, unknown>>;
  /** `sha`: the answer is only a commit's SHA. */
  format?: 'sha';
  /** A list whose pages go by GitHub's cursor and not by number. */
  byCursor?: boolean;
  /**
   * A list that is asked for again and again: GitHub sends it only when it has changed, and counts nothing otherwise.
   * `page`: only this page of it is wanted, and it says nothing of the others.
   */
  remember?: boolean | 'page';
  timeoutMs?: number;
}

/** Reads what can be read again without harm. */
export interface Reading {
  /**
   * Reads, and tries again on what passes by itself. Rejects with a Refusal; but answers nothing where GitHub does with
   * one of the statuses that say, for this request, that there is none.
   */
  read<T>(repository: string, request: Request, shape: z.ZodType<T>): Promise<T>;
  find<T>(repository: string, request: Request, shape: z.ZodType<T>, absent: readonly number[]): Promise<T | undefined>;
  /** One page, and whether there is another after it. */
  page<T>(repository: string, request: Request, shape: z.ZodType<T>): Promise<{ data: T; more: boolean }>;
  /** The pages of a list; none at all where GitHub answers with one of the `absent` statuses. */
  pages<T>(repository: string, request: Request, shape: z.ZodType<T>, options?: PagesOptions): AsyncGenerator<T>;
}

export interface PagesOptions {
  /** 50 when left out. */
  mostPages?: number;
  absent?: readonly number[];
}

/** Waits before the second and the third try of a read. */
const readAgainAfterMs = [250, 1_000];
const mostAPage = 100;

/** Reading over whatever sends a request once and never rejects. */
export function reading(send: (repository: string, request: Request) => Promise<Outcome>, clock: Clock): Reading {
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

  async function must<T>(repository: string, request: Request, shape: z.ZodType<T>) {
    const found = await look(repository, request, shape);
    // Nothing was named that would mean absence.
    if (!found) throw new Error('an answer is missing');
    return found;
  }

  return {
    read: async (repository, request, shape) => (await must(repository, request, shape)).data,
    async page(repository, request, shape) {
      const { data, headers } = await must(repository, request, shape);
      return { data, more: nextIn(headers.link) !== undefined };
    },
    async find(repository, request, shape, absent) {
      return (await look(repository, request, shape, absent))?.data;
    },
    async *pages(repository, request, shape, { mostPages = 50, absent = [] } = {}) {
      let place: Record<string, unknown> = request.byCursor ? {} : { page: 1 };
      for (let page = 1; page <= mostPages; page++) {
        const parameters = { ...request.parameters, per_page: mostAPage, ...place };
        const found = await look(repository, { ...request, parameters }, shape, absent);
        if (!found) return;
        yield found.data;
        const next = nextIn(found.headers.link);
        if (!next) return;
        // The address in the Link header is not ours to follow with a token; what it says of the place is.
        place = request.byCursor ? { cursor: next.cursor } : { page: page + 1 };
        if (request.byCursor && !next.cursor) return;
      }
    },
  };
}

/** The next page as a Link header has it, if there is one. */
function nextIn(link: string | number | undefined): { cursor: string | undefined } | undefined {
  const address = /<([^>]*)>[^<]*?\brel="?next\b/.exec(String(link ?? ''))?.[1];
  if (address === undefined) return undefined;
  return { cursor: /[?&]cursor=([^&]+)/.exec(address)?.slice(1).map(decoded)[0] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.at(new Date(clock.now().getTime() + ms), resolve);
  });
}
