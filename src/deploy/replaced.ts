import type { Deployment } from './deployment.ts';
import type { Ports } from './ports.ts';
import { becomesInactive } from './successor.ts';

/** Mirrors of an environment that are looked at for the one before; several rooms may read along, and some fail. */
const lookedAt = 30;

/**
 * A deployment succeeded, and took the place of the newest success before it: the rooms that read along with that one show
 * it. One of another task took nothing's place. Nothing is asked of GitHub, which makes the older one inactive later and
 * without a webhook.
 */
export async function tellReplaced(
  ports: Ports,
  repository: string,
  environment: string,
  by: number,
  task?: string,
): Promise<void> {
  const { store, jobs, clock } = ports;
  const around = await store.mirrorsIn(repository, environment, lookedAt);
  const known = around.find(({ id }) => id === by) ?? (await store.deploymentById(repository, by));
  const its = known?.create.task ?? task;
  const isBefore = ({ id = by, stage, create }: Deployment) =>
    id < by && stage !== 'refused' && (its === undefined || create.task === its);
  const before = around.filter((one) => isBefore(one) && becomesInactive(one));
  for (const id of new Set(before.flatMap((one) => one.id ?? []))) {
    const last = (await store.statuses(repository, id)).at(-1)?.status.state;
    if (last !== 'success' && last !== 'inactive') continue;
    for (const { request } of before.filter((one) => one.id === id)) {
      await store.addNote(request, { key: 'replaced', at: clock.now().toISOString(), kind: 'replaced', by });
      await jobs.wake({ kind: 'deployment', id: request });
    }
    return;
  }
}
