import type { Lately } from './lately.ts';
import type { DeploymentPage, GitHubDeployment, Ports, Repository } from './ports.ts';
import { NoSuchDeployment, Refusal } from './refusal.ts';
import { askedStatuses, knownStatuses, type Reported } from './reported.ts';
import type { Words } from './words.ts';

/** What one answer may cost, in requests to GitHub. */
const mostRequests = 8;
/** Asked again soon it goes so much further with what the answer before has left out. */
const mostOfLeft = 1;
/** Of one environment so many deployments are looked at, however much is known without asking. */
const mostLookedAt = 30;

/** What was found in one of GitHub's environments. */
export interface Surveyed {
  /** As GitHub spells it. */
  environment: string;
  /** What was looked at, newest first: up to the one that is live, where there is one. */
  reported: readonly Reported[];
  /**
   * The newest that was not looked at, since the answer would have cost too much or GitHub told no more; what is live may
   * be this one or older.
   */
  unseen?: GitHubDeployment;
  /** No list has shown its newest, for the same reasons. */
  unlisted?: boolean;
  /** Why GitHub told no more. */
  refusal?: Words;
}

/** How far one environment has been looked through. */
interface Search {
  environment: string;
  /** Not looked at yet, newest first. */
  candidates: GitHubDeployment[];
  /** All that a list has shown. */
  listed: Set<number>;
  /** Older ones may be there which no list has shown yet. */
  more: boolean;
  reported: Reported[];
  /** It goes on where an answer a moment ago has left off. */
  isLeft: boolean;
  refused?: Refusal;
}

/**
 * How a repository is looked through. `only`: in this environment alone; `unwanted`: not there, unless it is named;
 * `enough`: by what was looked at, newest first, whether an environment needs no more; `skips`: whether one need not be
 * looked at after those.
 */
export interface Look {
  only?: string;
  unwanted?: (environment: string) => boolean;
  enough: (reported: readonly Reported[]) => boolean;
  skips?: (deployment: GitHubDeployment, reported: readonly Reported[]) => boolean;
}

/**
 * Looks through the environments of a repository, those named first, then all others among its newest 100 deployments: a
 * request for these, and then one for each environment that they do not show and for each deployment whose statuses nobody
 * here knows, in parallel, as far as one answer may go. Asked again soon it costs two at most, unless something is new.
 * Rejects with a Refusal where GitHub tells nothing at all.
 */
export async function survey(
  ports: Ports,
  lately: Lately,
  repository: Repository,
  named: readonly string[],
  look: Look,
): Promise<Surveyed[]> {
  const { only, unwanted = () => false, enough } = look;
  const newest = await ports.github.deployments(repository, only === undefined ? {} : { environment: only });
  const searches = searchesIn(newest, named, unwanted);
  const left = { requests: mostRequests - 1, ofLeft: only === undefined ? mostOfLeft : mostRequests };
  for (;;) {
    const steps = await Promise.all(searches.map((search) => nextOf(ports, lately, repository, search, look)));
    const open = steps.filter((step) => step !== undefined);
    const now = affordable(open, left);
    if (now.length === 0) {
      for (const { name } of open) lately.leave(repository, name);
      break;
    }
    await Promise.all(now.map(({ ask }) => ask()));
  }
  const refused = searches.find((search) => search.refused);
  if (refused?.refused && searches.every(({ reported }) => reported.length === 0)) throw refused.refused;
  return searches.map((search) => surveyed(search, enough));
}

/** A request that brings a search further. */
interface Step {
  search: Search;
  /** For what it asks. */
  name: string;
  /** In requests, with the next one that it makes necessary. */
  likelyCost: 1 | 2;
  ask(): Promise<void>;
}

/**
 * The steps to take now, taken off from what is `left`: in many environments a first look before a second one in any, and
 * one that is begun is brought to its end where that can be.
 */
