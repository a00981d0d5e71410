import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/deploy/ports.ts';
import { commandsContract } from './contract/commands.ts';
import { deploymentsContract } from './contract/deployments.ts';
import { forgettingContract } from './contract/forgetting.ts';
import { leasesContract } from './contract/leases.ts';
import { notesContract } from './contract/notes.ts';
import { aStatus } from './contract/records.ts';
import { statusesContract } from './contract/statuses.ts';
import { watchesContract } from './contract/watches.ts';
import type { Moment, StoreUnderTest } from './contract/world.ts';

export { aClaim, aCommand, aDeployment, aStatus } from './contract/records.ts';
export { jumpingClock } from './contract/world.ts';

/** What every store does, whatever it is made of. */
export function storeContract(kind: string, begin: () => Promise<StoreUnderTest>): void {
  describe(`${kind} keeps the contract of Store`, () => {
    let world: StoreUnderTest;
    let store: Store;
    const restart = async (): Promise<void> => {
      store = await world.restart();
    };
    const at: Moment = {
      get store() {
        return store;
      },
      get world() {
        return world;
      },
      restart,
    };

    beforeEach(async () => {
      world = await begin();
      store = world.store;
    });
    afterEach(() => world.end());

    commandsContract(at);
    deploymentsContract(at);
    statusesContract(at);
    notesContract(at);
    watchesContract(at);
    leasesContract(at);
    forgettingContract(at);

    test('is ready, and says so more than once', async () => {
      await store.ready();
      await store.ready();
    });

    test('takes nothing after it was closed', async () => {
      await store.close();
      await expect(store.recordStatus(aStatus({ id: 1 }))).rejects.toThrow();
      await expect(store.ready()).rejects.toThrow();
    });

    test('keeps what was on its way when it was closed', async () => {
      const recorded = store.recordStatus(aStatus({ id: 1 }));
      await restart();
      expect(await recorded).toEqual({ isNew: true, isStrangers: false });
      expect(await store.statuses('acme/hello', 7)).toHaveLength(1);
    });
  });
}
