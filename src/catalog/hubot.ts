import { z } from 'zod';
import type { App, Environment } from '../deploy/apps.ts';
import { apiRoot } from './api-root.ts';
import { checkHost, checkNames, checkTokens, isSameRoot } from './checks.ts';
import { durationMs } from './duration.ts';
import { type AppToken, type Listing, membersOnly, type Surroundings } from './listing.ts';
import { noteIssues } from './mistakes.ts';
import { appName, appSchema, environmentName } from './schema.ts';
import type { Source } from './source.ts';

/**
 * hubot-deploy's `apps.json`, as it is: atmos/hubot-deploy, docs/config-file.md and src/github/api/deployment.coffee.
 * Keys it does not know belong to the deployer (Heaven's `heroku_staging_name` and the like) and travel in the payload's
 * `config`. Of the two tokens only the variable is ours: an app on another host may name one instead of having the
 * token itself in the file.
 */
const hubotEnvironment = z.looseObject({
  name: environmentName,
  production: z.boolean().optional(),
  transient: z.boolean().optional(),
});

const hubotApp = z.looseObject({
  provider: z.string().optional(),
  repository: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9_.-]+$/, 'must be owner/name'),
  auto_merge: z.boolean().nullish(),
  required_contexts: z.array(z.string()).nullish(),
  allowed_rooms: z.array(z.string().min(1, 'must not be empty')).nullish(),
  environments: z
    .array(z.preprocess((item) => (typeof item === 'string' ? { name: item } : item), hubotEnvironment))
    .nullish(),
  github_api: z.string().nullish(),
  github_token: z.string().nullish(),
  github_token_env: appSchema.shape.github_token_env,
});
type HubotApp = z.infer<typeof hubotApp>;

/** hubot-deploy rewrites these two before it looks at an app's environments. */
const hubotsAliases: Readonly<Record<string, string>> = { staging: 'stg', production: 'prod' };

/**
 * Whether a `.json` file is hubot-deploy's: apps at its top level. Deckhand's own has an `apps` that holds mappings; an app
 * of hubot-deploy's that is called “apps” has a repository instead.
 */
export function isHubots(file: string, value: unknown): boolean {
  if (!file.toLowerCase().endsWith('.json') || typeof value !== 'object' || value === null || Array.isArray(value))
    return false;
  const { apps, owner, unlisted } = value as Record<string, unknown>;
  if (apps === undefined) return typeof owner !== 'string' && typeof unlisted !== 'boolean';
  return typeof apps === 'object' && apps !== null && typeof (apps as Record<string, unknown>).repository === 'string';
}

/** Reads it. Every mistake is noted; what is returned counts only when there are none. */
export function readHubots({ value, mistakes }: Source, around: Surroundings): Listing {
  const entries = Object.entries(value as Record<string, unknown>).filter(([name]) => name !== '$schema');
  if (entries.length === 0) mistakes.add([], 'names no app: add one, such as {"hello": {"repository": "acme/hello"}}');
  checkNames(
    mistakes,
    entries.map(([name]) => name),
    [],
    around.reserved,
  );

  const file = z.record(appName, hubotApp).safeParse(Object.fromEntries(entries));
  if (!file.success) noteIssues(mistakes, file.error.issues, value, () => []);

  const sound = entries.flatMap(([name, raw]) => {
    const entry = hubotApp.safeParse(raw).data;
    if (!entry) return [];
    const host = {
      api: entry.github_api ?? undefined,
      variable: entry.github_token_env,
      inFile: Boolean(entry.github_token),
    };
    checkHost(mistakes, [name], host, around);
    return [{ entry, app: appOf(name, entry, raw as Record<string, unknown>, around.apiUrl) }];
  });
  const tokens = sound.flatMap(({ entry, app }) => tokenOf(entry, app, around));
  checkTokens(mistakes, tokens, (app) => [app]);
  return { unlisted: false, outsiders: membersOnly, apps: sound.map(({ app }) => app), tokens };
}

function appOf(name: string, entry: HubotApp, raw: Readonly<Record<string, unknown>>, ownApiUrl: string): App {
  const { github_api, github_token: _, github_token_env: __, ...config } = raw;
  const root = typeof github_api === 'string' ? apiRoot(github_api) : undefined;
  const isElsewhere = root !== undefined && 'url' in root && !isSameRoot(root.url, ownApiUrl);
  return {
    name,
    repository: entry.repository,
    apiUrl: isElsewhere ? root.url : undefined,
    task: 'deploy',
    autoMerge: entry.auto_merge ?? true,
    requiredContexts: entry.required_contexts ?? undefined,
    allowedRooms: entry.allowed_rooms?.map(roomOf),
    outsiders: membersOnly,
    payload: { config },
    noDeployerAfterMs: durationMs(appSchema.shape.no_deployer_after.parse(undefined)),
    inFlightTimeoutMs: durationMs(appSchema.shape.in_flight_timeout.parse(undefined)),
    environments: environmentsOf(entry),
  };
}

/** hubot-deploy knows rooms by id or by bare name, as its chat adapter hands them over. */
const roomOf = (room: string): string => (/^([CGD][A-Z0-9]+|#.*)$/.test(room) ? room : `#${room}`);

function environmentsOf(entry: HubotApp): Environment[] {
  const named = entry.environments ?? [{ name: 'production' }];
  const taken = named.map(({ name }) => name.toLowerCase());
  return named.map(({ name, production, transient }) => {
    const alias = hubotsAliases[name.toLowerCase()];
    const aliases = alias !== undefined && !taken.includes(alias) ? [alias] : [];
    return { name, aliases, githubEnvironment: name, production, transient };
  });
}

function tokenOf(entry: HubotApp, app: App, around: Surroundings): AppToken[] {
  const { github_token: inFile, github_token_env: variable } = entry;
  const whose = { app: app.name, repository: app.repository, apiUrl: app.apiUrl };
  if (inFile) return [{ ...whose, token: () => inFile }];
  if (variable === undefined) return [];
  return [{ ...whose, variable, token: () => around.env?.[variable]?.trim() || undefined }];
}
