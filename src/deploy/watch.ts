import { type Announcement, type App, type Environment, environmentNamed } from './apps.ts';
import type { Person } from './deployment.ts';
import { mayRead } from './may-read.ts';
import { isReadByOthers, mayWatch, restsFor } from './may-watch.ts';
import { nameOf } from './name-of.ts';
import type { Command, Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { code, say } from './words.ts';

/** A room that wants to hear of an app's deployments, whoever starts them and wherever. */
export interface Watch {
  team: string;
  room: string;
  /** What the room was called when somebody typed that. */
  roomName?: string;
  app: string;
  /** The catalogue's name; nothing for all. */
  environment?: string;
  /** The command by which somebody wanted that; who, and when, ISO 8601. */
  request: string;
  by: Pick<Person, 'id' | 'name'>;
  at: string;
}

/** What is to be watched: an app, or one environment of it. */
export interface Watched {
  app: App;
  environment?: Environment;
}

/** What a room is told without having asked for it. */
export interface ToldHere {
  watches: readonly (Watch & { rests?: readonly string[] | 'all'; isReadByOthers?: boolean })[];
  /** By the catalogue; `app` and `environment` say for what, nothing for all. */
  announced: readonly { app?: string; environment?: string; announcement: Announcement }[];
}

/**
 * The room reads along from now on. Answers the watch, and whether it is new. Throws a Refusal for who may not read the app's
 * deployments, where the app may not be shown, and where the bot can't write.
 */
export async function watch(
  ports: Ports,
  { app, environment }: Watched,
  by: Command,
): Promise<{ watch: Watch; isNew: boolean }> {
  await mayRead(ports, app, { ...by, show: undefined });
  await mayWatch(ports, { app, environment }, by);
  await ports.chat.mayWrite(by.place);
  const { team, room } = by.place;
  const wanted: Watch = {
    team,
    room,
    roomName: await ports.chat.roomName(by.place),
    app: app.name,
    ...(environment && { environment: environment.name }),
    request: by.id,
    by: { id: by.user.id, name: await nameOf(ports, by) },
    at: by.at,
  };
  const isNew = await ports.store.addWatch(wanted);
  if (isNew) return { watch: wanted, isNew };
  // Of the same command it is new still: a crash came between storing and answering.
  const known = (await watchesIn(ports, by)).find((one) => isSame(one, wanted));
  if (known && known.roomName !== wanted.roomName) await rename(ports, known, wanted.roomName);
  return { watch: known ?? wanted, isNew: known?.request === by.id };
}

/** The catalogue may name rooms, and this one is called otherwise by now. */
async function rename({ store }: Ports, known: Watch, roomName: string | undefined): Promise<void> {
  await store.dropWatch(known);
  await store.addWatch({ ...known, roomName });
}

/**
 * The room reads along no more: with one environment of an app, or with all of it. What it was told the beginning of it is
 * told to the end. Answers what ended. Throws a Refusal where the room does not watch that.
 */
export async function unwatch(
  ports: Ports,
  { app, environment }: Pick<Watch, 'app' | 'environment'>,
  by: Command,
): Promise<readonly Watch[]> {
  const known = ports.apps.find(app);
  // What is in the catalogue no more can be watched no more by anybody.
  if (known) await mayRead(ports, known, { ...by, show: undefined });
  const ofApp = (await watchesIn(ports, by)).filter((one) => one.app.toLowerCase() === app.toLowerCase());
  const ended = environment === undefined ? ofApp : ofApp.filter((one) => one.environment === environment);
  if (ended.length === 0) throw notWatched(app, ofApp);
  for (const one of ended) await ports.store.dropWatch(one);
  return ended;
}

function notWatched(name: string, ofApp: readonly Watch[]): Refusal {
  if (ofApp.length === 0) {
    return new Refusal(
      'not-watched',
      say`This room does not watch ${code(name)}. ${code('/deploy watches')} shows what it is told.`,
    );
  }
  const environments = ofApp.flatMap(({ environment }) => environment ?? []);
  const line = environments[0] === undefined ? `unwatch ${name}` : `unwatch ${name} in ${environments[0]}`;
  return new Refusal(
    'not-watched',
    environments[0] === undefined
      ? say`This room watches all of ${code(name)}, not that environment alone. ${code(`/deploy ${line}`)} ends that.`
      : say`This room does not watch that environment of ${code(name)}. Did you mean ${code(`/deploy ${line}`)}?`,
    [{ label: line, line }],
  );
}

/** What this room is told of deployments that nobody asked for in it. */
export async function toldIn(ports: Ports, by: Command): Promise<ToldHere> {
  const { apps } = ports;
  const isHere = (one: Announcement | false | undefined): one is Announcement =>
    one !== false && one?.room === by.place.room;
  const announced = [
    { announcement: apps.announce },
    ...apps
      .all()
      .flatMap((app) => [
        { app: app.name, announcement: app.announce },
        ...app.environments.map(({ name, announce }) => ({ app: app.name, environment: name, announcement: announce })),
      ]),
  ].flatMap((rule) => (isHere(rule.announcement) ? [{ ...rule, announcement: rule.announcement }] : []));
  const watches = (await watchesIn(ports, by)).map(async (one) => ({
    ...one,
    rests: restsFor(one, apps),
    isReadByOthers: await isKeptFromOthers(ports, one),
  }));
  return { watches: await Promise.all(watches), announced };
}

/** Whether a watch is not told because another organization has come to read its room. */
async function isKeptFromOthers(ports: Ports, one: Watch): Promise<boolean> {
  const app = ports.apps.find(one.app);
  if (!app) return false;
  const environment = one.environment === undefined ? undefined : environmentNamed(app, one.environment);
  return isReadByOthers(ports, one, { app, ...(environment && { environment }) });
}

const watchesIn = async ({ store }: Ports, { place }: Command): Promise<Watch[]> =>
  (await store.watches()).filter(({ team, room }) => team === place.team && room === place.room);

const isSame = (one: Watch, other: Watch): boolean =>
  one.app.toLowerCase() === other.app.toLowerCase() && one.environment === other.environment;
