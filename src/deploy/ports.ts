import type { Apps } from './apps.ts';
import type {
  Claim,
  CreateParameters,
  Deployment,
  Line,
  Note,
  NoteLine,
  Place,
  Status,
  StatusLine,
  Telling,
} from './deployment.ts';
import type { Lease } from './lease.ts';
import type { Button } from './refusal.ts';
import type { ParentView } from './story.ts';
import type { Words } from './words.ts';

/** Time, passed in so that tests own it. */
export interface Clock {
  now(): Date;
  /** Calls back once at or after `at`; the answer takes it back. */
  at(at: Date, call: () => void): () => void;
}

/** Something a person typed or pressed, stored before it was acknowledged. */
export interface Command {
  /** Ours (a ULID); becomes the request of a deployment that it starts. */
  id: string;
  /** What the platform calls it, so that it counts once: `trigger:…`, `message:C1:1718.1`. */
  key: string;
  /** The line without the command word or the mention, what phones do to it undone. */
  text: string;
  /** What people type before it here, for examples: `/deploy` or `@deckhand`. */
  prefix: string;
  place: Place;
  user: { id: string; name: string };
  /** A button typed it, which counts once, unless what it asked for was refused. */
  pressed?: boolean;
  /** What its run had to say, stored before it is said. */
  answers?: readonly Answer[];
  /** Where it can be answered privately for a while (Slack: 5 times in 30 minutes). */
  answerUrl?: string;
  /** ISO 8601. */
  at: string;
}

export interface Store {
  /** True: stored now. False: it was here before. Rejects when it can't be stored. */
  acceptCommand(command: Command): Promise<boolean>;
  /** Nothing once it has ended. */
  command(id: string): Promise<Command | undefined>;
  /** Keeps what its run had to say, so that it is said after a crash and not run again. */
  answerCommand(id: string, answers: readonly Answer[]): Promise<void>;
  /**
   * It has been answered or turned into a deployment; nothing is left to do. `keyIsFree`: another command of the same key
   * counts as new.
   */
  endCommand(id: string, options?: { keyIsFree?: boolean }): Promise<void>;
  unfinishedCommands(): Promise<string[]>;

  /**
   * The right to move a command or a deployment on (`command:…`, `deployment:…`), for one holder at a time over all
   * processes. Nothing while somebody else has it.
   */
  lease(name: string): Promise<Lease | undefined>;

  /** Inserts or replaces, by request. Only `advance` writes, one at a time for each request. */
  saveDeployment(deployment: Deployment): Promise<void>;
  deployment(request: string): Promise<Deployment | undefined>;
  /** By GitHub's id; the repository without regard to case, since ids of two hosts may collide. */
  deploymentById(repository: string, id: number): Promise<Deployment | undefined>;
  deploymentInThread(team: string, room: string, thread: string): Promise<Deployment | undefined>;
  /** In the stages of `unfinishedStages`, oldest first. */
  unfinishedDeployments(): Promise<Deployment[]>;
  /** Those with a GitHub id in one GitHub environment, newest id first, at most `limit`. */
  deploymentsIn(repository: string, environment: string, limit: number): Promise<Deployment[]>;

  /** True: new. False: known. Resolves only once it is on disk. */
  recordStatus(status: Status): Promise<boolean>;
  /** All statuses of a deployment in GitHub's order, with how far their telling has come. */
  statuses(repository: string, deployment: number): Promise<StatusLine[]>;
  /** Statuses that nobody has told or given up: which deployments of which repositories, with the claim if any. */
  untoldStatuses(): Promise<{ repository: string; deployment: number; claim?: Claim }[]>;
  /** What an untold status with a good signature says of a request; of several deployments that do, the oldest. */
  claimed(request: string): Promise<{ claim: Claim; deployment: number } | undefined>;
  tellStatus(status: Status, telling: Telling): Promise<void>;

  /** True: new. False: a note of that key is there already. */
  addNote(request: string, note: Note): Promise<boolean>;
  notes(request: string): Promise<NoteLine[]>;
  /** Replaces the note of that key and/or how far its telling has come. */
  saveNote(request: string, line: NoteLine): Promise<void>;

  /**
   * Drops what is old, one batch a call: deployments that are over and were last saved before `records`, with their
   * statuses and notes; ended commands that were accepted, and statuses of deployments that are not ours that came,
   * before `keys`. Answers how many; call again until it is 0. Never drops what is unfinished.
   */
  forget(before: { records: Date; keys: Date }): Promise<number>;

  /** Rejects when the store can't take a row. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface Job {
  /** A chore is what the bot does by itself, again and again; its id names it. */
  kind: 'command' | 'deployment' | 'chore';
  /** A command's id, a deployment's request, or the chore's name. */
  id: string;
}

export interface Work {
  /** Answers when it wants to be called again, or nothing. A throw is retried with back-off. */
  run(job: Job, attempt: number): Promise<Date | undefined>;
  /** It failed `attemptsAtMost` times in a row, and is not tried again before somebody wakes it. */
  gaveUp(job: Job, error: unknown): Promise<void>;
}

/** What happens now or later, durably. One job of a name runs at a time; a wake while it runs makes it run again. */
export interface Jobs {
  /** Runs at or after `at` (default: now); the earlier of two wakes wins. Resolves once it would survive a crash. */
  wake(job: Job, at?: Date): Promise<void>;
  start(work: Work): Promise<void>;
  /** How many are due and not begun, and how many are for later. */
  counts(): Promise<{ due: number; later: number }>;
  ready(): Promise<void>;
  /** Takes no more, waits for what runs. */
  stop(): Promise<void>;
}

