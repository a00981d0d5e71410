import { describe, expect, test } from 'vitest';
import type { Watch } from '../../../src/deploy/watch.ts';
import { type Moment, oddTexts } from './world.ts';

const aWatch = (facts: Partial<Watch> = {}): Watch => ({
  team: 'T1',
  room: 'C1',
  app: 'hello',
  request: '01A',
  by: { id: 'U1', name: 'ann' },
  at: '2026-11-20T12:00:00.000Z',
  ...facts,
});

export function watchesContract(at: Moment): void {
  describe('watches', () => {
    test('are kept once for each room, app and environment, oldest first', async () => {
      const later = aWatch({ room: 'C2', at: '2026-11-20T12:00:01.000Z' });
      const last = aWatch({ environment: 'staging', at: '2026-11-20T12:00:02.000Z' });
      expect(await at.store.addWatch(aWatch())).toBe(true);
      expect(await at.store.addWatch(later)).toBe(true);
      expect(await at.store.addWatch(last)).toBe(true);
      expect(await at.store.addWatch(aWatch({ app: 'HELLO', by: { id: 'U2', name: 'bob' } }))).toBe(false);
      await at.restart();
      expect(await at.store.watches()).toEqual([aWatch(), later, last]);
    });

    test('are dropped by the same', async () => {
      await at.store.addWatch(aWatch());
      await at.store.addWatch(aWatch({ environment: 'staging' }));
      expect(await at.store.dropWatch(aWatch({ team: 'T2' }))).toBe(false);
      expect(await at.store.dropWatch(aWatch({ by: { id: 'U2', name: 'bob' } }))).toBe(true);
      expect(await at.store.dropWatch(aWatch())).toBe(false);
      expect(await at.store.watches()).toEqual([aWatch({ environment: 'staging' })]);
    });

    test('are of any content', async () => {
      for (const odd of oddTexts)
        await at.store.addWatch(aWatch({ app: odd, environment: odd || undefined, room: odd }));
      expect(await at.store.watches()).toHaveLength(oddTexts.length);
      for (const odd of oddTexts) {
        expect(await at.store.dropWatch(aWatch({ app: odd, environment: odd || undefined, room: odd }))).toBe(true);
      }
    });
  });
}
