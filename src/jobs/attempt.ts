import type { Logger } from 'pino';
import type { Clock, Job, Work } from '../deploy/ports.ts';
import { attemptsAtMost, backOffMs } from './back-off.ts';
import { dueAt } from './due.ts';

/** What comes after an attempt. */
export interface Outcome {
  /** When it is wanted again, in ms since 1970. */
  dueAt?: number;
  /** How often it has failed in a row. */
  attempt: number;
}

/** Does a job's work once, whatever comes of it; never rejects. One that failed too often is given up. */
export async function attemptOnce(
  work: Work,
  job: Job,
  attempt: number,
  around: { clock: Clock; log: Logger; random: () => number },
): Promise<Outcome> {
  const { clock, log, random } = around;
  try {
    const again = await work.run(job, attempt);
    return { dueAt: again && dueAt(again), attempt: 0 };
  } catch (error) {
    if (attempt >= attemptsAtMost) return giveUp(work, job, attempt, error, log);
    const waitMs = backOffMs(attempt, random);
    log.error({ err: error, ...named(job), attempt, waitMs }, 'a job failed; it will be tried again');
    return { dueAt: clock.now().getTime() + waitMs, attempt };
  }
}

/** For the log: what belongs to a deployment, the command that began it included, is found by its request. */
export const named = (job: Job): { job: Job; request?: string } =>
  job.kind === 'chore' ? { job } : { job, request: job.id };

async function giveUp(work: Work, job: Job, attempt: number, error: unknown, log: Logger): Promise<Outcome> {
  log.error({ err: error, ...named(job), attempt }, 'a job failed too often; it is given up');
  try {
    await work.gaveUp(job, error);
  } catch (failure) {
    log.error({ err: failure, ...named(job), attempt }, 'nobody could be told that a job was given up');
  }
  return { attempt: 0 };
}
