import { type Lease, LeaseLost, leaseMs } from '../deploy/lease.ts';
import type { Clock, Store } from '../deploy/ports.ts';

const prolongEveryMs = leaseMs / 3;

export interface Leases {
  /** The right to `name`, with what `store` can do as long as it is held; nothing while somebody else has it. */
  take(name: string, store: Store): Lease | undefined;
  /** Ends all of them. */
  close(): void;
}

/**
 * Leases within one process, in memory: the database has no other process, and a dead one holds nothing. They end and are
 * prolonged as the shared store's, so that whoever stood still for too long finds out in the same way.
 */
export function leases(clock: Clock): Leases {
  const held = new Map<string, { until: number; end(): void }>();
  const now = (): number => clock.now().getTime();

  function take(name: string, store: Store): Lease | undefined {
    const other = held.get(name);
    if (other && other.until > now()) return undefined;
    other?.end();

    const own = { until: now() + leaseMs, end };
    let cancel = (): void => {};
    held.set(name, own);
    const isHeld = (): boolean => held.get(name) === own && own.until > now();
    const prolong = (): void => {
      if (!isHeld()) {
        end();
        return;
      }
      own.until = now() + leaseMs;
      cancel = clock.at(new Date(now() + prolongEveryMs), prolong);
    };
    function end(): void {
      cancel();
      if (held.get(name) === own) held.delete(name);
    }
    prolong();
    const beforeWrite = (): void => {
      if (!isHeld()) throw new LeaseLost(name);
      own.until = now() + leaseMs;
    };
    return {
      store: fenced(store, beforeWrite),
      holdsFor: (ms) => isHeld() && own.until - now() > ms,
      async release() {
        end();
      },
    };
  }

  return {
    take,
    close() {
      for (const { end } of held.values()) end();
    },
  };
}

function fenced(store: Store, beforeWrite: () => void): Store {
  const held = <Args extends unknown[], T>(write: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      beforeWrite();
      return write(...args);
    };
  };
  return {
    ...store,
    saveDeployment: held(store.saveDeployment),
    tellStatus: held(store.tellStatus),
    saveNote: held(store.saveNote),
    addNote: held(store.addNote),
    beginCommand: held(store.beginCommand),
    answerCommand: held(store.answerCommand),
    endCommand: held(store.endCommand),
  };
}
