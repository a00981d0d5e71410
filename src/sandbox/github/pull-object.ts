import { type Links, nodeId, type PullRequest, type Repository, stamp } from './memory.ts';
import { simpleUser } from './people.ts';
import { repositoryObject } from './repository-object.ts';
import type { Surroundings } from './route.ts';

export type PullObject = Awaited<ReturnType<typeof pullObject>>;

/** Whether it could be merged; undefined while GitHub has not tried, and for a closed one. */
export interface Trial {
  /** The commit of the merge; undefined when there is a conflict. */
  commit: string | undefined;
}

/** "Pull Request Simple" of GitHub's schemas, as lists have it. */
export function simplePull(
  { findRepository }: Pick<Surroundings, 'findRepository'>,
  repository: Repository,
  pull: PullRequest,
  links: Links,
) {
  const { number, head, base, merged, closedAt } = pull;
  const api = `${links.api}/repos/${repository.fullName}`;
  const url = `${api}/pulls/${number}`;
  const issue = `${api}/issues/${number}`;
  const page = `${links.web}/${repository.fullName}/pull/${number}`;
  const statuses = `${api}/statuses/${head.sha}`;
  const origin = head.repository;
  // A fork may be deleted while its pull request is open.
  const isThere = findRepository(origin.fullName) === origin;
  const side = (of: Repository, branch: string, sha: string) => ({
    label: `${of.owner.login}:${branch}`,
    ref: branch,
    sha,
    user: simpleUser(of.owner, links),
  });
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number,
    state: closedAt ? 'closed' : 'open',
    locked: false,
    title: pull.title,
    user: simpleUser(pull.author, links),
    body: pull.body,
    created_at: stamp(pull.createdAt),
    updated_at: stamp(pull.updatedAt),
    closed_at: closedAt && stamp(closedAt),
    merged_at: merged && stamp(merged.at),
    merge_commit_sha: merged?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: false,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    head: { ...side(origin, head.branch, head.sha), repo: isThere ? repositoryObject(origin, links) : null },
    base: { ...side(repository, base.branch, base.sha), repo: repositoryObject(repository, links) },
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: origin === repository ? 'MEMBER' : 'NONE',
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** "Pull Request" of GitHub's schemas, for the API and for the webhook, which knows of no trial yet. */
export async function pullObject(
  github: Pick<Surroundings, 'findRepository'>,
  repository: Repository,
  pull: PullRequest,
  links: Links,
  trial?: Trial,
) {
  const { git } = repository;
  const { base, head, merged } = pull;
  const [commits, size] = await Promise.all([git.count(base.sha, head.sha), git.size(base.sha, head.sha)]);
  const isClean = trial && trial.commit !== undefined;
  return {
    ...simplePull(github, repository, pull, links),
    merge_commit_sha: merged?.commit ?? trial?.commit ?? null,
    merged: merged !== null,
    mergeable: trial ? isClean : null,
    rebaseable: trial ? isClean : null,
    mergeable_state: trial ? (isClean ? 'clean' : 'dirty') : 'unknown',
    merged_by: merged && simpleUser(merged.by, links),
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.files,
  };
}
