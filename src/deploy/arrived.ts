import type { Deployer } from './deployer.ts';
import type { Status } from './deployment.ts';
import { tellElsewhere } from './elsewhere.ts';
import type { Lately } from './lately.ts';
import type { Ports } from './ports.ts';
import { tellReplaced } from './replaced.ts';

/** A look for what took the place of what: of those that came, one is enough for the newest. */
interface Look {
  newest: Status;
  hasBegun: boolean;
  done: Promise<void>;
}

/** Between a look and the one that others already wait for: where so many succeed, more would tell nothing more. */
const betweenLooksMs = 100;

/** What is to be called when a status was recorded: wakes the deployment that it belongs to, if that is ours. */
export function arrivals(ports: Ports, lately: Lately): Deployer['arrived'] {
  /** By where it looks: the last one, which is under way or waits for the one before it. */
  const looks = new Map<string, Look>();

  /**
   * Many succeed at once on a busy repository: those that come during a look share the next one. Only the first of them
   * waits for it. Thousands that wait a tenth of a second hold what they came with, and collecting garbage takes twice as
   * long.
   */
  async function wakeTheReplaced(status: Status): Promise<void> {
    const where = JSON.stringify([status.repository.toLowerCase(), status.environment, status.task]);
    const last = looks.get(where);
    if (last && !last.hasBegun) {
      if (status.deployment > last.newest.deployment) last.newest = status;
      return;
    }
    const look: Look = { newest: status, hasBegun: false, done: Promise.resolve() };
    looks.set(where, look);
    look.done = lookAfter(last?.done, look).finally(() => {
      if (looks.get(where) === look) looks.delete(where);
    });
    await look.done;
  }

  /** Whoever waits for a look waits for no later one: on a busy repository they follow one another without end. */
  async function lookAfter(before: Promise<void> | undefined, look: Look): Promise<void> {
    if (before) {
      // What went wrong is told to the one who waited for it.
      await before.catch(() => {});
      const { clock } = ports;
      await new Promise<void>((resolve) => clock.at(new Date(clock.now().getTime() + betweenLooksMs), resolve));
    }
    look.hasBegun = true;
    await lookForTheReplaced(ports, look.newest);
  }

  return async (status, isStrangers) => {
    lately.forget(status.repository, status.deployment);
    // By far the most on a busy repository are nobody's business here: they are not looked up one by one.
    if (!isStrangers) {
      if (await wakeOurs(ports, status)) return;
      await tellElsewhere(ports, status);
    }
    if (status.state === 'success') await wakeTheReplaced(status);
  };
}

/** Wakes the deployment of a status. Answers whether it is one of ours. */
export async function wakeOurs(ports: Ports, status: Status): Promise<boolean> {
  const known = await ports.store.deploymentById(status.repository, status.deployment);
  const request = known?.request ?? status.claim?.request;
  if (request === undefined) return false;
  const claimed = known ?? (await ports.store.deployment(request));
  // A request belongs to one deployment for ever: this one carries a copy of its return address.
  const isCopy = claimed?.id !== undefined && claimed.id !== status.deployment;
  if (isCopy) await ports.store.tellStatus(status, { given: 'silently' });
  else await ports.jobs.wake({ kind: 'deployment', id: request });
  return !isCopy;
}

/** Somebody else's deployment succeeded: it takes the place of the one before it in that environment. */
async function lookForTheReplaced(ports: Ports, status: Status): Promise<void> {
  const { environment } = status;
  if (!environment) return;
  // Whoever was told of the one before is told of this, whether anybody listens now or not.
  await tellReplaced(ports, status.repository, environment, status.deployment, status.task);
  const [ours] = await ports.store.deploymentsIn(status.repository, environment, 1);
  if (ours?.stage === 'ended') await ports.jobs.wake({ kind: 'deployment', id: ours.request });
}
