import { leaseMs } from './lease.ts';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { Words } from './words.ts';

/** How soon, and how often, a lease is asked for that somebody else has: for longer than a dead process holds it. */
export const leaseAgainMs = 500;
export const mostLeaseTries = (2 * leaseMs) / leaseAgainMs;

/**
 * Does something to one thing while nobody else does, whoever comes first: what the next one reads is what this one left
 * behind. Throws a Refusal of these words when it takes the others too long.
 */
export async function inTurn<T>(ports: Ports, name: string, busy: Words, move: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < mostLeaseTries; tries++) {
    const lease = await ports.store.lease(name);
    if (!lease) {
      await passed(ports, leaseAgainMs);
      continue;
    }
    try {
      return await move();
    } finally {
      await lease.release();
    }
  }
  throw new Refusal('busy', busy);
}

export const passed = ({ clock }: Ports, ms: number): Promise<void> =>
  new Promise((resolve) => clock.at(new Date(clock.now().getTime() + ms), resolve));
