import { statSync } from 'node:fs';
import path from 'node:path';
import { type AppsConfig, commandWords, readApps, readCommandsDir } from './config/apps.ts';
import { type GitHubConfig, readApiUrl, readGitHub } from './config/github.ts';
import { readRedis } from './config/redis.ts';
import { readSlack, type SlackConfig } from './config/slack.ts';
import { readVariables, shown, type Variables } from './config/variables.ts';
import { nearest } from './deploy/nearest.ts';
import type { RedisAccess } from './store/redis/access.ts';

export { ownSecret } from './config/secret.ts';

/** Everything the bot was told at its start. It holds secrets: never log it. */
export interface Config {
  readonly slack: SlackConfig;
  readonly github: GitHubConfig;
  readonly store: Readonly<{ kind: 'embedded'; dataDir: string } | { kind: 'redis'; redis: RedisAccess }>;
  /** How long records of deployments that are over are kept, and the keys by which what comes again is known. */
  readonly keep: { readonly recordsMs: number; readonly keysMs: number };
  /**
   * Sign and encrypt: the first is current, the others are only read with. Undefined: `ownSecret(store.dataDir)`; the
   * shared store always has them.
   */
  readonly secrets?: readonly string[];
  readonly apps: AppsConfig;
  /** One more folder of commands, an absolute path. */
  readonly commandsDir?: string;
  /** Port 0: any free one. */
  readonly http: { readonly host: string; readonly port: number };
  /** Undefined: turned off. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** How often unfinished deployments are compared with GitHub. */
  readonly reconcileMs: number;
  readonly log: { readonly level: string };
}

/** The configuration can't be used; `mistakes` has a line for each, with the variable or the file's line to mend. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/**
 * Reads the environment and the catalogue, once. Throws a {@link ConfigError} that names everything that is wrong, and no
 * secret. Relative paths begin at `cwd`. No app may be called like a file in `commands/` or `COMMANDS_DIR`, nor like one of
 * `words`: what else is a command, such as an alias.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  words: readonly string[] = [],
): Config {
  const variables = readVariables(env);
  const slack = readSlack(variables);
  const apiUrl = readApiUrl(variables);
  const github = readGitHub(variables, apiUrl);
  const store = readStore(variables, cwd);
  const keep = readKeep(variables);
  const secrets = variables.list('DECKHAND_SECRET');
  const commandsDir = readCommandsDir(variables, cwd);
  const reserved = [...commandWords(commandsDir), ...words];
  const apps = readApps(variables, cwd, { reserved, env, apiUrl });
  const http = { host: readHost(variables, 'HOST', '0.0.0.0'), port: readPort(variables, 'PORT', 3000) };
  const metrics = readMetrics(variables, http.port);
  const reconcileMs = readReconcileMs(variables);
  const log = { level: readLogLevel(variables) };

  const mistakes = variables.mistakes();
  if (mistakes.length > 0 || !slack || !github || !store || !apps) throw new ConfigError(mistakes);
  return { slack, github, store, keep, secrets, apps, commandsDir, http, metrics, reconcileMs, log };
}

function readStore(variables: Variables, cwd: string): Config['store'] | undefined {
  if (variables.text('REDIS_URL') !== undefined) {
    variables.required(
      'DECKHAND_SECRET',
      'with REDIS_URL all instances need the same one; make it with `openssl rand -hex 32`',
    );
    const redis = readRedis(variables);
    return redis && { kind: 'redis', redis };
  }
  const named = variables.text('DATA_DIR') ?? './data';
  const dataDir = path.resolve(cwd, named);
  const file = fileOnTheWayTo(dataDir);
  if (file === undefined) return { kind: 'embedded', dataDir };
  const what = file === dataDir ? 'which is a file' : `which is below a file, ${file}`;
  variables.wrong(`DATA_DIR is ${shown(named)}, ${what}: give a folder; it is made where there is none`);
  return undefined;
}

const dayMs = 86_400_000;

function readKeep(variables: Variables): Config['keep'] {
  const days = (name: 'RECORDS_KEPT_DAYS' | 'DELIVERIES_KEPT_DAYS', fallback: number) =>
    variables.wholeNumber(name, fallback, { from: 1, to: 3_650 }) * dayMs;
  return { recordsMs: days('RECORDS_KEPT_DAYS', 90), keysMs: days('DELIVERIES_KEPT_DAYS', 7) };
}

/** The file where a folder would have to be, if there is one. */
function fileOnTheWayTo(folder: string): string | undefined {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    return !found || found.isDirectory() ? undefined : folder;
  } catch (error) {
    const isBelowFile = error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
    return isBelowFile ? (fileOnTheWayTo(path.dirname(folder)) ?? folder) : undefined;
  }
}

function readHost(variables: Variables, name: 'HOST' | 'METRICS_HOST', fallback: string): string {
  const host = variables.text(name) ?? fallback;
  const isAddress = /^[\w.-]+$/.test(host) || /^[0-9a-f:.]+(%\w+)?$/i.test(host);
  if (!isAddress)
    variables.wrong(
      `${name} is ${shown(host)}: an address or host name to listen on, such as ${fallback}, without http:// or port`,
    );
  return host;
}

const readPort = (variables: Variables, name: 'PORT' | 'METRICS_PORT', fallback: number): number =>
  variables.wholeNumber(name, fallback, { from: 0, to: 65_535 });

function readMetrics(variables: Variables, httpPort: number): Config['metrics'] {
  const host = readHost(variables, 'METRICS_HOST', '127.0.0.1');
  const port = readPort(variables, 'METRICS_PORT', 9464);
  if (port === 0) return undefined;
  if (port === httpPort) {
    variables.wrong(
      `METRICS_PORT and PORT are both ${port}: metrics have a listener of their own; choose another, or 0 to turn them off`,
    );
  }
  return { host, port };
}

/** Longer than a day, and a lost webhook would be a lost story. */
const longestReconcileSeconds = 86_400;

function readReconcileMs(variables: Variables): number {
  const text = variables.text('RECONCILE_SECONDS') ?? '60';
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= longestReconcileSeconds) return seconds * 1000;
  variables.wrong(
    `RECONCILE_SECONDS is ${shown(text)}: a number of seconds above 0, at most ${longestReconcileSeconds}`,
  );
  return 60_000;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

function readLogLevel(variables: Variables): string {
  const level = variables.text('LOG_LEVEL') ?? 'info';
  if (logLevels.includes(level)) return level;
  const near = nearest(level, logLevels);
  variables.wrong(
    `LOG_LEVEL is ${shown(level)}: one of ${logLevels.join(', ')}${near ? `; did you mean ${near}?` : ''}`,
  );
  return 'info';
}
