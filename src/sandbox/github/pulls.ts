import { noreply } from './directory.ts';
import { surroundings } from './event-surroundings.ts';
import type { Signature } from './git.ts';
import { inTurn, type Links, type PullRequest, type Repository, stamp } from './memory.ts';
import type { Person } from './people.ts';
import { pullObject } from './pull-object.ts';
import { tellOfPush } from './push-event.ts';
import type { Surroundings } from './route.ts';

/** A pull request as it is opened. */
export interface NewPull {
  author: Person;
  title: string;
  body: string | null;
  head: { repository: Repository; branch: string };
  base: string;
}

/** The parts of GitHub that every change of a pull request needs. */
export interface PullPlace {
  github: Surroundings;
  links: Links;
  repository: Repository;
}

export const isOpen = ({ closedAt }: PullRequest) => closedAt === null;

/** Opens a pull request. Throws where a branch is missing. */
export function openPull(place: PullPlace, o: NewPull): Promise<PullRequest> {
  const { github, repository } = place;
  return inTurn(repository, async () => {
    const now = github.now();
    const pull: PullRequest = {
      id: github.nextId(),
      number: nextNumber(repository),
      title: o.title,
      body: o.body,
      author: o.author,
      head: { ...o.head, sha: await tipOf(o.head.repository, o.head.branch) },
      base: { branch: o.base, sha: await tipOf(repository, o.base) },
      createdAt: now,
      updatedAt: now,
      closedAt: null,
      merged: null,
    };
    repository.pulls.push(pull);
    await keepHead(repository, pull);
    await tell(place, pull, o.author, 'opened');
    return pull;
  });
}

/** Closes it without merging. */
export function closePull(place: PullPlace, pull: PullRequest, by: Person): Promise<void> {
  return inTurn(place.repository, () => close(place, pull, by));
}

/**
 * Brings the open pull requests to where their branches are: whoever pushed, GitHub moves them. One whose branch is gone
 * is closed.
 */
export function noticePushes(place: PullPlace): Promise<void> {
  return inTurn(place.repository, async () => {
    const tips = new Map<Repository, Map<string, string>>();
    for (const pull of place.repository.pulls.filter(isOpen)) {
      const { repository, branch, sha: before } = pull.head;
      const known = tips.get(repository) ?? (await tipsOf(repository));
      tips.set(repository, known);
      const after = known.get(`refs/heads/${branch}`);
      if (after === undefined) await close(place, pull, pull.author);
      else if (after !== before) await follow(place, pull, after);
    }
  });
}

/** `merge` makes a commit with two parents, `squash` one commit of everything. */
export type MergeMethod = 'merge' | 'squash';

/** Merges it as the button on its page does. Throws where git cannot. */
export async function mergePull(place: PullPlace, pull: PullRequest, by: Person, method: MergeMethod): Promise<void> {
  await noticePushes(place);
  const { github, links, repository } = place;
  const { git } = repository;
  return inTurn(repository, async () => {
    if (!isOpen(pull)) throw new Error(`pull request #${pull.number} is not open`);
    const before = await tipOf(repository, pull.base.branch);
    const tree = await git.mergedTree(before, pull.head.sha);
    if (!tree) throw new Error(`pull request #${pull.number} conflicts with ${pull.base.branch}`);
    const now = github.now();
    const signed = (person: Person): Signature => ({ name: person.login, email: noreply(person), date: stamp(now) });
    const commit = await git.commit({
      tree,
      parents: method === 'squash' ? [before] : [before, pull.head.sha],
      message: mergeMessage(pull, method),
      who: signed(method === 'squash' ? pull.author : by),
      committer: { name: 'GitHub', email: 'noreply@github.com', date: stamp(now) },
    });
    const ref = `refs/heads/${pull.base.branch}`;
    if (!(await git.moveRef(ref, commit, before))) throw new Error(`somebody pushed to ${pull.base.branch} meanwhile`);
    pull.base.sha = before;
    pull.merged = { at: now, by, commit };
    await tellOfPush(github.webhooks, links, repository, { ref, before, after: commit, by });
    await close(place, pull, by);
  });
}

/** A pull request of the past, by what git has of it. Throws where that is nothing. */
export async function mergedPull(
  github: Surroundings,
  repository: Repository,
  o: { title: string; author: Person; by: Person; branch: string; commit: string },
): Promise<PullRequest> {
  const { git } = repository;
  const number = nextNumber(repository);
  const ref = `refs/pull/${number}/head`;
  const head = (await git.refs(ref)).find((one) => one.ref === ref);
  if (!head) throw new Error(`${repository.fullName} has no ${ref}`);
  const [opened, merged] = await Promise.all([git.commitFacts(head.sha), git.commitFacts(o.commit)]);
  const at = new Date(merged.committer.date);
  return {
    id: github.nextId(),
    number,
    title: o.title,
    body: null,
    author: o.author,
    head: { repository, branch: o.branch, sha: head.sha },
    base: { branch: repository.defaultBranch, sha: merged.parents[0] ?? merged.sha },
    createdAt: new Date(opened.committer.date),
    updatedAt: at,
    closedAt: at,
    merged: { at, by: o.by, commit: merged.sha },
  };
}

/** GitHub's defaults, as in "Configuring commit merging for pull requests" of docs.github.com. */
function mergeMessage({ number, title, head }: PullRequest, method: MergeMethod): string {
  if (method === 'squash') return `${title} (#${number})`;
  return `Merge pull request #${number} from ${head.repository.owner.login}/${head.branch}\n\n${title}`;
}

async function close(place: PullPlace, pull: PullRequest, by: Person): Promise<void> {
  const now = place.github.now();
  pull.closedAt = now;
  pull.updatedAt = now;
  await tell(place, pull, by, 'closed');
}

async function follow(place: PullPlace, pull: PullRequest, after: string): Promise<void> {
  const { github, repository } = place;
  const before = pull.head.sha;
  pull.head.sha = after;
  pull.base.sha = await tipOf(repository, pull.base.branch);
  pull.updatedAt = github.now();
  await keepHead(repository, pull);
  await tell(place, pull, pull.author, 'synchronize', { before, after });
}

function nextNumber({ pulls }: Repository): number {
  return (pulls.at(-1)?.number ?? 0) + 1;
}

/** Its head outlives branch and fork, as on GitHub: `git fetch origin refs/pull/12/head`. */
function keepHead({ git }: Repository, { number, head }: PullRequest): Promise<void> {
  return git.setRef(`refs/pull/${number}/head`, head.sha);
}

async function tell(
  { github, links, repository }: PullPlace,
  pull: PullRequest,
  sender: Person,
  action: 'opened' | 'synchronize' | 'closed',
  more: object = {},
): Promise<void> {
  github.webhooks.send('pull_request', repository, {
    action,
    number: pull.number,
    pull_request: await pullObject(github, repository, pull, links),
    ...more,
    ...surroundings(repository, sender, links),
  });
}

async function tipOf({ fullName, git }: Repository, branch: string): Promise<string> {
  const found = await git.resolve(`refs/heads/${branch}`);
  if (found?.kind !== 'branch') throw new Error(`${fullName} has no branch ${branch}`);
  return found.sha;
}

async function tipsOf({ git }: Repository): Promise<Map<string, string>> {
  return new Map((await git.refs('refs/heads/')).map(({ ref, sha }) => [ref, sha]));
}
