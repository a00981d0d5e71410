import { setImmediate as turn } from 'node:timers/promises';

interface One<In, Out> {
  given: In;
  resolve(answer: Out): void;
  reject(error: unknown): void;
}

/**
 * Does together what is asked for within two turns of the event loop, at most `atMost` at a time: a command of its own for
 * each costs more than what it does, and after the second turn there are twice as many. `all` is called when the first one
 * comes, and gets them all when the turns are over. It answers as many as it was given, in their order; if it rejects, so
 * does each.
 */
export function together<In, Out>(
  all: (given: Promise<readonly In[]>) => Promise<readonly Out[]>,
  atMost: number,
): (given: In) => Promise<Out> {
  let open: One<In, Out>[] = [];

  async function begin(group: readonly One<In, Out>[]): Promise<void> {
    try {
      const answers = await all(turns().then(() => shut(group)));
      group.forEach(({ resolve }, index) => {
        resolve(answers[index] as Out);
      });
    } catch (error) {
      // It may have failed before the turns were over: who comes now must not join what is past.
      shut(group);
      for (const { reject } of group) reject(error);
    }
  }

  function shut(group: readonly One<In, Out>[]): In[] {
    if (open === group) open = [];
    return group.map(({ given }) => given);
  }

  return (given) =>
    new Promise((resolve, reject) => {
      if (open.length >= atMost) open = [];
      if (open.push({ given, resolve, reject }) === 1) void begin(open);
    });
}

async function turns(): Promise<void> {
  await turn();
  await turn();
}
