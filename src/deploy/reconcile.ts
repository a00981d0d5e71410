import { wakeOurs } from './arrived.ts';
import { type Deployment, isDone } from './deployment.ts';
import { tellElsewhere } from './elsewhere.ts';
import type { Interest } from './interest.ts';
import { learnStatuses } from './learn.ts';
import type { Ports } from './ports.ts';
import { refusedFor } from './stage.ts';

/** Webhooks of deployments that nobody here knows are kept this long, in case GitHub's answer to a creation is late. */
const strangersKeptMs = 60 * 60_000;
/** GitHub is asked about so many in one round, and about so many at a time: it allows 5,000 requests an hour. */
const looksARound = 50;
const looksAtOnce = 5;
/** So many rows are read or woken at a time. */
const batch = 500;

/** One of the rounds in which GitHub is asked. */
export interface Round {
  /** How long after the one before it, in ms. */
  everyMs: number;
  /** The first since the start is about everything, however old; in later ones the old have their turn less often. */
  isFirst: boolean;
  /**
   * Requests whose turn came when a round was full, or GitHub could not be asked: they come first in the next one. Kept by
   * whoever does the rounds.
   */
  left: Set<string>;
}

/** After a start: wakes whatever was begun and is not over. */
export async function takeUp(ports: Ports, interest: Interest): Promise<void> {
  await wakeCommands(ports);
  const unfinished = await ports.store.unfinishedDeployments();
  for (const { mirror, repository } of unfinished) if (mirror) interest.keep(repository);
  await wakeDeployments(ports, unfinished);
  await placeUntold(ports);
}

/**
 * Asks GitHub about unfinished deployments, the youngest first, and wakes them. Webhooks tell nearly all; this is for the
 * ones that got lost, so that it costs little: what is old is asked about ever less often. What another process had begun
 * and took down with it is woken, too.
 */
export async function reconcile(ports: Ports, round: Round): Promise<void> {
  await wakeCommands(ports);
  const now = ports.clock.now().getTime();
  const unfinished = await ports.store.unfinishedDeployments();
  const atGitHub = ({ stage, id }: Deployment) => stage === 'created' && id !== undefined;
  await wakeDeployments(
    ports,
    unfinished.filter((deployment) => !atGitHub(deployment)),
  );
  const due = unfinished
    .filter(atGitHub)
    .filter(
      (deployment) =>
        round.isFirst || round.left.has(deployment.request) || hasItsTurn(now - bornAt(deployment), round.everyMs),
    )
    .sort((a, b) => rank(round, a) - rank(round, b) || bornAt(b) - bornAt(a));
  round.left.clear();
  for (const { request } of due.slice(looksARound)) round.left.add(request);
  const looked = new Set<string>();
  await inBatches(due.slice(0, looksARound), looksAtOnce, async (deployment) => {
    // The next turn of an old one may be hours away.
    if ((await look(ports, deployment, looked)) === 'in vain') round.left.add(deployment.request);
  });
  await placeUntold(ports);
}

async function wakeCommands(ports: Ports): Promise<void> {
  const ids = await ports.store.unfinishedCommands();
  await inBatches(ids, batch, (id) => ports.jobs.wake({ kind: 'command', id }));
}

const wakeDeployments = (ports: Ports, deployments: readonly Deployment[]): Promise<void> =>
  inBatches(deployments, batch, ({ request }) => ports.jobs.wake({ kind: 'deployment', id: request }));

/** Ours come before what rooms read along with, and in either those that a full round left. */
const rank = ({ left }: Round, { mirror, request }: Deployment): number =>
  (mirror ? 2 : 0) + (left.has(request) ? 0 : 1);

const bornAt = ({ createdAt, stageAt }: Deployment): number => Date.parse(createdAt ?? stageAt);

/**
 * Whether a deployment of this age has its turn in a round: in each of the first ten, and from then on whenever it has
 * grown a tenth older. It needs no memory, so that any process may do any round.
 */
export function hasItsTurn(ageMs: number, everyMs: number): boolean {
  return turn(ageMs / everyMs) !== turn(ageMs / everyMs - 1);
}

const turn = (rounds: number): number =>
  rounds <= 10 ? Math.floor(rounds) : 10 + Math.floor(Math.log(rounds / 10) / Math.log(1.1));

/** Several rooms may read along with one deployment: GitHub is asked once. `in vain`: it can't be asked at the moment. */
async function look(ports: Ports, deployment: Deployment, looked: Set<string>): Promise<'in vain' | undefined> {
  const { repository, id, request } = deployment;
  if (id === undefined) return undefined;
  const name = `${repository.toLowerCase()} ${id}`;
  let learned: Awaited<ReturnType<typeof learnStatuses>> | 'a while' | 'good' | undefined;
  if (!looked.has(name)) {
    looked.add(name);
    const statuses = await ports.store.statuses(repository, id);
    learned = await learnStatuses(ports, deployment, statuses).catch(refusedFor);
  }
  await ports.jobs.wake({ kind: 'deployment', id: request });
  return learned === 'a while' ? 'in vain' : undefined;
}

/**
 * Wakes the deployments of statuses that nobody has told, and the rooms that read along with those of others, and lets go of
 * what belongs to nobody here.
 */
async function placeUntold(ports: Ports): Promise<void> {
  const old = new Date(ports.clock.now().getTime() - strangersKeptMs).toISOString();
  await inBatches(await ports.store.untoldStatuses(), batch, async ({ repository, deployment }) => {
    const known = await ports.store.deploymentById(repository, deployment);
    for (const { status, telling } of await ports.store.statuses(repository, deployment)) {
      if (isDone(telling)) continue;
      const isOurs = (known || status.claim) && (await wakeOurs(ports, status));
      if (isOurs) continue;
      await tellElsewhere(ports, status);
      if (!status.claim && !status.foreign && status.createdAt < old)
        await ports.store.tellStatus(status, { given: 'silently' });
    }
  });
}

async function inBatches<T>(all: readonly T[], size: number, call: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += size) {
    await Promise.all(all.slice(from, from + size).map(call));
  }
}
