import { adopt } from './adopt.ts';
import { bind, creating, settling } from './creating.ts';
import type { Deployment } from './deployment.ts';
import { created, ended, settleStage } from './live.ts';
import { merging } from './merging.ts';
import { earliest, narrate } from './narrator.ts';
import { opening } from './opening.ts';
import type { Ports } from './ports.ts';
import { ignoreRefusals, later, type Step } from './stage.ts';

/** When GitHub is asked again whose a return address is. */
const adoptAgainMs = 10_000;

/**
 * Brings a deployment to where it should be by now, and its thread with it. Level-triggered: called after every event and
 * after a restart, in any order, any number of times, but never twice at once for one request. Answers when it wants to
 * be called again without an event. `anew`: nobody knows what the parent shows.
 */
export async function advance(
  ports: Ports,
  request: string,
  { anew = false }: { anew?: boolean } = {},
): Promise<Date | undefined> {
  const deployment = (await ports.store.deployment(request)) ?? (await adopt(ports, request).catch(ignoreRefusals));
  if (deployment === undefined) return later(ports, adoptAgainMs);
  if (deployment === 'not ours') return undefined;
  if (anew) deployment.shown = undefined;
  if (deployment.id === undefined) await bind(ports, deployment);

  let step: Step = 'on';
  while (step === 'on') step = await stages[deployment.stage](ports, deployment);

  const { story, again } = await narrate(ports, deployment);
  await settleStage(ports, deployment, story);
  return earliest(step === 'rest' ? undefined : step, again);
}

const stages: Record<Deployment['stage'], (ports: Ports, deployment: Deployment) => Promise<Step>> = {
  opening,
  creating,
  settling,
  merging,
  created,
  ended,
  refused: async () => 'rest',
  unknown: async () => 'rest',
};
