import type { App, Environment } from './apps.ts';
import { begin } from './begin.ts';
import type { Change, Deployment, Origin } from './deployment.ts';
import { unlistedEnvironment } from './destination.ts';
import { linkTo, refCalled } from './origin.ts';
import type { Command, GitHubDeployment, Ports } from './ports.ts';
import type { Extras } from './read-again.ts';
import { recordOf } from './reported.ts';
import { type DeployRequest, printOptions } from './request.ts';
import { repositoryOf } from './successor.ts';
import type { Words } from './words.ts';

/** A commit that goes to an environment once more. */
export interface Repetition {
  kind: Origin['kind'];
  app: App;
  environment: Environment;
  /** The deployment whose commit it is. */
  source: GitHubDeployment;
  change?: Change;
  /** What of the source is repeated besides its commit; what was typed comes before it. */
  like?: Partial<Pick<DeployRequest, 'hosts' | 'task' | 'payload' | 'transient' | 'production'>>;
  extras: Extras;
  /** What of the source's payload is left out. */
  without?: readonly string[];
  /** For GitHub: `ann rolls back to #12`. */
  describe(name: string): string;
  /** The words that ask for the same again, without options: `rollback hello in staging to #12`. */
  typed: string;
}

/**
 * Deploys exactly that commit, by the rules of deploying. Answers what a dry run would do, and nothing otherwise. Of what was
 * not started from here the commit has to be on a branch or a tag of the repository, as one that is typed.
 */
export async function deployAgain(ports: Ports, again: Repetition, by: Command): Promise<Words | undefined> {
  const { kind, app, environment, source, change, like = {}, extras, without, describe, typed } = again;
  const repository = repositoryOf(app);
  const url = await linkTo(ports, repository, source.id);
  const ours = await recordOf(ports, repository, source);
  // Others may deploy a fork's code, and call it what they like.
  if (!ours || deployedSha(ours) !== source.sha) await ports.github.resolve(repository, source.sha);
  const origin: Origin = {
    kind,
    id: source.id,
    ref: await refCalled(ports, repository, source),
    sha: source.sha,
    environment: environmentOnGitHub(app, source.environment).name,
    ...(url && { url }),
    ...(without && { without }),
    ...(change && { change }),
  };
  const hosts = extras.hosts.length > 0 ? extras.hosts : (like.hosts ?? []);
  const payload = { ...like.payload, ...extras.payload };
  const request = { app, environment, ...like, ...extras, hosts, payload };
  const line = (force: boolean) => [typed, ...printOptions({ ...extras, dryRun: false, force })].join(' ');
  return begin(ports, request, by, {
    origin,
    ...(ours?.pullRequest && { pullRequest: ours.pullRequest }),
    describe,
    line: line(extras.force),
    forcedLine: line(true),
  });
}

/** The commit that was looked at when it was deployed from here. */
const deployedSha = ({ createdSha, sha }: Deployment): string => createdSha ?? sha;

/** The environment of an app that GitHub calls so. */
export function environmentOnGitHub(app: App, githubs: string): Environment {
  const wanted = githubs.toLowerCase();
  return (
    app.environments.find(({ githubEnvironment }) => githubEnvironment.toLowerCase() === wanted) ??
    unlistedEnvironment(githubs)
  );
}
