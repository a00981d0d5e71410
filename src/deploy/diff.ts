import type { App, Environment } from './apps.ts';
import { liveIn } from './live-in.ts';
import { mayRead } from './may-read.ts';
import type { Command, Commit, Comparison, Ports, PullRequest, Repository } from './ports.ts';
import { printQuestion } from './print-subject.ts';
import { NoSuchRef, Refusal } from './refusal.ts';
import { type Sighting, sightingOf } from './sighting.ts';
import { ignoreRefusals } from './stage.ts';
import { repositoryOf } from './successor.ts';
import { code, say } from './words.ts';

/** What a deployment of a ref, else of a pull request, else of the default branch would change in an environment. */
export interface DiffQuestion {
  app: App;
  ref?: string;
  pullRequest?: number;
  environment: Environment;
}

export interface Difference {
  /** What would be deployed. */
  ref: string;
  /** What is live there now; without it nothing is, and there is nothing to compare with. */
  live?: Sighting;
  brings: Side;
  takesAway: Side;
  /** The page that shows it. */
  url?: string;
  /** Where people read the repository. */
  home?: string;
}

/** Commits that come, or that go. */
export interface Side {
  count: number;
  /** Newest first, 250 at most. */
  commits: readonly Change[];
}

/** A commit, and the pull request that it merged, where it did. */
export interface Change extends Commit {
  pullRequest?: { number: number; title?: string; author?: string; url?: string };
}

const nothing: Side = { count: 0, commits: [] };

/**
 * Costs a request for the list, one for what is live unless that is known here, one or two comparisons, one for the pull
 * requests, and one where no ref was given; where nothing is live, those of looking for the ref instead of comparing. Throws a
 * Refusal for who may not read it, and for a ref that is not there.
 */
export async function diff(ports: Ports, question: DiffQuestion, by: Command): Promise<Difference> {
  const { app, environment } = question;
  await mayRead(ports, app, by);
  const repository = repositoryOf(app);
  const home = ports.github.page(repository);
  const [{ ref, head }, live] = await Promise.all([
    headOf(ports, repository, question),
    liveIn(ports, repository, { environment: environment.githubEnvironment, task: app.task }),
  ]);
  if (!live && question.ref !== undefined) await mustBeThere(ports, repository, question, ref);
  if (!live) return { ref, brings: nothing, takesAway: nothing, ...(home && { home }) };

  const { sha } = live.deployment;
  const forth = await ports.github.compare(repository, sha, head);
  if (!forth) throw await incomparable(ports, repository, question, ref, sha);
  const back = forth.behindBy > 0 ? await ports.github.compare(repository, head, sha) : undefined;
  const isSame = forth.aheadBy + forth.behindBy === 0;
  const pulls = isSame ? [] : await ports.github.closedPullRequests(repository).catch(ignoreRefusals);
  return {
    ref,
    live: sightingOf(live),
    brings: sideOf(forth, pulls, home),
    takesAway: back ? sideOf(back, pulls, home) : { count: forth.behindBy, commits: [] },
    ...(forth.url && { url: forth.url }),
    ...(home && { home }),
  };
}

/** The ref by its name, and as GitHub compares it. */
async function headOf(
  { github }: Ports,
  repository: Repository,
  { ref, pullRequest }: DiffQuestion,
): Promise<{ ref: string; head: string }> {
  if (pullRequest !== undefined) {
    const { ref: branch, sha } = await github.pullRequest(repository, pullRequest);
    return { ref: branch, head: sha };
  }
  const named = ref ?? (await github.defaultBranch(repository));
  return { ref: named, head: named };
}

function sideOf({ aheadBy, commits }: Comparison, pulls: readonly PullRequest[] = [], home?: string): Side {
  const changes = commits.map((commit): Change => {
    const pullRequest = mergedBy(commit, pulls, home);
    return { ...commit, ...(pullRequest && { pullRequest }) };
  });
  return { count: aheadBy, commits: changes.reverse() };
}

/** As GitHub writes them for merge commits and for squashes, unless somebody wrote another title. */
const titles = [/^Merge pull request #(\d{1,9}) /, /\(#(\d{1,9})\)$/];

/** The pull request that a commit merged, by its SHA, else by its title alone: an old one is in no list of the newest. */
function mergedBy({ sha, title }: Commit, pulls: readonly PullRequest[], home?: string): Change['pullRequest'] {
  const merged = pulls.find(({ mergeSha }) => mergeSha === sha);
  if (merged) return merged;
  const number = Number(titles.map((shape) => shape.exec(title)?.[1]).find((found) => found !== undefined));
  if (!Number.isSafeInteger(number) || number === 0) return undefined;
  const known = pulls.find((pull) => pull.number === number && pull.isMerged);
  return known ?? { number, ...(home && { url: `${home}/pull/${number}` }) };
}

/** Why GitHub has nothing to say: the ref is not there, the live commit is gone, or they have no commit in common. */
async function incomparable(
  ports: Ports,
  repository: Repository,
  question: DiffQuestion,
  ref: string,
  sha: string,
): Promise<Refusal> {
  await mustBeThere(ports, repository, question, ref);
  return new Refusal(
    'incomparable',
    say`GitHub can’t compare ${code(ref)} with ${code(sha.slice(0, 7))}, which is live: that commit is gone from ${code(repository.fullName)}, or they have no commit in common.`,
  );
}

/** Rejects with a Refusal that offers the ref that was probably meant. */
async function mustBeThere(ports: Ports, repository: Repository, question: DiffQuestion, ref: string): Promise<void> {
  try {
    await ports.github.resolve(repository, ref);
  } catch (error) {
    if (!(error instanceof NoSuchRef)) throw error;
    const line = printQuestion('diff', { ...question, ref: error.instead }, {}, ports.apps);
    throw new Refusal(
      error.code,
      [...error.words, ...say` Try ${code(`/deploy ${line}`)}.`],
      [{ label: error.instead, line }],
    );
  }
}
