import { setImmediate as turn } from 'node:timers/promises';

interface One<In, Out> {
  given: In;
  resolve(answer: Out): void;
  reject(error: unknown): void;
}

/**
 * Does together what is asked for within one turn of the event loop, at most `atMost` at a time: a command of its own for
 * each costs more than what it does. `all` is called when the first one comes, and gets them all when the turn is over. It
 * answers as many as it was given, in their order; if it rejects, so does each.
 */
export function together<In, Out>(
  all: (given: Promise<readonly In[]>) => Promise<readonly Out[]>,
  atMost: number,
): (given: In) => Promise<Out> {
  let open: One<In, Out>[] = [];

  async function begin(group: readonly One<In, Out>[]): Promise<void> {
    try {
      const answers = await all(turn().then(() => shut(group)));
      group.forEach(({ resolve }, index) => {
        resolve(answers[index] as Out);
      });
    } catch (error) {
      // It may have failed before the turn was over: who comes now must not join what is past.
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
