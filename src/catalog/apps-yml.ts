import { type Announcement, type App, type Environment, environmentNamed, type Outsiders } from '../deploy/apps.ts';
import { apiRoot } from './api-root.ts';
import { checkAnnouncement, checkApp, checkNames, checkTokens, isSameRoot } from './checks.ts';
import { durationMs } from './duration.ts';
import { type AppToken, type Listing, membersOnly, type Surroundings } from './listing.ts';
import { noteIssues } from './mistakes.ts';
import {
  type AnnounceEntry,
  type AppEntry,
  announceSchema,
  appSchema,
  catalogSchema,
  keysAt,
  outsidersSchema,
} from './schema.ts';
import type { Source } from './source.ts';

/** Reads Deckhand's own kind of catalogue. Every mistake is noted; what is returned counts only when there are none. */
export function readAppsYml({ value, mistakes }: Source, around: Surroundings): Listing {
  const shape = catalogSchema.safeParse(value ?? {});
  if (!shape.success) noteIssues(mistakes, shape.error.issues, value, keysAt);

  // Read again part by part, so that one app's mistake does not hide another's.
  const root = asMapping(value);
  const owner = typeof root.owner === 'string' ? root.owner : undefined;
  const outsiders = { ...membersOnly, ...outsidersSchema.safeParse(root.allow).data };
  const entries = Object.entries(asMapping(root.apps));

  checkNames(
    mistakes,
    entries.map(([name]) => name),
    ['apps'],
    around.reserved,
  );
  if (root.unlisted === true && owner === undefined) {
    mistakes.add(['unlisted'], 'needs to know whose repositories are meant: add owner: at the top');
  }
  if (shape.success && entries.length === 0 && root.unlisted !== true) {
    mistakes.add([], 'names no app: add one, such as `apps: { hello: { repository: acme/hello } }`');
  }

  const sound = entries.flatMap(([name, raw]) => {
    const entry = appSchema.safeParse(raw).data;
    if (!entry) return [];
    checkApp(mistakes, ['apps', name], entry, owner, around);
    const app = appOf(name, entry, { owner, outsiders, apiUrl: around.apiUrl });
    checkAnnouncement(mistakes, ['apps', name, 'announce'], entry.announce, [app]);
    return [{ entry, app }];
  });
  const tokens = sound.flatMap(({ entry, app }) => tokenOf(entry, app, around));
  checkTokens(mistakes, tokens, (app) => ['apps', app, 'github_token_env']);

  const apps = sound.map(({ app }) => app);
  const announce = announceSchema.safeParse(root.announce).data;
  if (sound.length === entries.length) checkAnnouncement(mistakes, ['announce'], announce, apps);
  return {
    owner,
    unlisted: root.unlisted === true,
    announce: announcementOf(announce) || undefined,
    outsiders,
    apps,
    tokens,
  };
}

const asMapping = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

interface Defaults {
  owner?: string;
  outsiders: Outsiders;
  apiUrl: string;
}

function appOf(name: string, entry: AppEntry, defaults: Defaults): App {
  const root = entry.github_api === undefined ? undefined : apiRoot(entry.github_api);
  const isElsewhere = root !== undefined && 'url' in root && !isSameRoot(root.url, defaults.apiUrl);
  const app: App = {
    name,
    repository: entry.repository.includes('/') ? entry.repository : `${defaults.owner}/${entry.repository}`,
    apiUrl: isElsewhere ? root.url : undefined,
    task: entry.task,
    autoMerge: entry.auto_merge,
    requiredContexts: entry.required_contexts,
    allowedRooms: entry.allowed_rooms,
    outsiders: { ...defaults.outsiders, ...entry.allow },
    payload: entry.payload,
    noDeployerAfterMs: durationMs(entry.no_deployer_after),
    inFlightTimeoutMs: durationMs(entry.in_flight_timeout),
    announce: announcementOf(entry.announce),
    environments: Object.entries(entry.environments).map(environmentOf),
  };
  const byDefault = entry.default_environment;
  // An alias may be given; everybody else reads the name.
  return { ...app, defaultEnvironment: byDefault && (environmentNamed(app, byDefault)?.name ?? byDefault) };
}

function environmentOf([name, entry]: [string, AppEntry['environments'][string]]): Environment {
  return {
    name,
    aliases: entry?.aliases ?? [],
    githubEnvironment: entry?.github_environment ?? name,
    production: entry?.production_environment,
    transient: entry?.transient_environment,
    requiredContexts: entry?.required_contexts,
    announce: announcementOf(entry?.announce),
  };
}

const announcementOf = (entry: AnnounceEntry | undefined): Announcement | false | undefined =>
  typeof entry === 'string' ? { room: entry } : entry;

function tokenOf(entry: AppEntry, app: App, around: Surroundings): AppToken[] {
  const variable = entry.github_token_env;
  if (variable === undefined) return [];
  const token = () => around.env?.[variable]?.trim() || undefined;
  return [{ app: app.name, repository: app.repository, apiUrl: app.apiUrl, variable, token }];
}
