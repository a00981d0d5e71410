import { isLoopback } from '../catalog/api-root.ts';
import type { Variables } from './variables.ts';

export type SlackConfig = Readonly<
  {
    /** `xoxb-…`. */
    botToken: string;
    /** Root of the Web API with its `/api/`; omitted: Slack's own. */
    apiUrl?: string;
  } & ({ mode: 'socket'; appToken: string; signingSecret?: string } | { mode: 'http'; signingSecret: string })
>;

/** What is wrong is noted; then the answer is undefined or counts for nothing. */
export function readSlack(variables: Variables): SlackConfig | undefined {
  const botToken = variables.required('SLACK_BOT_TOKEN', botTokenIs);
  if (botToken !== undefined && !/^xoxb-[\w-]+$/.test(botToken)) variables.wrong(notABotToken(botToken));
  const apiUrl = readApiUrl(variables);

  const appToken = variables.text('SLACK_APP_TOKEN');
  const signingSecret = variables.text('SLACK_SIGNING_SECRET');
  if (appToken !== undefined) {
    if (!/^xapp-[\w-]+$/.test(appToken)) variables.wrong(notAnAppToken(appToken));
    return botToken === undefined ? undefined : { mode: 'socket', botToken, apiUrl, appToken, signingSecret };
  }
  if (signingSecret === undefined) {
    variables.wrong(
      'SLACK_SIGNING_SECRET is missing: the Signing Secret from your Slack app’s Basic Information page, or set SLACK_APP_TOKEN (xapp-…) for Socket Mode, which needs no public URL',
    );
    return undefined;
  }
  return botToken === undefined ? undefined : { mode: 'http', botToken, apiUrl, signingSecret };
}

const botTokenIs = 'the bot token (xoxb-…) from your Slack app’s OAuth & Permissions page';

function notABotToken(token: string): string {
  if (token.startsWith('xapp-'))
    return `SLACK_BOT_TOKEN is an app-level token (xapp-…), which belongs in SLACK_APP_TOKEN: set it to ${botTokenIs}`;
  if (token.startsWith('xoxp-')) return `SLACK_BOT_TOKEN is a person’s token (xoxp-…): set it to ${botTokenIs}`;
  if (token.startsWith('xoxe'))
    return `SLACK_BOT_TOKEN is a rotating token (xoxe…), which ends after 12 hours: turn token rotation off and set it to ${botTokenIs}`;
  return `SLACK_BOT_TOKEN does not begin with xoxb-, or has white space or quotes in it: set it to ${botTokenIs}`;
}

function notAnAppToken(token: string): string {
  const where = 'the app-level token (xapp-…) with connections:write from your Slack app’s Basic Information page';
  if (token.startsWith('xoxb-'))
    return `SLACK_APP_TOKEN is a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN: set it to ${where}`;
  return `SLACK_APP_TOKEN does not begin with xapp-, or has white space or quotes in it: set it to ${where}`;
}

function readApiUrl(variables: Variables): string | undefined {
  const text = variables.text('SLACK_API_URL');
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = url ? whatIsWrong(url) : 'must be a URL, such as https://slack.com/api/';
  if (!url || wrong) variables.wrong(`SLACK_API_URL ${wrong}`);
  else return url.href.endsWith('/') ? url.href : `${url.href}/`;
  return undefined;
}

function whatIsWrong(url: URL): string | undefined {
  if (!/^https?:$/.test(url.protocol)) return 'must begin with https://';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'must begin with https:// (tokens are sent there)';
  if (url.username || url.password || url.search || url.hash) return 'must be a root, without user, ? or #';
  if (!/\/api\/?$/.test(url.pathname)) return 'must end with /api/, as in https://slack.com/api/';
  return undefined;
}
