import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Catalog, CatalogError, type LoadOptions, loadCatalog } from '../../src/catalog.ts';

/** A folder that is gone when the test is over. */
export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'deckhand-catalog-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** The catalogue that a file of that name and text is. */
export function loaded(text: string, options: Partial<LoadOptions> = {}, name = 'apps.yml'): Catalog {
  const around = mkdtempSync(path.join(tmpdir(), 'deckhand-catalog-'));
  try {
    const file = path.join(around, name);
    writeFileSync(file, text);
    return loadCatalog(file, { reserved: ['deploy', 'status', 'help'], shownAs: name, ...options });
  } finally {
    rmSync(around, { recursive: true });
  }
}

/** What is wrong with it. */
export function mistakesOf(text: string, options: Partial<LoadOptions> = {}, name = 'apps.yml'): readonly string[] {
  try {
    loaded(text, options, name);
  } catch (error) {
    if (error instanceof CatalogError) return error.mistakes;
    throw error;
  }
  return [];
}

/** The catalogue that the README shows. */
export const fromTheReadme = `owner: acme                     # whose repositories a bare name means
unlisted: false                 # true: any repository of that owner the token can see is an app of its own name
announce: C0123DEPLOYS          # optional: where deployments started elsewhere are told
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    task: deploy                # default task
    auto_merge: false           # true: GitHub merges the default branch into the ref first, and pushes that merge
    required_contexts: [ci/janky, security/brakeman]   # omitted: all; []: none
    allowed_rooms: ["C0123DEPLOYS", "#ops"]
    payload: { config: { provider: shell } }           # merged into every payload
    no_deployer_after: 2m       # when to say that nobody has answered (durations: 45s, 2m, 1h, 1d)
    in_flight_timeout: 1h       # when to call a deployment without news stuck
    environments:
      staging: { aliases: [stg] }
      production:
        aliases: [prod]
        github_environment: hello-production           # for several apps in one repository; default: the same name
        production_environment: true
        required_contexts: [ci/janky]
      review: { transient_environment: true }
`;
