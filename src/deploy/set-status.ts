import type { Status } from './deployment.ts';
import type { Found } from './lookup.ts';
import type { Command, Mark, Ports } from './ports.ts';

/** GitHub's clock and ours may differ by this much. */
const skewMs = 60_000;

/**
 * Sets a status for somebody, once for each command: where it ran before and was cut off, its status may be there already.
 * Our record has it at once, since GitHub sends no webhook for `inactive`; whoever tells it is woken. Rejects with a Refusal.
 *
 * `known`: all statuses of the deployment, by GitHub; nothing where the command has not begun before.
 */
export async function setStatus(
  ports: Ports,
  found: Found,
  mark: Mark,
  by: Command,
  known: readonly Status[],
): Promise<Status> {
  const { repository, remote, ours } = found;
  const before = setBefore(known, mark, by);
  if (!before) await aboutToChange(ports, by);
  const status = before ?? (await ports.github.mark(repository, remote.id, mark, await idsOf(ports, found, known)));
  // What was started elsewhere is told by the rooms that read along, if there are any.
  const telling = ours ? [ours] : await ports.store.mirrorsOf(repository.fullName, remote.id);
  const [first] = telling;
  if (first) {
    const receivedAt = ports.clock.now().toISOString();
    const facts = { repository: first.repository, receivedAt, byHand: true, ...(!ours && { foreign: true }) };
    await ports.store.recordStatus({ ...status, ...facts });
    await Promise.all(telling.map(({ request }) => ports.jobs.wake({ kind: 'deployment', id: request })));
  }
  return status;
}

/** What is known to be there already, and so is not what is about to be set. */
async function idsOf(
  { store }: Ports,
  { repository, remote }: Found,
  known: readonly Status[],
): Promise<ReadonlySet<number>> {
  const stored = await store.statuses(repository.fullName, remote.id);
  return new Set([...known.map(({ id }) => id), ...stored.map(({ status }) => status.id)]);
}

/** Stores that from here on GitHub may have been changed, for the run after a crash. */
export async function aboutToChange({ store, clock }: Ports, { id, begunAt }: Command): Promise<void> {
  if (begunAt === undefined) await store.beginCommand(id, clock.now().toISOString());
}

/** The very status, where an earlier run of this command may have set it. */
export function setBefore(
  known: readonly Status[],
  mark: Mark,
  { begunAt }: Pick<Command, 'begunAt'>,
): Status | undefined {
  if (begunAt === undefined) return undefined;
  const earliest = Date.parse(begunAt) - skewMs;
  return known.findLast((status) => saysTheSame(status, mark) && Date.parse(status.createdAt) >= earliest);
}

/** Old servers do not say of a status where it belongs. */
export const saysTheSame = (
  status: Status,
  { state, description = '', logUrl, environmentUrl, environment = status.environment }: Mark,
): boolean =>
  status.state === state &&
  status.description === description &&
  status.logUrl === logUrl &&
  status.environmentUrl === environmentUrl &&
  (status.environment ?? environment) === environment;

/** A description that says who, cut to what GitHub takes. */
export function saidBy(text: (name: string) => string, name: string): string {
  const room = 140 - [...text('')].length;
  const points = [...name.replace(/[\s\p{Cc}]+/gu, ' ').trim()];
  return text(points.length <= room ? points.join('') : `${points.slice(0, room - 1).join('')}…`);
}
