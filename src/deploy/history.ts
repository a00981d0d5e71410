import type { App, Environment } from './apps.ts';
import { mayRead } from './may-read.ts';
import { nameOf } from './name-of.ts';
import type { Command, DeploymentFilter, GitHubDeployment, Ports, Repository } from './ports.ts';
import { knownStatuses, recordOf } from './reported.ts';
import { asOurs, type Sighting, sightingOf, unreported } from './sighting.ts';
import { ignoreRefusals } from './stage.ts';
import { repositoryOf } from './successor.ts';

/** Which deployments of an app. All that are given have to fit. */
export interface HistoryQuestion {
  app: App;
  ref?: string;
  environment?: Environment;
  task?: string;
  /** From its beginning, small letters. */
  sha?: string;
  /** Who asked for it or created it, without regard to case; `me` is who asks now, an id of the chat who has it. */
  by?: string;
  /** How many on a page, and which page, from 1. */
  limit: number;
  page: number;
}

export interface History {
  /** Newest first. */
  entries: readonly HistoryEntry[];
  /** Whether there is another page. */
  more: boolean;
  /** Only so many of the newest were looked through; older ones may fit too. */
  lookedThrough?: number;
  /** By whom all of them are, where one person was asked for. */
  by?: string;
  /** Where people read the repository. */
  home?: string;
}

/** What became of it is said where it is known here. */
export type HistoryEntry = Sighting & {
  /** GitHub's name of it. */
  environment: string;
};

/** GitHub filters by none of these: so many pages of a hundred are looked through. */
const mostPages = 3;
const pageSize = 100;

/**
 * Deployments of an app, whoever created them. One request; for what GitHub has no filter for, three at most. What became of
 * them is told from what is known here. Throws a Refusal for who may not read it.
 */
export async function history(ports: Ports, question: HistoryQuestion, by: Command): Promise<History> {
  const { app } = question;
  await mayRead(ports, app, by);
  const repository = repositoryOf(app);
  const home = ports.github.page(repository);
  const whose = await nameMeant(ports, question.by, by);
  const repeats = await repeatsOf(ports, repository, question);
  const ownFilters = filtersOfOurs(ports, question, repeats, whose);
  const githubs = filterOf(question, repeats);
  const { deployments, ...rest } =
    ownFilters.length === 0
      ? await ports.github.deployments(repository, githubs, { number: question.page, size: question.limit })
      : await lookThrough(ports, repository, { ...question, filter: githubs }, (one) =>
          ownFilters.every((fits) => fits(one)),
        );
  const entries = await Promise.all(
    deployments.map(async (one) => ({ ...(await known(ports, repository, one)), environment: one.environment })),
  );
  return { entries, ...rest, ...(whose !== undefined && { by: whose }), ...(home && { home }) };
}

/** Chat platforms send the id of somebody who is mentioned. */
const idOfSomebody = /^[UW][A-Z0-9]{2,}$/;

/** The name by which deployments are somebody's: one that was typed, of whoever asks (`me`), or of whom they mentioned. */
async function nameMeant(ports: Ports, typed: string | undefined, by: Command): Promise<string | undefined> {
  const { team } = by.place;
  if (typed?.toLowerCase() === 'me') return nameOf(ports, by);
  if (typed === undefined || !idOfSomebody.test(typed)) return typed;
  // It may be a name after all.
  const known = await ports.chat.standing(team, typed).catch(ignoreRefusals);
  return known?.name || typed;
}

/** What is known of it without asking GitHub. */
async function known(ports: Ports, repository: Repository, deployment: GitHubDeployment): Promise<Sighting> {
  const reported = await knownStatuses(ports, undefined, repository, deployment);
  if (reported) return sightingOf(reported);
  const ours = await recordOf(ports, repository, deployment);
  if (!ours) return unreported(deployment);
  const { createdAt, updatedAt = createdAt } = deployment;
  // Every status moves that time, and webhooks have brought none.
  const isUnanswered = ours.stage === 'created' && updatedAt === createdAt;
  return isUnanswered
    ? sightingOf({ deployment, statuses: [], course: 'under-way', ours })
    : { ...unreported(deployment), ...asOurs(ours) };
}

/**
 * Those of ours that repeat a deployment of the wanted ref, by GitHub's id: GitHub has them by their commit alone. Costs no
 * request.
 */
async function repeatsOf(
  { store }: Ports,
  { fullName, apiUrl }: Repository,
  { app, environment, ref }: HistoryQuestion,
): Promise<ReadonlySet<number>> {
  if (ref === undefined) return new Set();
  const wanted = environment ? [environment] : app.environments;
  const ours = await Promise.all(
    wanted.map(({ githubEnvironment }) => store.deploymentsIn(fullName, githubEnvironment, mostPages * pageSize)),
  );
  const repeats = ours.flat().filter((one) => one.origin?.ref === ref && one.apiUrl === apiUrl);
  return new Set(repeats.flatMap(({ id }) => (id === undefined ? [] : [id])));
}

function filterOf({ ref, environment, task, sha }: HistoryQuestion, repeats: ReadonlySet<number>): DeploymentFilter {
  return {
    ...(ref !== undefined && repeats.size === 0 && { ref }),
    ...(environment && { environment: environment.githubEnvironment }),
    ...(task !== undefined && { task }),
    ...(sha !== undefined && isWhole(sha) && { sha }),
  };
}

const isWhole = (sha: string): boolean => sha.length >= 40;

type Fits = (deployment: GitHubDeployment) => boolean;

/** What GitHub can't filter by: what was deployed again, people, the beginning of a SHA, and which of several apps in one repository it was. */
function filtersOfOurs(
  { apps }: Ports,
  { app, environment, ref, sha }: HistoryQuestion,
  repeats: ReadonlySet<number>,
  whose: string | undefined,
): Fits[] {
  const filters: Fits[] = [];
  if (repeats.size > 0) filters.push((one) => one.ref === ref || repeats.has(one.id));
  if (sha !== undefined && !isWhole(sha)) filters.push((one) => one.sha.startsWith(sha));
  if (whose !== undefined) {
    const wanted = whose.toLowerCase();
    filters.push(({ user, creator }) => [user, creator].some((name) => name?.toLowerCase() === wanted));
  }
  if (!environment && app.environments.length > 0 && apps.inRepository(app.repository).length > 1) {
    const own = new Set(app.environments.map(({ githubEnvironment }) => githubEnvironment.toLowerCase()));
    filters.push((one) => own.has(one.environment.toLowerCase()));
  }
  return filters;
}

/** The page of those that fit, as far as one answer looks. */
async function lookThrough(
  ports: Ports,
  repository: Repository,
  question: HistoryQuestion & { filter: DeploymentFilter },
  fits: Fits,
): Promise<Pick<History, 'more' | 'lookedThrough'> & { deployments: GitHubDeployment[] }> {
  const found: GitHubDeployment[] = [];
  const from = (question.page - 1) * question.limit;
  const to = from + question.limit;
  let isAll = false;
  // One more than the page holds, which tells that there is another.
  for (let number = 1; number <= mostPages && !isAll && found.length <= to; number++) {
    const page = await ports.github.deployments(repository, question.filter, { number, size: pageSize });
    found.push(...page.deployments.filter(fits));
    isAll = !page.more;
  }
  const more = found.length > to;
  return {
    deployments: found.slice(from, to),
    more,
    ...(!isAll && !more && { lookedThrough: mostPages * pageSize }),
  };
}
