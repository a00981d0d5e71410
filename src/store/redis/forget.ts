import type { Store } from '../../deploy/ports.ts';
import type { Around } from './around.ts';
import { run, type Step } from './steps.ts';

/** So many at a time: each is a step of its own, and others have their turn between them. */
const batch = 500;

/** Commands one script, the rest one by one: what leads to a record is found through the record. */
export function forget({ link, keys }: Around): Store['forget'] {
  const older = (index: string, before: Date): Promise<string[]> =>
    link.send((redis) => redis.zrangebyscore(index, '-inf', `(${before.getTime()}`, 'LIMIT', 0, batch));

  type Each = (one: string) => { step: Step; places: string[]; facts: (string | number)[] };
  const drop = async (all: readonly string[], each: Each): Promise<number> => {
    const dropped = await link.send((redis) =>
      Promise.all(
        all.map((one) => {
          const { step, places, facts } = each(one);
          return run(redis, step, places, facts) as Promise<number>;
        }),
      ),
    );
    return dropped.reduce((sum, count) => sum + count, 0);
  };

  async function forgetCommands(before: Date): Promise<number> {
    const facts = [before.getTime(), batch];
    return (await link.send((redis) => run(redis, 'forget-commands', [keys.commandsEnded], facts))) as number;
  }

  async function forgetDeployments(before: Date): Promise<number> {
    const shared = [keys.deploymentsOver, keys.statusesUntold, keys.statusesArrived];
    return drop(await older(keys.deploymentsOver, before), (request) => ({
      step: 'drop-deployment',
      places: [`${keys.deploymentsBelow}${request}`, `${keys.notesBelow}${request}`, ...shared],
      facts: [request, before.getTime(), keys.statusesBelow, keys.byIdBelow],
    }));
  }

  async function forgetStrangers(before: Date): Promise<number> {
    for (;;) {
      const names = await older(keys.statusesArrived, before);
      const dropped = await drop(names, (name) => ({
        step: 'drop-stranger',
        places: [`${keys.statusesBelow}${name}`, `${keys.byIdBelow}${name}`, keys.statusesUntold, keys.statusesArrived],
        facts: [name, before.getTime()],
      }));
      // Where all of them were ours, the next ones may not be: ours are not listed again.
      if (dropped > 0 || names.length === 0) return dropped;
    }
  }

  return async ({ records, keys: before }) => {
    const commands = await forgetCommands(before);
    const deployments = await forgetDeployments(records);
    return commands + deployments + (await forgetStrangers(before));
  };
}
