// The floor for the way from a status to its thread: verify, parse, post where the payload says. It stores nothing, keeps
// no order, and forgets what goes wrong.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { WebClient } from '@slack/web-api';

const secret = process.env.GITHUB_WEBHOOK_SECRET;
const slack = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl: process.env.SLACK_API_URL });
createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const given = Buffer.from(request.headers['x-hub-signature-256']?.slice('sha256='.length) ?? '', 'hex');
    const expected = createHmac('sha256', secret).update(body).digest();
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    response.writeHead(isSigned ? 200 : 401).end('ok\n');
    if (isSigned) tell(JSON.parse(body.toString()));
  });
}).listen(Number(process.env.PORT), process.env.HOST);

function tell({ deployment, deployment_status: status }) {
  const notify = deployment.payload?.notify;
  if (!notify) return;
  slack.chat.postMessage({
    channel: notify.room,
    thread_ts: notify.thread_id,
    text: `${status.state}: ${status.description} ${status.log_url}`,
    metadata: { event_type: 'relay', event_payload: { key: `status:${status.id}` } },
  });
}
