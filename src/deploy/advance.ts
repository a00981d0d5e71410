import { adopt } from './adopt.ts';
import { bind, creating, settling } from './creating.ts';
import type { Deployment } from './deployment.ts';
import { tellOtherRooms } from './elsewhere.ts';
import { movedOn } from './gave-up.ts';
import { created, ended, settleStage } from './live.ts';
import { merging } from './merging.ts';
import { beginMirror, isMirrorRequest } from './mirror.ts';
import { earliest, narrate } from './narrator.ts';
import { opening } from './opening.ts';
import type { Ports } from './ports.ts';
import { ignoreRefusals, later, type Step } from './stage.ts';
import { toldHere } from './told-here.ts';

/** When GitHub is asked again whose a return address is, or what was started elsewhere. */
const adoptAgainMs = 10_000;

/**
 * Brings a deployment to where it should be by now, and its thread with it. Level-triggered: called after every event and
 * after a restart, in any order, any number of times, but never twice at once for one request. Answers when it wants to
 * be called again without an event. `anew`: nobody knows what the parent shows.
 */
export async function advance(
  held: Ports,
  request: string,
  { anew = false }: { anew?: boolean } = {},
): Promise<Date | undefined> {
  const begin = isMirrorRequest(request) ? beginMirror : adopt;
  const deployment = (await held.store.deployment(request)) ?? (await begin(held, request).catch(ignoreRefusals));
  if (deployment === undefined) return later(held, adoptAgainMs);
  if (deployment === 'not ours') return undefined;
  const ports = toldHere(held, deployment);
  if (anew) deployment.shown = undefined;
  if (deployment.id === undefined) await bind(ports, deployment);

  let step: Step = 'on';
  while (step === 'on') step = await stages[deployment.stage](ports, deployment);

  // Before anything is told here: what a crash then leaves, this finds again.
  await tellOtherRooms(ports, deployment);
  const { story, again } = await narrate(ports, deployment);
  await settleStage(ports, deployment, story);
  await movedOn(ports, story);
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
