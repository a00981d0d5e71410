import { describe, expect, test } from 'vitest';
import type { Store } from '../../../src/deploy/ports.ts';
import { aClaim, aDeployment, aStatus } from './records.ts';
import { type Moment, oddTexts } from './world.ts';

export function statusesContract(at: Moment): void {
  describe('statuses', () => {
    test('are new once; the first facts stay', async () => {
      const status = aStatus({ id: 1, description: 'first', logUrl: 'https://ci.test/1' });
      expect(await at.store.recordStatus(status)).toEqual({ isNew: true, isStrangers: false });
      expect(await at.store.recordStatus({ ...status, description: 'second', state: 'failure' })).toEqual({
        isNew: false,
        isStrangers: false,
      });
      expect(await at.store.recordStatus({ ...status, repository: 'ACME/Hello' })).toEqual({
        isNew: false,
        isStrangers: false,
      });
      await at.restart();
      expect(await at.store.recordStatus(status)).toEqual({ isNew: false, isStrangers: false });
      const lines = await at.store.statuses('acme/hello', 7);
      expect(lines.map((line) => line.status)).toEqual([status]);
      expect(lines[0]).toMatchObject({ at: status.createdAt, telling: {} });
    });

    test('that come at once from many are each there, once', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => 1 + (index % 100));
      const answers = await Promise.all(ids.map((id) => at.store.recordStatus(aStatus({ id }))));
      expect(answers.filter(({ isNew }) => isNew)).toHaveLength(100);
      expect(await at.store.statuses('acme/hello', 7)).toHaveLength(100);
    });

    test('that come at once, some of them known, are each told apart', async () => {
      const known = [3, 8, 21, 40];
      for (const id of known) await at.store.recordStatus(aStatus({ id, foreign: true }));
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 12 }));
      const all = Array.from({ length: 70 }, (_, index) => index + 1);
      const ofOurs = (id: number) => id % 3 === 0;
      const answers = await Promise.all(
        all.map((id) => at.store.recordStatus(aStatus({ id, foreign: true, ...(ofOurs(id) && { deployment: 12 }) }))),
      );
      expect(answers).toEqual(
        all.map((id) => ({ isNew: ofOurs(id) || !known.includes(id), isStrangers: !ofOurs(id) })),
      );
      expect(await at.store.statuses('acme/hello', 12)).toHaveLength(23);
      expect(await untold(at.store)).toMatchObject([{ deployment: 12 }]);
    });

    test('of strangers that come at once, some of them known and some twice, are each told apart', async () => {
      const known = [3, 8, 21, 40];
      for (const id of known) await at.store.recordStatus(aStatus({ id, foreign: true }));
      const all = [...Array.from({ length: 70 }, (_, index) => index + 1), 70, 5];
      const answers = await Promise.all(all.map((id) => at.store.recordStatus(aStatus({ id, foreign: true }))));
      expect(answers).toEqual(
        all.map((id, index) => ({ isNew: index < 70 && !known.includes(id), isStrangers: true })),
      );
      const lines = await at.store.statuses('acme/hello', 7);
      expect(lines.map(({ telling }) => telling)).toEqual(Array(70).fill({ given: 'silently' }));
      expect(await untold(at.store)).toEqual([]);
    });

    test('come in the order of GitHub: by time, then by id', async () => {
      await at.store.recordStatus(aStatus({ id: 30, createdAt: '2026-11-20T12:00:01Z' }));
      await at.store.recordStatus(aStatus({ id: 9, createdAt: '2026-11-20T12:00:02Z' }));
      await at.store.recordStatus(aStatus({ id: 10, createdAt: '2026-11-20T12:00:01Z' }));
      const lines = await at.store.statuses('Acme/hello', 7);
      expect(lines.map(({ status }) => status.id)).toEqual([10, 30, 9]);
      expect(new Set(lines.map(({ key }) => key)).size).toBe(3);
    });

    test('belong to one deployment of one repository', async () => {
      await at.store.recordStatus(aStatus({ id: 1 }));
      expect(await at.store.recordStatus(aStatus({ id: 1, deployment: 8 }))).toEqual({
        isNew: true,
        isStrangers: false,
      });
      expect(await at.store.recordStatus(aStatus({ id: 1, repository: 'acme/other' }))).toEqual({
        isNew: true,
        isStrangers: false,
      });
      expect(await at.store.statuses('acme/hello', 7)).toHaveLength(1);
      expect(await at.store.statuses('acme/hello', 9)).toEqual([]);
    });

    test('are seen by whoever reads after they were acknowledged', async () => {
      for (let id = 1; id <= 20; id++) {
        await at.store.recordStatus(aStatus({ id }));
        expect(await at.store.statuses('acme/hello', 7)).toHaveLength(id);
      }
    });

    test('of strangers wait for nobody, until somebody wants them told', async () => {
      const status = aStatus({ id: 1, foreign: true });
      expect(await at.store.recordStatus(status)).toEqual({ isNew: true, isStrangers: true });
      expect(await at.store.recordStatus(status)).toEqual({ isNew: false, isStrangers: true });
      await at.restart();
      expect(await untold(at.store)).toEqual([]);
      expect(await at.store.statuses('acme/hello', 7)).toMatchObject([{ status, telling: { given: 'silently' } }]);
      await at.store.tellStatus(status, {});
      expect(await untold(at.store)).toEqual([{ repository: 'acme/hello', deployment: 7 }]);
      await at.store.tellStatus(status, { ts: '1718000000.000100' });
      expect(await untold(at.store)).toEqual([]);
    });

    test('of strangers are those whose deployment is none of ours, whatever their payload says', async () => {
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 7 }));
      const foreign = { foreign: true, repository: 'Acme/Hello' };
      expect(await at.store.recordStatus(aStatus({ ...foreign, id: 1, deployment: 8 }))).toEqual({
        isNew: true,
        isStrangers: true,
      });
      expect(await at.store.recordStatus(aStatus({ ...foreign, id: 2, deployment: 7 }))).toEqual({
        isNew: true,
        isStrangers: false,
      });
      const wanted = aStatus({ ...foreign, id: 3, deployment: 9, wanted: true });
      expect(await at.store.recordStatus(wanted)).toEqual({ isNew: true, isStrangers: false });
      expect((await untold(at.store)).map(({ deployment }) => deployment)).toEqual([7, 9]);
    });

    test('are untold until they are told or given up, with what they claim', async () => {
      const claim = aClaim();
      await at.store.recordStatus(aStatus({ id: 1 }));
      await at.store.recordStatus(aStatus({ id: 2, claim }));
      await at.store.recordStatus(aStatus({ id: 3 }));
      await at.store.recordStatus(aStatus({ id: 1, deployment: 8 }));
      await at.store.recordStatus(aStatus({ id: 1, deployment: 9 }));
      expect(await untold(at.store)).toEqual([
        { repository: 'acme/hello', deployment: 7, claim },
        { repository: 'acme/hello', deployment: 8 },
        { repository: 'acme/hello', deployment: 9 },
      ]);
      await at.store.tellStatus(aStatus({ id: 1, deployment: 8 }), { ts: '17.2' });
      await at.store.tellStatus(aStatus({ id: 1, deployment: 9 }), { given: 'silently' });
      for (const id of [1, 2, 3]) await at.store.tellStatus(aStatus({ id }), { intended: true });
      await at.restart();
      expect(await untold(at.store)).toEqual([{ repository: 'acme/hello', deployment: 7, claim }]);
      for (const id of [1, 2, 3]) await at.store.tellStatus(aStatus({ id }), { given: 'up' });
      expect(await untold(at.store)).toEqual([]);
    });

    test('that claim a request are found by it as long as they are untold, the oldest deployment first', async () => {
      const claim = aClaim();
      await at.store.recordStatus(aStatus({ id: 1, deployment: 20, claim }));
      await at.store.recordStatus(aStatus({ id: 1, deployment: 9, claim: { ...claim, sha: 'b'.repeat(40) } }));
      await at.store.recordStatus(aStatus({ id: 2, deployment: 20, claim }));
      await at.restart();
      expect(await at.store.claimed('01A')).toMatchObject({ deployment: 9, claim: { sha: 'b'.repeat(40) } });
      await at.store.tellStatus(aStatus({ id: 1, deployment: 9 }), { intended: true });
      expect((await at.store.claimed('01A'))?.deployment).toBe(9);
      await at.store.tellStatus(aStatus({ id: 1, deployment: 9 }), { given: 'silently' });
      expect(await at.store.claimed('01A')).toEqual({ deployment: 20, claim });
      await at.store.tellStatus(aStatus({ id: 1, deployment: 20 }), { ts: '17.2' });
      await at.store.tellStatus(aStatus({ id: 2, deployment: 20 }), { ts: '17.3' });
      expect(await at.store.claimed('01A')).toBeUndefined();
      expect(await at.store.claimed('another')).toBeUndefined();
    });

    test('that were told and then not are untold again', async () => {
      const status = aStatus({ claim: aClaim() });
      await at.store.recordStatus(status);
      await at.store.tellStatus(status, { ts: '17.2' });
      await at.store.tellStatus(status, { ts: '17.3' });
      expect(await untold(at.store)).toEqual([]);
      await at.store.tellStatus(status, {});
      expect(await untold(at.store)).toMatchObject([{ deployment: 7 }]);
      expect((await at.store.claimed('01A'))?.deployment).toBe(7);
    });

    test('that nobody recorded are recorded by telling them', async () => {
      await at.store.tellStatus(aStatus({ id: 1 }), { intended: true });
      await at.store.tellStatus(aStatus({ id: 2 }), { ts: '17.2' });
      expect(await at.store.statuses('acme/hello', 7)).toMatchObject([
        { key: 'status:1', telling: { intended: true } },
        { key: 'status:2', telling: { ts: '17.2' } },
      ]);
      expect(await untold(at.store)).toMatchObject([{ deployment: 7 }]);
      expect(await at.store.recordStatus(aStatus({ id: 2 }))).toEqual({ isNew: false, isStrangers: false });
    });

    test('say how far their telling has come', async () => {
      const status = aStatus({ id: 1 });
      await at.store.recordStatus(status);
      await at.store.tellStatus(status, { intended: true });
      await at.restart();
      expect((await at.store.statuses('acme/hello', 7))[0]?.telling).toEqual({ intended: true });
      await at.store.tellStatus({ ...status, description: 'another' }, { ts: '17.2' });
      expect(await at.store.statuses('acme/hello', 7)).toMatchObject([{ status, telling: { ts: '17.2' } }]);
      expect((await at.store.statuses('acme/hello', 7))[0]?.telling).not.toHaveProperty('intended');
      expect(await at.store.recordStatus(status)).toEqual({ isNew: false, isStrangers: false });
      expect((await at.store.statuses('acme/hello', 7))[0]?.telling).toEqual({ ts: '17.2' });
    });

    test('may say anything', async () => {
      for (const [index, odd] of oddTexts.entries()) {
        const status = aStatus({ id: index, repository: `acme/${odd}`, state: odd, description: odd });
        expect(await at.store.recordStatus(status)).toEqual({ isNew: true, isStrangers: false });
        expect(await at.store.recordStatus(status)).toEqual({ isNew: false, isStrangers: false });
      }
      await at.restart();
      for (const [index, odd] of oddTexts.entries()) {
        const [line] = await at.store.statuses(`acme/${odd}`, 7);
        expect(line?.status).toMatchObject({ id: index, state: odd, description: odd });
      }
    });
  });
}

async function untold(store: Store): ReturnType<Store['untoldStatuses']> {
  return (await store.untoldStatuses()).sort((a, b) => a.deployment - b.deployment);
}
