import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { watchCatalog } from '../../src/catalog/watch.ts';
import { type Catalog, type CatalogError, loadCatalog } from '../../src/catalog.ts';
import type { Clock } from '../../src/deploy/ports.ts';
import { folder } from './written.ts';

const listing = (...apps: string[]) =>
  `apps:\n${apps.map((app) => `  ${app}: { repository: acme/${app} }\n`).join('')}`;

/** Watches a file until the test is over, and remembers what it was told. */
function watching(file: string, clock?: Clock) {
  const changes: Catalog[] = [];
  const mistakes: CatalogError[] = [];
  const stop = watchCatalog(file, {
    reserved: [],
    current: loadCatalog(file, { reserved: [] }),
    onChange: (catalog) => changes.push(catalog),
    onMistake: (error) => mistakes.push(error),
    clock,
  });
  onTestFinished(stop);
  return {
    mistakes,
    changes,
    stop,
    names: () =>
      changes
        .at(-1)
        ?.all()
        .map(({ name }) => name),
  };
}

/** A clock that only moves when it is told to. */
function handDriven() {
  let now = 0;
  const calls = new Set<{ due: number; call: () => void }>();
  return {
    now: () => new Date(now),
    at(at: Date, call: () => void) {
      const entry = { due: at.getTime(), call };
      calls.add(entry);
      return () => void calls.delete(entry);
    },
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = [...calls].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
        if (!next) break;
        calls.delete(next);
        now = next.due;
        next.call();
      }
      now = end;
    },
  };
}

const soon = { timeout: 10_000, interval: 20 };

function started(clock?: Clock) {
  const file = path.join(folder(), 'apps.yml');
  writeFileSync(file, listing('one'));
  return { file, seen: watching(file, clock) };
}

test('a file that is written in place is read again', async () => {
  const { file, seen } = started();
  appendFileSync(file, '  two: { repository: acme/two }\n');
  await vi.waitFor(() => expect(seen.names()).toEqual(['one', 'two']), soon);
  expect(seen.mistakes).toEqual([]);
});

test('so is one that an editor replaces by a rename, again and again', async () => {
  const { file, seen } = started();
  for (const name of ['two', 'three']) {
    writeFileSync(`${file}~`, listing(name));
    renameSync(`${file}~`, file);
    await vi.waitFor(() => expect(seen.names()).toEqual([name]), soon);
  }
  expect(seen.mistakes).toEqual([]);
});

test('so is one behind links that are switched, as Kubernetes does', async () => {
  const mount = folder();
  const version = (name: string, app: string) => {
    mkdirSync(path.join(mount, name));
    writeFileSync(path.join(mount, name, 'apps.yml'), listing(app));
    symlinkSync(name, path.join(mount, '..data_tmp'));
    renameSync(path.join(mount, '..data_tmp'), path.join(mount, '..data'));
  };
  version('..2026_01', 'one');
  symlinkSync(path.join('..data', 'apps.yml'), path.join(mount, 'apps.yml'));
  const seen = watching(path.join(mount, 'apps.yml'));
  version('..2026_02', 'two');
  rmSync(path.join(mount, '..2026_01'), { recursive: true });
  await vi.waitFor(() => expect(seen.names()).toEqual(['two']), soon);
});

test('a change behind a link into another folder is seen by looking', async () => {
  const elsewhere = path.join(folder(), 'real.yml');
  const file = path.join(folder(), 'apps.yml');
  writeFileSync(elsewhere, listing('one'));
  symlinkSync(elsewhere, file);
  const seen = watching(file);
  writeFileSync(elsewhere, listing('two'));
  await vi.waitFor(() => expect(seen.names()).toEqual(['two']), soon);
});

test('a mistake is told once and changes nothing; its mending is told', () => {
  const clock = handDriven();
  const { file, seen } = started(clock);
  writeFileSync(file, 'apps:\n  one: { repositry: acme/one }\n');
  clock.pass(10_000);
  expect(seen.mistakes).toHaveLength(1);
  expect(seen.mistakes[0]?.message).toMatch(/apps\.yml:2:\d+ .*repository/);

  // Another file in its place, and as wrong.
  writeFileSync(`${file}~`, readFileSync(file));
  renameSync(`${file}~`, file);
  clock.pass(10_000);
  expect(seen.mistakes).toHaveLength(1);
  expect(seen.changes).toHaveLength(0);

  writeFileSync(file, listing('one', 'two'));
  clock.pass(10_000);
  expect(seen.names()).toEqual(['one', 'two']);
  expect(seen.mistakes).toHaveLength(1);
});

test('a file that is touched and says the same is no change, and one that is still being written is not read', () => {
  const clock = handDriven();
  const { file, seen } = started(clock);
  clock.pass(10_000);
  utimesSync(file, new Date(), new Date());
  clock.pass(10_000);
  expect(seen.changes).toEqual([]);

  // Half of it is there when the file is first looked at.
  writeFileSync(file, 'apps: {');
  clock.pass(250);
  appendFileSync(file, ' two: { repository: acme/two } }');
  clock.pass(10_000);
  expect(seen.names()).toEqual(['two']);
  expect(seen.mistakes).toEqual([]);
});

test('a file that goes away is a mistake, and may come back', async () => {
  const { file, seen } = started();
  rmSync(file);
  await vi.waitFor(() => expect(seen.mistakes).toHaveLength(1), soon);
  writeFileSync(file, listing('one'));
  await vi.waitFor(() => expect(seen.names()).toEqual(['one']), soon);
});

test('what changed between reading and watching is not missed', async () => {
  const file = path.join(folder(), 'apps.yml');
  writeFileSync(file, listing('one'));
  const current = loadCatalog(file, { reserved: [] });
  writeFileSync(file, listing('two'));
  const changes: Catalog[] = [];
  const stop = watchCatalog(file, {
    reserved: [],
    current,
    onChange: (next) => changes.push(next),
    onMistake: () => {},
  });
  onTestFinished(stop);
  await vi.waitFor(() => expect(changes.map((next) => next.find('two')?.name)).toEqual(['two']), soon);
});

test('a folder in which much happens does not put it off', async () => {
  const { file, seen } = started();
  const noise = setInterval(() => writeFileSync(`${file}.log`, String(performance.now())), 10);
  onTestFinished(() => clearInterval(noise));
  writeFileSync(file, listing('two'));
  await vi.waitFor(() => expect(seen.names()).toEqual(['two']), soon);
});

test('once stopped it tells nothing, and keeps no timer', () => {
  const { file, seen } = started();
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  seen.stop();
  writeFileSync(file, listing('two'));
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(seen.changes).toEqual([]);
});
