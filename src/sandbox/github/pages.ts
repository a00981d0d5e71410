import type { Answer } from '../faults.ts';
import { matchPath, type Surroundings } from './route.ts';

const asText = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

/**
 * The pages for people that messages link to: a commit of a public repository, as git shows it. Undefined where the
 * path is none of them, and so is the API's.
 */
export async function pageAt(github: Surroundings, method: string, path: string): Promise<Answer | undefined> {
  const place = method === 'GET' ? matchPath('/{owner}/{repo}/commit/{sha}', path) : undefined;
  if (!place) return undefined;
  const repository = github.findRepository(`${place.owner}/${place.repo}`);
  const commit = repository?.private ? undefined : await repository?.git.resolve(place.sha ?? '');
  if (!repository || !commit)
    return { status: 404, headers: asText, body: 'This is not the page you are looking for.\n' };
  return { status: 200, headers: asText, body: await repository.git.show(commit.sha) };
}
