import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/deploy/deployment.ts';
import type { Moment } from './world.ts';

export function notesContract(at: Moment): void {
  describe('notes', () => {
    const alarm: Note = { key: 'no-deployer', kind: 'no-deployer', at: '2026-11-20T12:00:00.000Z', afterMs: 120_000 };

    test('are added once for each key, and stay in order', async () => {
      expect(await at.store.addNote('01A', alarm)).toBe(true);
      expect(await at.store.addNote('01A', { ...alarm, afterMs: 1 })).toBe(false);
      expect(await at.store.addNote('01A', { key: 'a later one', kind: 'unknown', at: alarm.at })).toBe(true);
      expect(await at.store.addNote('01B', alarm)).toBe(true);
      await at.restart();
      expect(await at.store.notes('01A')).toEqual([
        { key: 'no-deployer', at: alarm.at, note: alarm, telling: {} },
        expect.objectContaining({ key: 'a later one' }),
      ]);
      expect(await at.store.notes('01B')).toHaveLength(1);
      expect(await at.store.notes('01C')).toEqual([]);
    });

    test('are replaced with their telling, and keep their place', async () => {
      await at.store.addNote('01A', alarm);
      await at.store.addNote('01A', { key: 'stuck', kind: 'stuck', at: alarm.at, afterMs: 5 });
      const line = { key: alarm.key, at: alarm.at, note: { ...alarm, answered: true }, telling: { ts: '17.3' } };
      await at.store.saveNote('01A', line);
      await at.restart();
      const notes = await at.store.notes('01A');
      expect(notes[0]).toEqual(line);
      expect(notes.map(({ key }) => key)).toEqual(['no-deployer', 'stuck']);
    });
  });
}
