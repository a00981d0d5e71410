import { z } from 'zod';
import type { Check } from '../deploy/ports.ts';
import { oneLine, webUrl } from './foreign.ts';
import type { Host } from './host.ts';

const statusesShape = z.object({
  statuses: z.array(
    z.object({ context: z.string(), state: z.string(), target_url: z.string().nullish(), updated_at: z.string().nullish() }),
  ),
});

const runsShape = z.object({
  check_runs: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullish(),
      details_url: z.string().nullish(),
      html_url: z.string().nullish(),
    }),
  ),
});

/** At most 1,000 of each; GitHub itself looks at no more check suites than that. */
const mostPages = 10;

/**
 * Commit statuses and check runs of a commit or ref, the newest of each name: two lists of GitHub's, and a gate that reads
 * one of them misses the other. Fine-grained tokens can't be allowed to read check runs; for those the statuses have to
 * do, which is safe because GitHub holds its own gate when it is asked to create.
 */
export async function readChecks(host: Host, repository: string, ref: string): Promise<Check[]> {
  const [statuses, runs] = await Promise.all([readStatuses(host, repository, ref), readRuns(host, repository, ref)]);
  return [...statuses, ...runs];
}

async function readStatuses(host: Host, repository: string, ref: string): Promise<Check[]> {
  const newest = new Map<string, Check & { at: string }>();
  const request = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/status', parameters: { ref } };
  for await (const page of host.pages(repository, request, mostPages)) {
    for (const { context, state, target_url, updated_at } of statusesShape.safeParse(page).data?.statuses ?? []) {
      const at = updated_at ?? '';
      if ((newest.get(context)?.at ?? '') <= at) newest.set(context, { ...check(context, state, target_url), at });
    }
  }
  return [...newest.values()].map(({ at: _, ...rest }) => rest);
}

async function readRuns(host: Host, repository: string, ref: string): Promise<Check[]> {
  const newest = new Map<string, { id: number; check: Check }>();
  const request = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', parameters: { ref } };
  for await (const page of host.pages(repository, request, mostPages)) {
    for (const run of runsShape.safeParse(page).data?.check_runs ?? []) {
      if ((newest.get(run.name)?.id ?? 0) > run.id) continue;
      const state = run.status === 'completed' ? (run.conclusion ?? 'completed') : run.status;
      newest.set(run.name, { id: run.id, check: check(run.name, state, run.details_url ?? run.html_url) });
    }
  }
  return [...newest.values()].map((entry) => entry.check);
}

function check(name: string, state: string, address: string | null | undefined): Check {
  const url = webUrl(address);
  return { context: oneLine(name, 255), state: oneLine(state, 40), ...(url && { url }) };
}
