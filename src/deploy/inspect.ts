import type { App } from './apps.ts';
import type { Status } from './deployment.ts';
import { type Found, lookUp } from './lookup.ts';
import { mayRead } from './may-read.ts';
import type { Command, DeploymentFilter, DeploymentPage, Ports, RawPath, Repository } from './ports.ts';
import type { Named } from './print-which.ts';
import { NoSuchDeployment } from './refusal.ts';
import { repositoryOf } from './successor.ts';

/** For people who debug deployers: what GitHub itself has, without what is known here. */

/** A page of an app's deployments; `environment` is GitHub's name. */
export interface ListQuestion {
  app: App;
  filter: DeploymentFilter;
  /** How many on a page, and which page, from 1. */
  limit: number;
  page: number;
}

/** GitHub's own objects, and where they are from. */
export interface Raw {
  repository: Repository;
  /** Below the repository's address in the API, as in `deployments/1/statuses`. */
  path: RawPath;
  /** What was asked for with it. */
  parameters: Readonly<Record<string, string | number>>;
  json: unknown;
}

/** One request. Throws a Refusal, as all of these do. */
export async function list(ports: Ports, question: ListQuestion, by: Command): Promise<DeploymentPage> {
  await mayRead(ports, question.app, by);
  const { filter, limit, page } = question;
  return ports.github.deployments(repositoryOf(question.app), filter, { number: page, size: limit });
}

/** A deployment, and where people read its repository. */
export type OnGitHub = Found & { home?: string };

export async function found(ports: Ports, { id, app }: Named, by: Command): Promise<OnGitHub> {
  const one = await lookUp(ports, by, id, app);
  const home = ports.github.page(one.repository);
  return { ...one, ...(home && { home }) };
}

/** Asked of GitHub, so that it shows what no webhook has brought. */
export async function statusesOf(
  ports: Ports,
  which: Named,
  by: Command,
): Promise<OnGitHub & { statuses: readonly Status[] }> {
  const one = await found(ports, which, by);
  return { ...one, statuses: await ports.github.statuses(one.repository, one.remote.id) };
}

export async function rawList(ports: Ports, question: ListQuestion, by: Command): Promise<Raw> {
  await mayRead(ports, question.app, by);
  const repository = repositoryOf(question.app);
  const { filter, limit, page } = question;
  const parameters = { ...filter, per_page: limit, page };
  const json = await ports.github.raw(repository, 'deployments', parameters);
  return { repository, path: 'deployments', parameters, json };
}

/** One deployment, or `statuses`: the newest hundred of its statuses. */
export async function raw(ports: Ports, which: Named, by: Command, { statuses }: { statuses: boolean }): Promise<Raw> {
  const { repository, remote } = await found(ports, which, by);
  const path: RawPath = statuses ? `deployments/${remote.id}/statuses` : `deployments/${remote.id}`;
  const parameters: Raw['parameters'] = statuses ? { per_page: 100 } : {};
  const json = await ports.github.raw(repository, path, parameters);
  // It was there a moment ago.
  if (json === undefined) throw new NoSuchDeployment(repository.fullName, remote.id);
  return { repository, path, parameters, json };
}
