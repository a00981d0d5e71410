import type { Button } from './refusal.ts';
import type { Words } from './words.ts';

/**
 * A deployment's life before and after GitHub knows it. Only `advance` (deployer.ts) moves it on; each move is stored
 * before the next thing happens outside.
 *
 * opening → creating → created → ended, with the detours: creating → settling (nobody knows whether GitHub created it)
 * → created or unknown; creating → merging (GitHub merged the default branch first) → creating; anything → refused.
 */
export type Stage = 'opening' | 'creating' | 'settling' | 'merging' | 'created' | 'ended' | 'refused' | 'unknown';

/** Stages in which something is still to come. */
export const unfinishedStages: readonly Stage[] = ['opening', 'creating', 'settling', 'merging', 'created'];

export interface Person {
  /** Their id on the chat platform. */
  id: string;
  name: string;
  /** Their linked GitHub login. */
  login?: string;
}

/** Where somebody asked, and where they are answered. */
export interface Place {
  team: string;
  room: string;
  roomName: string;
  /** The thread they typed in. */
  thread?: string;
}

/** What GitHub is asked to create; named as GitHub names them (POST /repos/{owner}/{repo}/deployments). */
export interface CreateParameters {
  ref: string;
  task: string;
  auto_merge: boolean;
  required_contexts?: string[];
  environment: string;
  description: string;
  transient_environment?: boolean;
  production_environment?: boolean;
  /** The caller's part of the payload; the return address is added when it is sent. */
  payload: Record<string, unknown>;
}

export interface Deployment {
  /** Made by us (a ULID), in the payload, and bound to one deployment id for ever. */
  request: string;
  place: Place;
  asker: Person;
  /** Where the asker can be answered privately for a while. */
  answerUrl?: string;
  app: string;
  repository: string;
  apiUrl?: string;
  /** The catalogue's name; GitHub's is in `create`. */
  environment: string;
  /** The commit that was shown to the person who asked, 40 hex digits. */
  sha: string;
  hosts: readonly string[];
  force: boolean;
  create: CreateParameters;
  /** What to type to ask for the same again, without the command word. */
  line: string;
  /** The same, forced. */
  forcedLine: string;
  noDeployerAfterMs: number;
  inFlightTimeoutMs: number;

  stage: Stage;
  /** ISO 8601. */
  askedAt: string;
  /** When this stage was entered, ISO 8601. */
  stageAt: string;
  /** The parent message. */
  thread?: string;
  /** A parent is being posted; a crash leaves it doubtful. */
  opening?: boolean;
  /** When that began, ISO 8601. */
  openingSince?: string;
  /** GitHub is being asked to create it; a crash leaves that doubtful. */
  creating?: boolean;
  /** What the parent shows now, so that it is edited only when that changes. */
  shown?: string;
  /** GitHub's id, once known. */
  id?: number;
  /** What GitHub deploys. */
  createdSha?: string;
  createdAt?: string;
  /** The deployment's page, where GitHub has one. */
  url?: string;
  /** How often GitHub has merged the default branch first. */
  merges?: number;
  /** The head that GitHub made by merging; its checks are waited for. */
  mergedSha?: string;
  /** How often a doubtful creation has been looked for. */
  looks?: number;
  /** An ending was told while GitHub could not say what came before it. */
  incomplete?: boolean;
  /** Its record was lost, and made anew from its return address: what was told before that is not known. */
  adopted?: boolean;
  /** Nobody waits for news any more; the newest status then, 0 for none. */
  letGo?: number;
  /** The parent message that took the place of the first, which somebody deleted. */
  parent?: string;
  /** The parent was posted anew, which is done once. */
  reopened?: boolean;
  /** Since when a newer deployment is known to have taken its place, ISO 8601. */
  replacedAt?: string;
  /** What the person said it is for. */
  said?: string;
  /** Why it was not deployed. */
  refusal?: Told;
}

/** A refusal as it is stored. */
export interface Told {
  code: string;
  words: Words;
  details?: readonly Words[];
  /** What to do about it. */
  advice?: Words;
  /** Ways out, as lines to type. */
  buttons?: readonly Button[];
}

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
  /** Its deployment's payload names no request: somebody else's deployment, surely. */
  foreign?: boolean;
  /** Whose deployment it says it is; present only where the payload's signature is good. */
  claim?: Claim;
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

/** The signed part of a payload, believed after its signature was checked: enough to tell the story without a record. */
export interface Claim {
  request: string;
  place: Place;
  asker: Person;
  thread: string;
  app: string;
  repository: string;
  task: string;
  environment: string;
  ref: string;
  sha: string;
  createdAt: string;
}

export const isEnding = (state: State): boolean => state === 'success' || state === 'failure' || state === 'error';
export const isFailure = (state: State): boolean => state === 'failure' || state === 'error';

/** GitHub's order: by time, and within a second by id. */
export function inOrder(a: Status, b: Status): number {
  return a.createdAt === b.createdAt ? a.id - b.id : a.createdAt < b.createdAt ? -1 : 1;
}

/** What the thread says besides GitHub's statuses. Kept by key: the same thing is said once. */
export type Note = { key: string; at: string } & (
  | { kind: 'refused' }
  | { kind: 'merged'; message: string; answered?: boolean }
  | { kind: 'checks-slow'; waitedMs: number }
  | { kind: 'called-off'; by: Person }
  | { kind: 'sha-differs'; shown: string; created: string }
  | { kind: 'no-deployer'; afterMs: number; answered?: boolean }
  | { kind: 'stuck'; afterMs: number }
  /** Nobody waits for it any more. */
  | { kind: 'let-go'; afterMs: number }
  /** The run of GitHub Actions that was to deploy it ended without saying how the deployment did. */
  | { kind: 'run-ended'; run: WorkflowRun }
  /** The bot failed at this deployment again and again; the log has the reason beside this reference. */
  | { kind: 'broken'; reference: string }
  | { kind: 'unknown'; answered?: boolean }
  /** The room can't be written to any more; the asker was told. */
  | { kind: 'unheard'; error: string }
);

/** How far the telling of a line has come: nothing, a post under way (doubtful after a crash), told, or given up. */
export interface Telling {
  intended?: boolean;
  /** When that post began, ISO 8601. */
  since?: string;
  /** How often it was said, or perhaps said. */
  tries?: number;
  /** The message it was told in. */
  ts?: string;
  given?: 'up' | 'silently';
}

/** Whether nothing is left to tell of a line: it was said, or nobody will say it. */
export const isDone = (telling: Telling): boolean => telling.ts !== undefined || telling.given !== undefined;

export type StatusLine = { key: string; at: string; status: Status; telling: Telling };
export type NoteLine = { key: string; at: string; note: Note; telling: Telling };
export type Line = StatusLine | NoteLine;
