import type { Redis } from 'ioredis';

type Command = [name: string, ...values: (string | number)[]];

/** Sends a command for each with one write, and waits for all. Rejects with the first error, when all are answered. */
export async function inOneGo<T>(redis: Redis, all: readonly T[], commandFor: (one: T) => Command): Promise<unknown[]> {
  const answers = await redis.pipeline(all.map(commandFor)).exec();
  return (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
