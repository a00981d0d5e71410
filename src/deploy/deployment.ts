import type { Telling } from './note.ts';
import type { Button } from './refusal.ts';
import type { State } from './status.ts';
import type { Words } from './words.ts';

export * from './note.ts';
export * from './status.ts';

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
  /** What came before this line, an ending, GitHub was asked for: by the line's key. */
  completeBefore?: string;
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
  /** How often it moved on after the bot had failed at it for good. */
  mended?: number;
  /** It is told in a room where nobody asked for it: this record is about the telling there, and nothing else. */
  mirror?: Mirror;
  /** It deploys what was deployed before. */
  origin?: Origin;
  /** It deploys the head of this pull request. */
  pullRequest?: { number: number; title: string; url?: string };
}

/** Where a deployment has its commit from: an earlier one of the same repository. */
export interface Origin {
  /** A rollback goes back to it, a promotion takes it from another environment. */
  kind: 'rollback' | 'promote' | 'redeploy';
  /** GitHub's id of the earlier one. */
  id: number;
  /** What that was asked for as. */
  ref: string;
  sha: string;
  /** Where that one went: the catalogue's name, where it has one. */
  environment: string;
  /** Its thread, else where GitHub shows it. */
  url?: string;
  /** It leaves out what else the payload of that one holds, which is somebody else's: by name. */
  without?: readonly string[];
  /** What was live instead, where the two differ. */
  change?: Change;
}

/** What goes when one commit takes the place of another in an environment. */
export interface Change {
  /** The deployment that is live there until then. */
  live: { id: number; ref: string; sha: string; url?: string };
  /** How many commits come, and how many go. */
  comes: number;
  goes: number;
  /** The newest of those that go (of a rollback) or come (of a promotion), newest first. */
  commits: readonly { sha: string; title: string; author: string }[];
  /** The page that compares the two. */
  url?: string;
}

/** A room reads along. Several may, of one deployment, and each has a record of its own. */
export interface Mirror {
  /** Where somebody asked for it; nothing where it was started outside of the chat. */
  startedIn?: { team: string; room: string };
  /** The account that created it on GitHub. */
  creator?: string;
  /** GitHub created it for the job of a workflow that names an environment. */
  isOfJob?: boolean;
  /** The states that the room wants lines about; all if omitted. */
  states?: readonly State[];
  /** How far the telling of each status has come in this room, by the status's id. */
  told: Record<string, Telling>;
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

/** What people call the ref that it deploys: that of the earlier deployment, where it repeats one. */
export const refOf = ({ origin, create }: Pick<Deployment, 'origin' | 'create'>): string => origin?.ref ?? create.ref;
