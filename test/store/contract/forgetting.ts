import { describe, expect, test } from 'vitest';
import { type Stage, unfinishedStages } from '../../../src/deploy/deployment.ts';
import { aClaim, aCommand, aDeployment, aStatus } from './records.ts';
import type { Moment } from './world.ts';

export function forgettingContract(at: Moment): void {
  describe('forgetting', () => {
    const minuteMs = 60_000;
    const in1Minute = (): Date => new Date(at.world.clock.now().getTime() + minuteMs);
    const never = new Date(0);
    const forgetAll = async (before: { records: Date; keys: Date }): Promise<number> => {
      let forgotten = 0;
      for (let batch = -1; batch !== 0; forgotten += batch) batch = await at.store.forget(before);
      return forgotten;
    };
    const everything = () => ({ records: in1Minute(), keys: in1Minute() });

    test('leaves nothing of what is old and over', async () => {
      for (const [index, stage] of (['ended', 'refused', 'unknown'] as Stage[]).entries()) {
        const request = `01${index}`;
        const place = { ...aDeployment().place, thread: `16.${index}` };
        const id = 7 + index;
        await at.store.acceptCommand(aCommand({ id: request, place }));
        await at.store.saveDeployment(aDeployment({ request, place }));
        await at.store.saveDeployment(aDeployment({ request, place, stage: 'created', id, thread: `17.${index}` }));
        await at.store.recordStatus(aStatus({ deployment: id, id: 1, claim: aClaim({ request }) }));
        await at.store.recordStatus(aStatus({ deployment: id, id: 2 }));
        await at.store.tellStatus(aStatus({ deployment: id, id: 2 }), { ts: '17.9' });
        await at.store.addNote(request, { key: 'unknown', kind: 'unknown', at: aStatus().createdAt });
        await at.store.saveDeployment(aDeployment({ request, place, stage, id, thread: `17.${index}` }));
        await at.store.endCommand(request);
      }
      await at.store.acceptCommand(aCommand({ id: '01X', key: 'pressed' }));
      await at.store.endCommand('01X', { keyIsFree: true });
      await at.store.recordStatus(aStatus({ deployment: 99, claim: aClaim({ request: 'stranger' }) }));
      await at.store.recordStatus(aStatus({ deployment: 99, id: 2, repository: 'Acme/Other' }));
      const lease = await at.store.lease('deployment:010');
      await lease?.release();

      expect(await forgetAll(everything())).toBeGreaterThan(0);
      expect(await at.world.leftovers()).toEqual([]);
      expect(await at.store.deployment('010')).toBeUndefined();
      expect(await at.store.claimed('010')).toBeUndefined();
      expect(await at.store.untoldStatuses()).toEqual([]);
      expect(await at.store.deploymentInThread('T1', 'C1', '17.0')).toBeUndefined();
      expect(await at.store.deploymentsIn('acme/hello', 'staging', 9)).toEqual([]);
      expect(await at.store.acceptCommand(aCommand({ id: '010' }))).toBe(true);
      expect(await at.store.recordStatus(aStatus())).toEqual({ isNew: true, isStrangers: false });
    });

    test('never drops what is unfinished, however old', async () => {
      await at.store.acceptCommand(aCommand({ id: '01A' }));
      for (const [index, stage] of unfinishedStages.entries()) {
        await at.store.saveDeployment(aDeployment({ request: stage, stage, id: 7 + index }));
        await at.store.recordStatus(aStatus({ deployment: 7 + index }));
        await at.store.addNote(stage, { key: 'unknown', kind: 'unknown', at: aStatus().createdAt });
      }
      at.world.clock.jump(365 * 24 * 60 * minuteMs);
      await forgetAll(everything());
      expect(await at.store.unfinishedCommands()).toEqual(['01A']);
      expect(await at.store.unfinishedDeployments()).toHaveLength(unfinishedStages.length);
      for (const [index, stage] of unfinishedStages.entries()) {
        expect(await at.store.statuses('acme/hello', 7 + index)).toHaveLength(1);
        expect(await at.store.notes(stage)).toHaveLength(1);
      }
      expect(await at.store.untoldStatuses()).toHaveLength(unfinishedStages.length);
    });

    test('leaves the statuses of what other rooms read along with, until nobody does', async () => {
      const mirror = { told: {} };
      await at.store.recordStatus(aStatus({ foreign: true }));
      await at.store.saveDeployment(aDeployment({ request: 'm1', stage: 'created', id: 7, mirror }));
      await at.store.saveDeployment(aDeployment({ request: 'm2', stage: 'ended', id: 7, mirror }));
      await forgetAll(everything());
      expect(await at.store.mirrorsOf('acme/hello', 7)).toHaveLength(1);
      expect(await at.store.statuses('acme/hello', 7)).toHaveLength(1);
      await at.store.saveDeployment(aDeployment({ request: 'm1', stage: 'ended', id: 7, mirror }));
      await forgetAll(everything());
      expect(await at.store.mirrorsOf('acme/hello', 7)).toEqual([]);
      expect(await at.store.statuses('acme/hello', 7)).toEqual([]);
      expect(await at.world.leftovers()).toEqual([]);
    });

    test('leaves what was over and is not any more', async () => {
      await at.store.saveDeployment(aDeployment({ stage: 'unknown' }));
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 7 }));
      await forgetAll(everything());
      expect(await at.store.deployment('01A')).toBeDefined();
      expect(await at.store.forget(everything())).toBe(0);
    });

    test('goes by when a record was last saved', async () => {
      await at.store.saveDeployment(aDeployment({ request: '01A', stage: 'ended', id: 7 }));
      await at.store.saveDeployment(aDeployment({ request: '01B', stage: 'ended', id: 8 }));
      at.world.clock.jump(2 * minuteMs);
      await at.store.saveDeployment(aDeployment({ request: '01A', stage: 'ended', id: 7, shown: 'again' }));
      const records = new Date(at.world.clock.now().getTime() - minuteMs);
      expect(await forgetAll({ records, keys: never })).toBe(1);
      expect(await at.store.deployment('01A')).toBeDefined();
      expect(await at.store.deployment('01B')).toBeUndefined();
      expect((await at.store.deploymentsIn('acme/hello', 'staging', 9)).map(({ id }) => id)).toEqual([7]);
    });

    test('keeps the key of a command for as long as it is told to', async () => {
      const minutesAway = (minutes: number): string =>
        new Date(at.world.clock.now().getTime() + minutes * minuteMs).toISOString();
      await at.store.acceptCommand(aCommand({ id: '01A', key: 'old', at: minutesAway(-10) }));
      await at.store.acceptCommand(aCommand({ id: '01B', key: 'young', at: minutesAway(-1) }));
      for (const id of ['01A', '01B']) await at.store.endCommand(id);
      const keys = new Date(at.world.clock.now().getTime() - 5 * minuteMs);
      expect(await forgetAll({ records: never, keys })).toBe(1);
      expect(await at.store.acceptCommand(aCommand({ id: '01C', key: 'young' }))).toBe(false);
      expect(await at.store.acceptCommand(aCommand({ id: '01D', key: 'old' }))).toBe(true);
    });

    test('drops old statuses of strangers, told or not, and no young ones', async () => {
      const receivedAt = in1Minute().toISOString();
      await at.store.recordStatus(aStatus({ deployment: 1 }));
      await at.store.recordStatus(aStatus({ deployment: 2 }));
      await at.store.tellStatus(aStatus({ deployment: 2 }), { given: 'silently' });
      await at.store.recordStatus(aStatus({ deployment: 3, receivedAt }));
      await forgetAll({ records: never, keys: in1Minute() });
      expect(await at.store.statuses('acme/hello', 1)).toEqual([]);
      expect(await at.store.statuses('acme/hello', 2)).toEqual([]);
      expect(await at.store.statuses('acme/hello', 3)).toHaveLength(1);
      expect(await at.store.untoldStatuses()).toMatchObject([{ deployment: 3 }]);
    });

    test('leaves the statuses of a stranger that became ours to its record', async () => {
      await at.store.recordStatus(aStatus({ id: 1 }));
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 7, repository: 'Acme/Hello' }));
      await forgetAll(everything());
      await at.store.recordStatus(aStatus({ id: 2 }));
      await forgetAll(everything());
      expect(await at.store.statuses('acme/hello', 7)).toHaveLength(2);
      await at.store.saveDeployment(aDeployment({ stage: 'ended', id: 7, repository: 'Acme/Hello' }));
      await forgetAll(everything());
      expect(await at.world.leftovers()).toEqual([]);
    });

    test('leaves statuses to the other record where two hosts gave the same id', async () => {
      await at.store.saveDeployment(aDeployment({ request: '01A', stage: 'ended', id: 7 }));
      await at.store.saveDeployment(aDeployment({ request: '01B', stage: 'created', id: 7 }));
      await at.store.recordStatus(aStatus());
      await forgetAll(everything());
      expect(await at.store.deployment('01A')).toBeUndefined();
      expect(await at.store.statuses('acme/hello', 7)).toHaveLength(1);
    });

    test('finds the old among many that stay', async () => {
      const ours = Array.from({ length: 700 }, (_, index) => index + 1);
      await Promise.all(
        ours.map((id) => at.store.saveDeployment(aDeployment({ request: `r${id}`, id, stage: 'created' }))),
      );
      await Promise.all(
        ours.flatMap((deployment) => [1, 2, 3].map((id) => at.store.recordStatus(aStatus({ id, deployment })))),
      );
      await at.store.recordStatus(aStatus({ deployment: 1_000, receivedAt: '2026-11-20T12:00:01.000Z' }));
      expect(await forgetAll(everything())).toBe(1);
      expect(await at.store.statuses('acme/hello', 1_000)).toEqual([]);
      expect(await at.store.untoldStatuses()).toHaveLength(700);
    });

    test('takes several calls for a lot, and says when it is done', async () => {
      const many = Array.from({ length: 1_200 }, (_, index) => index + 1);
      await Promise.all(many.map((id) => at.store.recordStatus(aStatus({ id, deployment: id }))));
      await Promise.all(
        many.map((id) =>
          at.store.saveDeployment(aDeployment({ request: `r${id}`, id, stage: id % 2 ? 'ended' : 'created' })),
        ),
      );
      await Promise.all(many.map((id) => at.store.recordStatus(aStatus({ id, deployment: id + 10_000 }))));
      await forgetAll(everything());
      expect(await at.store.unfinishedDeployments()).toHaveLength(600);
      expect(await at.store.untoldStatuses()).toHaveLength(600);
      expect(await at.store.forget(everything())).toBe(0);
    });
  });
}
