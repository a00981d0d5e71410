import type { Apps } from './apps.ts';
import { quote } from './line.ts';
import { readings, spell } from './target.ts';

/**
 * An app and an environment that a line would be understood with, as they are typed: the app that somebody named, else the
 * first of the catalogue, and the first of its environments.
 */
export function exampleOf(apps: Apps, target = ''): { app: string; environment: string } {
  const [reading] = readings(target, apps);
  const app = reading?.app ?? apps.all()[0];
  if (!app) return { app: 'hello', environment: 'staging' };
  const environment = app.environments[0]?.name ?? app.defaultEnvironment ?? 'staging';
  return { app: quote(spell({ app }, apps)), environment: quote(environment) };
}
