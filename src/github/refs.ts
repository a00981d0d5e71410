import { z } from 'zod';
import { nearest } from '../deploy/nearest.ts';
import { NoSuchRef, Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';
import type { Host } from './host.ts';

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const repositoryShape = z.object({ default_branch: z.string() });
const refShape = z.object({ object: z.object({ sha, type: z.string().optional() }) });
/** Servers that do not know the short form answer the whole commit. */
const commitShape = z.union([sha, z.object({ sha }).transform((commit) => commit.sha)]);
const branchesShape = z.array(z.object({ name: z.string(), commit: z.object({ sha }) }));
const matchingShape = z.array(z.object({ ref: z.string() }));
const comparisonShape = z.object({ status: z.string() });

export async function defaultBranch(host: Host, repository: string): Promise<string> {
  const found = await host.read(repository, { route: 'GET /repos/{owner}/{repo}' }, repositoryShape);
  return found.default_branch;
}

/**
 * The commit that a branch, else a tag, else a SHA is now. A branch takes one request. Rejects with a Refusal:
 * a NoSuchRef with the nearest branch, `unreachable-commit` for one that is on no branch or tag (so perhaps of a fork).
 */
export async function resolve(host: Host, repository: string, ref: string): Promise<{ sha: string }> {
  // GitHub takes no branch or tag that looks like a whole SHA.
  const isWholeSha = /^[0-9a-f]{40}$/i.test(ref);
  const named = isWholeSha
    ? undefined
    : ((await commitOfRef(host, repository, `heads/${ref}`)) ?? (await commitOfRef(host, repository, `tags/${ref}`)));
  if (named) return { sha: named };
  const bySha = /^[0-9a-f]{7,40}$/i.test(ref) ? await commitOf(host, repository, ref) : undefined;
  if (!bySha) {
    const otherwise = isPlainName(ref) ? await commitOf(host, repository, ref) : undefined;
    if (otherwise) return { sha: otherwise };
    throw await noSuchRef(host, repository, ref);
  }
  await mustBeReachable(host, repository, bySha);
  return { sha: bySha };
}

/**
 * A name that can only be a branch's or a tag's. Others lead GitHub's commits to places such as the heads of pull requests,
 * and so to code of forks.
 */
const isPlainName = (ref: string): boolean => ref !== 'HEAD' && !/^(refs|heads|tags|pull|remotes)\//.test(ref);

/** A ref as it stands in a path: its slashes stay. */
const inPath = (ref: string): string => ref.split('/').map(encodeURIComponent).join('/');

async function commitOfRef(host: Host, repository: string, ref: string): Promise<string | undefined> {
  const request = { route: 'GET /repos/{owner}/{repo}/git/ref/{+ref}', parameters: { ref: inPath(ref) } };
  // 409: the repository is empty.
  const found = await host.find(repository, request, refShape, [404, 409]);
  if (!found) return undefined;
  // An annotated tag is an object of its own; its commit is what gets deployed.
  return found.object.type === 'tag' ? commitOf(host, repository, ref) : found.object.sha;
}

async function commitOf(host: Host, repository: string, ref: string): Promise<string | undefined> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/commits/{+ref}',
    parameters: { ref: inPath(ref) },
    format: 'sha' as const,
  };
  // 422: GitHub has no such commit.
  return host.find(repository, request, commitShape, [404, 409, 422]);
}

async function noSuchRef(host: Host, repository: string, ref: string): Promise<NoSuchRef> {
  // First: a repository that is not shown has no refs either, and that is another story.
  const main = await defaultBranch(host, repository);
  // Only for a hint: without the names there is none.
  const names = await branchNames(host, repository, ref).catch(() => []);
  const near = nearest(ref, names);
  const what = say`${code(repository)} has no branch, tag or commit ${code(ref)}.`;
  return near === undefined
    ? new NoSuchRef(
        [...what, ...say` Its default branch is ${code(main)}; a branch has to be pushed before it can be deployed.`],
        main,
      )
    : new NoSuchRef([...what, ...say` Did you mean ${code(near)}?`], near);
}

/** Names that may have been meant: a page of branches, and in a large repository those that begin alike. */
async function branchNames(host: Host, repository: string, ref: string): Promise<string[]> {
  const branches = await firstBranches(host, repository, 1);
  const names = branches.map(({ name }) => name);
  if (names.length < 100) return names;
  const begin = `heads/${ref.slice(0, Math.max(3, Math.floor(ref.length / 2)))}`;
  const request = { route: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}', parameters: { ref: begin } };
  const alike = await host.read(repository, request, matchingShape);
  return [...names, ...alike.map((match) => match.ref.replace(/^refs\/heads\//, ''))];
}

/** How far is looked for the branch or tag that a bare commit is on: some fifteen requests at most. */
const pagesOfHeads = 3;
const branchesCompared = 10;
const tagsCompared = 5;

/**
 * GitHub finds the commits of a repository's forks through the repository itself, so that a bare SHA could deploy code that
 * nobody with push access has ever seen. It must be on the default branch, the head of a branch, or on one of a few
 * other branches and tags.
 */
async function mustBeReachable(host: Host, repository: string, commit: string): Promise<void> {
  const main = await defaultBranch(host, repository);
  if (await isOn(host, repository, main, commit)) return;
  const branches = await firstBranches(host, repository, pagesOfHeads);
  if (branches.some((branch) => branch.commit.sha === commit)) return;
  const request = { route: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}', parameters: { ref: 'tags/' } };
  const tags = await host.read(repository, request, matchingShape);
  const others = [
    ...branches
      .filter(({ name }) => name !== main)
      .slice(0, branchesCompared)
      .map(({ name }) => name),
    ...tags.slice(-tagsCompared).map(({ ref }) => ref.replace(/^refs\//, '')),
  ];
  for (const name of others) if (await isOn(host, repository, name, commit)) return;
  throw new Refusal(
    'unreachable-commit',
    say`${code(commit.slice(0, 12))} is on no branch or tag of ${code(repository)} that I could find, so it may come from a fork that nobody has reviewed. Push a branch or a tag with it and deploy that by its name.`,
  );
}

async function isOn(host: Host, repository: string, branch: string, commit: string): Promise<boolean> {
  const request = {
    route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
    // The files that changed come with the first page only, and none of it is needed.
    parameters: { basehead: `${branch}...${commit}`, per_page: 1, page: 2 },
  };
  // 404: they have no commit in common.
  const compared = await host.find(repository, request, comparisonShape, [404]);
  return compared?.status === 'behind' || compared?.status === 'identical';
}

async function firstBranches(host: Host, repository: string, pages: number): Promise<z.infer<typeof branchesShape>> {
  const request = { route: 'GET /repos/{owner}/{repo}/branches' };
  const found: z.infer<typeof branchesShape> = [];
  for await (const page of host.pages(repository, request, branchesShape, { mostPages: pages })) found.push(...page);
  return found;
}
