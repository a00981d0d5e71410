import type { Job } from '../deploy/ports.ts';

/**
 * How many jobs of a kind one process runs at once. They mostly wait for Slack and GitHub, so that there may be many; a
 * kind's own room keeps a burst of commands from holding up deployments.
 */
export type Room = Readonly<Record<Job['kind'], number>>;

export const usualRoom: Room = { command: 8, deployment: 32, chore: 2 };
