import { type WebAPICallResult, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import { slackLogger } from './logger.ts';
import { isRateLimit } from './trouble.ts';

/** How Slack's Web API is reached. */
export interface SlackAccess {
  botToken: string;
  /** Root of the Web API with its `/api/`; Slack's own if omitted. */
  apiUrl?: string;
}

/** Told of every call that Slack answers with “too often”, by method: `chat.postMessage`. */
export type ObserveLimit = (method: string) => void;

/**
 * Options that make every call one attempt whose outcome is known: the SDK's own retries post twice when an answer is
 * lost, and on a 429 it would hold back every other call too. Never shared between clients, because SDKs write into
 * them; and without `headers`, where the first client's token would stick.
 */
export function oneAttempt(apiUrl: string | undefined, log: Logger, request: typeof fetch = fetch): WebClientOptions {
  return {
    ...(apiUrl && { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    fetch: withRetryAfter(request),
    logger: slackLogger(log),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
  };
}

export function webClient(
  access: SlackAccess,
  log: Logger,
  request?: typeof fetch,
  observeLimit?: ObserveLimit,
): WebClient {
  const options = oneAttempt(access.apiUrl, log, request);
  return observeLimit
    ? new CountingClient(access.botToken, options, observeLimit)
    : new WebClient(access.botToken, options);
}

/** All methods of a client are calls of `apiCall`. */
class CountingClient extends WebClient {
  readonly #observe: ObserveLimit;

  constructor(token: string, options: WebClientOptions, observe: ObserveLimit) {
    super(token, options);
    this.#observe = observe;
  }

  override async apiCall(...[method, options]: Parameters<WebClient['apiCall']>): Promise<WebAPICallResult> {
    return super.apiCall(method, options).catch((error: unknown) => {
      if (isRateLimit(error)) this.#observe(method);
      throw error;
    });
  }
}

/** What is waited for where a 429 does not say how long, in s. */
const retryAfter = '5';

/**
 * A 429 always says how long to wait. Slack's do; what stands in front of Slack may not, and the SDK would then make an
 * error of it that looks as if the call might have been done.
 */
function withRetryAfter(request: typeof fetch): typeof fetch {
  return async (...call) => {
    const response = await request(...call);
    if (response.status !== 429 || /^\d+$/.test(response.headers.get('retry-after') ?? '')) return response;
    const headers = new Headers(response.headers);
    headers.set('retry-after', retryAfter);
    return new Response(response.body, { status: response.status, headers });
  };
}
