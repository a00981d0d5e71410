import type { Logger } from 'pino';
import type { Apps } from './deploy/apps.ts';
import type { Deployer } from './deploy/deployer.ts';
import type { Clock, GitHub, Jobs, Store } from './deploy/ports.ts';

export interface ChoreOptions {
  deployer: Pick<Deployer, 'reconcile'>;
  github: Pick<GitHub, 'redeliver'>;
  store: Pick<Store, 'forget'>;
  apps: Pick<Apps, 'all'>;
  clock: Clock;
  log: Logger;
  reconcileMs: number;
  keep: { readonly recordsMs: number; readonly keysMs: number };
}

/** Deliveries are looked through once in so many rounds of reconciling. */
const redeliverEveryRounds = 5;
const forgetEveryMs = 60 * 60_000;

/**
 * What the bot does by itself, again and again. Each is a job, so that of several processes one does it at a time, and any
 * goes on with it.
 */
export function createChores(options: ChoreOptions) {
  const { deployer, github, store, apps, clock, log, reconcileMs, keep } = options;
  let isFirst = true;
  const left = new Set<string>();

  const chores: Readonly<Record<string, { everyMs: number; run(): Promise<void> }>> = {
    /** Compares what is unfinished with GitHub. */
    reconcile: {
      everyMs: reconcileMs,
      async run() {
        await deployer.reconcile({ everyMs: reconcileMs, isFirst, left });
        isFirst = false;
      },
    },
    /** Asks GitHub to send again what did not get through. */
    redeliver: {
      everyMs: reconcileMs * redeliverEveryRounds,
      async run() {
        const repositories = new Map(
          apps
            .all()
            .map(({ repository, apiUrl }) => [
              `${apiUrl ?? ''} ${repository.toLowerCase()}`,
              { fullName: repository, ...(apiUrl && { apiUrl }) },
            ]),
        );
        const asked = await github.redeliver([...repositories.values()]);
        if (asked > 0) log.info({ asked }, 'GitHub was asked to send failed deliveries again');
      },
    },
    /** Drops records that are old. */
    forget: {
      everyMs: forgetEveryMs,
      async run() {
        const now = clock.now().getTime();
        const before = { records: new Date(now - keep.recordsMs), keys: new Date(now - keep.keysMs) };
        let forgotten = 0;
        for (let batch = -1; batch !== 0; forgotten += batch) batch = await store.forget(before);
        if (forgotten > 0) log.info({ forgotten }, 'old records were dropped');
      },
    },
  };

  return {
    /** Does one, and answers when it is to be done again. Never rejects: the next time may go better. */
    async run(name: string): Promise<Date | undefined> {
      const chore = chores[name];
      if (!chore) return undefined;
      try {
        await chore.run();
      } catch (error) {
        log.error({ err: error, chore: name }, 'a chore failed; it will be done again');
      }
      return new Date(clock.now().getTime() + chore.everyMs);
    },
    /** Makes each of them begin now. */
    async begin(jobs: Pick<Jobs, 'wake'>): Promise<void> {
      for (const id of Object.keys(chores)) await jobs.wake({ kind: 'chore', id });
    },
    /**
     * Sees to it that they go on, until the returned function is called: a Redis that came back empty has forgotten them.
     * Where they are planned already nothing changes, since the earlier of two wakes wins.
     */
    keepGoing(jobs: Pick<Jobs, 'wake'>): () => void {
      const look = async (): Promise<void> => {
        for (const [id, { everyMs }] of Object.entries(chores)) {
          await jobs.wake({ kind: 'chore', id }, new Date(clock.now().getTime() + everyMs));
        }
      };
      let cancel = () => {};
      const plan = (): void => {
        cancel = clock.at(new Date(clock.now().getTime() + reconcileMs), () => {
          look().catch((error) => log.warn({ err: error }, 'the chores could not be planned; trying again'));
          plan();
        });
      };
      plan();
      return () => cancel();
    },
  };
}
