import { courseOf } from './course.ts';
import type { Deployment, Status } from './deployment.ts';
import { environmentNow } from './environment-now.ts';
import { appNamed, lookUp, ourRecord } from './lookup.ts';
import { mayRead } from './may-read.ts';
import type { Command, Ports, Repository } from './ports.ts';
import type { Named } from './print-which.ts';
import { Refusal } from './refusal.ts';
import { askedStatuses, knownStatuses } from './reported.ts';
import { recordSighting, type Sighting, sightingOf } from './sighting.ts';
import { becomesInactive, repositoryOf } from './successor.ts';

/** The whole account of one deployment, whoever created it. */
export interface Account {
  app: string;
  /** GitHub's name for it where it was not started from here. */
  environment: string;
  /** The repository's page, where its host has one. */
  home?: string;
  sighting: Sighting;
  /** In GitHub's order. */
  statuses: readonly Status[];
}

/**
 * How far a deployment of an id has come, by all its statuses. One that was started from here costs a request when it is over,
 * and none before: webhooks bring what happens to it but for what comes after its end. Any other: see lookup.ts. Throws a
 * Refusal where there is none, and for who may not read it.
 */
export async function account(ports: Ports, { app, id }: Named, by: Command): Promise<Account> {
  const ours = await ourRecord(ports, by, id, app);
  // In the thread of a room that reads along nobody asked for it.
  if (ours && !ours.mirror) return accountOfOurs(ports, ours, by);
  const found = await lookUp(ports, by, id, app);
  const { repository, remote } = found;
  const reported =
    (await knownStatuses(ports, undefined, repository, remote)) ??
    (await askedStatuses(ports, undefined, repository, remote));
  return {
    app: found.app.name,
    environment: remote.environment,
    ...homeOf(ports, repository),
    sighting: sightingOf(reported),
    statuses: reported.statuses,
  };
}

async function accountOfOurs(ports: Ports, ours: Deployment, by: Command): Promise<Account> {
  await mayRead(ports, appNamed(ours, ports.apps), by);
  const repository = repositoryOf(ours);
  const stored = ours.id === undefined ? [] : await ports.store.statuses(ours.repository, ours.id);
  const statuses = (await afterItsEnd(ports, repository, ours)) ?? stored.map(({ status }) => status);
  return {
    app: ours.app,
    environment: environmentNow(ours, statuses, ports.apps),
    ...homeOf(ports, repository),
    sighting: recordSighting(ours, statuses, courseOf(statuses, { isReplaceable: becomesInactive(ours) })),
    statuses,
  };
}

/** Nothing, too, while GitHub does not tell, or has it no more: what is known here has to do. */
async function afterItsEnd(
  { github }: Ports,
  repository: Repository,
  { id, stage }: Deployment,
): Promise<readonly Status[] | undefined> {
  if (id === undefined || stage !== 'ended') return undefined;
  try {
    return await github.statuses(repository, id);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function homeOf({ github }: Ports, repository: Repository): { home?: string } {
  const home = github.page(repository);
  return home === undefined ? {} : { home };
}
