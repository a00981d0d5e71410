import type { Redis } from 'ioredis';
import { type ReplicaOptions, replicas } from './replicas.ts';
import { defineSteps } from './steps.ts';
import { explained } from './trouble.ts';

type Call<T> = (redis: Redis) => Promise<T>;

/** The store's way to Redis. Whatever goes wrong is said in a sentence, and a closed one takes nothing more. */
export interface Link {
  send<T>(call: Call<T>): Promise<T>;
  /** The same for what must survive the loss of the server; see replicas.ts. */
  keep<T>(call: Call<T>): Promise<T>;
  /** Waits for what is on its way. */
  close(): Promise<void>;
}

export function linkTo(redis: Redis, options: ReplicaOptions): Link {
  const { place } = options;
  defineSteps(redis);
  const copies = replicas(redis, options);
  // Counted: in a Set that so much goes through, V8 would keep what has long left it.
  let underWay = 0;
  let idle: (() => void) | undefined;
  let closed = false;

  async function through<T>(call: () => Promise<T>): Promise<T> {
    if (closed) throw new Error('The store is closed.');
    underWay += 1;
    try {
      return await call();
    } catch (error) {
      // A bug of ours, not Redis's trouble.
      throw error instanceof TypeError ? error : explained(error, place);
    } finally {
      underWay -= 1;
      if (underWay === 0) idle?.();
    }
  }

  return {
    send: (call) => through(() => call(redis)),
    keep: (call) => through(() => copies.write(call)),
    async close() {
      if (closed) return;
      closed = true;
      if (underWay > 0) await new Promise<void>((resolve) => (idle = resolve));
      await copies.close();
    },
  };
}
