import type { Deployment, Note, Told } from './deployment.ts';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';

/** What one stage did: go on with the next stage at once, come again later, or rest until something happens. */
export type Step = 'on' | 'rest' | Date;

/** What could not be begun for this long is given up: a deploy that starts by surprise is worse than none. */
export const startsWithinMs = 10 * 60_000;

/** Stores the stage before anything else happens outside. */
export async function enter(
  ports: Ports,
  deployment: Deployment,
  stage: Deployment['stage'],
  change: Partial<Deployment>,
): Promise<Step> {
  await save(ports, deployment, { ...change, stage, stageAt: ports.clock.now().toISOString() });
  return 'on';
}

/** Changes the deployment, here and in the store. */
export async function save(ports: Ports, deployment: Deployment, change: Partial<Deployment>): Promise<void> {
  Object.assign(deployment, change);
  await ports.store.saveDeployment(deployment);
}

/** Adds a line to the thread, once for each key. */
export async function note(ports: Ports, deployment: Deployment, said: NoteWithoutTime): Promise<void> {
  await ports.store.addNote(deployment.request, { ...said, at: ports.clock.now().toISOString() } as Note);
}

type NoteWithoutTime = Note extends infer Each ? (Each extends Note ? Omit<Each, 'at'> : never) : never;

/** The end without a deployment: the parent says so, the thread says why. */
export async function refuse(ports: Ports, deployment: Deployment, refusal: Told): Promise<Step> {
  await note(ports, deployment, { key: 'refused', kind: 'refused' });
  ports.journal.add(deployment, { kind: 'refused', code: refusal.code });
  return enter(ports, deployment, 'refused', { creating: false, refusal });
}

export const elapsed = (ports: Ports, since: string): number => ports.clock.now().getTime() - Date.parse(since);
export const later = (ports: Ports, ms: number): Date => new Date(ports.clock.now().getTime() + ms);

/** Refusals of GitHub's that are over by themselves. */
export const isPassing = ({ code }: Refusal): boolean => code === 'github-unreachable' || code === 'rate-limited';

/** Expected trouble while only looking, by whether it is over by itself. Anything else is a bug, and goes on up. */
export function refusedFor(error: unknown): 'a while' | 'good' {
  if (error instanceof Refusal) return isPassing(error) ? 'a while' : 'good';
  throw error;
}

/** Expected trouble while only looking: the next look will tell. Anything else is a bug, and goes on up. */
export function ignoreRefusals(error: unknown): undefined {
  if (error instanceof Refusal) return undefined;
  throw error;
}

/**
 * So long a post of which nobody knows whether it was said is not looked for: what Slack has taken may show a little later.
 * Nobody looks before, whatever wakes them meanwhile.
 */
const doubtMs = 2_000;

/** When a doubtful post that began then may be looked for, unless that is now. */
export function stillDoubtful(ports: Ports, since: string | undefined): Date | undefined {
  const left = since === undefined ? 0 : doubtMs - elapsed(ports, since);
  return left > 0 ? later(ports, left) : undefined;
}
