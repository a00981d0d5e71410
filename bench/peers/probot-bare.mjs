// Probot at its leanest: its middleware alone, on Node's own server and without a log of requests. Nobody is asked to be
// faster than this; it shows how much of the difference is the log.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createNodeMiddleware, createProbot } from 'probot';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const probot = createProbot({
  overrides: {
    appId: 1,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    secret: process.env.GITHUB_WEBHOOK_SECRET,
    logLevel: 'warn',
    logFormat: 'json',
  },
});
const middleware = await createNodeMiddleware(() => {}, { probot, webhooksPath: '/github/webhooks' });
createServer((request, response) => {
  middleware(request, response, () => response.writeHead(404).end());
}).listen(Number(process.env.PORT), process.env.HOST);
