import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import type { Posted } from '../deploy/ports.ts';
import { code, say, type Words } from '../deploy/words.ts';

/** Why a call of the Web API failed, as the caller has to act on it. */
export type Trouble =
  /** Slack said no. `mendable`: whoever runs the bot can mend it, and then it works. */
  | { kind: 'no'; error: string; needed?: string; mendable: boolean }
  /** Slack did nothing and wants to be asked later. */
  | { kind: 'later'; afterMs: number }
  /** Slack may have done it. */
  | { kind: 'doubtful' };

/** Reads the error that a call rejected with. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'later', afterMs: error.retryAfter * 1000 };
  // Slack answers other statuses from machines in front of it, which do not know what became of the call.
  if (error instanceof WebAPIHTTPError) return { kind: 'doubtful' };
  if (!(error instanceof WebAPIPlatformError)) return { kind: 'doubtful' };
  const { error: name } = error.data;
  // The SDK puts whatever is no JSON here, such as the page of a proxy.
  if (!/^\w+$/.test(name)) return { kind: 'doubtful' };
  // The scope that `missing_scope` is about; the SDK's types lack it.
  const needed = 'needed' in error.data ? error.data.needed : undefined;
  if (rateLimits.has(name)) return { kind: 'later', afterMs: 5_000 };
  if (accidents.has(name)) return { kind: 'doubtful' };
  return {
    kind: 'no',
    error: name,
    mendable: mendable.has(name),
    ...(typeof needed === 'string' && { needed }),
  };
}

/** Rate limits that come in an answer with status 200 (error list of chat.postMessage). */
const rateLimits = new Set(['rate_limited', 'ratelimited']);
/** Slack's own failures, of which it does not say whether anything was done. */
const accidents = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const mendable = new Set([
  ...['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'missing_scope'],
  ...['no_permission', 'ekm_access_denied', 'access_denied', 'accesslimited'],
]);

/** How long until a call is worth another try while somebody mends the token or its scopes. */
const mendingMs = 60_000;

/**
 * What became of a message whose call failed. While nobody waits for an answer (`patient`), what can be mended is tried
 * again: a revoked token must not lose the end of a deployment.
 */
export function postedOf(trouble: Trouble, room: string, patient: boolean): Posted {
  if (trouble.kind !== 'no') return trouble;
  if (patient && trouble.mendable) return { kind: 'later', afterMs: mendingMs };
  return { kind: 'refused', error: trouble.error, words: sayNo(trouble.error, room, trouble.needed, patient) };
}

/** What a refusal of Slack's means, and what to do about it; `patient`: what was asked for goes on without it. */
function sayNo(error: string, room: string, needed?: string, patient = false): Words {
  if (error.startsWith('restricted_action')) {
    return say`This channel does not let me post here. Ask whoever manages it to let apps post, or type it in another channel.`;
  }
  switch (error) {
    case 'not_in_channel':
    case 'channel_not_found':
      return room.startsWith('D')
        ? say`I can't write in a direct message between other people. Type it in a channel that I am in, or in a direct message with me.`
        : say`I can't write in this channel. Type ${code('/invite @deckhand')} ${patient ? 'there.' : 'here, then ask again.'}`;
    case 'is_archived':
      return say`This channel is archived, so I can't write here.${patient ? '' : ' Ask again in another channel.'}`;
    case 'missing_scope':
      return say`My Slack token lacks the scope ${code(needed ?? 'chat:write')}. Whoever runs me can add it in the app's settings and install the app again.`;
    case 'invalid_auth':
    case 'not_authed':
    case 'token_revoked':
    case 'token_expired':
    case 'account_inactive':
      return say`Slack does not accept my token any more (${code(error)}). Whoever runs me has to set ${code('SLACK_BOT_TOKEN')} anew.`;
    default:
      return say`Slack did not let me write here: ${code(error)}. Ask again in another channel, and tell whoever runs me if it stays.`;
  }
}
