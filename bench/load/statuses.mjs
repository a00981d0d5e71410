import { delivery, strangers } from './deliveries.mjs';

const story = ['queued', 'in_progress', 'in_progress', 'success'];

/** Statuses of one deployment. */
export const statusesEach = story.length;

/**
 * deployment_status webhooks in any number. They are about `ours`, deployments that the bot has created and whose payload
 * it has signed, and evenly between them about those of people who do not use the bot.
 */
export function statuses({ count, ours = [], secret }) {
  const all = [];
  const every = Math.floor(count / statusesEach / ours.length);
  for (let n = 0; all.length < count; n++) {
    const isOurs = n % every === 0 && n / every < ours.length;
    const deployment = isOurs ? { ...ours[n / every], repository: 'acme/hello' } : strangers();
    for (const [step, state] of story.entries()) {
      const description = `Step ${step + 1} of ${story.length}`;
      all.push(delivery({ secret, deployment, state, description, at: Date.now() + step * 1000 }));
    }
  }
  return all.slice(0, count);
}
