import { delivery } from './deliveries.mjs';

/** What a deployer says of a deployment, and when, in ms since its first word. */
const story = [
  { state: 'queued', afterMs: 0 },
  { state: 'in_progress', afterMs: 1_200 },
  { state: 'success', afterMs: 2_400 },
];

/** Statuses of one deployment. */
export const statusesEach = story.length;

/** The statuses of deployments that begin one after another, `perSecond` of them, each with the time at which it is due. */
export function stories({ ours, perSecond, secret }) {
  return ours
    .flatMap((deployment, n) =>
      story.map(({ state, afterMs }) => {
        const dueMs = (n * 1000) / perSecond + afterMs;
        const description = `Deployment ${n + 1}`;
        return { ...delivery({ secret, deployment, state, description, at: Date.now() + dueMs }), dueMs };
      }),
    )
    .sort((a, b) => a.dueMs - b.dueMs);
}
