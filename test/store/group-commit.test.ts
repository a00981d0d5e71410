import { expect, test } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import { groupCommit } from '../../src/store/group-commit.ts';

function onDiskThat(sync: () => Promise<void>, recover: () => void = () => {}) {
  const connection = connect(':memory:');
  connection.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY)');
  const group = groupCommit(connection, { sync, recover });
  return {
    add: (id: number) => group.write((sql) => sql.run('INSERT INTO rows VALUES (?)', id)),
    /** Adds rows in numbers, 0 being none that can be added. `calls`: how many it was given at once. */
    together(calls: number[] = []) {
      return group.together<number, string>((sql, ids) => {
        calls.push(ids.length);
        if (ids.includes(0)) throw new Error('no row');
        for (const id of ids) sql.run('INSERT INTO rows VALUES (?)', id);
        return ids.map((id) => `added ${id}`);
      });
    },
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

test('rows that come in numbers are handed over at once, with what else is written, and each is answered', async () => {
  const store = onDiskThat(() => Promise.resolve());
  const calls: number[] = [];
  const add = store.together(calls);
  expect(await Promise.all([add(1), store.add(2), add(3), add(4)])).toEqual(['added 1', 1, 'added 3', 'added 4']);
  expect(await add(5)).toBe('added 5');
  expect(calls).toEqual([3, 1]);
  expect(store.rows()).toBe(5);
});

test('one of them that fails does so alone', async () => {
  const store = onDiskThat(() => Promise.resolve());
  const add = store.together();
  const answers = await Promise.allSettled([add(1), add(0), store.add(2), add(3)]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  await expect(add(0)).rejects.toThrow('no row');
  expect(store.rows()).toBe(3);
});

test('what fails as a whole leaves nobody waiting, and what comes next is a group of its own', async () => {
  let isSick = true;
  const store = onDiskThat(
    () => (isSick ? Promise.reject(new Error('EIO')) : Promise.resolve()),
    () => {
      if (isSick) throw new Error('nobody knows');
    },
  );
  const add = store.together();
  for (const id of [1, 2]) await expect(Promise.all([add(id * 10), add(id * 10 + 1)])).rejects.toThrow('nobody knows');
  isSick = false;
  expect(await add(5)).toBe('added 5');
});
