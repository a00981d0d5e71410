import type { CreateParameters, State, Status } from './deployment.ts';
import type { Words } from './words.ts';

/** A check on a commit: a commit status or a check run. */
export interface Check {
  context: string;
  /** As GitHub says it: success, failure, error, pending, skipped, …; `missing`: required and never reported. */
  state: string;
  url?: string;
}

export interface Created {
  id: number;
  /** Where the answer names it. */
  sha?: string;
  createdAt: string;
  url?: string;
}

/** Every answer GitHub gives to a creation. */
export type CreateResult =
  | ({ kind: 'created' } & Created)
  | { kind: 'merged'; message: string }
  | { kind: 'conflict'; message: string }
  | { kind: 'checks'; checks: Check[] }
  /** It said no, surely: nothing was created. `words` says why and what to do. */
  | { kind: 'refused'; code: string; words: Words }
  /** A rate limit: nothing was created, and it may be asked again. */
  | { kind: 'later'; afterMs: number; words: Words }
  /** A time-out, a reset, a 5xx: it may or may not exist. */
  | { kind: 'doubtful'; cause: string };

/** A deployment as GitHub has it, whoever created it. Texts are one line each and cut to what can be shown. */
export interface GitHubDeployment {
  id: number;
  /** As it was asked for: a branch, a tag or a commit. */
  ref: string;
  sha: string;
  task: string;
  /** Where it is now. */
  environment: string;
  /** Where it was created for; a status may have moved it. */
  originalEnvironment: string;
  description: string;
  /** The account that created it. */
  creator: string;
  /** ISO 8601, whole seconds. */
  createdAt: string;
  /** When its newest status was set (ISO 8601, whole seconds), on servers that say so: each status moves it. */
  updatedAt?: string;
  transient: boolean;
  production: boolean;
  /** What its payload says, which anybody with push access chooses: who asked, and a request of ours. */
  user?: string;
  request?: string;
  /** What else its payload holds, where it holds anything: by name, and the hosts that it is for alone. */
  payload?: { names: string[]; hosts?: string };
  /** It was created by an App of this slug: `github-actions` for the job of a workflow that names an environment. */
  app?: string;
}

/** Without any: all. All that are given have to fit. */
export interface DeploymentFilter {
  environment?: string;
  ref?: string;
  sha?: string;
  task?: string;
}

export interface DeploymentPage {
  /** Newest first. */
  deployments: GitHubDeployment[];
  /** Whether there is another page. */
  more: boolean;
}

/** Below a repository's address in the API. */
export type RawPath = 'deployments' | `deployments/${number}` | `deployments/${number}/statuses`;

export interface Commit {
  sha: string;
  /** The first line of its message. */
  title: string;
  /** The account's login where GitHub knows it, else the name in the commit. */
  author: string;
}

/** What lies between two commits. */
export interface Comparison {
  /** Of the head, seen from the base. */
  status: 'ahead' | 'behind' | 'diverged' | 'identical';
  aheadBy: number;
  behindBy: number;
  /** On the head and not on the base: oldest first, the newest 250 at most. */
  commits: Commit[];
  mergeBase: string;
  /** The page that shows it. */
  url?: string;
}

export interface PullRequest {
  number: number;
  title: string;
  url?: string;
  author: string;
  isOpen: boolean;
  isMerged: boolean;
  /** Its branch, and that branch's head; `isFork`: in another repository. */
  ref: string;
  sha: string;
  isFork: boolean;
  /** The commit by which it was merged. */
  mergeSha?: string;
}

/** A deployment status to be set; named as GitHub names them, see POST …/deployments/{id}/statuses. */
export interface Mark {
  state: State;
  description?: string;
  logUrl?: string;
  environmentUrl?: string;
  environment?: string;
  autoInactive?: boolean;
}

/** A run of GitHub Actions. */
export interface Run {
  id: number;
  name: string;
  isOver: boolean;
  url?: string;
  createdAt: string;
}

/** A repository on one host. */
export interface Repository {
  /** `owner/name`. */
  fullName: string;
  apiUrl?: string;
}

/** Reads reject with a Refusal in plain words (no access, rate limit, unreachable). */
export interface GitHub {
  /** Where people read a repository (`https://github.com/acme/hello`). Nothing for hosts whose pages nobody knows. */
  page(repository: Repository): string | undefined;
  defaultBranch(repository: Repository): Promise<string>;
  /** Rejects with a NoSuchRef that names the nearest branch. */
  resolve(repository: Repository, ref: string): Promise<{ sha: string }>;
  /** A pull request's head. Rejects with a Refusal for forks and what does not exist. */
  pullRequest(repository: Repository, number: number): Promise<PullRequest>;
  /** The 100 closed ones that changed last. */
  closedPullRequests(repository: Repository): Promise<PullRequest[]>;
  create(repository: Repository, parameters: CreateParameters): Promise<CreateResult>;
  /**
   * Looks for the oldest deployment with a request in its payload since a time (ISO 8601), in one environment or, where
   * none is given, in all: a status may have moved it to another.
   */
  findRequest(
    repository: Repository,
    environment: string | undefined,
    request: string,
    since: string,
  ): Promise<Created | undefined>;
  /**
   * All statuses, in GitHub's order, or `newest`: the newest hundred, which costs one request. Rejects with a
   * NoSuchDeployment where the repository has none of that id.
   */
  statuses(repository: Repository, deployment: number, which?: { newest?: boolean }): Promise<Status[]>;
  /** One page of deployments, at most 100 (`size`); pages count from 1. */
  deployments(
    repository: Repository,
    filter: DeploymentFilter,
    page?: { number?: number; size?: number },
  ): Promise<DeploymentPage>;
  /** Nothing where the repository has none of that id. */
  deployment(repository: Repository, id: number): Promise<GitHubDeployment | undefined>;
  /** What GitHub answers to this, unread. Nothing where it has no deployment of that id. */
  raw(repository: Repository, path: RawPath, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Nothing where one of them is unknown or they have no commit in common. Each is a ref or a SHA. */
  compare(repository: Repository, base: string, head: string): Promise<Comparison | undefined>;
  /**
   * Sets a deployment status. Rejects with a Refusal that says what to do. Where nobody knows whether GitHub took it,
   * the list of statuses settles that: one that says the same and is none of those that were there `before`.
   */
  mark(repository: Repository, deployment: number, mark: Mark, before: ReadonlySet<number>): Promise<Status>;
  /** Rejects with a Refusal: GitHub keeps a deployment that is active, unless it is the only one. */
  deleteDeployment(repository: Repository, deployment: number): Promise<void>;
  /** Asks GitHub Actions to cancel a run. `over`: it has ended already. Rejects with a Refusal. */
  cancelRun(repository: Repository, run: number): Promise<'asked' | 'over'>;
  /** Runs that GitHub Actions began for a commit because of an event (`deployment`), newest first. */
  runsOf(repository: Repository, sha: string, event: string): Promise<Run[]>;
  /** Who the bot is there: a login, or an App's slug with `[bot]`. */
  login(repository: Repository): Promise<string>;
  /** Commit statuses and check runs of a commit, the newest of each name. */
  checks(repository: Repository, sha: string): Promise<Check[]>;
  /** The newest deployment of an environment, of one task if it is named. */
  newest(repository: Repository, environment: string, task?: string): Promise<{ id: number } | undefined>;
  /**
   * Looks for webhook deliveries to us that failed, and asks GitHub to send them again, each at most three times. Answers
   * how many it asked for. With an App those of the App; else those of the repositories, where the token may look.
   */
  redeliver(repositories: readonly Repository[]): Promise<number>;
}
