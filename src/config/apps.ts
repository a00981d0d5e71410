import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalog, CatalogError, type LoadOptions, loadCatalog } from '../catalog.ts';
import { shown, type Variables } from './variables.ts';

export interface AppsConfig {
  /** Where the catalogue is, an absolute path. */
  readonly file: string;
  /** How to read it again. */
  readonly options: LoadOptions;
  /** As it was read at the start. */
  readonly catalog: Catalog;
}

/** What to write where there is no catalogue yet; it is valid as it is. */
export const exampleCatalog =
  'apps: { hello: { repository: acme/hello, default_environment: staging, environments: { staging: {}, production: {} } } }';

/** Reads the catalogue; its mistakes are noted with the others, each with its file and line. */
export function readApps(variables: Variables, cwd: string, options: LoadOptions): AppsConfig | undefined {
  const shownAs = findFile(variables, cwd);
  if (shownAs === undefined) return undefined;
  const file = path.resolve(cwd, shownAs);
  const withName = { ...options, shownAs };
  try {
    return { file, options: withName, catalog: loadCatalog(file, withName) };
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    for (const mistake of error.mistakes) variables.wrong(mistake);
    return undefined;
  }
}

function findFile(variables: Variables, cwd: string): string | undefined {
  const isThere = (name: string) => existsSync(path.resolve(cwd, name));
  const named = variables.text('APPS_FILE');
  if (named !== undefined) {
    if (isThere(named)) return named;
    variables.wrong(
      `APPS_FILE is ${shown(named)}, and there is no such file: write it, for example: ${exampleCatalog}`,
    );
    return undefined;
  }
  const found = ['apps.yml', 'apps.json'].find(isThere);
  if (found === undefined) {
    const near = isThere('apps.yaml')
      ? 'rename apps.yaml, or set APPS_FILE=apps.yaml'
      : `write it, for example: ${exampleCatalog}`;
    variables.wrong(`apps.yml is missing in ${cwd} (or name another file in APPS_FILE): ${near}`);
  }
  return found;
}

/** The folder of the commands that come with the bot; the same from `src/` and from what is built of it. */
const ownCommands = fileURLToPath(new URL('../../commands', import.meta.url));

/** One more folder of commands, as an absolute path. */
export function readCommandsDir(variables: Variables, cwd: string): string | undefined {
  const named = variables.text('COMMANDS_DIR');
  if (named === undefined) return undefined;
  const folder = path.resolve(cwd, named);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  variables.wrong(`COMMANDS_DIR is ${shown(named)}, and there is no such folder: make it, or unset COMMANDS_DIR`);
  return undefined;
}

/** The words that files in these folders make commands: their names without the ending. No app may have one. */
export function commandWords(...folders: readonly (string | undefined)[]): readonly string[] {
  return [ownCommands, ...folders].flatMap((folder) => {
    if (folder === undefined || !existsSync(folder)) return [];
    const files = readdirSync(folder).filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file));
    return files.map((file) => file.replace(/\.[cm]?[jt]s$/, ''));
  });
}
