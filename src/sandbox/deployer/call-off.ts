import { within } from '../within.ts';
import type { Announcement } from './announcement.ts';

/** Whether somebody has called the deployment off: a status `error`, after which the deployer itself never goes on. */
export type IsCalledOff = () => Promise<boolean>;

/** Asks GitHub at each call; never throws. What GitHub does not answer is told to `onLoss`, and the deployment goes on. */
export function createCallOff(
  what: Announcement,
  o: {
    github: { url: string; token: string };
    onLoss: (line: string) => void;
    signal: AbortSignal;
  },
): IsCalledOff {
  return async () => {
    try {
      const answer = await fetch(
        `${o.github.url}/repos/${what.repository}/deployments/${what.id}/statuses?per_page=100`,
        {
          headers: {
            accept: 'application/vnd.github+json',
            authorization: `Bearer ${o.github.token}`,
            'user-agent': 'sandbox-deployer',
            'x-github-api-version': '2022-11-28',
          },
          signal: within(10_000, o.signal),
        },
      );
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      const statuses = (await answer.json()) as { state: string }[];
      return statuses.some(({ state }) => state === 'error');
    } catch (error) {
      if (!o.signal.aborted) o.onLoss(`GitHub did not say whether this is called off: ${error}`);
      return false;
    }
  };
}
