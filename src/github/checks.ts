import { z } from 'zod';
import type { Check } from '../deploy/ports.ts';
import { Refusal } from '../deploy/refusal.ts';
import { oneLine, webUrl } from './foreign.ts';
import type { Host } from './host.ts';

const statusesShape = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string(), target_url: z.string().nullish() })),
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
 * one of them misses the other.
 */
export async function readChecks(host: Host, repository: string, ref: string): Promise<Check[]> {
  const [statuses, runs] = await Promise.all([readStatuses(host, repository, ref), readRuns(host, repository, ref)]);
  return [...statuses, ...runs];
}

async function readStatuses(host: Host, repository: string, ref: string): Promise<Check[]> {
  const checks = new Map<string, Check>();
  const request = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/status', parameters: { ref } };
  for await (const { statuses } of host.pages(repository, request, statusesShape, { mostPages })) {
    // The combined status has only the newest of each context.
    for (const { context, state, target_url } of statuses) checks.set(context, check(context, state, target_url));
  }
  return [...checks.values()];
}

/**
 * Not every token may read check runs. Then the statuses have to do, which is safe: GitHub holds its own gate, on both,
 * when it is asked to create.
 */
async function readRuns(host: Host, repository: string, ref: string): Promise<Check[]> {
  const newest = new Map<string, { id: number; check: Check }>();
  const request = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', parameters: { ref } };
  try {
    for await (const { check_runs } of host.pages(repository, request, runsShape, { mostPages })) {
      for (const { id, name, status, conclusion, details_url, html_url } of check_runs) {
        if ((newest.get(name)?.id ?? 0) > id) continue;
        const state = status === 'completed' ? (conclusion ?? status) : status;
        newest.set(name, { id, check: check(name, state, details_url ?? html_url) });
      }
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-permitted') return [];
    throw error;
  }
  return [...newest.values()].map((entry) => entry.check);
}

function check(name: string, state: string, address: string | null | undefined): Check {
  const url = webUrl(address);
  return { context: oneLine(name, 255), state: oneLine(state, 40), ...(url && { url }) };
}
