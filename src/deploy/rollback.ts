import { deployAgain, environmentOnGitHub } from './again.ts';
import type { App, Environment } from './apps.ts';
import { hasBegun } from './begin.ts';
import { changeBetween } from './change.ts';
import { quote } from './line.ts';
import { liveOf } from './live-in.ts';
import { mayDecide } from './may-decide.ts';
import { short } from './origin.ts';
import { goodBefore, isGood, type Past, pastOf } from './past.ts';
import type { Command, GitHubDeployment, Ports, Repository } from './ports.ts';
import type { Extras } from './read-again.ts';
import { Refusal } from './refusal.ts';
import { printDeploy, printOptions } from './request.ts';
import { repositoryOf } from './successor.ts';
import { spell } from './target.ts';
import { bold, code, say, type Words } from './words.ts';

/** How far back: so many good deployments of other commits, the one of an id, or the last one of a commit. */
export type BackTo = { back: number } | { id: number } | { sha: string };

export interface RollbackRequest {
  app: App;
  environment: Environment;
  /** Omitted: the last good one before the newest. */
  to?: BackTo;
  extras: Extras;
}

/**
 * Deploys the commit of an earlier deployment that was good, in the place of the one that is live. Throws a Refusal before
 * anything is posted or created. Answers what a dry run would do, and nothing otherwise.
 */
export async function rollBack(ports: Ports, request: RollbackRequest, by: Command): Promise<Words | undefined> {
  if (await hasBegun(ports, by)) return undefined;
  const { app, environment, extras } = request;
  const repository = repositoryOf(app);
  await mayDecide(ports, { app: app.name, repository: app.repository, environment: environment.name }, by);

  const task = extras.task ?? app.task;
  const past = await pastOf(ports, repository, { environment: environment.githubEnvironment, task });
  const live = (await liveOf(past))?.deployment;
  if (!live) throw nothingLive(request, ports);
  const search = {
    ...request,
    repository,
    past,
    live,
    task,
    hasFailed: await newestFailed(ports, repository, past, live),
  };
  const source = await sourceOf(ports, search);
  if (source.sha === live.sha && !search.hasFailed) throw sameCommit(request, source, live, ports);

  const typed = `rollback ${spelled(request, ports)} to #${source.id}`;
  const change = await changeBetween(ports, repository, { live, next: source, show: 'goes' });
  const describe = (name: string) => `${name} rolls back to #${source.id} (${short(source.ref)})`;
  const again = { kind: 'rollback', app, environment, source, change, extras, describe, typed } as const;
  return deployAgain(ports, again, by);
}

interface Search extends RollbackRequest {
  repository: Repository;
  past: Past;
  live: GitHubDeployment;
  task: string;
  /** Something newer than what is live has failed, and may have left anything behind. */
  hasFailed: boolean;
}

/** The deployment to go back to. Throws a Refusal where there is none, or it was never live there. */
async function sourceOf(ports: Ports, search: Search): Promise<GitHubDeployment> {
  const { past, live, hasFailed } = search;
  // A bare rollback takes back the newest deployment. Where that failed, what is live goes out once more: one that was good
  // is taken back only by who says so.
  if (!search.to && hasFailed) return live;
  const to = search.to ?? { back: 1 };
  if ('back' in to) {
    const found = await goodBefore(past, await standsFor(ports, search), live, to.back);
    if (!found) throw nothingBefore(search, to.back, ports);
    return found;
  }
  if ('sha' in to) return ofCommit(ports, search, to.sha);
  const listed = past.deployments.find(({ id }) => id === to.id);
  if (listed) return mustHaveBeenLive(ports, search, listed);
  const found = await ports.github.deployment(search.repository, to.id);
  if (found) return mustBelongHere(ports, search, found);
  // A commit may have a number for a name.
  if (String(to.id).length >= shortestSha) return ofCommit(ports, search, String(to.id));
  throw new Refusal(
    'no-such-deployment',
    say`${code(search.app.repository)} has no deployment #${to.id}. ${code(`/deploy history ${spelled(search, ports)}`)} shows those there are.`,
  );
}

/** Whether the newest deployment of another commit has failed. A rollback that failed is asked for again, as it was. */
async function newestFailed(
  { store }: Ports,
  repository: Repository,
  past: Past,
  live: GitHubDeployment,
): Promise<boolean> {
  const newer = past.deployments.find(({ id, sha }) => id > live.id && sha !== live.sha);
  if (!newer || (await past.look(newer))?.course !== 'failed') return false;
  return (await store.deploymentById(repository.fullName, newer.id))?.origin?.kind !== 'rollback';
}

const shortestSha = 7;

