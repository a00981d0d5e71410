import { z } from 'zod';
import type { Comparison } from '../deploy/ports.ts';
import { oneLine, webUrl } from './foreign.ts';
import type { Host } from './host.ts';

const longestTitle = 200;
const longestName = 100;
/** GitHub gives no more commits than this where no page is asked for. Source: docs.github.com, "Compare two commits". */
const mostCommits = 250;

const account = z.object({ login: z.string().min(1) }).nullish();

const shape = z.object({
  status: z.enum(['ahead', 'behind', 'diverged', 'identical']),
  ahead_by: z.int(),
  behind_by: z.int(),
  html_url: z.string().nullish(),
  merge_base_commit: z.object({ sha: z.string() }),
  commits: z.array(
    z.object({
      sha: z.string(),
      author: account,
      commit: z.object({ message: z.string(), author: z.object({ name: z.string().nullish() }).nullish() }),
    }),
  ),
});

/**
 * What lies between two refs or SHAs. Nothing where one of them is unknown, or they have no commit in common. Files that
 * changed come along in GitHub's answer, and are of no use here.
 */
export async function compare(
  host: Host,
  repository: string,
  base: string,
  head: string,
): Promise<Comparison | undefined> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
    parameters: { basehead: `${base}...${head}` },
  };
  const found = await host.find(repository, request, shape, [404]);
  if (!found) return undefined;
  const url = webUrl(found.html_url);
  return {
    status: found.status,
    aheadBy: found.ahead_by,
    behindBy: found.behind_by,
    mergeBase: found.merge_base_commit.sha,
    commits: found.commits.slice(-mostCommits).map(({ sha, author, commit }) => ({
      sha,
      title: oneLine(commit.message.split('\n', 1)[0] ?? '', longestTitle),
      author: oneLine(author?.login ?? commit.author?.name ?? 'ghost', longestName),
    })),
    ...(url && { url }),
  };
}
