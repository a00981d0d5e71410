import { describe, expect, test } from 'vitest';
import type { Stage } from '../../../src/deploy/deployment.ts';
import { aDeployment } from './records.ts';
import { type Moment, oddTexts } from './world.ts';

export function deploymentsContract(at: Moment): void {
  describe('deployments', () => {
    test('are inserted and replaced by request', async () => {
      const first = aDeployment({ request: '01A', stage: 'opening' });
      await at.store.saveDeployment(first);
      expect(await at.store.deployment('01A')).toEqual(first);
      const then = aDeployment({ request: '01A', stage: 'created', id: 7, shown: 'something else' });
      await at.store.saveDeployment(then);
      await at.restart();
      expect(await at.store.deployment('01A')).toEqual(then);
      expect(await at.store.deployment('01B')).toBeUndefined();
    });

    test('are found by repository, in any case, and GitHub id', async () => {
      await at.store.saveDeployment(aDeployment({ request: '01A', repository: 'Acme/Hello', id: 7 }));
      await at.store.saveDeployment(aDeployment({ request: '01B', repository: 'acme/other', id: 7 }));
      await at.store.saveDeployment(aDeployment({ request: '01C', repository: 'acme/hello' }));
      expect((await at.store.deploymentById('acme/HELLO', 7))?.request).toBe('01A');
      expect((await at.store.deploymentById('acme/other', 7))?.request).toBe('01B');
      expect(await at.store.deploymentById('acme/hello', 8)).toBeUndefined();
    });

    test('are found by the thread that tells them', async () => {
      await at.store.saveDeployment(aDeployment({ request: '01A', thread: '17.1' }));
      await at.store.saveDeployment(aDeployment({ request: '01B' }));
      expect((await at.store.deploymentInThread('T1', 'C1', '17.1'))?.request).toBe('01A');
      expect(await at.store.deploymentInThread('T2', 'C1', '17.1')).toBeUndefined();
      expect(await at.store.deploymentInThread('T1', 'C2', '17.1')).toBeUndefined();
      expect(await at.store.deploymentInThread('T1', 'C1', '17.10')).toBeUndefined();
    });

    test('asked for in a thread are found by it, the newest first', async () => {
      const place = { ...aDeployment().place, thread: '17.1' };
      await at.store.saveDeployment(aDeployment({ request: '01A', thread: '17.1', askedAt: '2026-11-20T12:00:00Z' }));
      await at.store.saveDeployment(aDeployment({ request: '01B', place, askedAt: '2026-11-20T12:00:00.500Z' }));
      expect((await at.store.deploymentInThread('T1', 'C1', '17.1'))?.request).toBe('01B');
    });

    test('are unfinished by their stage, oldest first', async () => {
      const stages: Stage[] = ['created', 'ended', 'opening', 'refused', 'merging', 'settling', 'unknown', 'creating'];
      for (const [index, stage] of stages.entries()) {
        const askedAt = new Date(Date.UTC(2026, 10, 20, 12, 60 - index)).toISOString();
        await at.store.saveDeployment(aDeployment({ request: `01${stage}`, stage, askedAt }));
      }
      const unfinished = async (): Promise<Stage[]> =>
        (await at.store.unfinishedDeployments()).map(({ stage }) => stage);
      expect(await unfinished()).toEqual(['creating', 'settling', 'merging', 'opening', 'created']);
      await at.store.saveDeployment(aDeployment({ request: '01merging', stage: 'ended' }));
      await at.restart();
      expect(await unfinished()).toEqual(['creating', 'settling', 'opening', 'created']);
    });

    test('are unfinished in one repository, in any case, oldest first', async () => {
      const askedAt = (minute: number): string => new Date(Date.UTC(2026, 10, 20, 12, minute)).toISOString();
      const saved: [request: string, repository: string, stage: Stage][] = [
        ['01A', 'Acme/Hello', 'created'],
        ['01B', 'acme/hello', 'opening'],
        ['01C', 'acme/other', 'created'],
        ['01D', 'acme/hello', 'ended'],
        ['01E', 'acme/hello', 'merging'],
      ];
      for (const [index, [request, repository, stage]] of saved.entries()) {
        await at.store.saveDeployment(aDeployment({ request, repository, stage, askedAt: askedAt(9 - index) }));
      }
      const unfinished = async (repository: string): Promise<string[]> =>
        (await at.store.unfinishedDeployments(repository)).map(({ request }) => request);
      expect(await unfinished('acme/HELLO')).toEqual(['01E', '01B', '01A']);
      expect(await unfinished('acme/other')).toEqual(['01C']);
      expect(await unfinished('acme/hell')).toEqual([]);
      await at.store.saveDeployment(aDeployment({ request: '01B', stage: 'ended', askedAt: askedAt(8) }));
      await at.restart();
      expect(await unfinished('acme/hello')).toEqual(['01E', '01A']);
    });

    test('that change are found by what they are now, and by nothing else', async () => {
      const create = { ...aDeployment().create, environment: 'review/pr-1' };
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 7, thread: '17.1', create }));
      await at.store.saveDeployment(aDeployment({ stage: 'created', id: 8, thread: '17.2' }));
      await at.store.saveDeployment(aDeployment({ stage: 'ended', id: 8, thread: '17.2' }));
      expect(await at.store.deploymentById('acme/hello', 7)).toBeUndefined();
      expect(await at.store.deploymentInThread('T1', 'C1', '17.1')).toBeUndefined();
      expect(await at.store.deploymentsIn('acme/hello', 'review/pr-1', 9)).toEqual([]);
      expect((await at.store.deploymentById('acme/hello', 8))?.stage).toBe('ended');
      expect((await at.store.deploymentInThread('T1', 'C1', '17.2'))?.stage).toBe('ended');
      expect(await at.store.deploymentsIn('acme/hello', 'staging', 9)).toHaveLength(1);
      expect(await at.store.unfinishedDeployments()).toEqual([]);
    });

    test('have places of any content', async () => {
      for (const [index, odd] of oddTexts.entries()) {
        const place = { ...aDeployment().place, room: odd };
        const create = { ...aDeployment().create, environment: odd };
        await at.store.saveDeployment(
          aDeployment({ request: `01${odd}`, place, create, repository: `acme/${odd}`, thread: '17.1', id: index }),
        );
      }
      for (const [index, odd] of oddTexts.entries()) {
        expect((await at.store.deployment(`01${odd}`))?.id).toBe(index);
        expect((await at.store.deploymentById(`acme/${odd}`, index))?.id).toBe(index);
        expect((await at.store.deploymentInThread('T1', odd, '17.1'))?.id).toBe(index);
        expect((await at.store.deploymentsIn(`acme/${odd}`, odd, 9)).map(({ id }) => id)).toEqual([index]);
        expect((await at.store.unfinishedDeployments(`acme/${odd}`)).map(({ id }) => id)).toEqual([index]);
      }
      expect(await at.store.unfinishedDeployments()).toHaveLength(oddTexts.length);
    });

    test('that only a room reads along with are not taken for ours', async () => {
      const mirror = { told: {} };
      await at.store.saveDeployment(aDeployment({ request: 'm1', id: 7, mirror, thread: '17.1', stage: 'created' }));
      expect(await at.store.deploymentById('acme/hello', 7)).toBeUndefined();
      expect(await at.store.deploymentsIn('acme/hello', 'staging', 9)).toEqual([]);
      expect((await at.store.mirrorsOf('ACME/hello', 7)).map(({ request }) => request)).toEqual(['m1']);
      expect((await at.store.deploymentInThread('T1', 'C1', '17.1'))?.request).toBe('m1');
      expect((await at.store.unfinishedDeployments()).map(({ request }) => request)).toEqual(['m1']);
      expect(await at.store.unfinishedDeployments('acme/hello')).toEqual([]);
      const place = { ...aDeployment().place, room: 'C2' };
      const askedAt = '2026-11-20T12:00:01.000Z';
      await at.store.saveDeployment(aDeployment({ request: 'm2', id: 7, mirror, place, askedAt, stage: 'ended' }));
      await at.store.saveDeployment(aDeployment({ request: 'ours', id: 7 }));
      await at.store.saveDeployment(aDeployment({ request: 'm3', id: 9, mirror }));
      await at.restart();
      expect((await at.store.deploymentById('acme/hello', 7))?.request).toBe('ours');
      expect((await at.store.mirrorsOf('acme/hello', 7)).map(({ request }) => request)).toEqual(['m1', 'm2']);
      expect(await at.store.mirrorsOf('acme/other', 7)).toEqual([]);
      const ids = async (limit: number) =>
        (await at.store.mirrorsIn('acme/HELLO', 'staging', limit)).map(({ id }) => id);
      expect(await ids(9)).toEqual([9, 7, 7]);
      expect(await ids(1)).toEqual([9]);
      expect(await at.store.mirrorsIn('acme/hello', 'production', 9)).toEqual([]);
      expect((await at.store.deploymentsIn('acme/hello', 'staging', 9)).map(({ request }) => request)).toEqual([
        'ours',
      ]);
    });

    test('of an environment come newest id first, as many as are wanted', async () => {
      for (const id of [5, 12, 7]) await at.store.saveDeployment(aDeployment({ request: `01-${id}`, id }));
      await at.store.saveDeployment(aDeployment({ request: 'not there yet' }));
      const elsewhere = { ...aDeployment().create, environment: 'production' };
      await at.store.saveDeployment(aDeployment({ request: 'elsewhere', id: 99, create: elsewhere }));
      const ids = async (limit: number): Promise<unknown[]> =>
        (await at.store.deploymentsIn('ACME/hello', 'staging', limit)).map(({ id }) => id);
      expect(await ids(10)).toEqual([12, 7, 5]);
      expect(await ids(2)).toEqual([12, 7]);
    });
  });
}
