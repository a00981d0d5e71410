import type { Origin, Person } from './deployment.ts';
import type { Status, WorkflowRun } from './status.ts';
import type { Words } from './words.ts';

/**
 * A run of GitHub Actions behind a deployment that was cancelled: it was asked to stop; it had ended; nobody knows whether
 * GitHub has heard us; there is none; which one it is can't be told; GitHub refused to cancel it.
 */
export type CancelledRun =
  | { kind: 'asked' | 'over' | 'unclear-answer'; url?: string }
  | { kind: 'none' | 'unclear' }
  | { kind: 'refused'; words: Words; url?: string };

/** What the thread says besides GitHub's statuses. Kept by key: the same thing is said once. */
export type Note = { key: string; at: string } & (
  | { kind: 'refused' }
  | { kind: 'merged'; message: string; answered?: boolean }
  | { kind: 'checks-slow'; waitedMs: number }
  | { kind: 'called-off'; by: Person }
  /**
   * Somebody set the status `status` to end it; what became of the run of GitHub Actions behind it. `again`: the status was
   * set before, and the run alone was asked once more.
   */
  | { kind: 'cancelled'; by: Person; status: number; run: CancelledRun; again?: true }
  /** GitHub has it no more. Nobody is named where it was gone already. */
  | { kind: 'deleted'; by?: Person }
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
  /** It exists, and deploys what was deployed before: see `origin`. */
  | { kind: 'origin' }
  /** Another deployment, in the thread of `url`, took this one back, on to another environment, or once more. */
  | { kind: 'repeated'; as: Origin['kind']; by: Person; id: number; environment: string; ref: string; url?: string }
  /** A room that reads along was told so many lines; but for the ending the parent alone shows the rest. */
  | { kind: 'enough'; lines: number }
  /** A newer deployment of the environment succeeded: a room that reads along sees it in the parent, and no line. */
  | { kind: 'replaced'; by: number }
  /** Its pull request was closed, and GitHub does not let us make it inactive. */
  | { kind: 'not-inactive'; pullRequest: number; words: Words }
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
  /** `unwanted`: the room asked for other states. `enough`: it was told so many lines that it is told no more. */
  given?: 'up' | 'silently' | 'unwanted' | 'enough';
}

/** Whether nothing is left to tell of a line: it was said, or nobody will say it. */
export const isDone = (telling: Telling): boolean => telling.ts !== undefined || telling.given !== undefined;

export type StatusLine = { key: string; at: string; status: Status; telling: Telling };
export type NoteLine = { key: string; at: string; note: Note; telling: Telling };
export type Line = StatusLine | NoteLine;
