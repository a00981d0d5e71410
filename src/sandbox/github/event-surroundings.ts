import type { Links, Repository } from './memory.ts';
import { type Person, simpleOrganization, simpleUser } from './people.ts';
import { repositoryObject } from './repository-object.ts';

/** What every event of a repository carries beside what has happened: where, and who did it. */
export function surroundings(repository: Repository, sender: Person, links: Links) {
  return {
    repository: repositoryObject(repository, links),
    ...(repository.owner.type === 'Organization' && { organization: simpleOrganization(repository.owner, links) }),
    sender: simpleUser(sender, links),
  };
}
