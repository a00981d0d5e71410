import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { examples } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/github/webhook-examples.json', import.meta.url), 'utf8'),
);
/** GitHub's example of a status that a GitHub App is told, some 9 kB. */
const example = examples.find(({ name }) => name === 'deployment_status').examples.at(-1);

let statusId = 10_000_000;
let deploymentId = 50_000_000;

/** A deployment of people who do not use the bot. */
export const strangers = () => ({
  id: ++deploymentId,
  repository: example.repository.full_name,
  created_at: wholeSeconds(Date.now()),
});

/**
 * A deployment_status webhook as GitHub sends it, with a status of its own. `deployment`: what it has of its own, and
 * `repository`, its full name.
 */
export function delivery({ secret, deployment: { repository, ...deployment }, state, description, at }) {
  const id = ++statusId;
  const body = JSON.stringify({
    ...example,
    deployment: { ...example.deployment, ...deployment },
    deployment_status: {
      ...example.deployment_status,
      id,
      state,
      description,
      log_url: `https://ci.example/runs/${deployment.id}`,
      created_at: wholeSeconds(at),
    },
    repository: { ...example.repository, full_name: repository },
  });
  return {
    /** As the bot calls the line that it tells. */
    name: `status:${id}`,
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

const wholeSeconds = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
