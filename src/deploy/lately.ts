import type { Status } from './deployment.ts';
import type { Clock, DeploymentPage, GitHubDeployment, Repository } from './ports.ts';

/** What this process was told by GitHub a moment ago, so that questions asked again and again cost nothing. */
export interface Lately {
  /** The statuses of a deployment, while nothing says that there is a newer one. */
  statuses(repository: Repository, deployment: GitHubDeployment): readonly Status[] | undefined;
  learnStatuses(repository: Repository, deployment: GitHubDeployment, statuses: readonly Status[]): void;
  /** The newest deployments of an environment, which the newest of its repository do not show. */
  older(repository: Repository, environment: string): DeploymentPage | undefined;
  learnOlder(repository: Repository, environment: string, page: DeploymentPage): void;
  /** What an answer left out to spare GitHub, by a name: asked again at once, it would cost as much once more. */
  isLeft(repository: Repository, name: string): boolean;
  leave(repository: Repository, name: string): void;
  /** A webhook brought a status of this deployment: what was known of it is old. */
  forget(fullName: string, deployment: number): void;
}

const keptForMs = 10 * 60_000;
/** Asked anew this soon, where a server does not say when a deployment changed, or it changed only now. */
const guessedForMs = 15_000;
/** Times have whole seconds, and clocks differ a little: there may be another status of the same second. */
const unsettledMs = 5_000;
/** A few kB each. */
const mostDeployments = 1_000;
const mostEnvironments = 200;
const mostLeft = 1_000;

export function createLately(clock: Clock): Lately {
  const statuses = bounded<{ of: string; statuses: readonly Status[] }>(clock, mostDeployments);
  const olders = bounded<DeploymentPage>(clock, mostEnvironments);
  const left = bounded<true>(clock, mostLeft);
  return {
    statuses(repository, deployment) {
      const known = statuses.get(deploymentKey(repository.fullName, deployment.id));
      return known?.of === version(repository, deployment) ? known.statuses : undefined;
    },
    learnStatuses(repository, deployment, all) {
      const key = deploymentKey(repository.fullName, deployment.id);
      const entry = { of: version(repository, deployment), statuses: all };
      const sinceMs = clock.now().getTime() - Date.parse(deployment.updatedAt ?? '');
      statuses.set(key, entry, sinceMs > unsettledMs ? keptForMs : guessedForMs);
    },
    older: (repository, environment) => olders.get(environmentKey(repository, environment)),
    learnOlder: (repository, environment, page) => olders.set(environmentKey(repository, environment), page, keptForMs),
    isLeft: (repository, name) => left.get(environmentKey(repository, name)) === true,
    leave(repository, name) {
      const key = environmentKey(repository, name);
      // For its time from the first answer on, however often it is asked again.
      if (!left.get(key)) left.set(key, true, keptForMs);
    },
    forget: (fullName, deployment) => statuses.delete(deploymentKey(fullName, deployment)),
  };
}

const deploymentKey = (fullName: string, id: number) => `${fullName.toLowerCase()} ${id}`;
const environmentKey = ({ fullName, apiUrl = '' }: Repository, environment: string) =>
  `${apiUrl} ${fullName} ${environment}`.toLowerCase();

/** Two hosts may have deployments of one id, and each status makes a deployment another. */
const version = ({ apiUrl = '' }: Repository, { updatedAt = '' }: GitHubDeployment) => `${apiUrl} ${updatedAt}`;

/** A map of so many entries at most, the ones learned last, each for its time. */
function bounded<T>(clock: Clock, most: number) {
  const entries = new Map<string, { value: T; until: number }>();
  return {
    get(key: string): T | undefined {
      const found = entries.get(key);
      return found && found.until > clock.now().getTime() ? found.value : undefined;
    },
    set(key: string, value: T, forMs: number): void {
      entries.delete(key);
      entries.set(key, { value, until: clock.now().getTime() + forMs });
      const [oldest] = entries.keys();
      if (entries.size > most && oldest !== undefined) entries.delete(oldest);
    },
    delete: (key: string): void => void entries.delete(key),
  };
}
