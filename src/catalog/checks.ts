import { type App, environmentNamed } from '../deploy/apps.ts';
import { nearest } from '../deploy/nearest.ts';
import { apiRoot } from './api-root.ts';
import { durationMs, longestDurationMs } from './duration.ts';
import type { AppToken, Surroundings } from './listing.ts';
import type { Mistakes, Path } from './mistakes.ts';
import { type AnnounceEntry, type AppEntry, reservedPayloadKeys } from './schema.ts';

/** Checks that need more than one value of the file, or something from outside it. */

/** Refuses names that are commands, and names that differ from another's in case alone. */
export function checkNames(mistakes: Mistakes, names: readonly string[], at: Path, reserved: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      mistakes.add(
        [...at, name],
        `${other} is there already, and case makes no difference: choose another name`,
        'key',
      );
    }
    if (reserved.some((word) => word.toLowerCase() === folded)) {
      const instead = `${folded}-app`;
      mistakes.add([...at, name], `is the name of a command: choose another for the app, such as ${instead}`, 'key');
    }
    seen.set(folded, name);
  }
}

/** Everything that `appSchema` alone can't see in an app of `apps.yml`. */
export function checkApp(
  mistakes: Mistakes,
  at: Path,
  entry: AppEntry,
  owner: string | undefined,
  around: Surroundings,
): void {
  if (!entry.repository.includes('/') && owner === undefined) {
    const full = `owner/${entry.repository}`;
    mistakes.add(
      [...at, 'repository'],
      `is a bare name and the catalogue has no owner: write ${full}, or add owner: at the top`,
    );
  }
  checkEnvironments(mistakes, at, entry);
  for (const key of ['no_deployer_after', 'in_flight_timeout'] as const) {
    if (durationMs(entry[key]) > longestDurationMs) mistakes.add([...at, key], 'must be at most 30d');
  }
  checkPayload(mistakes, [...at, 'payload'], entry.payload);
  checkHost(mistakes, at, { api: entry.github_api, variable: entry.github_token_env }, around);
}

function checkEnvironments(mistakes: Mistakes, at: Path, entry: AppEntry): void {
  const environments = Object.entries(entry.environments);
  const owners = new Map<string, string>();
  for (const [name] of environments) {
    const other = owners.get(name.toLowerCase());
    if (other !== undefined) {
      mistakes.add([...at, 'environments', name], `${other} is there already, and case makes no difference`, 'key');
    }
    owners.set(name.toLowerCase(), name);
  }
  for (const [name, environment] of environments) {
    for (const [index, alias] of (environment?.aliases ?? []).entries()) {
      const other = owners.get(alias.toLowerCase());
      const path = [...at, 'environments', name, 'aliases', index];
      if (other !== undefined) mistakes.add(path, `${alias} already means ${other}: an alias means one environment`);
      else owners.set(alias.toLowerCase(), name);
    }
  }
  const wanted = entry.default_environment;
  if (wanted === undefined || environments.length === 0 || owners.has(wanted.toLowerCase())) return;
  const near = nearest(wanted, [...owners.keys()]);
  const instead = near ? `did you mean ${near}?` : `there are ${environments.map(([name]) => name).join(', ')}`;
  mistakes.add([...at, 'default_environment'], `no environment of the app is called ${wanted}; ${instead}`);
}

function checkPayload(mistakes: Mistakes, at: Path, payload: Readonly<Record<string, unknown>>): void {
  for (const key of reservedPayloadKeys) {
    if (Object.hasOwn(payload, key)) {
      mistakes.add([...at, key], 'is written by Deckhand itself: use another key, or put it below config', 'key');
    }
  }
  noteNumbersOutsideJson(mistakes, at, payload);
}

/** YAML knows `.inf` and `.nan`; JSON would send them as null without a word. */
function noteNumbersOutsideJson(mistakes: Mistakes, at: Path, value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) mistakes.add(at, 'is no number in JSON: put it in quotes');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    noteNumbersOutsideJson(mistakes, [...at, Array.isArray(value) ? Number(key) : key], inner);
  }
}

/** Refuses environments that none of the apps has: nothing would ever be told of them. */
export function checkAnnouncement(
  mistakes: Mistakes,
  at: Path,
  entry: AnnounceEntry | undefined,
  apps: readonly App[],
): void {
  // Where an app lists none, any name will do.
  if (typeof entry !== 'object' || apps.some(({ environments }) => environments.length === 0)) return;
  for (const [index, name] of (entry.environments ?? []).entries()) {
    if (apps.some((app) => environmentNamed(app, name))) continue;
    const known = apps.flatMap((app) => app.environments.map((environment) => environment.name));
    const near = nearest(name, known);
    const instead = near ? `did you mean ${near}?` : `there are ${[...new Set(known)].join(', ')}`;
    mistakes.add([...at, 'environments', index], `no app has an environment ${name}; ${instead}`);
  }
}

/** Variables of the bot's own; none of their secrets goes to a host that an app names. */
const botsOwnVariable = /^(SLACK_|GITHUB_TOKEN$|GITHUB_APP_|GITHUB_WEBHOOK_|DECKHAND_|REDIS_)/;

/** Another host needs a token of its own. `inFile`: there is one in the file itself (hubot-deploy). */
export function checkHost(
  mistakes: Mistakes,
  at: Path,
  named: { api?: string; variable?: string; inFile?: boolean },
  around: Surroundings,
): void {
  const apiPath = [...at, 'github_api'];
  const variablePath = [...at, 'github_token_env'];
  const root = named.api === undefined ? undefined : apiRoot(named.api);
  if (root && 'wrong' in root) mistakes.add(apiPath, root.wrong);

  const { variable } = named;
  if (variable === undefined) {
    if (root && 'url' in root && !named.inFile && !isSameRoot(root.url, around.apiUrl)) {
      mistakes.add(
        apiPath,
        'is another host, and no token is sent to a host it was not given for: add github_token_env: NAME',
      );
    }
  } else if (named.api === undefined) {
    mistakes.add(variablePath, 'belongs to a github_api: name the host that the token is for');
  } else if (botsOwnVariable.test(variable)) {
    mistakes.add(
      variablePath,
      `${variable} is the bot’s own secret: give that host a variable of its own, such as GHES_TOKEN`,
    );
  } else if (around.env && !around.env[variable]?.trim()) {
    mistakes.add(variablePath, `${variable} is not set in the environment: set it to a token for that host`);
  }
}

/** Without regard to case, as hosts are. */
export const isSameRoot = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Refuses two tokens for one repository on one host: which one counts would depend on the order. */
export function checkTokens(mistakes: Mistakes, tokens: readonly AppToken[], pathOf: (app: string) => Path): void {
  const seen = new Map<string, AppToken>();
  for (const token of tokens) {
    const key = `${token.apiUrl ?? ''} ${token.repository}`.toLowerCase();
    const other = seen.get(key);
    if (other && other.token() !== token.token()) {
      mistakes.add(
        pathOf(token.app),
        `${other.app} brings another token for ${token.repository}: a repository has one`,
      );
    }
    seen.set(key, token);
  }
}
