import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import { slackLogger } from './logger.ts';

/** How Slack's Web API is reached. */
export interface SlackAccess {
  botToken: string;
  /** Root of the Web API with its `/api/`; Slack's own if omitted. */
  apiUrl?: string;
}

/**
 * Options that make every call one attempt whose outcome is known: the SDK's own retries post twice when an answer is
 * lost, and on a 429 it would hold back every other call too. Never shared between clients, because SDKs write into
 * them; and without `headers`, where the first client's token would stick.
 */
export function oneAttempt(apiUrl: string | undefined, log: Logger, request?: typeof fetch): WebClientOptions {
  return {
    ...(apiUrl && { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    ...(request && { fetch: request }),
    logger: slackLogger(log),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
  };
}

export const webClient = (access: SlackAccess, log: Logger, request?: typeof fetch): WebClient =>
  new WebClient(access.botToken, oneAttempt(access.apiUrl, log, request));
