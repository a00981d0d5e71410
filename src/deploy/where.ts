import type { App, Environment } from './apps.ts';
import { hasSucceeded } from './course.ts';
import type { Deployment } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import type { Lately } from './lately.ts';
import { letGoAfterMs } from './live.ts';
import { liveAmong, verdictOn } from './live-among.ts';
import { mayRead } from './may-read.ts';
import type { Command, GitHubDeployment, Ports, Repository } from './ports.ts';
import type { Reported } from './reported.ts';
import { appsWithASay, closedRoom } from './rules.ts';
import { recordSighting, type Sighting, sightingOf, unreported } from './sighting.ts';
import { repositoryOf } from './successor.ts';
import { type Look, type Surveyed, survey } from './survey.ts';
import { list, type Words } from './words.ts';

/** An app, or one environment of it. */
export interface Question {
  app: App;
  environment?: Environment;
}

export interface Whereabouts {
  app: App;
  /** The repository's page, where its host has one. */
  url?: string;
  /** Those of the catalogue in its order, then those that GitHub knows besides. */
  environments: readonly InEnvironment[];
}

/** What is where. */
export interface InEnvironment {
  environment: Environment;
  /** It is in the catalogue. */
  isListed: boolean;
  /** The newest success that nobody has made inactive. */
  live?: Sighting;
  /** Where nothing is live: what was, until it was made inactive. */
  withdrawn?: Sighting;
  /** What is not over, newest first. */
  underWay: readonly Sighting[];
  /** The newest of all that were looked at. */
  newest?: Sighting;
  /** The newest that was not looked at, since the answer would have cost too much or GitHub told no more. */
  unseen?: Sighting;
  /** No list has shown its newest, for the same reasons. */
  unlisted?: boolean;
  /** Why GitHub told no more. */
  refusal?: Words;
  /** Why nobody deploys there from this room. */
  closed?: Words;
}

/**
 * Where an app is: in each environment what is live, by the newest success for its task, what is under way, and whether it
 * may be deployed from here. Costs at most eight requests; see survey.ts. Throws a Refusal for who may not look.
 */
export const where = (ports: Ports, lately: Lately, question: Question, by: Command): Promise<Whereabouts> =>
  whereabouts(ports, lately, question, by, untilLive(question.app));

/** The same, of the newest deployment of each environment alone, however it went. */
export const newestIn = (ports: Ports, lately: Lately, question: Question, by: Command): Promise<Whereabouts> =>
  whereabouts(ports, lately, question, by, { enough: ({ length }) => length > 0 });

/** What is live, and what is newer than that. Of other tasks nothing is looked at behind a success. */
const untilLive = ({ task }: App): Pick<Look, 'enough' | 'skips'> => ({
  enough: (reported) => verdictOn(reported.filter(({ deployment }) => deployment.task === task)) !== 'look further',
  skips: (deployment, reported) =>
    deployment.task !== task && reported.some((one) => one.deployment.task !== task && hasSucceeded(one)),
});

async function whereabouts(
  ports: Ports,
  lately: Lately,
  { app, environment }: Question,
  by: Command,
  until: Pick<Look, 'enough' | 'skips'>,
): Promise<Whereabouts> {
  await mayRead(ports, app, by);
  const repository = repositoryOf(app);
  const catalogued = environment ? [environment] : knownTo(app);
  const unwanted = (name: string) => app.environments.length > 0 && belongsToAnother(ports, app, name);
  const look = { ...until, unwanted, ...(environment && { only: environment.githubEnvironment }) };
  const names = catalogued.map(({ githubEnvironment }) => githubEnvironment);
  const [found, ours, roomName] = await Promise.all([
    survey(ports, lately, repository, names, look),
    oursUnderWay(ports, repository, by.place.team),
    ports.chat.roomName(by.place),
  ]);
  const url = ports.github.page(repository);
  const environments = found
    .map((surveyed) => ({ surveyed, ...named(surveyed.environment, app, catalogued) }))
    .map(({ surveyed, environment: known, isListed }): InEnvironment => {
      const inEnvironment = seenIn(ports, app, surveyed, ours);
      const closed = closedRoom(appsWithASay(app, known, ports.apps), { ...by.place, roomName });
      return { environment: known, isListed, ...inEnvironment, ...(closed && { closed: list(closed.rooms) }) };
    });
  return { app, ...(url && { url }), environments };
}

