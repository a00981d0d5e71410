import type { App, Apps } from './apps.ts';
import { type Deployment, unfinishedStages } from './deployment.ts';
import { mayRead } from './may-read.ts';
import type { Command, GitHubDeployment, Ports, Repository } from './ports.ts';
import { Refusal } from './refusal.ts';
import { repositoryOf } from './successor.ts';
import { code, say, type Words } from './words.ts';

/** A deployment that somebody named, as GitHub has it; `ours` where it was started from here. */
export interface Found {
  repository: Repository;
  app: App;
  remote: GitHubDeployment;
  ours?: Deployment;
}

/** One of ours that GitHub has no more. */
export class Gone extends Refusal {
  readonly ours: Deployment;

  constructor(ours: Deployment, { code: reason, words, buttons }: Refusal) {
    super(reason, words, buttons);
    this.name = 'Gone';
    this.ours = ours;
  }
}

/** More repositories than this are not asked one after the other for an id. */
const mostRepositories = 10;

/**
 * The deployment of an id: one that is known here, else GitHub's own, in the repository of an app or, without one, of the
 * whole catalogue. Without an id it is the one whose thread this is. Costs a request, and without an app, for a deployment
 * that is not ours, one for each repository. Throws a Refusal where there is none, and for who may not read it.
 */
export async function lookUp(ports: Ports, by: Command, id: string | undefined, app?: App): Promise<Found> {
  if (app) await mayRead(ports, app, by);
  const ours = await ourRecord(ports, by, id, app);
  if (ours) return onGitHub(ports, by, ours);
  return app ? inRepository(ports, id, app) : anywhere(ports, by, id);
}

/**
 * Our record of a deployment, where it was started from here; without an id of the one whose thread this is. Throws a
 * Refusal where nothing else can be meant. Who may read it is not asked.
 */
export const ourRecord = (
  ports: Ports,
  by: Command,
  id: string | undefined,
  app?: App,
): Promise<Deployment | undefined> => (id === undefined ? here(ports, by) : known(ports, by, id, app));

/**
 * The deployment whose thread this is; a Refusal elsewhere. Where a room reads along with what was asked for in another, that
 * one's record; what was started elsewhere has none but the room's own.
 */
async function here({ store }: Ports, { place: { team, room, thread } }: Command): Promise<Deployment> {
  const found = thread === undefined ? undefined : await store.deploymentInThread(team, room, thread);
  const { mirror, repository, id } = found ?? {};
  const asked = mirror?.startedIn && repository && id ? await store.deploymentById(repository, id) : undefined;
  if (asked?.place.team === team) return asked;
  if (found) return found;
  throw new Refusal(
    'which-deployment',
    say`Say which deployment, by its id on GitHub. In a deployment’s own thread it can be left out.`,
  );
}

/**
 * One that was started from here, by GitHub's id or by our request; where an app was named, of its repository. While it is
 * under way its repository need not be in the catalogue.
 */
async function known({ store, apps }: Ports, by: Command, id: string, app?: App): Promise<Deployment | undefined> {
  const { team } = by.place;
  const isMeant = (one: Deployment | undefined): one is Deployment =>
    one?.place.team === team && (!app || one.repository.toLowerCase() === app.repository.toLowerCase());
  if (!isNumber(id)) {
    const found = await store.deployment(id);
    if (isMeant(found)) return found;
    throw noSuch(id, say`none that was started from here has that request`);
  }
  const repositories = app ? [repositoryOf(app)] : repositoriesOf(apps);
  const found = await Promise.all(repositories.map(({ fullName }) => store.deploymentById(fullName, Number(id))));
  return (
    found.find(isMeant) ?? (await store.unfinishedDeployments()).find((one) => one.id === Number(id) && isMeant(one))
  );
}

const isNumber = (id: string): boolean => /^\d+$/.test(id);

