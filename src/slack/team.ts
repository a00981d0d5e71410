import { WebAPIPlatformError, type WebClient } from '@slack/web-api';

/** Where the bot is installed, and who it is there. */
export interface Team {
  id: string;
  name: string;
  /** The organisation of an Enterprise Grid. */
  enterprise?: string;
  botUser: string;
  /** The bot's name after the @. */
  botName: string;
  botId?: string;
  /** What its token may do, where Slack says so. */
  scopes: readonly string[];
}

/** Slack does not accept a token; no use in trying again with the same one. */
export class TokenRefused extends Error {
  constructor(variable: string, error: string) {
    super(`Slack does not accept ${variable} (${error}). Copy it again from your app's page on api.slack.com.`);
    this.name = 'TokenRefused';
  }
}

/** Asks Slack whose token this is. Rejects with {@link TokenRefused} for a bad one, with Slack's error otherwise. */
export async function introduce(client: WebClient): Promise<Team> {
  const answer = await client.auth.test().catch((error: unknown) => {
    throw error instanceof WebAPIPlatformError && refusals.has(error.data.error)
      ? new TokenRefused('SLACK_BOT_TOKEN', error.data.error)
      : error;
  });
  if (!answer.user_id || !answer.team_id) {
    throw new TokenRefused('SLACK_BOT_TOKEN', 'it is not the token of a bot');
  }
  return {
    id: answer.team_id,
    name: answer.team ?? answer.team_id,
    ...(answer.enterprise_id && { enterprise: answer.enterprise_id }),
    botUser: answer.user_id,
    botName: answer.user ?? 'deckhand',
    ...(answer.bot_id && { botId: answer.bot_id }),
    scopes: answer.response_metadata?.scopes ?? [],
  };
}

/** Errors of auth.test and apps.connections.open that stay until somebody changes the token or the app. */
export const refusals: ReadonlySet<string> = new Set([
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'not_allowed_token_type'],
  ...[
    'user_removed_from_team',
    'team_disabled',
    'no_permission',
    'missing_scope',
    'org_login_required',
    'forbidden_team',
  ],
]);