/** An app that lists no environments has its default one. */
function knownTo({ environments, defaultEnvironment }: App): readonly Environment[] {
  if (environments.length > 0 || defaultEnvironment === undefined) return environments;
  return [unlistedEnvironment(defaultEnvironment)];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** GitHub's environment as the app knows it. */
function named(name: string, app: App, catalogued: readonly Environment[]) {
  const known = catalogued.find(({ githubEnvironment }) => same(githubEnvironment, name));
  return {
    environment: known ?? unlistedEnvironment(name),
    isListed: known !== undefined || app.environments.length === 0,
  };
}

/** Of several apps in one repository, each has its environments. */
const belongsToAnother = ({ apps }: Ports, { repository }: App, name: string): boolean =>
  apps
    .inRepository(repository)
    .some(({ environments }) => environments.some(({ githubEnvironment }) => same(githubEnvironment, name)));

interface Ours {
  environment: string;
  sighting: Sighting;
}

/** Those that were started from here and are not over, newest first: GitHub may not have them yet. */
async function oursUnderWay(ports: Ports, repository: Repository, team: string): Promise<Ours[]> {
  const { store } = ports;
  const all = await store.unfinishedDeployments(repository.fullName);
  const isOurs = ({ place, apiUrl }: Deployment) => place.team === team && apiUrl === repository.apiUrl;
  const ours = all.filter(isOurs).reverse();
  return Promise.all(
    ours.map(async (deployment) => {
      const known = deployment.id === undefined ? [] : await store.statuses(repository.fullName, deployment.id);
      const statuses = known.map(({ status }) => status);
      const environment = statuses.findLast((status) => status.environment)?.environment;
      return {
        environment: environment ?? deployment.create.environment,
        sighting: recordSighting(deployment, statuses, 'under-way'),
      };
    }),
  );
}

function seenIn(
  { clock }: Ports,
  app: App,
  { environment, reported, unseen, unlisted, refusal }: Surveyed,
  ours: readonly Ours[],
): Omit<InEnvironment, 'environment' | 'isListed' | 'closed'> {
  const all = reported.map((one) => sightingOf(one));
  const found = liveAmong(reported, app.task) ?? liveOfOthers(reported, app, unseen);
  const live = found && sightingOf(found);
  const withdrawn = live ? undefined : all.find(({ course }) => course === 'withdrawn' || course === 'replaced');
  const isForgotten = ({ since, ours: record }: Sighting) =>
    record ? record.stage === 'ended' : clock.now().getTime() - Date.parse(since) > letGoAfterMs(app);
  const started = ours.filter((one) => same(one.environment, environment)).map(({ sighting }) => sighting);
  const moving = all.filter((one) => one.course === 'under-way' && !isForgotten(one));
  const others = started.filter(({ id }) => id === undefined || !all.some((one) => one.id === id));
  return {
    ...(live && { live }),
    ...(withdrawn && { withdrawn }),
    underWay: [...others, ...moving].sort((a, b) => (b.id ?? Number.MAX_VALUE) - (a.id ?? Number.MAX_VALUE)),
    ...(all[0] && { newest: all[0] }),
    ...(unseen && { unseen: unreported(unseen) }),
    ...(unlisted && { unlisted }),
    ...(refusal && { refusal }),
  };
}

/** Where an app's own task was never run, what is live of another one. */
function liveOfOthers(
  reported: readonly Reported[],
  { task }: App,
  unseen: GitHubDeployment | undefined,
): Reported | undefined {
  const isOwn = (deployment: GitHubDeployment | undefined) => deployment?.task === task;
  if (isOwn(unseen) || reported.some(({ deployment }) => isOwn(deployment))) return undefined;
  return reported.find(({ course }) => course === 'live');
}
