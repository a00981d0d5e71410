import { z } from 'zod';
import type { Clock, Run } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';
import { oneLine, webUrl } from './foreign.ts';
import type { Host } from './host.ts';
import { asRefusal, noFrom, unreachable } from './refused.ts';

const longestName = 100;

const shape = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.int().positive(),
      name: z.string().nullish(),
      path: z.string().nullish(),
      status: z.string().nullish(),
      html_url: z.string().nullish(),
      created_at: z.string(),
    }),
  ),
});

/** Runs of a commit that an event began, newest first. Source: docs.github.com, "List workflow runs for a repository". */
export async function runsOf(host: Host, repository: string, sha: string, event: string): Promise<Run[]> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/actions/runs',
    parameters: { head_sha: sha, event, per_page: 100 },
  };
  const { workflow_runs: runs } = await host.read(repository, request, shape);
  return runs.map(({ id, name, path, status, html_url, created_at }) => {
    const url = webUrl(html_url);
    return {
      id,
      name: oneLine(name || path || String(id), longestName),
      isOver: status === 'completed',
      createdAt: created_at,
      ...(url && { url }),
    };
  });
}

/** Asks for a run to be cancelled; GitHub does so a little later. Source: docs.github.com, "Cancel a workflow run". */
export async function cancelRun(host: Host, repository: string, run: number, clock: Clock): Promise<'asked' | 'over'> {
  const route = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel';
  const outcome = await host.send(repository, { route, parameters: { run_id: run } });
  if (outcome.kind === 'not sent') throw asRefusal(outcome.no);
  if (outcome.kind === 'unanswered') throw asRefusal(unreachable(outcome.cause));
  const { answer } = outcome;
  if (answer.status < 300) return 'asked';
  // 409: “Cannot cancel a workflow run that is completed.”
  if (answer.status === 409) return 'over';
  if (answer.status === 404) {
    throw new Refusal(
      'may-not-cancel-run',
      say`${code(repository)} shows me no run ${run} of GitHub Actions, or my token may not cancel it: that needs the permission “Actions: write” (classic tokens: the scope ${code('repo')}).`,
    );
  }
  throw asRefusal(noFrom(answer, { repository, to: 'read', now: clock.now() }));
}
