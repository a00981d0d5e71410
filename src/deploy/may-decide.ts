import { type App, type Environment, environmentNamed } from './apps.ts';
import type { Deployment } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import type { Command, GitHubDeployment, Ports } from './ports.ts';
import { appsWithASay, personMayDeploy, roomMayDeploy } from './rules.ts';

/**
 * Holds what changes a deployment to the rules of deploying: whoever may not deploy it may not end it either. The environment
 * is the catalogue's name. Throws a Refusal.
 */
export async function mayDecide(
  ports: Ports,
  deployment: Pick<Deployment, 'app' | 'repository' | 'environment'>,
  by: Command,
): Promise<void> {
  const app = ports.apps.find(deployment.app) ?? ports.apps.unlistedApp(deployment.repository);
  const environment = environmentNamed(app, deployment.environment) ?? unlistedEnvironment(deployment.environment);
  await hold(ports, app, environment, by);
}

/**
 * The same for whatever GitHub shows, wherever it was started. A status may have moved it out of the environment that it was
 * created for, and the rules of both hold: nobody gets rid of one by moving the deployment. Throws a Refusal.
 */
export async function mayChange(ports: Ports, app: App, remote: GitHubDeployment, by: Command): Promise<void> {
  const environments = [remote.environment, remote.originalEnvironment];
  for (const environment of new Set(environments)) await mayReach(ports, app, environment, by);
}

/** The same for one of GitHub's environments, by GitHub's name of it. Throws a Refusal. */
export async function mayReach(ports: Ports, app: App, githubEnvironment: string, by: Command): Promise<void> {
  const isMeant = (one: Environment) => one.githubEnvironment.toLowerCase() === githubEnvironment.toLowerCase();
  await hold(ports, app, app.environments.find(isMeant) ?? unlistedEnvironment(githubEnvironment), by);
}

async function hold(ports: Ports, app: App, environment: Environment, by: Command): Promise<void> {
  const ruling = appsWithASay(app, environment, ports.apps);
  roomMayDeploy(ruling, { ...by.place, roomName: await ports.chat.roomName(by.place) });
  personMayDeploy(ruling, await ports.chat.standing(by.place.team, by.user.id));
}
