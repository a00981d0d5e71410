import { deployAgain, environmentOnGitHub } from './again.ts';
import type { App, Apps, Environment } from './apps.ts';
import { hasBegun } from './begin.ts';
import type { Deployment } from './deployment.ts';
import { quote } from './line.ts';
import { type Found, lookUp } from './lookup.ts';
import { mayDecide } from './may-decide.ts';
import { readHosts } from './options.ts';
import { short } from './origin.ts';
import type { Command, GitHubDeployment, Ports } from './ports.ts';
import type { Extras } from './read-again.ts';
import { Refusal } from './refusal.ts';
import { printDeploy, printOptions } from './request.ts';
import { spell } from './target.ts';
import { code, list, say, type Words } from './words.ts';

export interface RedeployRequest {
  /** Omitted: the deployment whose thread this is. */
  id?: string;
  app?: App;
  extras: Extras;
}

/**
 * Deploys what an earlier deployment deployed, to where that went: its commit, task, hosts and payload. Throws a Refusal
 * before anything is posted or created. Answers what a dry run would do, and nothing otherwise.
 */
export async function redeploy(
  ports: Ports,
  { id, app: named, extras }: RedeployRequest,
  by: Command,
): Promise<Words | undefined> {
  if (await hasBegun(ports, by)) return undefined;
  const found = await lookUp(ports, by, id, named);
  const { app, remote, ours } = found;
  const environment = environmentOf(app, remote, extras, ports);
  await mayDecide(ports, { app: app.name, repository: app.repository, environment: environment.name }, by);
  mayGoToAllHosts(found, environment, extras, ports);
  return deployAgain(
    ports,
    {
      kind: 'redeploy',
      app,
      environment,
      source: remote,
      ...likeness(remote, ours),
      extras,
      describe: (name) => `${name} deploys #${remote.id} (${short(remote.ref)}) again`,
      typed: typedFor(app, remote, ports.apps),
    },
    by,
  );
}

/** What it was like besides its commit. The hosts and the payload of somebody else's are nobody's to repeat. */
function likeness({ task, transient, production, payload }: GitHubDeployment, ours: Deployment | undefined) {
  const own = isRecorded(ours) ? { hosts: ours.hosts, payload: ours.create.payload } : {};
  return {
    like: { task, transient, production, ...own },
    ...(payload && !isRecorded(ours) && { without: payload.names }),
  };
}

/** A record that was made anew knows neither hosts nor payload. */
const isRecorded = (ours: Deployment | undefined): ours is Deployment =>
  ours !== undefined && !ours.mirror && !ours.adopted;

/** What went to some hosts alone must not go to all because nobody vouches for their names. */
function mayGoToAllHosts(
  { remote, ours, app }: Found,
  environment: Environment,
  extras: Extras,
  { apps }: Ports,
): void {
  const { hosts } = remote.payload ?? {};
  if (!hosts || extras.hosts.length > 0 || isRecorded(ours)) return;
  const typed = [typedFor(app, remote, apps), ...printOptions({ ...extras, hosts: hostsIn(hosts) })].join(' ');
  const line = printDeploy({ ...taskOf(remote, app), ...extras, app, environment, ref: remote.sha }, apps);
  throw new Refusal(
    'whose-hosts',
    say`#${remote.id} was for the hosts ${code(hosts)} alone, says its payload, which somebody else wrote. Name them yourself: ${code(`/deploy ${typed}`)}. For all hosts: ${code(`/deploy ${line}`)}.`,
  );
}

/** As far as they can be hosts at all. */
function hostsIn(text: string): string[] {
  try {
    return readHosts(text);
  } catch (error) {
    if (error instanceof Refusal) return ['fe1'];
    throw error;
  }
}

/** Said where it is not the app's own. */
const taskOf = ({ task }: GitHubDeployment, app: App) => (task === app.task ? {} : { task });

const typedFor = (app: App, { id }: GitHubDeployment, apps: Apps): string =>
  `redeploy ${quote(spell({ app }, apps))} ${id}`;

/** Where it went, as long as the catalogue still lists it. */
function environmentOf(app: App, remote: GitHubDeployment, extras: Extras, { apps }: Ports): Environment {
  const found = environmentOnGitHub(app, remote.environment);
  if (app.environments.length === 0 || app.environments.includes(found)) return found;
  const lines = app.environments.slice(0, 3).map((environment) => {
    const again = { ...taskOf(remote, app), ...extras, app, environment, ref: remote.sha };
    return code(`/deploy ${printDeploy(again, apps)}`);
  });
  throw new Refusal(
    'unknown-environment',
    say`#${remote.id} went to ${code(remote.environment)}, which is no environment of ${code(app.name)} any more. Its commit can go elsewhere: ${list(lines)}.`,
  );
}
