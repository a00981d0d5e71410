import { type App, type Apps, type Environment, environmentNamed } from './apps.ts';
import type { Deployment } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';

/** The deployment in whose thread somebody types: its app and its environment need not be named there. */
export type Here = Pick<Deployment, 'app' | 'repository' | 'environment'>;

/** The app of a thread. */
export const appHere = ({ app, repository }: Here, apps: Apps): App => apps.find(app) ?? apps.unlistedApp(repository);

/** The environment of a thread, for a line about its app; for one about another app it means nothing. */
export function environmentHere(here: Here | undefined, app: App, apps: Apps): Environment | undefined {
  if (!here || appHere(here, apps).name !== app.name) return undefined;
  return environmentNamed(app, here.environment) ?? unlistedEnvironment(here.environment);
}
