import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aCommand } from './records.ts';
import { type Moment, oddTexts } from './world.ts';

export function commandsContract(at: Moment): void {
  describe('commands', () => {
    test('are kept as they came, also after a restart', async () => {
      const command = aCommand({ id: '01A', answerUrl: 'https://slack.test/answer' });
      expect(await at.store.acceptCommand(command)).toBe(true);
      expect(await at.store.command('01A')).toEqual(command);
      await at.restart();
      expect(await at.store.command('01A')).toEqual(command);
      expect(await at.store.command('01B')).toBeUndefined();
    });

    test('count once for each key', async () => {
      expect(await at.store.acceptCommand(aCommand({ id: '01A', key: 'trigger:1', text: 'first' }))).toBe(true);
      expect(await at.store.acceptCommand(aCommand({ id: '01B', key: 'trigger:1', text: 'second' }))).toBe(false);
      await at.restart();
      expect(await at.store.acceptCommand(aCommand({ id: '01C', key: 'trigger:1', text: 'third' }))).toBe(false);
      expect((await at.store.command('01A'))?.text).toBe('first');
      expect(await at.store.command('01B')).toBeUndefined();
      expect(await at.store.unfinishedCommands()).toEqual(['01A']);
    });

    test('that come twice at once are accepted once', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `01${index}`);
      const accepted = await Promise.all(ids.map((id) => at.store.acceptCommand(aCommand({ id, key: 'same' }))));
      expect(accepted.filter(Boolean)).toHaveLength(1);
      expect(await at.store.unfinishedCommands()).toHaveLength(1);
    });

    test('are unfinished until they are ended, oldest first', async () => {
      for (const id of ['01C', '01A', '01B']) await at.store.acceptCommand(aCommand({ id }));
      await at.store.endCommand('01A');
      await at.store.endCommand('01A');
      await at.store.endCommand('never seen');
      await at.restart();
      expect(await at.store.unfinishedCommands()).toEqual(['01C', '01B']);
      expect(await at.store.command('01A')).toBeUndefined();
    });

    test('keep when they began to change something: the first time', async () => {
      await at.store.acceptCommand(aCommand({ id: '01A' }));
      expect((await at.store.command('01A'))?.begunAt).toBeUndefined();
      await at.store.beginCommand('01A', '2026-01-02T03:04:05.678Z');
      await at.store.beginCommand('01A', '2026-01-02T03:05:00.000Z');
      await at.store.beginCommand('never seen', '2026-01-02T03:05:00.000Z');
      await at.restart();
      expect((await at.store.command('01A'))?.begunAt).toBe('2026-01-02T03:04:05.678Z');
      expect(await at.store.command('never seen')).toBeUndefined();
    });

    test('keep their answers until they are ended', async () => {
      await at.store.acceptCommand(aCommand({ id: '01A', key: 'press:1' }));
      const answers = [{ words: ['no'], refusal: 'outsider' }];
      await at.store.answerCommand('01A', answers);
      await at.restart();
      expect(await at.store.command('01A')).toMatchObject({ key: 'press:1', answers });
    });

    test('ended with a free key let another command have that key', async () => {
      await at.store.acceptCommand(aCommand({ id: '01A', key: 'press:1' }));
      expect(await at.store.acceptCommand(aCommand({ id: '01B', key: 'press:1' }))).toBe(false);
      await at.store.endCommand('01A', { keyIsFree: true });
      expect(await at.store.acceptCommand(aCommand({ id: '01C', key: 'press:1' }))).toBe(true);
      expect(await at.store.acceptCommand(aCommand({ id: '01D', key: 'press:1' }))).toBe(false);
    });

    test('have keys and texts of any content', async () => {
      for (const [index, odd] of oddTexts.entries()) {
        expect(await at.store.acceptCommand(aCommand({ id: `id ${index}`, key: odd, text: odd }))).toBe(true);
      }
      await at.restart();
      for (const [index, odd] of oddTexts.entries()) {
        expect(await at.store.acceptCommand(aCommand({ id: `again ${index}`, key: odd }))).toBe(false);
        expect((await at.store.command(`id ${index}`))?.text).toBe(odd);
      }
    });

    test('keep whatever text they carry', async () => {
      let count = 0;
      const anyText = fc.string({ unit: 'binary', maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          const id = `${count++}`;
          await at.store.acceptCommand(aCommand({ id, key: `${id}${text}`, text }));
          expect((await at.store.command(id))?.text).toBe(text);
        }),
        { numRuns: 200 },
      );
    });
  });
}
