import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { examples } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/github/webhook-examples.json', import.meta.url), 'utf8'),
);
/** GitHub's example of a status that a GitHub App is told, some 9 kB. */
const example = examples.find(({ name }) => name === 'deployment_status').examples.at(-1);
const story = ['queued', 'in_progress', 'in_progress', 'success'];

/** Statuses of one deployment. */
export const statusesEach = story.length;

let statusId = 10_000_000;
let deploymentId = 50_000_000;

/**
 * deployment_status webhooks as GitHub sends them, each a status of its own. They are about `ours`, deployments that the
 * bot has created and whose payload it has signed, and evenly between them about those of people who do not use the bot.
 */
export function statuses({ count, ours = [], secret }) {
  const all = [];
  const every = Math.floor(count / statusesEach / ours.length);
  for (let n = 0; all.length < count; n++) {
    const isOurs = n % every === 0 && n / every < ours.length;
    const deployment = isOurs ? ours[n / every] : strangers();
    const repository = isOurs ? 'acme/hello' : example.repository.full_name;
    for (const [step, state] of story.entries()) {
      all.push(delivery(secret, payload(deployment, repository, step, state)));
    }
  }
  return all.slice(0, count);
}

const strangers = () => ({ id: ++deploymentId, created_at: wholeSeconds(Date.now()) });

function payload(deployment, repository, step, state) {
  return {
    ...example,
    deployment: { ...example.deployment, ...deployment },
    deployment_status: {
      ...example.deployment_status,
      id: ++statusId,
      state,
      description: `Step ${step + 1} of ${story.length}`,
      log_url: `https://ci.example/runs/${deployment.id}`,
      created_at: wholeSeconds(Date.now() + step * 1000),
    },
    repository: { ...example.repository, full_name: repository },
  };
}

const wholeSeconds = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function delivery(secret, event) {
  const body = JSON.stringify(event);
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
