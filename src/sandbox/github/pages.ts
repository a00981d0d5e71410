import type { Answer } from '../faults.ts';
import type { Repository } from './memory.ts';
import { matchPath, type Surroundings } from './route.ts';

const asText = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

type Place = Record<string, string>;

/** What people find there; undefined where there is nothing. */
const pages: { path: string; text: (repository: Repository, place: Place) => Promise<string | undefined> }[] = [
  { path: '/{owner}/{repo}/commit/{sha}', text: commitPage },
  { path: '/{owner}/{repo}/pull/{number}', text: pullPage },
  { path: '/{owner}/{repo}/compare/{basehead+}', text: comparePage },
];

/**
 * The pages for people that messages link to, in public repositories: as git shows a commit, a pull request and a
 * comparison. Undefined where the path is none of them, and so is the API's.
 */
export async function pageAt(github: Surroundings, method: string, path: string): Promise<Answer | undefined> {
  if (method !== 'GET') return undefined;
  for (const page of pages) {
    const place = matchPath(page.path, path);
    if (!place) continue;
    const repository = github.findRepository(`${place.owner}/${place.repo}`);
    const text = !repository || repository.private ? undefined : await page.text(repository, place);
    if (text === undefined)
      return { status: 404, headers: asText, body: 'This is not the page you are looking for.\n' };
    return { status: 200, headers: asText, body: text };
  }
  return undefined;
}

async function commitPage({ git }: Repository, { sha = '' }: Place): Promise<string | undefined> {
  const commit = await git.resolve(sha);
  return commit && git.show(commit.sha);
}

async function pullPage({ git, pulls }: Repository, { number }: Place): Promise<string | undefined> {
  const pull = pulls.find((one) => String(one.number) === number);
  if (!pull) return undefined;
  const { title, author, head, base, merged, closedAt } = pull;
  const state = merged ? `merged by ${merged.by.login}` : closedAt ? 'closed' : 'open';
  const about = `${title} #${number}\n${head.repository.owner.login}:${head.branch} into ${base.branch}, by ${author.login}, ${state}\n`;
  return `${about}\n${listOf(await git.between(base.sha, head.sha))}`;
}

async function comparePage({ git }: Repository, { basehead = '' }: Place): Promise<string | undefined> {
  const [base, head] = await Promise.all(basehead.split('...', 2).map((side) => git.resolve(side)));
  return base && head && `${basehead}\n\n${listOf(await git.between(base.sha, head.sha))}`;
}

function listOf(commits: { sha: string; message: string; author: { name: string } }[]): string {
  return commits
    .map(({ sha, message, author }) => `${sha.slice(0, 7)} ${message.split('\n', 1)[0]} (${author.name})\n`)
    .join('');
}
