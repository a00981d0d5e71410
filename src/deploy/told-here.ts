import { wants } from './audience.ts';
import { type Deployment, isEnding, type Mirror, type Note, type StatusLine, type Telling } from './deployment.ts';
import type { Ports, Store } from './ports.ts';
import type { Story } from './story.ts';

/** Nobody reads along any further: after so many lines of one deployment only its newest ending makes another. */
const mostLines = 50;

/**
 * The ports of whoever tells a deployment in a room that reads along: how far each status has come is kept for that room
 * alone, in its record. All else is as everywhere, so that the telling itself knows of no difference.
 */
export function toldHere(ports: Ports, deployment: Deployment): Ports {
  const { mirror } = deployment;
  if (!mirror) return ports;
  const { store } = ports;
  const inThisRoom: Store = {
    ...store,
    async statuses(repository, id) {
      const lines = await store.statuses(repository, id);
      return id === deployment.id ? tellingsHere(mirror, lines) : lines;
    },
    async tellStatus({ id }, telling) {
      mirror.told[id] = telling;
      await store.saveDeployment(deployment);
    },
  };
  return { ...ports, store: inThisRoom };
}

/** Whether the room asked for other states only. */
export const isUnwanted = ({ mirror }: Deployment, { status }: StatusLine): boolean =>
  mirror !== undefined && !wants(mirror, status.state);

/** What makes no line is known from the rest, and not kept for each status: there may be thousands. */
function tellingsHere(mirror: Mirror, lines: readonly StatusLine[]): StatusLine[] {
  const isFull = Object.values(mirror.told).filter(({ ts }) => ts !== undefined).length >= mostLines;
  const newest = lines.at(-1);
  const unless = (line: StatusLine): Telling => {
    const { state } = line.status;
    // That a newer one took over is settled when it is told.
    const isOver = isEnding(state) || state === 'inactive';
    if (isFull && !(isOver && line === newest)) return { given: 'enough' };
    return state === 'inactive' || wants(mirror, state) ? {} : { given: 'unwanted' };
  };
  return lines.map((line) => ({ ...line, telling: mirror.told[line.status.id] ?? unless(line) }));
}

/** What is said where lines are left out because there were enough; it stands where they would. */
export function enough({ statuses }: Story): Note | undefined {
  const first = statuses.find(({ telling }) => telling.given === 'enough');
  return first && { key: 'enough', at: first.at, kind: 'enough', lines: mostLines };
}
