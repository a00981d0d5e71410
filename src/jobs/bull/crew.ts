import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { Clock, Job, Work } from '../../deploy/ports.ts';
import { placeOf, type RedisAccess } from '../../store/redis/access.ts';
import { codeOf } from '../../store/redis/trouble.ts';
import type { Room } from '../room.ts';
import { workerConnections } from './connections.ts';
import { stepsOn, type Wanted } from './steps.ts';
import { ticketTaker } from './taker.ts';
import { troubleTold } from './trouble-told.ts';

/** How soon another process takes over the ticket of one that died or stands still: within both together. */
export interface StalledAfter {
  /** How long a lock lasts that is not renewed; it is renewed after half of that. */
  lockMs: number;
  /** How often somebody looks for tickets without a lock. */
  lookMs: number;
}

const usually: StalledAfter = { lockMs: 10_000, lookMs: 5_000 };

export interface CrewOptions {
  access: RedisAccess;
  /** What BullMQ's keys begin with. */
  queuePrefix: string;
  clock: Clock;
  log: Logger;
  random: () => number;
  room: Room;
  stalledAfter?: StalledAfter;
  /** Adds a ticket unless it is there. */
  issue(job: Job, wanted: Wanted): Promise<void>;
}

/** Those in this process who take tickets. */
export interface Crew {
  works(): boolean;
  /** Takes no more, waits for the work that is under way, and 2 s for Redis to note how it ended. */
  stop(): Promise<void>;
}

const connectWithinMs = 10_000;
const breatheMs = 1_000;
const partingMs = 2_000;

/** Rejects when Redis is not there within 10 s. */
export async function startCrew(work: Work, options: CrewOptions): Promise<Crew> {
  const { access, queuePrefix, clock, log, random, room, stalledAfter = usually, issue } = options;
  const connections = workerConnections(access);
  const trouble = troubleTold(placeOf(access), clock, log);
  const steps = stepsOn(connections.main);
  const taker = ticketTaker(work, { steps, prefix: access.prefix, clock, log, random, trouble, issue });
  const breaths = new Set<() => void>();

  const after = (ms: number, call: () => void): (() => void) => clock.at(new Date(clock.now().getTime() + ms), call);

  /** Whether it was settled within that time. */
  function within(ms: number, settled: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = after(ms, () => resolve(false));
      settled.then(cancel).then(() => resolve(true));
    });
  }

  function hire(kind: Job['kind']): Worker<Job> {
    const worker = new Worker<Job>(kind, (ticket, token = '') => taker.take(ticket, token), {
      connection: connections.main,
      prefix: queuePrefix,
      concurrency: room[kind],
      autorun: false,
      lockDuration: stalledAfter.lockMs,
      stalledInterval: stalledAfter.lookMs,
      // A job that takes its process down is tried as often as any other: the attempts are counted by us.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: breatheMs,
    });
    worker.on('error', (error) => {
      trouble(error);
      if (codeOf(error)) letBreathe(worker);
    });
    return worker;
  }

  /** A Redis that refuses (its memory is full, it is a replica now) would be asked again at once, over and over. */
  function letBreathe(worker: Worker<Job>): void {
    if (worker.isPaused() || worker.closing) return;
    void worker.pause(true);
    const cancel = after(breatheMs, () => {
      breaths.delete(cancel);
      void worker.resume();
    });
    breaths.add(cancel);
  }

  const workers = (Object.keys(room) as Job['kind'][]).map(hire);
  const connected = Promise.allSettled(workers.map((worker) => worker.waitUntilReady()));
  if (!(await within(connectWithinMs, connected)) || connections.main.status !== 'ready') {
    connections.cut();
    throw new Error(`${placeOf(access)} is unreachable for those who do the jobs.`);
  }
  for (const worker of workers) void worker.run().catch(trouble);

  return {
    works: () => connections.main.status === 'ready' && workers.every((worker) => worker.isRunning()),
    async stop() {
      for (const cancel of breaths) cancel();
      const closed = Promise.allSettled(workers.map((worker) => worker.close()));
      await taker.stop();
      // While Redis is away they never close.
      await within(partingMs, closed);
      connections.cut();
    },
  };
}
