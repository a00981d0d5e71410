import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { About } from './commands/command.ts';
import type { Config } from './config.ts';

/** What `version` says of this process. Nothing of it is secret. */
export function aboutThis(config: Config, since: Date): About {
  return {
    version: ownVersion(),
    node: process.versions.node,
    since: since.toISOString(),
    store: config.store.kind === 'redis' ? 'Redis, shared' : 'SQLite, embedded',
    slack: config.slack.mode === 'http' ? 'over HTTP' : 'in Socket Mode',
    github: new URL(config.github.apiUrl).host,
  };
}

/** From package.json at the root of the project, which is one folder further from what is built of this file. */
function ownVersion(): string {
  const places = ['../package.json', '../../package.json'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (found === undefined) return 'of an unknown version';
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}
