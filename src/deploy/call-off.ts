import { mayDecide } from './may-decide.ts';
import { nameOf } from './name-of.ts';
import type { Command, Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { code, say, type Words } from './words.ts';

/** Ends the wait for the checks of a merged head. Throws a Refusal where nothing waits. */
export async function callOff(ports: Ports, request: string, by: Command): Promise<Words> {
  const deployment = await ports.store.deployment(request);
  if (!deployment || deployment.place.team !== by.place.team || deployment.stage !== 'merging') {
    throw new Refusal(
      'nothing-to-call-off',
      say`There is nothing to call off here: only a deployment that waits for its checks can be. Type ${code('/deploy status')} to see what is under way.`,
    );
  }
  await mayDecide(ports, deployment, by);
  const at = ports.clock.now().toISOString();
  await ports.store.addNote(request, {
    key: 'called-off',
    at,
    kind: 'called-off',
    by: { id: by.user.id, name: await nameOf(ports, by) },
  });
  await ports.jobs.wake({ kind: 'deployment', id: request });
  return say`Called off.`;
}
