import { type App, environmentNamed } from './apps.ts';
import { audienceOf, type Deed, type Listener, placesOf, wants } from './audience.ts';
import type { Deployment, Mirror, Place } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import { quote } from './line.ts';
import { isReadByOthers } from './may-watch.ts';
import type { GitHubDeployment, Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { isPassing } from './stage.ts';
import { repositoryOf } from './successor.ts';
import { isOfJob, isToldAlready } from './twin.ts';

/** Which deployment a room reads along with. */
interface Reading {
  repository: string;
  id: number;
  team: string;
  room: string;
}

/** The name of a room's record of a deployment: made of what it is about, so that there is one of each. */
export const mirrorRequest = ({ repository, id, team, room }: Reading): string =>
  `mirror:${repository.toLowerCase()}:${id}:${team}:${room}`;

/** Nothing where a request is an ordinary one. */
function readMirrorRequest(request: string): Reading | undefined {
  const [kind, repository = '', id = '', team = '', room = '', more] = request.split(':');
  if (kind !== 'mirror' || room === '' || more !== undefined) return undefined;
  return { repository, id: Number(id), team, room };
}

export const isMirrorRequest = (request: string): boolean => readMirrorRequest(request) !== undefined;

/**
 * Begins to tell a deployment in a room that reads along: from here on it is told as any other. Answers `not ours` where the
 * room does not want to hear of it, or not yet, and nothing before it is known whose rooms the catalogue names. Rejects with
 * a Refusal while GitHub can't be asked.
 */
export async function beginMirror(ports: Ports, request: string): Promise<Deployment | 'not ours' | undefined> {
  const reading = readMirrorRequest(request);
  if (!reading) return 'not ours';
  if (ports.chat.team() === undefined) return undefined;
  const ours = await ports.store.deploymentById(reading.repository, reading.id);
  const deployment = ours ? await ofOurs(ports, request, reading, ours) : await ofOthers(ports, request, reading);
  if (!deployment) return 'not ours';
  await ports.store.saveDeployment(deployment);
  ports.journal.add(deployment, { kind: 'mirrored' });
  return deployment;
}

/** What was asked for in another room. */
async function ofOurs(ports: Ports, request: string, reading: Reading, ours: Deployment) {
  const { create, repository, place } = ours;
  const startedIn = { team: place.team, room: place.room };
  const deed = { repository, environment: create.environment, task: create.task, startedIn };
  const listener = listenerOf(reading, await listenersTo(ports, deed));
  if (!listener) return undefined;
  return told(ports, begun(ports, request, listener, factsOfOurs(ours), { startedIn }), listener, deed);
}

/** What was started outside of the chat: GitHub says what it is. */
async function ofOthers(ports: Ports, request: string, reading: Reading) {
  const { repository, id } = reading;
  const [place] = placesOf({ repository }, ports.apps);
  if (!place) return undefined;
  const remote = await ports.github.deployment(repositoryOf(place.app), id).catch(nothingForGood);
  if (!remote) return undefined;
  const deed = { repository, environment: remote.environment, task: remote.task };
  const listener = listenerOf(reading, await listenersTo(ports, deed));
  if (!listener) return undefined;
  const statuses = await ports.store.statuses(repository, id);
  if (listener.states && !statuses.some(({ status }) => wants(listener, status.state))) return undefined;
  const facts = factsOf(remote, repository, ports);
  const isJobs = isOfJob(
    remote,
    statuses.map(({ status }) => status),
  );
  const mirror = { creator: remote.creator, ...(isJobs && { isOfJob: true }) };
  return told(ports, begun(ports, request, listener, facts, mirror), listener, deed);
}

/** The record of what is to be told. What is not is kept as well, so that nobody need ask again with each of its statuses. */
async function told(ports: Ports, deployment: Deployment, listener: Listener, deed: Deed): Promise<Deployment> {
  const code = await whyUntold(ports, deployment, listener, deed);
  return code === undefined ? deployment : { ...deployment, stage: 'refused', refusal: { code, words: [] } };
}

/** What will not change by waiting is a no. */
function nothingForGood(error: unknown): undefined {
  if (error instanceof Refusal && !isPassing(error)) return undefined;
  throw error;
}

const listenerOf = ({ team, room }: Reading, all: readonly Listener[]): Listener | undefined =>
  all.find((one) => one.team === team && one.room === room);

/** Who reads along, as the catalogue and the rooms have it now. */
export async function listenersTo(ports: Ports, deed: Deed): Promise<Listener[]> {
  const { apps, store, chat } = ports;
  return audienceOf(deed, { apps, watches: await store.watches(), team: chat.team() });
}

/**
 * Why a room is not told though it wants to be: it is told already, or somebody asked for it in a room that others read by now.
 * Where the catalogue announces it, whoever keeps that has decided.
 */
async function whyUntold(
  ports: Ports,
  deployment: Deployment,
  listener: Listener,
  deed: Deed,
): Promise<string | undefined> {
  if (deed.startedIn === undefined && (await isToldAlready(ports, deployment))) return 'told-already';
  if (!listener.isWatching) return undefined;
  const isReadOf = placesOf(deed, ports.apps).map((place) => isReadByOthers(ports, listener, place));
  return (await Promise.all(isReadOf)).includes(true) ? 'shared-room' : undefined;
}

type Facts = Omit<Deployment, 'request' | 'place' | 'stage' | 'askedAt' | 'stageAt' | 'mirror'>;

function begun(
  { clock }: Ports,
  request: string,
  { team, room, states }: Listener,
  facts: Facts,
  mirror: Partial<Mirror>,
): Deployment {
  const now = clock.now().toISOString();
  const place: Place = { team, room, roomName: room };
  const told = { ...mirror, ...(states && { states }), told: {} };
  return { ...facts, request, place, mirror: told, stage: 'opening', askedAt: now, stageAt: now };
}

/** What it is, without how its own room was told. */
function factsOfOurs(ours: Deployment): Facts {
  const { app, repository, apiUrl, environment, sha, hosts, force, create, line, forcedLine } = ours;
  const { noDeployerAfterMs, inFlightTimeoutMs, id, createdSha, createdAt, url, said, origin, pullRequest } = ours;
  return {
    asker: { id: '', name: ours.asker.name },
    ...{ app, repository, environment, sha, hosts, force, create, line, forcedLine },
    ...{ noDeployerAfterMs, inFlightTimeoutMs },
    ...(apiUrl && { apiUrl }),
    ...{ id, createdSha, createdAt, url, said, origin, pullRequest },
  };
}

function factsOf(remote: GitHubDeployment, repository: string, { apps }: Ports): Facts {
  const { id, ref, sha, task, environment, description, creator, createdAt, user, transient, production } = remote;
  const [place = { app: apps.unlistedApp(repository), environment: undefined }] = placesOf(
    { repository, environment },
    apps,
  );
  const { app } = place;
  const { name } = place.environment ?? environmentNamed(app, environment) ?? unlistedEnvironment(environment);
  const line = `${quote(app.name)}@${quote(ref)} to ${quote(name)}`;
  return {
    asker: { id: '', name: user ?? creator },
    ...ofApp(app),
    environment: name,
    sha,
    hosts: [],
    force: false,
    create: {
      ref,
      task,
      auto_merge: false,
      environment,
      description,
      transient_environment: transient,
      production_environment: production,
      payload: {},
    },
    line,
    forcedLine: `${line} --force`,
    id,
    createdSha: sha,
    createdAt,
    ...(description !== '' && { said: description }),
  };
}

const ofApp = ({ name, repository, apiUrl, noDeployerAfterMs, inFlightTimeoutMs }: App) => ({
  app: name,
  repository,
  ...(apiUrl && { apiUrl }),
  noDeployerAfterMs,
  inFlightTimeoutMs,
});
