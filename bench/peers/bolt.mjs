// The floor for commands, start and memory: Bolt as its documentation begins, acknowledging every command at once.
import bolt from '@slack/bolt';

const { App, HTTPReceiver } = bolt;
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  receiver: new HTTPReceiver({ signingSecret: process.env.SLACK_SIGNING_SECRET }),
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});
app.command(/.*/, ({ ack }) => ack());
await app.start({ port: Number(process.env.PORT), host: process.env.HOST });
