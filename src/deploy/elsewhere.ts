import { type Deed, wants } from './audience.ts';
import type { Deployment, Status } from './deployment.ts';
import { listenersTo, mirrorRequest } from './mirror.ts';
import type { Ports } from './ports.ts';

/** News that is older when it comes begins no thread: the bot was down for long. */
const newsForMs = 24 * 60 * 60_000;

/** A deployment that GitHub has just told of (webhook `deployment`). */
export interface Appearance extends Deed {
  deployment: number;
}

/**
 * A deployment was started elsewhere, and nobody has said anything about it yet. Rooms that want to hear of some states only
 * wait for one of these. Answers whether any room reads along; stored by then.
 */
export async function appeared(ports: Ports, deed: Appearance): Promise<boolean> {
  const listeners = (await listenersTo(ports, deed)).filter(({ states }) => states === undefined);
  await wakeAll(
    ports,
    listeners.map((listener) => mirrorRequest({ ...deed, id: deed.deployment, ...listener })),
  );
  return listeners.length > 0;
}

/**
 * A status of a deployment that was not asked for here: wakes all that read along with it, and those that begin to now. Done
 * again after a crash, as long as the status is not told.
 */
export async function tellElsewhere(ports: Ports, status: Status): Promise<void> {
  // Nobody knows yet whose rooms the catalogue means; what is not told is looked through once that is known.
  if (ports.chat.team() === undefined) return;
  const { repository, deployment: id, environment, task, state } = status;
  const known = await ports.store.mirrorsOf(repository, id);
  const isNews = ports.clock.now().getTime() - Date.parse(status.createdAt) < newsForMs;
  const listeners = isNews ? await listenersTo(ports, { repository, environment, task }) : [];
  await wakeAll(ports, [
    ...known.map(({ request }) => request),
    ...listeners
      .filter((listener) => wants(listener, state))
      .map((listener) => mirrorRequest({ repository, id, ...listener })),
  ]);
  if (status.foreign) await ports.store.tellStatus(status, { given: 'silently' });
}

/** A status of a deployment that carries a copy of one of our return addresses: it is told as what it is, somebody else's. */
export async function tellCopied(ports: Ports, status: Status): Promise<void> {
  await tellElsewhere(ports, status);
  await ports.store.tellStatus(status, { given: 'silently' });
}

/**
 * What was asked for in one room: other rooms may read along, and hear of whatever moves it. Who did not read along before it
 * was over is not told of it by what moves it later.
 */
export async function tellOtherRooms(ports: Ports, deployment: Deployment): Promise<void> {
  const { repository, id, create, place, mirror, stage } = deployment;
  if (mirror || id === undefined) return;
  const { environment, task } = create;
  const startedIn = { team: place.team, room: place.room };
  const isOver = stage === 'ended';
  const [known, listeners] = await Promise.all([
    ports.store.mirrorsOf(repository, id),
    listenersTo(ports, { repository, environment, task, startedIn }),
  ]);
  await wakeAll(ports, [
    ...known.map(({ request }) => request),
    ...(isOver ? [] : listeners).map((listener) => mirrorRequest({ repository, id, ...listener })),
  ]);
}

async function wakeAll({ jobs }: Ports, requests: readonly string[]): Promise<void> {
  await Promise.all([...new Set(requests)].map((id) => jobs.wake({ kind: 'deployment', id })));
}
