import type { Clock } from '../deploy/ports.ts';

/** How long whoever is asked has for its answer. */
export const answerWithinMs = 5_000;

/** Asks, and looks at the clock of whoever answers. */
export interface Watched {
  fetch: typeof fetch;
  /** How far this machine's clock is ahead (below 0: behind), at least; nothing before an answer with a Date came. */
  aheadMs(): number | undefined;
}

/** A `fetch` that gives up after 5 s. */
export function watched(request: typeof fetch, clock: Clock): Watched {
  let least: number | undefined;
  return {
    aheadMs: () => least,
    async fetch(input, init) {
      const limit = AbortSignal.timeout(answerWithinMs);
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
      const sentMs = clock.now().getTime();
      const response = await request(input, { ...init, signal }).catch((error: unknown) => {
        throw limit.aborted ? new NoAnswer() : error;
      });
      const ahead = aheadOf(response.headers, sentMs, clock.now().getTime());
      if (ahead !== undefined && (least === undefined || Math.abs(ahead) < Math.abs(least))) least = ahead;
      return response;
    },
  };
}

/** The Date is of some moment on the way, in whole seconds: inside of that nothing can be told. */
function aheadOf(headers: Headers, sentMs: number, receivedMs: number): number | undefined {
  const dateMs = Date.parse(headers.get('date') ?? '');
  // A cache's Date may be old.
  if (Number.isNaN(dateMs) || headers.has('age')) return undefined;
  if (sentMs > dateMs + 1_000) return sentMs - (dateMs + 1_000);
  return receivedMs < dateMs ? receivedMs - dateMs : 0;
}

class NoAnswer extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Why there is no answer, in a few words. Never an error's message, which may have an address or a header in it. */
export function causeOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e.name === 'TimeoutError') return inWords('ETIMEDOUT');
    if ('code' in e && typeof e.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(e.code)) return inWords(e.code);
  }
  return 'the connection broke';
}

/** What Node's codes mean; those that nobody meets stay as they are. */
export function inWords(code: string): string {
  const meanings: Readonly<Record<string, string>> = {
    ETIMEDOUT: `no answer within ${answerWithinMs / 1000} s`,
    ECONNREFUSED: 'nothing listens there, ECONNREFUSED',
    ENOTFOUND: 'there is no such host, ENOTFOUND',
    EAI_AGAIN: 'its name can’t be looked up, EAI_AGAIN',
  };
  return meanings[code] ?? code;
}

/** Works on all of them, a few at a time; the answers are in their order. */
export async function fewAtATime<T, R>(all: readonly T[], work: (one: T) => Promise<R>, atOnce = 6): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) answers[index] = await work(all[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  return answers;
}
