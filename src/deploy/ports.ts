import type { Apps } from './apps.ts';
import type { Chat } from './chat.ts';
import type { Deployment } from './deployment.ts';
import type { GitHub } from './github.ts';
import type { Store } from './store.ts';

export type * from './chat.ts';
export type * from './github.ts';
export type * from './store.ts';

/** Time, passed in so that tests own it. */
export interface Clock {
  now(): Date;
  /** Calls back once at or after `at`; the answer takes it back. */
  at(at: Date, call: () => void): () => void;
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

/** What happened to a deployment, for the log and the metrics. */
export type Happening =
  | { kind: 'asked' | 'opened' | 'created' | 'ended' | 'let-go' | 'adopted' | 'mirrored' }
  /** `lagMs`: from when the bot got to know of it until it was said. */
  | { kind: 'told'; key: string; state?: string; lagMs?: number }
  /** It had been said already: a crash or a doubtful answer came between saying and remembering. */
  | { kind: 'found-told'; key: string }
  /** Nobody knows whether it was said, or created. */
  | { kind: 'doubtful'; key: string }
  | { kind: 'given-up'; key: string; error: string }
  | { kind: 'refused'; code: string }
  /** A room that reads along can't be told of it. */
  | { kind: 'unheard'; code: string };

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
