import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { payloadFor } from '../../dist/src/deploy/return-address.js';

const { examples } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/github/webhook-examples.json', import.meta.url), 'utf8'),
);
/** GitHub's example of a status that a GitHub App is told, some 9 kB. */
const example = examples.find(({ name }) => name === 'deployment_status').examples.at(-1);
const story = ['queued', 'in_progress', 'in_progress', 'success'];

let made = 10_000_000;
let deployments = 50_000_000;

/**
 * deployment_status webhooks as GitHub sends them, each a status of its own, four a deployment. One deployment in `ours`
 * (none if 0) carries a return address that the bot has signed; the others are of people who do not use the bot.
 */
export function statuses({ count, ours, secret, key }) {
  const now = Date.now();
  const all = [];
  while (all.length < count) {
    deployments += 1;
    const deployment = ours > 0 && deployments % ours === 0 ? ourDeployment(key) : example.deployment;
    const repository = ours > 0 && deployments % ours === 0 ? 'acme/hello' : example.repository.full_name;
    for (const [step, state] of story.entries()) {
      made += 1;
      all.push(
        delivery(secret, {
          ...example,
          deployment: { ...deployment, id: deployments, created_at: wholeSeconds(now) },
          deployment_status: {
            ...example.deployment_status,
            id: made,
            state,
            description: `Step ${step + 1} of ${story.length}`,
            log_url: `https://ci.example/runs/${deployments}`,
            created_at: wholeSeconds(now + step * 1000),
          },
          repository: { ...example.repository, full_name: repository },
        }),
      );
    }
  }
  return all.slice(0, count);
}

function ourDeployment(key) {
  const create = { task: 'deploy', environment: 'staging', payload: { config: { provider: 'shell' } } };
  const payload = payloadFor(
    {
      request: `BENCH${deployments}`,
      place: { team: 'T0BENCH', room: 'C0DEPLOYS', roomName: 'deploys' },
      asker: { id: 'U0ANN', name: 'ann' },
      app: 'hello',
      repository: 'acme/hello',
      hosts: [],
      thread: `1718${deployments}.000100`,
      create,
    },
    [key],
  );
  const { task, environment } = create;
  return { ...example.deployment, task, environment, original_environment: environment, ref: 'topic-branch', payload };
}

const wholeSeconds = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function delivery(secret, payload) {
  const body = JSON.stringify(payload);
  return {
    path: '/github/webhooks',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/bench',
      'x-github-event': 'deployment_status',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    body,
  };
}
