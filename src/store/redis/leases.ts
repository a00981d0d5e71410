import { randomUUID } from 'node:crypto';
import { type Lease, LeaseLost, leaseMs } from '../../deploy/lease.ts';
import type { Clock, Store } from '../../deploy/ports.ts';
import type { Around, Write } from './around.ts';
import { run } from './steps.ts';
import { RedisTrouble } from './trouble.ts';

const prolongEveryMs = leaseMs / 3;

export interface Leases {
  take(name: string): Promise<Lease | undefined>;
  /** Nothing is prolonged any more: what is held ends by itself. */
  close(): void;
}

/**
 * A lease is a key that ends by itself, with a token that only its holder knows; whoever writes shows the token, in the
 * same atomic step as the write. The token is random and not counted: a failover can lose the newest numbers of a counter
 * and then give them out twice.
 */
export function leases({ link, keys, clock }: Around & { clock: Clock }, storeOver: (write: Write) => Store): Leases {
  const held = new Set<() => void>();
  let closed = false;

  async function take(name: string): Promise<Lease | undefined> {
    const key = keys.lease(name);
    const token = randomUUID();
    const from = moment(clock);
    const taken = await link.keep((redis) => redis.set(key, token, 'PX', leaseMs, 'NX'));
    if (taken !== 'OK') return undefined;
    return hold(name, key, token, from);
  }

  function hold(name: string, key: string, token: string, from: Moment): Lease {
    /** Before the request that prolonged it last was sent; nothing once it is lost or released. */
    let since: Moment | undefined = from;
    let cancel = (): void => {};
    const end = (): void => {
      since = undefined;
      cancel();
      held.delete(end);
    };
    const plan = (): void => {
      if (since && !closed) cancel = clock.at(new Date(clock.now().getTime() + prolongEveryMs), prolong);
    };
    const prolong = (): void => {
      const sent = moment(clock);
      link
        .send((redis) => run(redis, 'prolong-lease', [key], [token, leaseMs]))
        .then((done) => {
          if (done !== 1) end();
          else if (since) since = sent;
        })
        // Redis is out of reach: it may be back before the lease ends.
        .catch(() => {})
        .finally(plan);
    };
    const write: Write = async (step, places, args) => {
      if (!since) throw new LeaseLost(name);
      const sent = moment(clock);
      const fence = { key, token, ms: leaseMs };
      try {
        const answer = await link.keep((redis) => run(redis, step, places, args, fence));
        if (since) since = sent;
        return answer;
      } catch (error) {
        if (!(error instanceof RedisTrouble && error.code === 'LEASELOST')) throw error;
        end();
        throw new LeaseLost(name);
      }
    };
    held.add(end);
    plan();
    return {
      store: storeOver(write),
      holdsFor: (ms) => since !== undefined && passedMs(since, clock) + ms < leaseMs,
      async release() {
        if (!since) return;
        end();
        // Where Redis is out of reach the lease ends by itself.
        await link.send((redis) => run(redis, 'release-lease', [key], [token])).catch(() => {});
      },
    };
  }

  return {
    take,
    close() {
      closed = true;
      for (const end of held) end();
    },
  };
}

interface Moment {
  wallMs: number;
  runningMs: number;
}

const moment = (clock: Clock): Moment => ({ wallMs: clock.now().getTime(), runningMs: performance.now() });

/** The wall clock can be set back, and the other one stands still while the machine sleeps: the longer time counts. */
const passedMs = (since: Moment, clock: Clock): number => {
  const now = moment(clock);
  return Math.max(now.wallMs - since.wallMs, now.runningMs - since.runningMs);
};
