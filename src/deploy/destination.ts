import type { App, Environment } from './apps.ts';
import { shown } from './line.ts';
import { readHosts } from './options.ts';
import { Refusal } from './refusal.ts';
import { code, say } from './words.ts';

/** Where to: an environment, and the hosts in it where somebody named some. */
export interface Destination {
  environment: Environment;
  hosts: readonly string[];
}

/**
 * Reads what follows `to`. The longest environment that the app knows wins, and what follows its slash is hosts. Where the
 * app lists none any name will do, up to the first slash. Undefined: the app lists environments, and this is none of them.
 * Throws a Refusal for names that can't be an environment or a host.
 */
export function readDestination(text: string, app: App): Destination | undefined {
  const known = knownEnvironments(app)
    .flatMap((environment) => [environment.name, ...environment.aliases].map((name) => ({ environment, name })))
    .filter(({ name }) => isWithin(text, name))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (known) return { environment: known.environment, hosts: hostsAfter(text, known.name) };
  if (app.environments.length > 0) return undefined;

  const name = text.split('/', 1)[0] ?? '';
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,254}$/u.test(name)) {
    throw new Refusal(
      'bad-environment',
      say`${shown(name)} can’t be an environment: letters, digits and ${code('. _ -')} can, as in ${code('staging')}.`,
    );
  }
  return { environment: unlistedEnvironment(name), hosts: hostsAfter(text, name) };
}

/** An environment that no catalogue describes: GitHub is told its name as it is. */
export const unlistedEnvironment = (name: string): Environment => ({ name, aliases: [], githubEnvironment: name });

/**
 * An app that lists none still has its default and GitHub's own, so that `Production` is not another environment than
 * `production`.
 */
function knownEnvironments(app: App): readonly Environment[] {
  if (app.environments.length > 0) return app.environments;
  const names = [...(app.defaultEnvironment === undefined ? [] : [app.defaultEnvironment]), 'production'];
  return names.map(unlistedEnvironment);
}

function isWithin(text: string, name: string): boolean {
  const end = text.charAt(name.length);
  return text.slice(0, name.length).toLowerCase() === name.toLowerCase() && (end === '' || end === '/');
}

function hostsAfter(text: string, name: string): string[] {
  if (text.length === name.length) return [];
  const hosts = text.slice(name.length + 1);
  if (hosts !== '') return readHosts(hosts);
  throw new Refusal(
    'bad-host',
    say`A host is missing after ${shown(text)}. Leave the slash out, or name one, as in ${shown(`${text}fe1`)}.`,
  );
}

/** How a destination is typed: `staging/fe1,fe2`, or the environment alone where that would be read as something else. */
export function printDestination({ environment, hosts }: Destination, app: App): { text: string; printed: boolean } {
  const text = `${environment.name}/${hosts.join(',')}`;
  if (hosts.length === 0) return { text: environment.name, printed: true };
  const read = readDestination(text, app);
  const same = read?.environment.name === environment.name && read.hosts.join() === hosts.join();
  return same ? { text, printed: true } : { text: environment.name, printed: false };
}
