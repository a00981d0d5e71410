import { within } from '../within.ts';
import type { Announcement } from './announcement.ts';

/** Tells GitHub how a deployment is getting on; never throws. */
export type Report = (status: {
  state: 'queued' | 'in_progress' | 'success' | 'failure' | 'error';
  description: string;
  environment_url?: string;
}) => Promise<void>;

/** GitHub's limit for the description of a deployment status, in characters. */
const longestDescription = 140;

/** Reports on one deployment. A report that GitHub does not take is told to `onLoss` and not sent again. */
export function createReport(
  what: Announcement,
  o: {
    github: { url: string; token: string };
    logUrl: string;
    onLoss: (line: string) => void;
    signal: AbortSignal;
  },
): Report {
  return async (status) => {
    if (o.signal.aborted) return;
    // While it is queued there is no log to look at.
    const log = status.state === 'queued' ? {} : { log_url: o.logUrl };
    try {
      const answer = await fetch(`${o.github.url}/repos/${what.repository}/deployments/${what.id}/statuses`, {
        method: 'POST',
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${o.github.token}`,
          'content-type': 'application/json',
          'user-agent': 'sandbox-deployer',
          'x-github-api-version': '2022-11-28',
        },
        body: JSON.stringify({ ...status, ...log, description: shortened(status.description) }),
        signal: within(10_000, o.signal),
      });
      const text = await answer.text();
      if (!answer.ok) o.onLoss(`GitHub answered “${status.state}” with ${answer.status} ${text}`);
    } catch (error) {
      o.onLoss(`GitHub could not be told “${status.state}”: ${error}`);
    }
  };
}

/** Cut by code points, so that no character is torn in two. */
function shortened(text: string): string {
  const signs = [...text];
  return signs.length <= longestDescription ? text : `${signs.slice(0, longestDescription - 1).join('')}…`;
}
