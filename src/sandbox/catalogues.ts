import type { SandboxRepository } from './repository.ts';

/** The catalogue of the seeded world. `handbook` has no default environment: who names none is asked. */
export const seededCatalogue = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    environments:
      staging: { aliases: [stg] }
      production:
        aliases: [prod]
        production_environment: true
        required_contexts: [ci/janky]
      review: { transient_environment: true }
  handbook:
    repository: acme/handbook
    environments:
      production: { aliases: [prod], production_environment: true }
`;

/** The catalogue of an adopted repository. Names are quoted: a folder may be called 123, on or null. */
export function catalogueOf({ owner, name }: SandboxRepository): string {
  return `owner: ${owner}
apps:
  ${JSON.stringify(name)}:
    repository: ${JSON.stringify(`${owner}/${name}`)}
    default_environment: staging
    environments:
      staging: { aliases: [stg] }
      production: { aliases: [prod], production_environment: true }
      review: { transient_environment: true }
`;
}