async function onGitHub(ports: Ports, by: Command, ours: Deployment): Promise<Found> {
  const app = appNamed(ours, ports.apps);
  await mayRead(ports, app, by);
  if (ours.id === undefined) {
    const status = code(`/deploy status ${ours.request}`);
    throw new Refusal(
      'not-on-github',
      !unfinishedStages.includes(ours.stage)
        ? say`That deployment of ${code(ours.app)} is not on GitHub. ${status} says what became of it.`
        : ours.stage === 'merging'
          ? say`That deployment of ${code(ours.app)} is not on GitHub yet: it waits for the checks of the merged head. ${status} says where it stands.`
          : say`That deployment of ${code(ours.app)} is not on GitHub yet: it is being created. Type the same again in a few seconds; ${status} says where it stands.`,
    );
  }
  const repository = repositoryOf(ours);
  const remote = await ports.github.deployment(repository, ours.id);
  if (remote) return { repository, app, remote, ours };
  await mustBeShown(ports, repository);
  throw new Gone(ours, noSuch(String(ours.id), say`${code(ours.repository)} has it no more: somebody deleted it`));
}

async function inRepository(ports: Ports, id: string | undefined, app: App): Promise<Found> {
  const repository = repositoryOf(app);
  const remote = await ports.github.deployment(repository, Number(id));
  if (remote) return { repository, app, remote };
  await mustBeShown(ports, repository);
  throw noSuch(id, say`${code(app.repository)} has none of that id`);
}

/** GitHub says the same of a deployment that is gone and of a repository that the token may not see. Rejects for the latter. */
const mustBeShown = async ({ github }: Ports, repository: Repository): Promise<void> =>
  void (await github.defaultBranch(repository));

async function anywhere(ports: Ports, by: Command, id = ''): Promise<Found> {
  const repositories = repositoriesOf(ports.apps);
  if (repositories.length > mostRepositories) {
    throw new Refusal(
      'which-app',
      say`Deployment ${code(id)} was not started from here, and there are too many repositories to look through. Say whose it is by typing the app before the id.`,
    );
  }
  const asked = await Promise.allSettled(repositories.map((repository) => askedAs(ports, by, repository, id)));
  for (const answer of asked) if (answer.status === 'fulfilled' && answer.value) return answer.value;
  // Where one could not be looked at, nobody knows that there is none.
  for (const answer of asked) if (answer.status === 'rejected') throw answer.reason;
  const none = say`none of the repositories in the catalogue has it`;
  throw noSuch(id, ports.apps.unlisted ? [...none, ...unlistedToo(id)] : none);
}

/** Nobody knows which repositories there are besides. */
const unlistedToo = (id: string): Words =>
  say`, and of others I have to know which: type its name before the id, as in ${code(`/deploy status hello ${id}`)}`;

async function askedAs(ports: Ports, by: Command, repository: Repository, id: string): Promise<Found | undefined> {
  const [first = ports.apps.unlistedApp(repository.fullName), ...others] = ports.apps.inRepository(repository.fullName);
  await mayRead(ports, first, by);
  const remote = await ports.github.deployment(repository, Number(id));
  return remote && { repository, app: [first, ...others].find(goesTo(remote)) ?? first, remote };
}

/** Of several apps in one repository, whose environment it is. */
const goesTo =
  ({ environment }: GitHubDeployment) =>
  ({ environments }: App): boolean =>
    environments.some(({ githubEnvironment }) => githubEnvironment.toLowerCase() === environment.toLowerCase());

/** The app of the catalogue that a deployment was made for, as long as it is still the app of that repository. */
export function appNamed({ app, repository }: Deployment, apps: Apps): App {
  const found = apps.find(app);
  return found?.repository.toLowerCase() === repository.toLowerCase() ? found : apps.unlistedApp(repository);
}

/** Each once, whatever number of apps is in it. */
function repositoriesOf(apps: Apps): Repository[] {
  const all = apps.all().map((app) => repositoryOf(app));
  const spelled = ({ fullName, apiUrl = '' }: Repository) => `${apiUrl} ${fullName.toLowerCase()}`;
  return [...new Map(all.map((repository) => [spelled(repository), repository])).values()];
}

function noSuch(id: string | undefined, why: Words): Refusal {
  return new Refusal('no-such-deployment', [
    ...say`There is no deployment ${code(id ?? '')}: `,
    ...why,
    ...say`. ${code('/deploy list')} with an app shows the ids there are.`,
  ]);
}
