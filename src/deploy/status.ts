import type { Claim } from './deployment.ts';

/** States GitHub has today, plus whatever it adds later. */
export type State =
  | 'queued'
  | 'pending'
  | 'in_progress'
  | 'waiting'
  | 'success'
  | 'failure'
  | 'error'
  | 'inactive'
  | (string & {});

/** One deployment status of GitHub's. */
export interface Status {
  id: number;
  /** GitHub's deployment id. */
  deployment: number;
  repository: string;
  state: State;
  description: string;
  /** http(s) only, else absent. */
  logUrl?: string;
  environmentUrl?: string;
  environment?: string;
  creator: string;
  /** ISO 8601, one second's resolution. */
  createdAt: string;
  /** When the bot got to know of it, ISO 8601. */
  receivedAt?: string;
  /** The run of GitHub Actions that set it. */
  run?: number;
  workflow?: StatusWorkflow;
  /** Somebody had us set it. */
  byHand?: boolean;
  /** Its deployment's payload names no request: somebody else's deployment, surely. */
  foreign?: boolean;
  /** That deployment's task, where GitHub says so: of a list of statuses it does not. */
  task?: string;
  /** A room may want to hear of it all the same: nobody is done with it before that room's telling has begun. */
  wanted?: boolean;
  /** Whose deployment it says it is; present only where the payload's signature is good. */
  claim?: Claim;
}

/** What the event of a status says of the run behind it. A list of statuses does not say it, nor do old servers. */
export interface StatusWorkflow {
  /** What started the run: `deployment`, `push`, `workflow_dispatch`, … */
  event: string;
  /** Counts from 1: a run can be run again. */
  attempt: number;
  /** GitHub created the status's deployment for a job of this run, which names an environment. */
  isJobs: boolean;
}

/** A run of GitHub Actions that has ended (webhook `workflow_run`, action `completed`). */
export interface WorkflowRun {
  repository: string;
  id: number;
  /** Counts from 1: a run can be run again. */
  attempt: number;
  name: string;
  /** What started it: `deployment`, `push`, … */
  event: string;
  /** The commit it ran on. */
  sha: string;
  /** As GitHub says it: success, failure, cancelled, timed_out, startup_failure, … */
  conclusion: string;
  url?: string;
}

export const isEnding = (state: State): boolean => state === 'success' || state === 'failure' || state === 'error';
export const isFailure = (state: State): boolean => state === 'failure' || state === 'error';

/** GitHub's order: by time, and within a second by id. */
export function inOrder(a: Status, b: Status): number {
  return a.createdAt === b.createdAt ? a.id - b.id : a.createdAt < b.createdAt ? -1 : 1;
}
