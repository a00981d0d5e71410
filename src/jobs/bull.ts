import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Clock, Job, Jobs, Work } from '../deploy/ports.ts';
import { placeOf, type RedisAccess } from '../store/redis/access.ts';
import { explained } from '../store/redis/trouble.ts';
import { type Crew, type StalledAfter, startCrew } from './bull/crew.ts';
import { jobKey } from './bull/job-key.ts';
import { stepsOn, type Wanted } from './bull/steps.ts';
import { turnstile } from './bull/turnstile.ts';
import { dueAt } from './due.ts';
import { type Room, usualRoom } from './room.ts';

export interface BullJobsOptions {
  /** Connected, and failing fast while Redis is away: the store's. Its owner closes it, after the jobs have stopped. */
  redis: Redis;
  /** Where that is, for connections of BullMQ's own. */
  access: RedisAccess;
  /** The machine's, or one that agrees with it: BullMQ looks at that itself. */
  clock: Clock;
  log: Logger;
  concurrency?: Room;
  /** 0 to 1; spreads the retries. */
  random?: () => number;
  stalledAfter?: StalledAfter;
}

/** BullMQ's own record of what happened, which nobody reads. */
const eventsKept = 100;

/**
 * More would only queue up before Redis, where a command that has no answer within 2 s counts as failed: ten thousand wakes
 * at a start would.
 */
const wakesAtOnce = 500;

/**
 * The job engine that any number of processes share: BullMQ on Redis.
 *
 * What is wanted of a job is a hash of ours, changed by atomic steps (bull/*.lua). A BullMQ job is a mere ticket for it: one
 * that comes up too often, or for nothing, does no harm, and each wake sees to it that there is one that comes up in time.
 * BullMQ's own deduplication is not used, since there the later of two wakes wins: the one that replaces a delayed job, and
 * the last of those that come while it runs.
 *
 * A job runs in one process at a time, except where a process stood still for longer than its lock lasts: another one
 * begins the job again then, while the first may still be at it.
 */
export function bullJobs(options: BullJobsOptions): Jobs {
  const { redis, access, clock, log, concurrency = usualRoom, random = Math.random, stalledAfter } = options;
  const queuePrefix = `${access.prefix}jobs`;
  const steps = stepsOn(redis);
  const kinds = Object.keys(concurrency) as Job['kind'][];
  const queues = new Map(kinds.map((kind) => [kind, openQueue(kind)]));
  const oneOfFew = turnstile(wakesAtOnce);
  let crew: Promise<Crew> | undefined;
  let stopped = false;

  const now = (): number => clock.now().getTime();

  function openQueue(kind: Job['kind']): Queue<Job> {
    const queue = new Queue<Job>(kind, {
      connection: redis,
      prefix: queuePrefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: eventsKept } },
    });
    // Also told to whoever asked.
    queue.on('error', () => undefined);
    return queue;
  }

  function queueOf(kind: Job['kind']): Queue<Job> {
    const queue = queues.get(kind);
    if (!queue) throw new TypeError(`No job is a ${kind}.`);
    return queue;
  }

  /** Adding one that is there already changes nothing. */
  async function issue(job: Job, { ticket, due }: Wanted): Promise<void> {
    const timestamp = now();
    const delay = Math.max(0, due - timestamp);
    const ticketOptions = { jobId: ticket, timestamp, delay, removeOnComplete: true, removeOnFail: true };
    await queueOf(job.kind).add(job.kind, { kind: job.kind, id: job.id }, ticketOptions);
  }

  async function wake(job: Job, due: number): Promise<void> {
    const queue = queueOf(job.kind);
    const ticket = { fresh: randomUUID(), keys: queue.toKey('') };
    const wanted = await steps.wake(jobKey(access.prefix, job), { due, now: now() }, ticket);
    if (!wanted) return;
    await issue(job, wanted);
    // Only now: until then it is what brings the job up.
    if (wanted.replaced) queue.remove(wanted.replaced).catch(() => undefined);
  }

  /** Errors of ioredis carry what was to be stored. A TypeError is a bug of ours. */
  async function explaining<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw error instanceof TypeError ? error : explained(error, placeOf(access));
    }
  }

  return {
    async wake(job, at = clock.now()) {
      const due = dueAt(at);
      await explaining(oneOfFew(() => wake(job, due)));
    },
    async start(work: Work) {
      if (crew) throw new Error('The jobs have been started already.');
      const around = { access, queuePrefix, clock, log, random, room: concurrency, stalledAfter };
      crew = startCrew(work, { ...around, issue });
      await crew;
    },
    async counts() {
      const counts = await explaining(Promise.all([...queues.values()].map((queue) => counted(queue, now()))));
      const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
      return { due: sum(counts.map(({ due }) => due)), later: sum(counts.map(({ later }) => later)) };
    },
    async ready() {
      const works = (await crew)?.works();
      if (!works || stopped) throw new Error('The jobs are not running.');
      await explaining(redis.ping());
    },
    async stop() {
      stopped = true;
      const started = await crew?.catch(() => undefined);
      await started?.stop();
    },
  };
}

/** Of the tickets, so that a job that is woken while it runs is in neither. */
async function counted(queue: Queue<Job>, now: number): Promise<{ due: number; later: number }> {
  const [waiting, delayed, overdue] = await Promise.all([
    queue.getWaitingCount(),
    queue.getDelayedCount(),
    queue.getDelayedCount(now + 1),
  ]);
  return { due: waiting + overdue, later: delayed - overdue };
}