/** How often something may be done: `burst` times at once after a quiet time, and else once in `everyMs`. */
export interface Rate {
  everyMs: number;
  burst: number;
}

/** Who may do what when, on lanes that all processes share. */
export interface Budget {
  /**
   * The caller's slot of a lane: the next free one, kept until the caller comes for it, in whatever process. Answers how
   * many ms it is away; 0: now, and it is used up. Who has to wait takes no second one, so that all who wait keep their
   * order. A slot that nobody comes for is forgotten a minute later.
   */
  reserve(lane: string, rate: Rate, caller: string): Promise<number>;
  /** No slots for so long: the platform said so. What fell into it is planned anew. */
  hold(lane: string, ms: number): Promise<void>;
}

/** What became of a message. `later`: nothing was said, come back. `doubtful`: nobody knows whether it was said. */
export type Posted =
  | { kind: 'posted'; ts: string }
  | { kind: 'refused'; error: string; words: Words }
  | { kind: 'later'; afterMs: number }
  | { kind: 'doubtful' };

/** Somebody who can be answered privately. */
export interface Address {
  place: Place;
  user: string;
  answerUrl?: string;
  /** When the answer URL was given, ISO 8601. */
  at: string;
  /** Only in a direct message: nobody reads the room any more. */
  direct?: boolean;
}

export interface Answer {
  words: Words;
  buttons?: readonly Button[];
  /** A refusal is marked as one. */
  refusal?: string;
}

/** Who somebody is to the team, as far as the platform tells. */
export interface Standing {
  name: string;
  guest: boolean;
  /** From another organisation. */
  external: boolean;
  bot: boolean;
}

/** How a line is said. */
export interface Manner {
  /** Also shown in the channel. */
  loud: boolean;
  /** Mentions the person who asked. */
  mention: boolean;
  /** Something newer has been said already, so it carries its own time. */
  late: boolean;
  /** From creation to this ending, in ms. */
  tookMs?: number;
}

export interface Chat {
  /** Posts the parent message of a deployment. */
  open(view: ParentView): Promise<Posted>;
  /** Makes the parent show `view`. */
  edit(view: ParentView): Promise<Posted>;
  /** What `edit` would show, for comparing: equal texts mean that no edit is needed. */
  looks(view: ParentView): string;
  /** Says a line in the thread. */
  reply(deployment: Deployment, line: Line, manner: Manner): Promise<Posted>;
  /** Makes a line that was told show what it says now. */
  amend(deployment: Deployment, line: Line): Promise<Posted>;
  /** Reads back whether a line (`parent` for the parent message) was said: its ts, nothing, or that we may not look. */
  find(deployment: Deployment, key: string): Promise<{ ts?: string } | 'cannot-look' | { laterMs: number }>;
  /** To that person alone. False: it could not be said on any way now. Never rejects. */
  whisper(to: Address, answer: Answer): Promise<boolean>;
  /** What a room is called; what the platform said with the command where it can't be found out. Never rejects. */
  roomName(place: Place): Promise<string>;
  /** Rejects with a Refusal when it can't be found out. */
  standing(team: string, user: string): Promise<Standing>;
}

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

/** A repository on one host. */
export interface Repository {
  /** `owner/name`. */
  fullName: string;
  apiUrl?: string;
}

/** Reads reject with a Refusal in plain words (no access, rate limit, unreachable). */
export interface GitHub {
  defaultBranch(repository: Repository): Promise<string>;
  /** Rejects with a NoSuchRef that names the nearest branch. */
  resolve(repository: Repository, ref: string): Promise<{ sha: string }>;
  /** A pull request's head. Rejects with a Refusal for forks and what does not exist. */
  pullRequest(repository: Repository, number: number): Promise<{ ref: string; sha: string }>;
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
  /** All statuses, in GitHub's order. */
  statuses(repository: Repository, deployment: number): Promise<Status[]>;
  /** Commit statuses and check runs of a commit, the newest of each name. */
  checks(repository: Repository, sha: string): Promise<Check[]>;
  /** The newest deployment of an environment. */
  newest(repository: Repository, environment: string): Promise<{ id: number } | undefined>;
  /**
   * Looks for webhook deliveries to us that failed, and asks GitHub to send them again, each at most three times. Answers
   * how many it asked for. With an App those of the App; else those of the repositories, where the token may look.
   */
  redeliver(repositories: readonly Repository[]): Promise<number>;
}

/** What happened to a deployment, for the log and the metrics. */
export type Happening =
  | { kind: 'asked' | 'opened' | 'created' | 'ended' | 'let-go' | 'adopted' }
  /** `lagMs`: from when the bot got to know of it until it was said. */
  | { kind: 'told'; key: string; state?: string; lagMs?: number }
  /** It had been said already: a crash or a doubtful answer came between saying and remembering. */
  | { kind: 'found-told'; key: string }
  /** Nobody knows whether it was said, or created. */
  | { kind: 'doubtful'; key: string }
  | { kind: 'given-up'; key: string; error: string }
  | { kind: 'refused'; code: string };

export interface Journal {
  add(deployment: Deployment, happening: Happening): void;
}

/** Everything outside that deploying needs. */
export interface Ports {
  github: GitHub;
  chat: Chat;
  store: Store;
  jobs: Jobs;
  clock: Clock;
  apps: Apps;
  journal: Journal;
  /** Signs return addresses: the first signs, any verifies. */
  keys: readonly string[];
}
