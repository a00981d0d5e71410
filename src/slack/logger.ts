import { LogLevel, type Logger as SlackLogger } from '@slack/web-api';
import type { Logger } from 'pino';

/**
 * Slack's SDKs write their log through this. They never get to log at debug: their debug lines hold whole payloads with
 * tokens and response_urls, and only some of them are redacted.
 */
export function slackLogger(log: Logger): SlackLogger {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) =>
      log[level](withoutSecrets(parts.map(readable).join(' ')));
  return {
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}

const readable = (part: unknown): string =>
  part instanceof Error ? `${part.name}: ${part.message}` : typeof part === 'string' ? part : JSON.stringify(part);

/** Tokens, and addresses that let anybody answer in a person's stead. */
function withoutSecrets(text: string): string {
  return text
    .replace(/xox[a-z]-[\w-]+|xapp-[\w-]+/gi, '[token]')
    .replace(
      /\b(?:wss?|https?):\/\/\S*(?:ticket=|\/commands\/|\/actions\/|\/response\/|\/services\/)\S*/gi,
      '[address]',
    );
}
