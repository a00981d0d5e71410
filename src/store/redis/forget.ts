import type { Store } from '../../deploy/ports.ts';
import type { Around } from './around.ts';
import { run } from './steps.ts';

/** So many at a time, and others have their turn before the next. */
const batch = 500;

/** Deployments one by one: what leads to a record is found through the record. */
export function forget({ link, keys }: Around): Store['forget'] {
  const older = (index: string, before: Date): Promise<string[]> =>
    link.send((redis) => redis.zrangebyscore(index, '-inf', `(${before.getTime()}`, 'LIMIT', 0, batch));

  async function forgetCommands(before: Date): Promise<number> {
    const facts = [before.getTime(), batch];
    return (await link.send((redis) => run(redis, 'forget-commands', [keys.commandsEnded], facts))) as number;
  }

  async function forgetDeployments(before: Date): Promise<number> {
    const shared = [keys.deploymentsOver, keys.statusesUntold, keys.statusesArrived];
    const requests = await older(keys.deploymentsOver, before);
    const dropped = await link.send((redis) =>
      Promise.all(
        requests.map((request) => {
          const places = [`${keys.deploymentsBelow}${request}`, `${keys.notesBelow}${request}`, ...shared];
          const facts = [request, before.getTime(), keys.statusesBelow, keys.byIdBelow, keys.mirrorsBelow];
          return run(redis, 'drop-deployment', places, facts) as Promise<number>;
        }),
      ),
    );
    return dropped.reduce((sum, count) => sum + count, 0);
  }

  async function forgetStrangers(before: Date): Promise<number> {
    for (;;) {
      const names = await older(keys.statusesArrived, before);
      if (names.length === 0) return 0;
      const below = [keys.statusesBelow, keys.byIdBelow, keys.mirrorsBelow];
      const each = names.flatMap((name) => below.map((beginning) => `${beginning}${name}`));
      const places = [keys.statusesUntold, keys.statusesArrived, ...each];
      const facts = [before.getTime(), ...names];
      const dropped = (await link.send((redis) => run(redis, 'drop-strangers', places, facts))) as number;
      // Where all of them were ours, the next ones may not be: ours are not listed again.
      if (dropped > 0) return dropped;
    }
  }

  return async ({ records, keys: before }) => {
    const commands = await forgetCommands(before);
    const deployments = await forgetDeployments(records);
    return commands + deployments + (await forgetStrangers(before));
  };
}
