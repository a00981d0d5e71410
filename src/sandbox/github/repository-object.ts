import type { Caller } from './access.ts';
import { type Links, nodeId, type Repository, stamp } from './memory.ts';
import { simpleUser } from './people.ts';

/** "Minimal Repository" of GitHub's schemas. */
export function minimalRepository(repository: Repository, links: Links) {
  const url = `${links.api}/repos/${repository.fullName}`;
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: simpleUser(repository.owner, links),
    html_url: `${links.web}/${repository.fullName}`,
    description: null,
    fork: repository.forkOf !== undefined,
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  };
}

/** "Repository" as webhooks carry it. */
export function repositoryObject(repository: Repository, links: Links) {
  const page = `${links.web}/${repository.fullName}`;
  return {
    ...minimalRepository(repository, links),
    clone_url: `${page}.git`,
    git_url: `${page}.git`,
    ssh_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: repository.defaultBranch,
    visibility: repository.private ? 'private' : 'public',
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    archived: repository.archived,
    disabled: false,
    size: 0,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    created_at: stamp(repository.createdAt),
    updated_at: stamp(repository.createdAt),
    pushed_at: stamp(repository.createdAt),
  };
}

/** "Full Repository": the answer to GET /repos/{owner}/{repo}. */
export function fullRepository(repository: Repository, caller: Caller, links: Links) {
  return {
    ...repositoryObject(repository, links),
    permissions: permissions(repository, caller),
    network_count: 0,
    subscribers_count: 0,
    ...(repository.owner.type === 'Organization' && { organization: simpleUser(repository.owner, links) }),
  };
}

function permissions(repository: Repository, caller: Caller) {
  const level =
    caller.kind === 'user'
      ? (repository.levels.get(caller.person.login.toLowerCase()) ?? 'push')
      : caller.kind === 'installation' && caller.permissions.contents === 'write'
        ? 'push'
        : 'pull';
  const push = level === 'push' || level === 'admin';
  return { admin: level === 'admin', maintain: level === 'admin', push, triage: push, pull: level !== 'none' };
}
