import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Durably, durably } from '../../src/store/durably.ts';

let folder: string;
let file: string;
let disk: Durably;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'deckhand-durably-'));
  file = path.join(folder, 'log');
  writeFileSync(file, '');
  disk = durably(file);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('those who ask while it waits share the next wait, and none shares one that began before it wrote', async () => {
  const order: string[] = [];
  const asked = (name: string) => disk.sync().then(() => void order.push(name));
  const first = asked('first');
  appendFileSync(file, 'later');
  const second = disk.sync();
  expect(disk.sync()).toBe(second);
  await Promise.all([first, second.then(() => order.push('others'))]);
  expect(order).toEqual(['first', 'others']);
  await asked('last');
  disk.close();
});

test('a disk that fails is no success', async () => {
  disk.close();
  await expect(disk.sync()).rejects.toThrow('EBADF');
});
