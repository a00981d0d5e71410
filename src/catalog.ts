import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { publicApiRoot } from './catalog/api-root.ts';
import { readAppsYml } from './catalog/apps-yml.ts';
import { durationMs } from './catalog/duration.ts';
import { isHubots, readHubots } from './catalog/hubot.ts';
import type { Listing, Surroundings } from './catalog/listing.ts';
import { CatalogError } from './catalog/mistakes.ts';
import { appSchema } from './catalog/schema.ts';
import { readSource } from './catalog/source.ts';
import type { App, Apps } from './deploy/apps.ts';
import type { Repository } from './deploy/ports.ts';

export { CatalogError } from './catalog/mistakes.ts';

/** A host for which the catalogue brings a token. */
export interface Host {
  /** Omitted: the bot's own host, for one repository (hubot-deploy's `github_token` without `github_api`). */
  apiUrl?: string;
  /** The environment variable with the token; omitted where hubot-deploy's file has the token itself. */
  tokenVariable?: string;
  /** Whose it is: `owner/name`. */
  repository: string;
}

/** `apps.yml` or `apps.json`, read and found good. */
export interface Catalog extends Apps {
  /** Changes when the file's text does. */
  readonly digest: string;
  /** The hosts and repositories for which apps bring tokens of their own. */
  hosts(): readonly Host[];
  /**
   * The token that an app brought for its repository on its host. Undefined: it brought none, and the bot's own token goes
   * to the bot's own host (`apiUrl` omitted) and nowhere else.
   */
  tokenFor(repository: Repository): string | undefined;
}

export interface LoadOptions {
  /** Words that are commands: no app may have such a name. */
  reserved: readonly string[];
  /** The environment, where apps' tokens are. Omitted: there are none, and nobody checks. */
  env?: Readonly<Record<string, string | undefined>>;
  /** The bot's own REST API root; an app that names it is on no other host. Default: GitHub's. */
  apiUrl?: string;
  /** What mistakes call the file. Default: as given. */
  shownAs?: string;
}

/** Reads the catalogue. Throws a {@link CatalogError} with every mistake in it, each with its line, and no secret in any. */
export function loadCatalog(file: string, options: LoadOptions): Catalog {
  const shownAs = options.shownAs ?? file;
  const text = readText(file, shownAs);
  const source = readSource(text, shownAs);
  const around: Surroundings = {
    reserved: options.reserved,
    env: options.env,
    apiUrl: options.apiUrl ?? publicApiRoot,
  };

  const { value, mistakes } = source;
  if (value === undefined) throw new CatalogError(mistakes.lines());
  const listing = isHubots(file, value) ? readHubots(source, around) : readAppsYml(source, around);
  if (mistakes.lines().length > 0) throw new CatalogError(mistakes.lines());
  return catalogOf(listing, around, createHash('sha256').update(text).digest('hex'));
}

function readText(file: string, shownAs: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'is not there',
      EISDIR: 'is a folder: give the file in it',
      EACCES: 'may not be read by this user',
    };
    throw new CatalogError([`${shownAs}: ${why[code ?? ''] ?? `can’t be read (${code})`}`]);
  }
}

function catalogOf(listing: Listing, around: Surroundings, digest: string): Catalog {
  const { owner, unlisted, announce, apps, tokens } = listing;
  const byName = new Map(apps.map((app) => [app.name.toLowerCase(), app]));
  const tokensByPlace = new Map(tokens.map((token) => [place(token.repository, token.apiUrl), token]));

  return {
    owner,
    unlisted,
    announce,
    digest,
    all: () => apps,
    find: (name) => byName.get(name.toLowerCase()),
    inRepository: (repository) => apps.filter((app) => app.repository.toLowerCase() === repository.toLowerCase()),
    unlistedApp(repository) {
      const [itsOwner = '', name = ''] = repository.split('/');
      // The short name only where typing it means this repository, and not another app or a command.
      const isFree =
        !byName.has(name.toLowerCase()) && !around.reserved.some((word) => word.toLowerCase() === name.toLowerCase());
      const isOwners = owner !== undefined && itsOwner.toLowerCase() === owner.toLowerCase();
      return appByDefault(isOwners && isFree ? name : repository, repository, listing);
    },
    hosts: () => tokens.map(({ apiUrl, variable, repository }) => ({ apiUrl, tokenVariable: variable, repository })),
    tokenFor: ({ fullName, apiUrl }) => tokensByPlace.get(place(fullName, apiUrl))?.token(),
  };
}

const place = (repository: string, apiUrl = ''): string => `${apiUrl} ${repository}`.toLowerCase();

function appByDefault(name: string, repository: string, listing: Listing): App {
  const defaults = appSchema.parse({ repository });
  return {
    name,
    repository,
    task: defaults.task,
    autoMerge: defaults.auto_merge,
    outsiders: listing.outsiders,
    payload: {},
    noDeployerAfterMs: durationMs(defaults.no_deployer_after),
    inFlightTimeoutMs: durationMs(defaults.in_flight_timeout),
    environments: [],
  };
}

/** One catalogue for everybody to hold, and `replace` for whoever reads the file again. */
export function liveCatalog(first: Catalog): Catalog & { replace(next: Catalog): void } {
  let current = first;
  return {
    get owner() {
      return current.owner;
    },
    get unlisted() {
      return current.unlisted;
    },
    get announce() {
      return current.announce;
    },
    get digest() {
      return current.digest;
    },
    all: () => current.all(),
    find: (name) => current.find(name),
    inRepository: (repository) => current.inRepository(repository),
    unlistedApp: (repository) => current.unlistedApp(repository),
    hosts: () => current.hosts(),
    tokenFor: (repository) => current.tokenFor(repository),
    replace(next) {
      current = next;
    },
  };
}
