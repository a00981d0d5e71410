import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Outcome } from '../attempt.ts';

/** A BullMQ job has to exist with this id, and to come up then (ms since 1970). */
export interface Wanted {
  ticket: string;
  due: number;
}

export type Begun =
  | { kind: 'run'; attempt: number }
  | { kind: 'early'; due: number }
  | ({ kind: 'other' } & Wanted)
  | { kind: 'over' };

export type Ended = { kind: 'again'; due: number } | { kind: 'over' } | { kind: 'lost' };

/** The atomic steps of a job on Redis, see the Lua file of each. `key` is the job's. */
export interface Steps {
  wake(
    key: string,
    at: { due: number; now: number },
    ticket: { fresh: string; keys: string },
  ): Promise<(Wanted & { replaced?: string }) | undefined>;
  begin(key: string, ticket: string, run: string, now: number): Promise<Begun>;
  end(key: string, ticket: string, run: string, outcome: Outcome): Promise<Ended>;
}

type Reply = (string | number | null)[];

export function stepsOn(redis: Redis): Steps {
  const [wake, begin, end] = [step(redis, 'wake'), step(redis, 'begin'), step(redis, 'end')];
  return {
    async wake(key, { due, now }, { fresh, keys }) {
      const [ticket, at, replaced] = await wake(key, due, now, fresh, keys);
      return ticket
        ? { ticket: `${ticket}`, due: Number(at), replaced: replaced ? `${replaced}` : undefined }
        : undefined;
    },
    async begin(key, ticket, run, now) {
      const [kind, first, second] = await begin(key, ticket, run, now);
      if (kind === 'run') return { kind, attempt: Number(first) };
      if (kind === 'early') return { kind, due: Number(first) };
      if (kind === 'other') return { kind, ticket: `${first}`, due: Number(second) };
      return { kind: 'over' };
    },
    async end(key, ticket, run, { dueAt, attempt }) {
      const [kind, first] = await end(key, ticket, run, dueAt ?? '', attempt);
      if (kind === 'again') return { kind, due: Number(first) };
      return { kind: kind === 'lost' ? kind : 'over' };
    },
  };
}

type Step = (key: string, ...values: (string | number)[]) => Promise<Reply>;

function step(redis: Redis, name: string): Step {
  const command = `jobs:${name}`;
  const lua = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
  redis.defineCommand(command, { numberOfKeys: 1, lua });
  const commands = redis as unknown as Record<string, Step>;
  return (key, ...values) => (commands[command] as Step).call(redis, key, ...values);
}
