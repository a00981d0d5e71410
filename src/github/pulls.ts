import { z } from 'zod';
import type { PullRequest } from '../deploy/ports.ts';
import { NoSuchRef, Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';
import { oneLine, webUrl } from './foreign.ts';
import type { Host } from './host.ts';
import { defaultBranch, resolve } from './refs.ts';

const longestTitle = 200;
const longestName = 255;

const shape = z.object({
  number: z.int().positive(),
  title: z.string().nullish(),
  html_url: z.string().nullish(),
  state: z.string(),
  user: z.object({ login: z.string().min(1) }).nullish(),
  merged_at: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  base: z.object({ ref: z.string().min(1) }).nullish(),
  head: z.object({
    ref: z.string(),
    sha: z.string().regex(/^[0-9a-f]{40,64}$/),
    repo: z.object({ full_name: z.string() }).nullish(),
  }),
});

type Sent = z.infer<typeof shape>;

function pullRequestFrom(sent: Sent, repository: string): PullRequest {
  const { number, title, state, user, head } = sent;
  const url = webUrl(sent.html_url);
  const isMerged = typeof sent.merged_at === 'string';
  return {
    number,
    title: oneLine(title ?? '', longestTitle),
    ...(url && { url }),
    author: oneLine(user?.login ?? 'ghost', longestName),
    isOpen: state === 'open',
    isMerged,
    ref: head.ref,
    sha: head.sha,
    isFork: head.repo?.full_name.toLowerCase() !== repository.toLowerCase(),
    // Of an open one it is what a merge would be.
    ...(isMerged && sent.merge_commit_sha && { mergeSha: sent.merge_commit_sha }),
  };
}

/** A pull request and its head. Rejects with a Refusal for forks, and for what does not exist (a NoSuchRef: its branch). */
export async function pullRequest(host: Host, repository: string, number: number): Promise<PullRequest> {
  const request = { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', parameters: { pull_number: number } };
  const sent = await host.find(repository, request, shape, [404]);
  if (!sent) {
    await defaultBranch(host, repository);
    throw new Refusal('no-such-pull-request', say`${code(repository)} has no pull request #${number}.`);
  }
  const found = pullRequestFrom(sent, repository);
  if (found.isFork) {
    const { repo } = sent.head;
    throw new Refusal(
      'pull-request-of-fork',
      say`Pull request #${number} comes from ${repo ? code(repo.full_name) : 'a fork that is gone'}, and code of forks is not deployed. Push its branch to ${code(repository)} and deploy that.`,
    );
  }
  if (found.isOpen) return found;
  // Its branch may be gone, or have moved on.
  try {
    return { ...found, ...(await resolve(host, repository, found.ref)) };
  } catch (error) {
    throw error instanceof NoSuchRef ? await branchIsGone(host, repository, sent, found) : error;
  }
}

/** What a merged one brought is on the branch that it was for. */
async function branchIsGone(
  host: Host,
  repository: string,
  { base }: Sent,
  { number, isMerged, ref }: PullRequest,
): Promise<NoSuchRef> {
  const into = base?.ref ?? (await defaultBranch(host, repository));
  return new NoSuchRef(
    isMerged
      ? say`Pull request #${number} is merged, and its branch ${code(ref)} is gone: what it brought is on ${code(into)}.`
      : say`Pull request #${number} was closed without being merged, and its branch ${code(ref)} is gone. It was for ${code(into)}.`,
    into,
  );
}

const mostOnAPage = 100;

/** The closed ones that changed last, one page of them; GitHub sends it only when it has changed. */
export async function closedPullRequests(host: Host, repository: string): Promise<PullRequest[]> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/pulls',
    parameters: { state: 'closed', sort: 'updated', direction: 'desc', per_page: mostOnAPage, page: 1 },
    remember: 'page' as const,
  };
  const { data } = await host.page(repository, request, z.array(z.unknown()));
  return data.flatMap((sent) => {
    const read = shape.safeParse(sent);
    return read.success ? [pullRequestFrom(read.data, repository)] : [];
  });
}
