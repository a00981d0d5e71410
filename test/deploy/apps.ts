import type { App, Apps, Environment } from '../../src/deploy/apps.ts';

/** An app as a catalogue would give it; say only what matters. */
export function app(given: Partial<App> & Pick<App, 'name' | 'repository'>): App {
  return {
    task: 'deploy',
    autoMerge: false,
    outsiders: { guests: false, external: false, bots: false },
    payload: {},
    noDeployerAfterMs: 120_000,
    inFlightTimeoutMs: 3_600_000,
    environments: [],
    ...given,
  };
}

export function environment(name: string, given: Partial<Environment> = {}): Environment {
  return { name, aliases: [], githubEnvironment: name, ...given };
}

/** Lookups over a list of apps, as the catalogue makes them. */
export function appsOf(
  all: readonly App[],
  { owner, unlisted = false }: { owner?: string; unlisted?: boolean } = {},
): Apps {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  return {
    ...(owner !== undefined && { owner }),
    unlisted,
    all: () => all,
    find: (name) => all.find((each) => same(each.name, name)),
    inRepository: (repository) => all.filter((each) => same(each.repository, repository)),
    unlistedApp: (repository) => app({ name: repository.slice(repository.indexOf('/') + 1), repository }),
  };
}

const stages = [
  environment('staging', { aliases: ['stg'] }),
  environment('production', { aliases: ['prod'], production: true }),
];

export const everyApp: readonly App[] = [
  app({
    name: 'hello',
    repository: 'acme/hello',
    defaultEnvironment: 'staging',
    environments: [...stages, environment('review', { transient: true }), environment('review/pr-12')],
  }),
  // Two apps in one repository.
  app({ name: 'web', repository: 'acme/mono', environments: stages }),
  app({ name: 'api', repository: 'acme/mono', environments: stages }),
  // An app whose name is the owner's.
  app({ name: 'acme', repository: 'acme/acme-site', environments: stages }),
  // An app whose name is the owner of another app's repository.
  app({ name: 'zeta', repository: 'acme/zeta', environments: stages }),
  app({ name: 'site', repository: 'zeta/site', environments: stages }),
  // An app that is not called as its repository, of another owner.
  app({ name: 'blog', repository: 'widgets/wordpress', environments: stages }),
  // Any environment will do.
  app({ name: 'free', repository: 'widgets/free' }),
  app({ name: 'previews', repository: 'widgets/previews', defaultEnvironment: 'preview/main' }),
  app({ name: '1e10', repository: 'widgets/1e10', environments: stages }),
];

const ordinary = everyApp.filter(({ name }) => name !== 'acme');

/** The owner is `acme`, and nothing is an app that is not listed. */
export const listedOnly = appsOf(ordinary, { owner: 'acme' });
/** The same, and every repository of acme is an app. */
export const withUnlisted = appsOf(ordinary, { owner: 'acme', unlisted: true });
/** The owner is an app. */
export const ownerIsApp = appsOf(everyApp, { owner: 'acme' });
/** The owner is an app, and every repository of the owner is one too. */
export const ownerIsAppWithUnlisted = appsOf(everyApp, { owner: 'acme', unlisted: true });
/** A catalogue with nothing in it yet. */
export const noApps = appsOf([]);
