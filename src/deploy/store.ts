import type { Answer } from './chat.ts';
import type { Claim, Deployment, Note, NoteLine, Place, Status, StatusLine, Telling } from './deployment.ts';
import type { Lease } from './lease.ts';
import type { Watch } from './watch.ts';

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
  /** `--show`: the room reads the answer. Known while it runs, never stored. */
  show?: boolean;
  /**
   * When it was about to change something on GitHub, ISO 8601, stored before it did: a run that finds this comes after a
   * crash, and what it finds on GitHub may be its own doing.
   */
  begunAt?: string;
  /** What its run had to say, stored before it is said. */
  answers?: readonly Answer[];
  /** Where it can be answered privately for a while (Slack: 5 times in 30 minutes). */
  answerUrl?: string;
  /** When it reached us, ISO 8601. */
  at: string;
  /** When it was sent, ISO 8601; where the platform says so. */
  sentAt?: string;
}

/** What became of a status. */
export interface Recorded {
  /** It was not there before. */
  isNew: boolean;
  /** Nobody here is to be told of it: it is `foreign`, nobody wants it, and no deployment of ours has its id. */
  isStrangers: boolean;
}

export interface Store {
  /** True: stored now. False: it was here before. Rejects when it can't be stored. */
  acceptCommand(command: Command): Promise<boolean>;
  /** Nothing once it has ended. */
  command(id: string): Promise<Command | undefined>;
  /** Keeps when it was about to change something; the first time counts. */
  beginCommand(id: string, at: string): Promise<void>;
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
  /**
   * In the stages of `unfinishedStages`, oldest first: all, or those of one repository without regard to case, and then
   * without its mirrors.
   */
  unfinishedDeployments(repository?: string): Promise<Deployment[]>;
  /** Those with a GitHub id in one GitHub environment, newest id first, at most `limit`. */
  deploymentsIn(repository: string, environment: string, limit: number): Promise<Deployment[]>;
  /**
   * The rooms that read along with one of GitHub's deployments. Mirrors are found by this, by their request, in their
   * threads and among all that is unfinished; neither by GitHub's id nor among the deployments of an environment.
   */
  mirrorsOf(repository: string, id: number): Promise<Deployment[]>;
  /** Mirrors in one GitHub environment, newest id first, at most `limit`. */
  mirrorsIn(repository: string, environment: string, limit: number): Promise<Deployment[]>;

  /** True: new. False: that room watches that already. */
  addWatch(watch: Watch): Promise<boolean>;
  /** Answers whether there was one. */
  dropWatch(watch: Watch): Promise<boolean>;
  /** All there are, oldest first. */
  watches(): Promise<Watch[]>;

  /** Resolves only once it is on disk. Those of strangers are not counted as untold. */
  recordStatus(status: Status): Promise<Recorded>;
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
