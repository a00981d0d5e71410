import type { Change } from './deployment.ts';
import { linkTo, refCalled } from './origin.ts';
import type { GitHubDeployment, Ports, Repository } from './ports.ts';
import { ignoreRefusals } from './stage.ts';

/** More commits than this are not listed one by one; the page that compares them shows all. */
const mostListed = 10;

/** `2 commits go, 1 commit comes`; nothing where nobody knows. */
export function counted({ goes, comes }: Change): string {
  return [count(goes, 'goes', 'go'), count(comes, 'comes', 'come')].filter((part) => part !== '').join(', ');
}

const count = (number: number, one: string, many: string): string =>
  number === 0 ? '' : number === 1 ? `1 commit ${one}` : `${number} commits ${many}`;

/**
 * What goes and what comes when `next` takes the place of the `live` deployment. `show` says which of the two is listed.
 * Costs one request. Where
 * GitHub can't say, no commits are listed: nothing depends on them.
 */
export async function changeBetween(
  ports: Ports,
  repository: Repository,
  { live, next, show }: { live: GitHubDeployment; next: { sha: string }; show: 'goes' | 'comes' },
): Promise<Change> {
  const [base, head] = show === 'goes' ? [next.sha, live.sha] : [live.sha, next.sha];
  const compared = await ports.github.compare(repository, base, head).catch(ignoreRefusals);
  const { id, sha } = live;
  const ref = await refCalled(ports, repository, live);
  const url = await linkTo(ports, repository, id);
  const { aheadBy = 0, behindBy = 0, commits = [] } = compared ?? {};
  return {
    live: { id, ref, sha, ...(url && { url }) },
    ...(show === 'goes' ? { goes: aheadBy, comes: behindBy } : { goes: behindBy, comes: aheadBy }),
    commits: commits.slice(-mostListed).reverse(),
    ...(compared?.url && { url: compared.url }),
  };
}
