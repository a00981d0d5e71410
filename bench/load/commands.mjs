import { createHmac } from 'node:crypto';

let made = 0;

/**
 * Slash commands as Slack sends them (docs.slack.dev/interactivity/implementing-slash-commands), each typed anew, and in
 * a channel of its own: in a single one the bot would wait for Slack's limit of a message a second.
 */
export function commands({ count, text, secret, responseUrl }) {
  const stamp = String(Math.floor(Date.now() / 1000));
  return Array.from({ length: count }, () => {
    made += 1;
    const body = new URLSearchParams({
      token: 'deprecated',
      team_id: 'T0BENCH',
      team_domain: 'bench',
      channel_id: `C${String(made).padStart(8, '0')}`,
      channel_name: `deploys-${made}`,
      user_id: 'U0ANN',
      user_name: 'ann',
      command: '/deploy',
      text,
      api_app_id: 'A0BENCH',
      is_enterprise_install: 'false',
      response_url: `${responseUrl}/${made}`,
      trigger_id: `${stamp}.${process.pid}.${made}`,
    }).toString();
    const signature = createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex');
    return {
      path: '/slack/events',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': stamp,
        'x-slack-signature': `v0=${signature}`,
      },
      body,
    };
  });
}
