import { appObject } from './app.ts';
import type { Directory } from './directory.ts';
import type { CommitFacts, Signature } from './git.ts';
import { type CheckRun, type CommitStatus, type Links, nodeId, type Repository, stamp } from './memory.ts';
import { simpleUser } from './people.ts';

/** "Commit" of GitHub's schemas, without stats and files. Author and committer are those whose addresses are known. */
export function commitObject(repository: Repository, facts: CommitFacts, links: Links, people: Directory) {
  const { api, web } = links;
  const whose = ({ email }: Signature) => {
    const person = people.withEmail(email);
    return person ? simpleUser(person, links) : null;
  };
  const url = `${api}/repos/${repository.fullName}`;
  const page = `${web}/${repository.fullName}`;
  return {
    sha: facts.sha,
    node_id: `C_${Buffer.from(facts.sha).toString('base64url')}`,
    url: `${url}/commits/${facts.sha}`,
    html_url: `${page}/commit/${facts.sha}`,
    comments_url: `${url}/commits/${facts.sha}/comments`,
    commit: {
      url: `${url}/git/commits/${facts.sha}`,
      author: facts.author,
      committer: facts.committer,
      message: facts.message,
      tree: { sha: facts.tree, url: `${url}/git/trees/${facts.tree}` },
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: whose(facts.author),
    committer: whose(facts.committer),
    parents: facts.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

/** "Simple Commit Status", as the combined status lists it. */
export function simpleCommitStatus(repository: Repository, status: CommitStatus, { api, web }: Links) {
  return {
    url: `${api}/repos/${repository.fullName}/statuses/${status.sha}`,
    avatar_url: `${web}/avatars/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: stamp(status.createdAt),
    updated_at: stamp(status.createdAt),
  };
}

/** "Status": the answer to a commit status just made. */
export function commitStatus(repository: Repository, status: CommitStatus, links: Links) {
  return { ...simpleCommitStatus(repository, status, links), creator: simpleUser(status.creator, links) };
}

/** "CheckRun" of GitHub's schemas. */
export function checkRunObject(repository: Repository, run: CheckRun, links: Links) {
  const url = `${links.api}/repos/${repository.fullName}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    head_sha: run.sha,
    external_id: run.externalId,
    url,
    html_url: `${links.web}/${repository.fullName}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: stamp(run.startedAt),
    completed_at: run.completedAt && stamp(run.completedAt),
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    name: run.name,
    check_suite: { id: run.id },
    app: run.app ? appObject(run.app, links) : null,
    pull_requests: [],
  };
}