/**
 * Where counting back begins: at the live deployment, or where that is a rollback at the one it went back to. Otherwise the
 * second rollback would bring back what the first one took away.
 */
async function standsFor({ store }: Ports, { repository, live }: Search): Promise<number> {
  let id = live.id;
  for (let hops = 0; hops < 10; hops++) {
    const origin = (await store.deploymentById(repository.fullName, id))?.origin;
    if (origin?.kind !== 'rollback') return id;
    id = origin.id;
  }
  return id;
}

async function ofCommit(ports: Ports, search: Search, sha: string): Promise<GitHubDeployment> {
  const { app, environment, past } = search;
  for (const deployment of past.deployments) {
    if (deployment.sha.startsWith(sha.toLowerCase()) && (await isGood(past, deployment))) return deployment;
  }
  const line = printDeploy({ ...search.extras, app, ref: sha, environment }, ports.apps);
  throw new Refusal(
    'never-live',
    say`${code(sha)} has not been live in ${bold(environment.name)}, as far as its newest 100 deployments show, so that would be no rollback. To deploy it: ${code(`/deploy ${line}`)}.`,
    [{ label: `Deploy ${sha.slice(0, 7)}`, line, danger: true }],
  );
}

/** One that the list does not show may have gone to another environment, or be older than the newest 100. */
async function mustBelongHere(ports: Ports, search: Search, found: GitHubDeployment): Promise<GitHubDeployment> {
  const { app, environment, task } = search;
  if (found.environment.toLowerCase() !== environment.githubEnvironment.toLowerCase()) {
    const there = environmentOnGitHub(app, found.environment).name;
    const line = printDeploy({ ...search.extras, app, ref: found.sha, environment }, ports.apps);
    throw new Refusal(
      'another-environment',
      say`#${found.id} went to ${bold(there)}, not to ${bold(environment.name)}. To deploy its commit here: ${code(`/deploy ${line}`)}.`,
    );
  }
  if (found.task !== task) {
    const options = printOptions({ ...search.extras, task: found.task });
    const line = [`rollback ${spelled(search, ports)} to #${found.id}`, ...options].join(' ');
    throw new Refusal(
      'another-task',
      say`#${found.id} was for the task ${code(found.task)}, not ${code(task)}. To run that again: ${code(`/deploy ${line}`)}.`,
    );
  }
  return mustHaveBeenLive(ports, search, found);
}

async function mustHaveBeenLive(ports: Ports, search: Search, found: GitHubDeployment): Promise<GitHubDeployment> {
  if (await isGood(search.past, found)) return found;
  const line = [`rollback ${spelled(search, ports)}`, ...printOptions(search.extras)].join(' ');
  throw new Refusal(
    'never-live',
    say`#${found.id} (${code(short(found.ref))}) did not succeed, so there is nothing to go back to. ${code(`/deploy ${line}`)} goes back to the last one that did.`,
    [{ label: 'Roll back', line, danger: true }],
  );
}

function nothingLive({ app, environment, extras }: RollbackRequest, { apps }: Ports): Refusal {
  const line = printDeploy({ ...extras, app, environment }, apps);
  return new Refusal(
    'nothing-live',
    say`Nothing of ${code(app.name)} is live in ${bold(environment.name)}, so there is nothing to roll back. To deploy: ${code(`/deploy ${line}`)}.`,
  );
}

function nothingBefore(search: Search, back: number, ports: Ports): Refusal {
  const { app, environment, live } = search;
  const before = back === 1 ? 'no other commit' : `fewer than ${back} other commits`;
  return new Refusal(
    'nothing-before',
    say`Before #${live.id} (${code(short(live.ref))}) ${before} of ${code(app.name)} went live in ${bold(environment.name)}, as far as its newest 100 deployments show. ${code(`/deploy history ${spelled(search, ports)}`)} shows them.`,
  );
}

function sameCommit(request: RollbackRequest, source: GitHubDeployment, live: GitHubDeployment, ports: Ports): Refusal {
  const name = quote(spell({ app: request.app }, ports.apps));
  const line = ['redeploy', name, String(live.id), ...printOptions(request.extras)].join(' ');
  const which = source.id === live.id ? say`#${source.id} is live` : say`The commit of #${source.id} is live`;
  return new Refusal(
    'same-commit',
    say`${which} in ${bold(request.environment.name)} already (${code(live.sha.slice(0, 7))}). To deploy it again: ${code(`/deploy ${line}`)}.`,
    [{ label: 'Redeploy', line, danger: true }],
  );
}

/** `hello in staging` */
const spelled = ({ app, environment }: RollbackRequest, { apps }: Ports): string =>
  `${quote(spell({ app }, apps))} in ${quote(environment.name)}`;
