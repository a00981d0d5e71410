import { randomUUID } from 'node:crypto';
import { DelayedError, type Job as Ticket } from 'bullmq';
import type { Logger } from 'pino';
import type { Clock, Job, Work } from '../../deploy/ports.ts';
import { attemptOnce, type Outcome } from '../attempt.ts';
import { jobKey } from './job-key.ts';
import type { Steps, Wanted } from './steps.ts';

export interface TakerOptions {
  steps: Steps;
  /** Of the jobs' keys. */
  prefix: string;
  clock: Clock;
  log: Logger;
  random: () => number;
  trouble(error: unknown): void;
  /** Adds a ticket unless it is there. */
  issue(job: Job, wanted: Wanted): Promise<void>;
}

/** Does the work that tickets stand for. */
export interface Taker {
  /** A ticket came up. Returns when it is done with. */
  take(ticket: Ticket<Job>, token: string): Promise<void>;
  /** From now on tickets are given back. Resolves when the work that is under way has ended. */
  stop(): Promise<void>;
}

/** What could not be noted is tried again after this. */
const troubleMs = 1_000;

export function ticketTaker(work: Work, options: TakerOptions): Taker {
  const { steps, prefix, clock, log, random, trouble, issue } = options;
  const atWork = new Set<Promise<Outcome>>();
  let noMorePauses: (() => void) | undefined;
  const stopping = new Promise<void>((resolve) => {
    noMorePauses = resolve;
  });
  let stopped = false;

  const now = (): number => clock.now().getTime();

  async function take(ticket: Ticket<Job>, token: string): Promise<void> {
    const { data: job, id = '' } = ticket;
    const key = jobKey(prefix, job);
    const run = randomUUID();
    if (stopped) return giveBack(ticket, token, now());
    const begun = await noted(() => steps.begin(key, id, run, now()));
    if (begun.kind === 'early') return giveBack(ticket, token, begun.due);
    if (begun.kind === 'other') await noted(() => issue(job, begun));
    if (begun.kind !== 'run') return;
    const outcome = stopped ? { dueAt: now(), attempt: begun.attempt - 1 } : await attempt(job, begun.attempt);
    const ended = await noted(() => steps.end(key, id, run, outcome));
    if (ended.kind === 'again') return giveBack(ticket, token, ended.due);
    if (ended.kind === 'lost') throw new DelayedError();
  }

  async function attempt(job: Job, number: number): Promise<Outcome> {
    const run = attemptOnce(work, job, number, { clock, log, random });
    atWork.add(run);
    return run.finally(() => atWork.delete(run));
  }

  /** Lets it come up again then; where that fails, it comes up as one that has stalled. */
  async function giveBack(ticket: Ticket<Job>, token: string, due: number): Promise<never> {
    await ticket.moveToDelayed(due, token).catch(trouble);
    // The only error that keeps BullMQ's hands off a ticket.
    throw new DelayedError();
  }

  /** Until it is noted that a run has ended the job counts as running: it is not done twice because Redis is full. */
  async function noted<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        trouble(error);
      }
      if (stopped) throw new DelayedError();
      await Promise.race([stopping, pause()]);
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.at(new Date(now() + troubleMs), resolve);
      void stopping.then(cancel);
    });
  }

  return {
    take,
    async stop() {
      stopped = true;
      noMorePauses?.();
      while (atWork.size > 0) await Promise.allSettled(atWork);
    },
  };
}
