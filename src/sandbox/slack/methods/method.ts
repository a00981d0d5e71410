import type { Arguments } from '../arguments.ts';
import type { Result } from '../result.ts';
import type { Workspace } from '../workspace.ts';

/** What a method works with beside its arguments. */
export interface MethodContext {
  workspace: Workspace;
  scopes: string[];
  /** `http://127.0.0.1:PORT`. */
  origin: string;
  /** How long after posting a message can still be edited, in seconds; undefined: always. A workspace setting. */
  editWindowSeconds?: number;
  /** How long after posting a message can't be read back yet, in milliseconds. */
  historyLagMs: number;
  /** A new Socket Mode URL. */
  openConnection(): string;
  /** The state of a trigger: it is good for 3 seconds and for one use, which this is. */
  useTrigger(id: string): 'good' | 'expired' | 'exchanged' | 'unknown';
}

/** One Web API method. */
export interface Method {
  /** Whose token it takes; the bot's when left out. */
  token?: 'app' | 'any';
  /** The scope that it needs; for some it depends on what the call is about. */
  scope?: string | ((args: Arguments, context: MethodContext) => string | undefined);
  run(args: Arguments, context: MethodContext): Result;
}
