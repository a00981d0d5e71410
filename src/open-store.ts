import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Budget, Clock, Jobs, Store } from './deploy/ports.ts';

/** What must outlive a restart, and what happens later. */
export interface Durable {
  store: Store;
  jobs: Jobs;
  /** Shared by everybody who shares the store. */
  budget: Budget;
  /** A command and the wake for it, given at once, are stored together or not at all. */
  inOneCommit: boolean;
  /** Once the jobs have stopped. */
  close(): Promise<void>;
}

interface Around {
  clock: Clock;
  log: Logger;
}

/**
 * Opens the embedded store for one process, or the shared one for any number. Each is loaded only where it is used: neither
 * SQLite nor Redis costs the other's start anything. Rejects with one clear sentence.
 */
export function openStore(config: Config['store'], around: Around): Promise<Durable> {
  return config.kind === 'redis' ? openShared(config.redis, around) : openEmbedded(config.dataDir, around);
}

async function openEmbedded(folder: string, { clock, log }: Around): Promise<Durable> {
  const [{ openSqlite, sqliteStore }, { localBudget }, { localJobs }] = await Promise.all([
    import('./store/sqlite.ts'),
    import('./store/budget.ts'),
    import('./jobs/local.ts'),
  ]);
  const database = await openSqlite({ folder, clock, log });
  const store = sqliteStore(database, clock);
  const jobs = localJobs({ database, clock, log });
  return { store, jobs, budget: localBudget(clock), inOneCommit: true, close: () => store.close() };
}

type Shared = Extract<Config['store'], { kind: 'redis' }>;

async function openShared(access: Shared['redis'], { clock, log }: Around): Promise<Durable> {
  const [{ closeRedis, connectRedis, redisBudget, redisStore }, { bullJobs }] = await Promise.all([
    import('./store/redis.ts'),
    import('./jobs/bull.ts'),
  ]);
  // Two: the thousands of jobs that a start may wake do not stand before what the store has to say.
  const redis = await connectRedis(access, log);
  const forJobs = await connectRedis(access, log);
  const store = redisStore({ redis, access, clock, log });
  const jobs = bullJobs({ redis: forJobs, access, clock, log });
  const close = async () => {
    await store.close();
    await Promise.all([closeRedis(redis), closeRedis(forJobs)]);
  };
  return { store, jobs, budget: redisBudget({ redis, access, log }), inOneCommit: false, close };
}
