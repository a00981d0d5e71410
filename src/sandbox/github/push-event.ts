import { surroundings } from './event-surroundings.ts';
import type { ChangedFiles, CommitFacts } from './git.ts';
import type { Links, Repository } from './memory.ts';
import type { Person } from './people.ts';
import type { Webhooks } from './webhooks.ts';

/** A branch that has moved. */
export interface Push {
  /** In full: refs/heads/topic-branch. */
  ref: string;
  /** Undefined for a new branch. */
  before?: string;
  after: string;
}

/** docs.github.com, "Webhook events and payloads", push. */
const mostCommits = 2048;

const nothing = '0'.repeat(40);

/**
 * Tells the targets that a branch has moved. The head is the one commit that nobody had pushed before: the others of a
 * merge were on their branches already. `since` is the commit that a new branch began at.
 */
export async function tellOfPush(
  webhooks: Webhooks,
  links: Links,
  repository: Repository,
  { ref, before, after, since = before ?? after, by }: Push & { since?: string; by: Person },
): Promise<void> {
  const { git } = repository;
  const pushed = (await git.between(since, after)).slice(-mostCommits);
  const changes = await git.changes(pushed);
  const page = `${links.web}/${repository.fullName}`;
  const commits = pushed.map((facts) => commitOf(facts, changes.get(facts.sha), page, facts.sha === after));
  const where = surroundings(repository, by, links);
  webhooks.send('push', repository, {
    ref,
    before: before ?? nothing,
    after,
    base_ref: null,
    created: before === undefined,
    deleted: false,
    forced: false,
    compare: `${page}/compare/${since.slice(0, 12)}...${after.slice(0, 12)}`,
    commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: by.login, email: `${by.id}+${by.login}@users.noreply.github.com` },
    ...where,
    // Only in this event are these two numbers, and has an owner a name.
    repository: {
      ...where.repository,
      created_at: seconds(repository.createdAt),
      pushed_at: seconds(new Date(commits.at(-1)?.timestamp ?? repository.createdAt)),
      owner: { ...where.repository.owner, name: repository.owner.login, email: null },
      stargazers: 0,
      master_branch: repository.defaultBranch,
    },
  });
}

function commitOf(facts: CommitFacts, changes: ChangedFiles | undefined, page: string, distinct: boolean) {
  return {
    id: facts.sha,
    tree_id: facts.tree,
    distinct,
    message: facts.message,
    timestamp: facts.committer.date,
    url: `${page}/commit/${facts.sha}`,
    author: facts.author,
    committer: facts.committer,
    added: changes?.added ?? [],
    removed: changes?.removed ?? [],
    modified: changes?.modified ?? [],
  };
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
