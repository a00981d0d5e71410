import { type Announcement, type App, type Apps, type Environment, environmentNamed } from './apps.ts';
import type { Place, State } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import { isKeptFrom } from './may-watch.ts';
import type { Watch } from './watch.ts';

/** A room that reads along with a deployment that nobody asked for in it. */
export interface Listener {
  team: string;
  room: string;
  /** What it wants lines about; every state if omitted. */
  states?: readonly State[];
  /** Somebody there asked for it, and not the catalogue. */
  isWatching?: true;
}

/** What is known of a deployment; what is not (an old server does not say it) rules nobody out. */
export interface Deed {
  repository: string;
  /** GitHub's name. */
  environment?: string;
  task?: string;
  /** Where it was asked for; nothing where it was started outside of the chat. */
  startedIn?: Pick<Place, 'team' | 'room'>;
}

/** What is said about who reads along: by the catalogue, and by people in their rooms. */
export interface Wishes {
  apps: Apps;
  watches: readonly Watch[];
  /** The team whose rooms the catalogue means, as soon as that is known. */
  team?: string;
}

/**
 * The rooms that a deployment is told in beside the one where it was asked for, each once. What was asked for in a room is
 * announced nowhere: only rooms that watch hear of it.
 */
export function audienceOf(deed: Deed, { apps, watches, team }: Wishes): Listener[] {
  const places = placesOf(deed, apps);
  const announced =
    team === undefined || deed.startedIn ? [] : places.flatMap((place) => announcedIn(place, deed, apps));
  const wanted: Listener[] = [
    ...announced.map(({ room, states }) => ({ team: team ?? '', room, ...(states && { states }) })),
    ...watches
      .filter((watch) => places.some((place) => isWatched(place, watch) && !isKeptFrom(watch, place, apps)))
      .filter((watch) => watch.team !== deed.startedIn?.team || watch.room !== deed.startedIn.room)
      .map((watch) => ({ team: watch.team, room: watch.room, isWatching: true as const })),
  ];
  const rooms = new Map<string, Listener>();
  for (const listener of wanted) {
    const key = `${listener.team} ${listener.room}`;
    const other = rooms.get(key);
    rooms.set(key, other ? both(other, listener) : listener);
  }
  return [...rooms.values()];
}

/** Whether a listener wants a line about it. */
export const wants = ({ states }: { states?: readonly State[] }, state: State): boolean =>
  states === undefined || states.includes(state);

/** The apps that somebody may mean by a deployment of a repository to one of GitHub's environments. */
export interface AppPlace {
  app: App;
  /** Nothing while it is not known. */
  environment?: Environment;
}

/**
 * Where a deployment belongs: to the apps that have its environment, else to those that take any, else to all of its
 * repository. A repository that is in no catalogue belongs nowhere, unless those of its owner need not be listed.
 */
export function placesOf({ repository, environment }: Deed, apps: Apps): AppPlace[] {
  const listed = apps.inRepository(repository);
  const candidates = listed.length === 0 && isUnlisted(repository, apps) ? [apps.unlistedApp(repository)] : listed;
  if (environment === undefined) return candidates.map((app) => ({ app }));
  const known = candidates.flatMap((app) => {
    const its = app.environments.find((e) => e.githubEnvironment.toLowerCase() === environment.toLowerCase());
    return its ? [{ app, environment: its }] : [];
  });
  if (known.length > 0) return known;
  const open = candidates.filter(({ environments }) => environments.length === 0);
  return (open.length > 0 ? open : candidates).map((app) => ({ app, environment: unlistedEnvironment(environment) }));
}

function isUnlisted(repository: string, { unlisted, owner }: Apps): boolean {
  return unlisted && owner !== undefined && repository.toLowerCase().startsWith(`${owner.toLowerCase()}/`);
}

/** What holds for an app in an environment: the most specific that the catalogue says; `false` turns it off. */
export function announcementFor({ app, environment }: AppPlace, apps: Apps): Announcement | undefined {
  return (environment?.announce ?? app.announce ?? apps.announce) || undefined;
}

function announcedIn(place: AppPlace, { task }: Deed, apps: Apps): Announcement[] {
  // As long as the environment is not known, whatever is said of any of them counts.
  const places = place.environment
    ? [place]
    : [place, ...place.app.environments.map((environment) => ({ app: place.app, environment }))];
  return places.flatMap((one) => {
    const announcement = announcementFor(one, apps);
    if (!announcement) return [];
    const { environments, tasks } = announcement;
    const isMeant = !environments || !one.environment || environments.some((name) => isNamed(one, name));
    return isMeant && (!tasks || task === undefined || tasks.includes(task)) ? [announcement] : [];
  });
}

/** By the catalogue's name or an alias, or by GitHub's. */
function isNamed({ app, environment }: AppPlace, name: string): boolean {
  if (environment === undefined) return true;
  const { name: own, githubEnvironment } = environmentNamed(app, name) ?? unlistedEnvironment(name);
  return (
    own.toLowerCase() === environment.name.toLowerCase() ||
    githubEnvironment.toLowerCase() === environment.githubEnvironment.toLowerCase()
  );
}

function isWatched(place: AppPlace, watch: Watch): boolean {
  if (place.app.name.toLowerCase() !== watch.app.toLowerCase()) return false;
  return watch.environment === undefined || isNamed(place, watch.environment);
}

/** A room that is told for two reasons. */
function both(one: Listener, { states, isWatching }: Listener): Listener {
  const { states: others, isWatching: isToo, ...rest } = one;
  return {
    ...rest,
    ...(states && others && { states: [...new Set([...others, ...states])] }),
    ...(isWatching && isToo && { isWatching }),
  };
}
