import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';

/** Steps that a lease can stand before. */
const fencedSteps = [
  'add-note',
  'answer-command',
  'begin-command',
  'end-command',
  'save-deployment',
  'save-note',
  'tell-status',
] as const;

const freeSteps = [
  'accept-command',
  'claimed',
  'drop-deployment',
  'drop-strangers',
  'forget-commands',
  'hold-lane',
  'listed-deployments',
  'prolong-lease',
  'record-statuses',
  'release-lease',
  'reserve-slot',
] as const;

export type FencedStep = (typeof fencedSteps)[number];
/** What Redis does in one atomic step: a Lua file each, whose header says what KEYS and ARGV are and what it answers. */
export type Step = (typeof freeSteps)[number] | FencedStep;

export interface Fence {
  /** The lease's key. */
  key: string;
  token: string;
  /** How long it lasts from the write on. */
  ms: number;
}

/**
 * Makes the steps known on a connection: each goes over as its SHA-1 alone, and as a whole where the server does not know
 * it yet. They reach keys that are named in ARGV or were stored, which a Redis Cluster would not allow.
 */
export function defineSteps(redis: Redis): void {
  for (const name of [...freeSteps, ...fencedSteps]) redis.defineCommand(command(name), { lua: text(name) });
  for (const name of fencedSteps) {
    redis.defineCommand(fencedCommand(name), { lua: `${text('fence')}\n${text(name)}` });
  }
}

type Values = readonly (string | number)[];

/** Runs a step, with the lease before it that `fence` names. Rejects as ioredis does; see trouble.ts. */
export function run(redis: Redis, name: Step, keys: readonly string[], args: Values): Promise<unknown>;
export function run(
  redis: Redis,
  name: FencedStep,
  keys: readonly string[],
  args: Values,
  fence?: Fence,
): Promise<unknown>;
export function run(redis: Redis, name: Step, keys: readonly string[], args: Values, fence?: Fence): Promise<unknown> {
  if (!fence) return defined(redis, command(name))(keys.length, ...keys, ...args);
  return defined(redis, fencedCommand(name))(keys.length + 1, ...keys, fence.key, ...args, fence.token, fence.ms);
}

const command = (name: string): string => `step:${name}`;
const fencedCommand = (name: string): string => `step:${name}:fenced`;

type Command = (...values: (string | number)[]) => Promise<unknown>;

/** What `defineCommand` makes has no type. */
function defined(redis: Redis, name: string): Command {
  return (redis as unknown as Record<string, Command>)[name]?.bind(redis) ?? noSuchStep;
}

const noSuchStep: Command = () => Promise.reject(new Error('This connection does not know the steps.'));

const texts = new Map<string, string>();

function text(name: string): string {
  const known = texts.get(name) ?? readFileSync(path.join(import.meta.dirname, `${name}.lua`), 'utf8');
  texts.set(name, known);
  return known;
}
