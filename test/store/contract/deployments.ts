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
      }
      expect(await at.store.unfinishedDeployments()).toHaveLength(oddTexts.length);
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
