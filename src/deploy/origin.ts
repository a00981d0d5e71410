import type { Deployment, Origin } from './deployment.ts';
import type { GitHubDeployment, Ports, Repository } from './ports.ts';
import { note } from './stage.ts';
import { code, list, say, type Words } from './words.ts';

/**
 * A deployment exists that takes its commit from an earlier one: its thread says what that changes, and the thread of the
 * one that it takes back or repeats says where it went on. Safe to be called again.
 */
export async function pointAtEachOther(ports: Ports, deployment: Deployment, id: number): Promise<void> {
  const { origin, place, thread, asker, environment, request, askedAt } = deployment;
  if (!origin) return;
  // It comes before everything that a deployer says, however fast: GitHub's times have whole seconds.
  const at = new Date(Date.parse(askedAt) - 1_000).toISOString();
  await ports.store.addNote(request, { key: 'origin', kind: 'origin', at });
  const other = await ports.store.deploymentById(deployment.repository, repeated(origin));
  // It was started elsewhere and has no thread, or this one was asked for in its very thread, where both can be read.
  if (!other?.thread || areTogether(other, deployment)) return;
  const url = thread && (await ports.chat.permalink(place, thread));
  await note(ports, other, {
    key: `repeated-${request}`,
    kind: 'repeated',
    as: origin.kind,
    by: asker,
    id,
    environment,
    ref: origin.ref,
    ...(url && { url }),
  });
  await ports.jobs.wake({ kind: 'deployment', id: other.request });
}

/** Whether both are told in one thread. */
const areTogether = (one: Deployment, other: Deployment): boolean =>
  one.place.room === other.place.room && (one.place.thread ?? one.thread) === (other.place.thread ?? other.thread);

/** Whose story goes on: of a rollback that is the one that it takes back. */
const repeated = ({ kind, change, id }: NonNullable<Deployment['origin']>): number =>
  kind === 'rollback' && change ? change.live.id : id;

/** What people call what a deployment deployed: GitHub knows only the commit of one that repeats another. */
export async function refCalled(
  ports: Ports,
  { fullName }: Repository,
  { id, ref }: GitHubDeployment,
): Promise<string> {
  const ours = await ports.store.deploymentById(fullName, id);
  return short(ours?.origin?.ref ?? ref);
}

/** What a deployment does not take along from the one that it repeats. */
export function leftOut({ id, without }: Pick<Origin, 'id' | 'without'>): Words {
  if (!without) return [];
  const names = without.length === 0 ? [] : say` (${list(without.map(code), 'and')})`;
  return say`Without the payload of #${id}${names}, which somebody else wrote`;
}

/** A whole SHA by its first digits. */
export const short = (ref: string): string => (/^[0-9a-f]{40}$/.test(ref) ? ref.slice(0, 7) : ref);

/** Where people read of a deployment: in its thread, or on GitHub where it was started elsewhere. */
export async function linkTo(ports: Ports, repository: Repository, id: number): Promise<string | undefined> {
  const ours = await ports.store.deploymentById(repository.fullName, id);
  if (ours?.thread) return ports.chat.permalink(ours.place, ours.thread);
  const page = ports.github.page(repository);
  return page && `${page}/deployments`;
}
