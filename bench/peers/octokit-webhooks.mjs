// The peer for durable ingest: GitHub's own library for receiving webhooks, with nobody listening. It stores nothing.
import { createServer } from 'node:http';
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks';

const webhooks = new Webhooks({ secret: process.env.GITHUB_WEBHOOK_SECRET });
const middleware = createNodeMiddleware(webhooks, { path: '/github/webhooks' });
createServer(async (request, response) => {
  if (!(await middleware(request, response))) response.writeHead(404).end();
}).listen(Number(process.env.PORT), process.env.HOST);
