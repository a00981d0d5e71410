import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/deploy/deployment.ts';
import { type Lease, LeaseLost, leaseMs } from '../../../src/deploy/lease.ts';
import type { Store } from '../../../src/deploy/ports.ts';
import { aCommand, aDeployment, aStatus } from './records.ts';
import { type Moment, oddTexts } from './world.ts';

export function leasesContract(at: Moment): void {
  describe('leases', () => {
    const neverRecorded = aStatus({ id: 2 });
    const taken = async (name: string): Promise<Lease> => {
      const lease = await at.store.lease(name);
      if (!lease) throw new Error(`somebody has ${name}`);
      return lease;
    };

    test('are for one holder at a time, each name for itself', async () => {
      const lease = await taken('deployment:01A');
      expect(await at.store.lease('deployment:01A')).toBeUndefined();
      expect(await lease.store.lease('deployment:01A')).toBeUndefined();
      await taken('command:01A');
      await lease.release();
      expect(await at.store.lease('deployment:01A')).toBeDefined();
    });

    test('asked for by many at once go to one', async () => {
      const asked = await Promise.all(Array.from({ length: 20 }, () => at.store.lease('deployment:01A')));
      expect(asked.filter(Boolean)).toHaveLength(1);
    });

    test('say for how long they are sure', async () => {
      const lease = await taken('deployment:01A');
      expect(lease.holdsFor(leaseMs / 2)).toBe(true);
      expect(lease.holdsFor(leaseMs)).toBe(false);
      at.world.clock.jump(leaseMs / 2);
      expect(lease.holdsFor(leaseMs / 4)).toBe(true);
      expect(lease.holdsFor(leaseMs / 2)).toBe(false);
      await lease.store.saveDeployment(aDeployment());
      expect(lease.holdsFor(leaseMs / 2)).toBe(true);
      await lease.release();
      expect(lease.holdsFor(0)).toBe(false);
    });

    test('are prolonged as long as they are held', async () => {
      const lease = await taken('deployment:01A');
      for (let passed = 0; passed < 3 * leaseMs; passed += leaseMs / 3) {
        await at.world.clock.advance(leaseMs / 3);
        await expect.poll(() => lease.holdsFor(leaseMs / 2)).toBe(true);
      }
      expect(await at.store.lease('deployment:01A')).toBeUndefined();
      await lease.release();
      expect(at.world.clock.pending).toBe(0);
    });

    test('let their holder write, and read what was written', async () => {
      const { store: held, release } = await taken('deployment:01A');
      const status = aStatus();
      await held.saveDeployment(aDeployment());
      expect(await held.recordStatus(status)).toEqual({ isNew: true, isStrangers: false });
      await held.tellStatus(status, { ts: '17.2' });
      await held.tellStatus(neverRecorded, { ts: '17.3' });
      expect(await held.addNote('01A', { key: 'unknown', kind: 'unknown', at: status.createdAt })).toBe(true);
      expect(await held.acceptCommand(aCommand())).toBe(true);
      await held.answerCommand('01A', [{ words: ['no'] }]);
      await held.endCommand('01A');
      await release();
      expect(await at.store.deployment('01A')).toEqual(aDeployment());
      expect(await at.store.statuses('acme/hello', 7)).toMatchObject([
        { status: { id: status.id }, telling: { ts: '17.2' } },
        { status: { id: neverRecorded.id }, telling: { ts: '17.3' } },
      ]);
      expect(await at.store.notes('01A')).toHaveLength(1);
      expect(await at.store.unfinishedCommands()).toEqual([]);
    });

    const note: Note = { key: 'unknown', kind: 'unknown', at: '2026-11-20T12:00:00.000Z' };
    const writes: [name: string, (held: Store) => Promise<unknown>][] = [
      ['saveDeployment', (held) => held.saveDeployment(aDeployment({ stage: 'ended' }))],
      ['tellStatus', (held) => held.tellStatus(aStatus(), { ts: '17.9' })],
      ['tellStatus of what was never recorded', (held) => held.tellStatus(neverRecorded, { ts: '17.9' })],
      ['addNote', (held) => held.addNote('01A', { ...note, key: 'another' })],
      ['saveNote', (held) => held.saveNote('01A', { key: note.key, at: note.at, note, telling: { ts: '17.9' } })],
      ['beginCommand', (held) => held.beginCommand('01A', '2026-01-02T03:04:05.678Z')],
      ['answerCommand', (held) => held.answerCommand('01A', [{ words: ['late'] }])],
      ['endCommand', (held) => held.endCommand('01A')],
    ];
    const everything = async (): Promise<unknown> => [
      await at.store.deployment('01A'),
      await at.store.statuses('acme/hello', 7),
      await at.store.untoldStatuses(),
      await at.store.notes('01A'),
      await at.store.command('01A'),
    ];

    test.each(writes)('that were lost refuse %s, also when somebody else has them', async (_, write) => {
      await at.store.acceptCommand(aCommand());
      await at.store.saveDeployment(aDeployment());
      await at.store.recordStatus(aStatus());
      await at.store.addNote('01A', note);
      const before = await everything();

      const slow = await taken('deployment:01A');
      await at.world.loseLeases();
      const quick = await taken('deployment:01A');
      expect(slow.holdsFor(0)).toBe(false);
      await expect(write(slow.store)).rejects.toBeInstanceOf(LeaseLost);
      await slow.release();
      await expect(write(slow.store)).rejects.toBeInstanceOf(LeaseLost);
      expect(await everything()).toEqual(before);

      expect(await at.store.lease('deployment:01A')).toBeUndefined();
      expect(quick.holdsFor(leaseMs / 2)).toBe(true);
      await write(quick.store);
      expect(await everything()).not.toEqual(before);
    });

    test('that were lost are not released for whoever has them now', async () => {
      const slow = await taken('deployment:01A');
      await at.world.loseLeases();
      const quick = await taken('deployment:01A');
      await slow.release();
      expect(await at.store.lease('deployment:01A')).toBeUndefined();
      await quick.store.saveDeployment(aDeployment());
    });

    test('that were lost are not prolonged for whoever had them', async () => {
      const slow = await taken('deployment:01A');
      await at.world.loseLeases();
      await taken('deployment:01A');
      await at.world.clock.advance(leaseMs / 3);
      await at.store.ready();
      expect(slow.holdsFor(0)).toBe(false);
    });

    test('that were lost still take statuses and commands, and are read through', async () => {
      const { store: held } = await taken('deployment:01A');
      await at.world.loseLeases();
      expect(await held.recordStatus(aStatus())).toEqual({ isNew: true, isStrangers: false });
      expect(await held.acceptCommand(aCommand())).toBe(true);
      expect(await held.statuses('acme/hello', 7)).toHaveLength(1);
    });

    test('refuse writes after their release', async () => {
      const lease = await taken('deployment:01A');
      await lease.release();
      await lease.release();
      await expect(lease.store.saveDeployment(aDeployment())).rejects.toBeInstanceOf(LeaseLost);
    });

    test('have names of any content', async () => {
      for (const odd of oddTexts) expect(await at.store.lease(odd)).toBeDefined();
      for (const odd of oddTexts) expect(await at.store.lease(odd)).toBeUndefined();
    });
  });
}
