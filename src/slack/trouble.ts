import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import type { Posted } from '../deploy/ports.ts';
import { code, say, type Words } from '../deploy/words.ts';

/** Why a call of the Web API failed, as the caller has to act on it. */
export type Trouble =
  /** Slack said no. `mendable`: whoever runs the bot or the workspace can mend it, and then it works. */
  | { kind: 'no'; error: string; needed?: string; mendable: boolean }
  /** Slack did nothing and wants to be asked later. */
  | { kind: 'later'; afterMs: number }
  /** Slack may have done it. */
  | { kind: 'doubtful' };

/** Reads the error that a call rejected with. */
export function troubleOf(error: unknown): Trouble {
  // A Retry-After of 0 is no invitation to ask again and again.
  if (error instanceof WebAPIRateLimitedError) return { kind: 'later', afterMs: Math.max(1, error.retryAfter) * 1000 };
  // Slack answers other statuses from machines in front of it, which do not know what became of the call.
  if (error instanceof WebAPIHTTPError) return { kind: 'doubtful' };
  const name = errorName(error);
  if (name === undefined || accidents.has(name)) return { kind: 'doubtful' };
  const afterMs = rateLimits.has(name) ? 5_000 : passing.get(name);
  if (afterMs !== undefined) return { kind: 'later', afterMs };
  // The scope that `missing_scope` is about; the SDK's types lack it.
  const needed = error instanceof WebAPIPlatformError && 'needed' in error.data ? error.data.needed : undefined;
  return {
    kind: 'no',
    error: name,
    mendable: mendable.has(name),
    ...(typeof needed === 'string' && { needed }),
  };
}

/** Whether Slack said that it is asked too often. */
export const isRateLimit = (error: unknown): boolean =>
  error instanceof WebAPIRateLimitedError || rateLimits.has(errorName(error) ?? '');

/** Slack's name of an error; nothing where the answer is not Slack's. */
function errorName(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  // The SDK puts whatever is no JSON here, such as the page of a proxy.
  return /^\w+$/.test(error.data.error) ? error.data.error : undefined;
}

/*
 * What Slack's errors mean, from the error lists of chat.postMessage, chat.update and conversations.replies (docs.slack.dev).
 * What stands in none of these lists is a no for good: channel_not_found, not_in_channel, is_archived, is_inactive,
 * restricted_action…, cannot_reply_to_message, message_not_found, cant_update_message, edit_window_closed, block_mismatch, …
 */

/** Rate limits that come in an answer with status 200. */
const rateLimits = new Set(['rate_limited', 'ratelimited']);
/** Nothing was done, and it is over by itself: when to come back, in ms. */
const passing = new Map([
  // The request came in pieces.
  ['request_timeout', 1_000],
  // The workspace or the channel is being moved.
  ['team_added_to_org', 60_000],
  ['external_channel_migrating', 60_000],
  // The workspace as a whole writes more than its plan allows.
  ['message_limit_exceeded', 60_000],
]);
/** Slack's own failures: “some aspect of the operation” may have succeeded. */
const accidents = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'update_failed']);
const mendable = new Set([
  // The token or the app.
  ...['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive', 'not_allowed_token_type'],
  ...['missing_scope', 'no_permission', 'user_removed_from_team', 'messages_tab_disabled'],
  // The workspace, its plan, its network.
  ...['access_denied', 'accesslimited', 'ekm_access_denied', 'enterprise_is_restricted', 'org_login_required'],
  ...['team_access_not_granted', 'team_disabled', 'two_factor_setup_required'],
]);

/** Where and for whom something was to be posted. */
export interface Setting {
  room: string;
  /** Nobody waits for the outcome. */
  patient: boolean;
  /** The bot's name after the @. */
  bot: string;
}

/**
 * What became of a message whose call failed. While nobody waits for an answer, what can be mended is tried again: a
 * revoked token must not lose the end of a deployment.
 */
export function postedOf(trouble: Trouble, setting: Setting, mendedAfterMs: () => number): Posted {
  if (trouble.kind !== 'no') return trouble;
  if (setting.patient && trouble.mendable) return { kind: 'later', afterMs: mendedAfterMs() };
  return { kind: 'refused', error: trouble.error, words: sayNo(trouble.error, setting, trouble.needed) };
}

/** What a refusal of Slack's means, and what to do about it. Where nobody waited, what was asked for goes on without it. */
export function sayNo(error: string, { room, patient, bot }: Setting, needed?: string): Words {
  if (error.startsWith('restricted_action') || error === 'ekm_access_denied') {
    return say`This channel does not let me post here. Ask whoever manages it to let apps post, or type it in another channel.`;
  }
  switch (error) {
    case 'not_in_channel':
    case 'channel_not_found':
      return room.startsWith('D')
        ? say`I can't write in a direct message between other people. Type it in a channel that I am in, or in a direct message with me.`
        : say`I can't write in this channel. Type ${code(`/invite @${bot}`)} ${patient ? 'there.' : 'here, then ask again.'}`;
    case 'is_archived':
    case 'is_inactive':
      return say`This channel is archived, so I can't write here.${patient ? '' : ' Ask again in another channel.'}`;
    case 'thread_not_found':
    case 'cannot_reply_to_message':
      return say`The message that this belongs to is gone.`;
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
