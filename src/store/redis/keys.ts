import { escapeText } from '../escape.ts';

/**
 * What things are called in Redis. Keys are bytes, and half of a surrogate pair has none of its own: texts from outside
 * are escaped, so that two different ones stay two.
 */
export function keysBelow(prefix: string) {
  /** A key of several texts, which stay apart whatever is in them. */
  const joined = (kind: string, ...texts: string[]) => `${prefix}${kind}:${JSON.stringify(texts)}`;
  return {
    command: (id: string) => `${prefix}command:${escapeText(id)}`,
    commandKey: (key: string) => `${prefix}command-key:${escapeText(key)}`,
    commandsArrived: `${prefix}commands:arrived`,
    commandsUnfinished: `${prefix}commands:unfinished`,
    commandsEnded: `${prefix}commands:ended`,

    deploymentsBelow: `${prefix}deployment:`,
    deployment: (request: string) => `${prefix}deployment:${escapeText(request)}`,
    deploymentsUnfinished: `${prefix}deployments:unfinished`,
    deploymentsUnfinishedIn: (repository: string) => joined('unfinished-in', repository.toLowerCase()),
    deploymentsOver: `${prefix}deployments:over`,
    /** By GitHub's id: the name of one of GitHub's deployments follows, as with its statuses. */
    byIdBelow: `${prefix}by-id:`,
    deploymentsIn: (repository: string, environment: string) =>
      joined('in-environment', repository.toLowerCase(), environment),
    /** Mirrors of one of GitHub's deployments, whose name follows. */
    mirrorsBelow: `${prefix}mirrors:`,
    mirrorsIn: (repository: string, environment: string) => joined('mirrors-in', repository.toLowerCase(), environment),
    deploymentsInThread: (team: string, room: string, thread: string) => joined('in-thread', team, room, thread),

    statusesBelow: `${prefix}statuses:`,
    statusesUntold: `${prefix}statuses-untold`,
    statusesArrived: `${prefix}statuses-arrived`,
    claims: (request: string) => `${prefix}claims:${escapeText(request)}`,

    watches: `${prefix}watches`,

    notesBelow: `${prefix}notes:`,
    notes: (request: string) => `${prefix}notes:${escapeText(request)}`,
    lease: (name: string) => `${prefix}lease:${escapeText(name)}`,
    lane: (lane: string) => `${prefix}lane:${escapeText(lane)}`,
    laneHold: (lane: string) => `${prefix}lane-hold:${escapeText(lane)}`,
    laneSlot: (lane: string, caller: string) => `${prefix}lane-slot:${escapeText(lane)} ${escapeText(caller)}`,
    pulse: `${prefix}pulse`,
  };
}

export type Keys = ReturnType<typeof keysBelow>;

/** One deployment of GitHub's. The id comes first, so that nothing in the repository can look like one. */
export const nameOf = (repository: string, deployment: number): string =>
  `${deployment}:${escapeText(repository.toLowerCase())}`;
