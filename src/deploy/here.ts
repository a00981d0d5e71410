import { type App, type Apps, type Environment, environmentNamed } from './apps.ts';
import type { Deployment } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';

/** The deployment in whose thread somebody types: its app, its environment and its task need not be named there. */
export type Here = Pick<Deployment, 'app' | 'repository' | 'environment'> & {
  create?: Pick<Deployment['create'], 'task'>;
};

/** The app of a thread. */
export const appHere = ({ app, repository }: Here, apps: Apps): App => apps.find(app) ?? apps.unlistedApp(repository);

/**
 * The task of a thread, for a line that leaves out the app and so is about this very deployment: nothing where it is the app's
 * own, which goes without saying.
 */
export function taskHere(here: Here | undefined, app: App): string | undefined {
  const task = here?.create?.task;
  return task === app.task ? undefined : task;
}

/** The environment of a thread, for a line about its app; for one about another app it means nothing. */
export function environmentHere(here: Here | undefined, app: App, apps: Apps): Environment | undefined {
  if (!here || appHere(here, apps).name !== app.name) return undefined;
  return environmentNamed(app, here.environment) ?? unlistedEnvironment(here.environment);
}
