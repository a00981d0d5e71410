import type { App, Apps } from './apps.ts';
import type { Command, Ports } from './ports.ts';
import { closedToOthers, whyNotInSharedRoom } from './read-outside.ts';
import { Refusal } from './refusal.ts';
import { appsWithASay, closedRoom, roomMayDeploy } from './rules.ts';
import type { Watch, Watched } from './watch.ts';
import { code, say } from './words.ts';

/**
 * Holds a watch to the rules of every app with a say: the room reads whatever it watches, so it has to be one that they are
 * deployed from, and one of this organization alone unless they let others in. Throws a Refusal.
 */
export async function mayWatch(ports: Ports, { app, environment }: Watched, by: Command): Promise<void> {
  const ruling = appsWithASay(app, environment, ports.apps);
  try {
    roomMayDeploy(ruling, { ...by.place, roomName: await ports.chat.roomName(by.place) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, [
      ...error.words,
      ...say` Other rooms can be told by ${code('announce:')} in the catalogue.`,
    ]);
  }
  await mayBeReadOutside(ports, ruling, by);
}

/** Whoever may not ask because they are from another organization may not read along either. */
async function mayBeReadOutside({ chat }: Ports, ruling: readonly App[], { place }: Command): Promise<void> {
  const closed = closedToOthers(ruling);
  if (!closed || !(await chat.isShared(place))) return;
  throw new Refusal('shared-room', [
    ...whyNotInSharedRoom(closed),
    ...say` Watch it in a room of your own; ${code('allow: { external: true }')} in the catalogue would change that.`,
  ]);
}

/**
 * Whether others have come to read a room since somebody typed a watch there, who may not see an app's deployments to an
 * environment: to every one of them if none is named.
 */
export async function isReadByOthers(
  { apps, chat }: Ports,
  { team, room }: Pick<Watch, 'team' | 'room'>,
  { app, environment }: Watched,
): Promise<boolean> {
  if (!closedToOthers(appsWithASay(app, environment, apps))) return false;
  return chat.isShared({ team, room, roomName: room });
}

/**
 * Whether what the catalogue says now keeps a watch from being told of an app's deployments to an environment. The room goes
 * by the name that it had when somebody typed the watch.
 */
export function isKeptFrom({ room, roomName }: Watch, { app, environment }: Watched, apps: Apps): boolean {
  return closedRoom(appsWithASay(app, environment, apps), { room, roomName: roomName ?? room }) !== undefined;
}

/** Which environments a watch is not told of as long as the catalogue stays as it is: by name, or `all`; nothing where it is told. */
export function restsFor(watch: Watch, apps: Apps): readonly string[] | 'all' | undefined {
  const app = apps.find(watch.app);
  if (!app) return undefined;
  const watched = app.environments.filter(({ name }) => watch.environment === undefined || name === watch.environment);
  if (watched.length === 0) return isKeptFrom(watch, { app }, apps) ? 'all' : undefined;
  const kept = watched.filter((environment) => isKeptFrom(watch, { app, environment }, apps));
  if (kept.length === watched.length) return 'all';
  return kept.length > 0 ? kept.map(({ name }) => name) : undefined;
}
