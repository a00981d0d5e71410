import type { Chat, GitHub, Ports, Store } from './ports.ts';

/** How long a lease lasts without being prolonged: what a dead process held is free again after this. */
export const leaseMs = 15_000;
/** Before something is said that can't be taken back, the lease must have this much left: a process may stand still. */
const marginMs = 5_000;

/**
 * The right to move one thing on, held by one process at a time. It is prolonged while it is held, and by every write;
 * its store refuses to write once somebody else may have it (a fencing token), so that whoever stood still for too long
 * can't undo what was done meanwhile.
 */
export interface Lease {
  /** Writes reject with {@link LeaseLost} when the lease is not held any more; `recordStatus` and reads are free. */
  store: Store;
  /** Whether nobody else can have it for the next `ms`. */
  holdsFor(ms: number): boolean;
  /** Lets others have it. Harmless after it was lost. Never rejects. */
  release(): Promise<void>;
}

/** Somebody else may have the lease by now, and goes on with what was under way. */
export class LeaseLost extends Error {
  constructor(name: string) {
    super(`The lease on ${name} was lost.`);
    this.name = 'LeaseLost';
  }
}

/** The ports of somebody who holds a lease: nothing is written, said or created when it may be lost. */
export function fenced(ports: Ports, lease: Lease, name: string): Ports {
  const held = <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      if (!lease.holdsFor(marginMs)) throw new LeaseLost(name);
      return call(...args);
    };
  };
  const { chat, github } = ports;
  const fencedChat: Chat = {
    ...chat,
    open: held(chat.open),
    edit: held(chat.edit),
    reply: held(chat.reply),
    amend: held(chat.amend),
    say: held(chat.say),
  };
  const fencedGitHub: GitHub = { ...github, create: held(github.create) };
  return { ...ports, store: lease.store, chat: fencedChat, github: fencedGitHub };
}

/**
 * Does something to one thing while nobody else does: with a lease on it, and with ports that stop working when that is
 * lost. `busy`: somebody else has it, so come again. `lost`: somebody else may have taken it over meanwhile; what was on
 * its way out then may have come after what they said.
 */
export async function whileHeld<T>(
  ports: Ports,
  name: string,
  move: (held: Ports) => Promise<T>,
): Promise<T | 'busy' | 'lost'> {
  const lease = await ports.store.lease(name);
  if (!lease) return 'busy';
  try {
    return await move(fenced(ports, lease, name));
  } catch (error) {
    if (error instanceof LeaseLost) return 'lost';
    throw error;
  } finally {
    await lease.release();
  }
}

export const deploymentLease = (request: string): string => `deployment:${request}`;
export const commandLease = (id: string): string => `command:${id}`;
