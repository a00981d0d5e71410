import type { App } from './app.ts';
import type { CommitFacts, Git } from './git.ts';
import type { Person } from './people.ts';

/** What a user may do in a repository. */
export type Level = 'none' | 'pull' | 'push' | 'admin';

/** A repository, and everything about it that is not in git. */
export interface Repository {
  id: number;
  owner: Person;
  name: string;
  fullName: string;
  private: boolean;
  defaultBranch: string;
  /** What it was forked from. It has its own branches, and its objects in common with all of that family. */
  forkOf?: Repository;
  /** The bare repository. */
  folder: string;
  git: Git;
  createdAt: Date;
  /** Oldest first. */
  deployments: Deployment[];
  commitStatuses: CommitStatus[];
  checkRuns: CheckRun[];
  /** Oldest first. */
  runs: WorkflowRun[];
  /** By number. */
  pulls: PullRequest[];
  /** Read-only from now on. */
  archived: boolean;
  /** By login in lower case; who is not in here may push. */
  levels: Map<string, Level>;
  /** The end of the last change: changes that read and then write wait for one another. */
  lastChange: Promise<unknown>;
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  /** As it was sent: an object stays an object, a string a string. */
  payload: Record<string, unknown> | string;
  originalEnvironment: string;
  environment: string;
  description: string | null;
  creator: Person;
  app?: App;
  createdAt: Date;
  updatedAt: Date;
  transient: boolean;
  production: boolean;
  /** The workflow run one of whose jobs names the environment, and so made GitHub create it. */
  run?: WorkflowRun;
  /** Oldest first. */
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  /** Any text: GitHub sends states that it does not accept, such as `waiting`. */
  state: string;
  description: string;
  environment: string;
  environmentUrl: string;
  logUrl: string;
  creator: Person;
  app?: App;
  /** The workflow run that set it. */
  run?: WorkflowRun;
  createdAt: Date;
}

export interface CommitStatus {
  id: number;
  sha: string;
  context: string;
  state: string;
  description: string | null;
  targetUrl: string | null;
  creator: Person;
  createdAt: Date;
}

export interface CheckRun {
  id: number;
  sha: string;
  name: string;
  status: string;
  conclusion: string | null;
  detailsUrl: string | null;
  externalId: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  app?: App;
  startedAt: Date;
  completedAt: Date | null;
}

/** One run of a workflow of GitHub Actions, with its one job. */
export interface WorkflowRun {
  id: number;
  workflow: { id: number; name: string; path: string; createdAt: Date };
  /** Counts the workflow's runs. */
  number: number;
  /** 1, and one more each time that it is run again. */
  attempt: number;
  event: string;
  commit: CommitFacts;
  branch: string | null;
  status: 'queued' | 'in_progress' | 'completed';
  /** Any text: GitHub may add some. */
  conclusion: string | null;
  actor: Person;
  checkSuite: number;
  /** The job of the newest attempt. */
  job: number;
  createdAt: Date;
  /** The newest attempt's. */
  startedAt: Date;
  updatedAt: Date;
}

/** A request to merge a branch, of this repository or of a fork, into one of this repository's. */
export interface PullRequest {
  id: number;
  number: number;
  title: string;
  body: string | null;
  author: Person;
  /** While it is open it follows its branch; what it was last otherwise. */
  head: { repository: Repository; branch: string; sha: string };
  /** The branch it is for, and where that was when the request was opened, pushed to or merged. */
  base: { branch: string; sha: string };
  createdAt: Date;
  updatedAt: Date;
  /** Merged ones are closed too. */
  closedAt: Date | null;
  merged: { at: Date; by: Person; commit: string } | null;
}

/** Where links point: the API's root as the caller spells it, and the root of pages for people. */
export interface Links {
  api: string;
  web: string;
}

/** GitHub's ids grow over all kinds of things. They pass 2³¹, as the real ones do. */
export function countIds(): () => number {
  // Begins with the time, so that a restart never gives out an id that a bot already knows.
  let last = 2_500_000_000 + Math.floor(Date.now() / 1000);
  return () => {
    last += 1;
    return last;
  };
}

/** Ids of nodes look opaque and are not. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_${Buffer.from(String(id)).toString('base64url')}`;
}

/** GitHub's timestamps: UTC, whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Runs `change` after all changes of this repository that were begun before. */
export function inTurn<T>(repository: Repository, change: () => Promise<T>): Promise<T> {
  const turn = repository.lastChange.then(change);
  repository.lastChange = turn.catch(() => {});
  return turn;
}
