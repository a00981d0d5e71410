// The peer for webhooks: Probot as it is started in production, with an app that does nothing.
import { generateKeyPairSync } from 'node:crypto';
import { run } from 'probot';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
await run(() => {}, {
  env: {
    ...process.env,
    APP_ID: '1',
    PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    WEBHOOK_SECRET: process.env.GITHUB_WEBHOOK_SECRET,
    WEBHOOK_PATH: '/github/webhooks',
  },
});