function affordable(steps: readonly Step[], left: { requests: number; ofLeft: number }): Step[] {
  const ordered = steps
    .filter(({ search }) => !search.isLeft || left.ofLeft > 0)
    .sort((a, b) => a.search.reported.length - b.search.reported.length || a.likelyCost - b.likelyCost);
  const chosen: Step[] = [];
  let likely = 0;
  for (const step of ordered) {
    const isTooMuch = likely + step.likelyCost > left.requests && !(chosen.length === 0 && left.requests > 0);
    if (isTooMuch || (step.search.isLeft && left.ofLeft === 0)) continue;
    chosen.push(step);
    likely += step.likelyCost;
    if (step.search.isLeft) left.ofLeft -= 1;
  }
  left.requests -= chosen.length;
  return chosen;
}

/** One search for each environment, in the order of `named`; the names match as GitHub's do, in any case. */
function searchesIn(
  { deployments, more }: DeploymentPage,
  named: readonly string[],
  unwanted: (environment: string) => boolean,
): Search[] {
  const searches = new Map<string, Search>();
  const searchFor = (environment: string): Search => {
    const key = environment.toLowerCase();
    const known = searches.get(key) ?? {
      environment,
      candidates: [],
      listed: new Set(),
      more,
      reported: [],
      isLeft: false,
    };
    searches.set(key, known);
    return known;
  };
  named.forEach(searchFor);
  for (const deployment of deployments) {
    const { environment } = deployment;
    if (searches.has(environment.toLowerCase()) || !unwanted(environment)) list(searchFor(environment), [deployment]);
  }
  return [...searches.values()];
}

function list(search: Search, deployments: readonly GitHubDeployment[]): void {
  search.candidates.push(...deployments.filter(({ id }) => !search.listed.has(id)));
  for (const { id } of deployments) search.listed.add(id);
}

/** Takes in what is known here, and answers what to ask GitHub next; nothing when the search is over. */
async function nextOf(
  ports: Ports,
  lately: Lately,
  repository: Repository,
  search: Search,
  { enough, skips = () => false }: Look,
): Promise<Step | undefined> {
  const step = (what: string, likelyCost: 1 | 2, ask: () => Promise<void>): Step => {
    const name = `${search.environment} ${what}`;
    search.isLeft ||= lately.isLeft(repository, name);
    return { search, name, likelyCost, ask: orRefused(search, ask) };
  };
  while (!isOver(search, enough)) {
    const [next] = search.candidates;
    if (next && skips(next, search.reported)) {
      search.candidates.shift();
    } else if (next) {
      const known = await knownStatuses(ports, lately, repository, next);
      const ask = async () => reports(search, next, await askedStatuses(ports, lately, repository, next));
      if (!known) return step(`#${next.id}`, 1, ask);
      reports(search, next, known);
    } else {
      const older = lately.older(repository, search.environment);
      if (!older) return step('older', 2, async () => learnOlder(ports, lately, repository, search));
      addOlder(search, older);
    }
  }
  return undefined;
}

const isOver = (search: Search, enough: Look['enough']): boolean =>
  search.refused !== undefined || search.reported.length >= mostLookedAt || isComplete(search, enough);

const isComplete = ({ candidates, more, reported }: Search, enough: Look['enough']): boolean =>
  enough(reported) || (candidates.length === 0 && !more);

function reports(search: Search, { id }: GitHubDeployment, reported: Reported): void {
  search.candidates = search.candidates.filter((one) => one.id !== id);
  search.reported.push(reported);
}

async function learnOlder(ports: Ports, lately: Lately, repository: Repository, search: Search): Promise<void> {
  const older = await ports.github.deployments(repository, { environment: search.environment });
  lately.learnOlder(repository, search.environment, older);
  addOlder(search, older);
}

function addOlder(search: Search, { deployments }: DeploymentPage): void {
  list(search, deployments);
  // A page has many more than are looked at.
  search.more = false;
}

/** A refusal ends the search in this environment, and stands in no other's way. What was deleted since is gone past. */
const orRefused = (search: Search, ask: () => Promise<void>) => async () => {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error instanceof NoSuchDeployment) search.candidates.shift();
    else search.refused = error;
  }
};

function surveyed(search: Search, enough: Look['enough']): Surveyed {
  const { environment, reported, refused, candidates } = search;
  const [unseen] = candidates;
  if (isComplete(search, enough)) return { environment, reported };
  return {
    environment,
    reported,
    ...(refused && { refusal: refused.words }),
    ...(unseen ? { unseen } : { unlisted: true }),
  };
}
