import type { Store } from '../../deploy/ports.ts';
import type { Around } from './around.ts';
import { run } from './steps.ts';

/** So many at a time, and others have their turn before the next. */
const batch = 500;

/** Deployments one by one: what leads to a record is found through the record. */
export function forget({ link, keys }: Around): Store['forget'] {
  async function forgetCommands(before: Date): Promise<number> {
    const facts = [before.getTime(), batch];
    return (await link.send((redis) => run(redis, 'forget-commands', [keys.commandsEnded], facts))) as number;
  }

  async function forgetDeployments(before: Date): Promise<number> {
    const shared = [keys.deploymentsOver, keys.statusesUntold, keys.statusesArrived];
    const old = `(${before.getTime()}`;
    const requests = await link.send((redis) =>
      redis.zrangebyscore(keys.deploymentsOver, '-inf', old, 'LIMIT', 0, batch),
    );
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

  /** Where all of them were ours, the next ones may not be: ours are not listed again. */
  async function forgetStrangers(before: Date): Promise<number> {
    const places = [keys.statusesUntold, keys.statusesArrived];
    const facts = [before.getTime(), batch, keys.statusesBelow, keys.byIdBelow, keys.mirrorsBelow];
    for (;;) {
      const answer = await link.send((redis) => run(redis, 'drop-strangers', places, facts));
      const [old, dropped] = answer as [number, number];
      if (dropped > 0 || old === 0) return dropped;
    }
  }

  return async ({ records, keys: before }) => {
    const commands = await forgetCommands(before);
    const deployments = await forgetDeployments(records);
    return commands + deployments + (await forgetStrangers(before));
  };
}
