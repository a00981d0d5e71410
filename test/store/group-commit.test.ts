import { expect, test } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import { groupCommit } from '../../src/store/group-commit.ts';

function onDiskThat(sync: () => Promise<void>, recover: () => void = () => {}) {
  const connection = connect(':memory:');
  connection.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY)');
  const group = groupCommit(connection, { sync, recover });
  return {
    add: (id: number) => group.write((sql) => sql.run('INSERT INTO rows VALUES (?)', id)),
    flush: group.flush,
    rows: () => connection.all('SELECT id FROM rows').length,
  };
}

test('a write is acknowledged when the disk has it, and what comes meanwhile is the next group', async () => {
  const waits: (() => void)[] = [];
  const store = onDiskThat(() => new Promise((resolve) => waits.push(resolve)));
  const acknowledged: number[] = [];
  const add = (id: number) => void store.add(id).then(() => acknowledged.push(id));
  add(1);
  await expect.poll(() => waits.length).toBe(1);
  add(2);
  add(3);
  expect(acknowledged).toEqual([]);
  waits[0]?.();
  await expect.poll(() => waits.length).toBe(2);
  expect(acknowledged).toEqual([1]);
  expect(store.rows()).toBe(3);
  waits[1]?.();
  await expect.poll(() => acknowledged).toEqual([1, 2, 3]);
});

test('where the disk fails once and then has it all, nothing has failed', async () => {
  let recovered = 0;
  const store = onDiskThat(
    () => (recovered === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve()),
    () => void recovered++,
  );
  expect(await store.add(1)).toBe(1);
  expect(await store.add(2)).toBe(1);
  expect(recovered).toBe(1);
});

test('while nobody knows what the disk has, nothing is written or acknowledged, whatever it says next', async () => {
  let isSick = true;
  let syncs = 0;
  const store = onDiskThat(
    () => (syncs++ === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve()),
    () => {
      if (isSick) throw new Error('nobody knows');
    },
  );
  await expect(store.add(1)).rejects.toThrow('nobody knows');
  await expect(store.add(2)).rejects.toThrow('nobody knows');
  expect([store.rows(), syncs]).toEqual([1, 1]);
  isSick = false;
  expect(await store.add(3)).toBe(1);
  expect(store.rows()).toBe(2);
});

test('a flush is over when the disk has everything', async () => {
  let synced = 0;
  const store = onDiskThat(async () => void synced++);
  const written = store.add(1);
  await store.flush();
  expect(synced).toBe(1);
  expect(await written).toBe(1);
});
