import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Lock, takeLock } from '../../src/store/lock-file.ts';
import { openSqlite, sqliteStore } from '../../src/store/sqlite.ts';
import { testClock } from '../clock.ts';
import { type Workshop, workshop } from './child.ts';

const log = pino({ level: 'silent' });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'deckhand-lock-'));
  file = path.join(folder, 'deckhand.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Written {
  pid: number;
  host: string;
  id: string;
  started?: string;
  boot?: string;
}
const written = (): Written => JSON.parse(readFileSync(file, 'utf8'));
const nobodyLeft = (): void => expect(readdirSync(folder)).toEqual([]);

/** Takes the lock, or finds out at once that it can't be had. */
const takeNow = (): Promise<Lock> => takeLock(file, { clock: testClock(), log, patienceMs: 0 });

describe('the lock file', () => {
  test('says who has it, to its owner alone, and goes with the lock', async () => {
    const lock = await takeNow();
    expect(written()).toMatchObject({ pid: process.pid, host: hostname() });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['deckhand.lock']);
    lock.release();
    lock.release();
    nobodyLeft();
  });

  test('makes a second one wait 30 s, then stop with a sentence that says who has it', async () => {
    const lock = await takeNow();
    const clock = testClock();
    const second = vi.fn();
    const taking = takeLock(file, { clock, log });
    taking.catch(second);
    await clock.advance(29_500);
    expect(second).not.toHaveBeenCalled();
    await clock.advance(1_000);
    await expect(taking).rejects.toThrow(new RegExp(`process ${process.pid} on .*${file}.*30 s.*DATA_DIR`));
    expect(clock.pending).toBe(0);
    lock.release();
    nobodyLeft();
  });

  test('goes to the one that waits as soon as it is free', async () => {
    const lock = await takeNow();
    const clock = testClock();
    const taking = takeLock(file, { clock, log });
    await clock.advance(10_000);
    lock.release();
    await clock.advance(300);
    const second = await taking;
    lock.release();
    expect(readdirSync(folder)).toEqual(['deckhand.lock']);
    second.release();
  });

  const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;
  const leave = (holder: Partial<Written>, where = file): void =>
    writeFileSync(
      where,
      JSON.stringify({ pid: deadPid(), host: hostname(), id: 'left behind', since: '?', ...holder }),
    );

  test('of a process that has died is taken over at once', async () => {
    leave({});
    const lock = await takeNow();
    expect(written().pid).toBe(process.pid);
    expect(readdirSync(folder)).toEqual(['deckhand.lock']);
    lock.release();
  });

  test('of a machine that is another one is not, and the sentence says what to delete', async () => {
    leave({ host: 'elsewhere' });
    await expect(takeNow()).rejects.toThrow(new RegExp(`on elsewhere.* delete ${file}`));
    expect(written().host).toBe('elsewhere');
  });

  test.runIf(process.platform === 'linux')(
    'of a process whose number somebody else has now is taken over',
    async () => {
      leave({ pid: process.pid, started: '1' });
      (await takeNow()).release();
      leave({ pid: 1, boot: 'before the machine was started again' });
      (await takeNow()).release();
      nobodyLeft();
    },
  );

  test('that no one can read is taken over', async () => {
    for (const content of ['', '{', 'null', '{"pid":"x"}']) {
      writeFileSync(file, content);
      (await takeNow()).release();
    }
    nobodyLeft();
  });

  test('is taken over also where a taker died in the middle of it', async () => {
    leave({});
    leave({ id: 'died while taking over' }, `${file}.takeover`);
    (await takeNow()).release();
    nobodyLeft();
  });

  test('is not taken over while another process is about to', async () => {
    leave({});
    leave({ pid: process.pid, id: 'is at it' }, `${file}.takeover`);
    await expect(takeNow()).rejects.toThrow(`process ${process.pid}`);
    expect(written().id).toBe('left behind');
  });

  test('of somebody else stays when one that lost it lets go', async () => {
    const lock = await takeNow();
    leave({ id: 'somebody else', pid: process.pid });
    lock.release();
    expect(written().id).toBe('somebody else');
  });
});

describe('processes', () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop('src/store/sqlite.ts', 'src/store/lock-file.ts', 'src/clock.ts');
  });
  afterAll(() => shop.end());

  const takesLock = `
    import { takeLock } from './src/store/lock-file.js';
    import { systemClock } from './src/clock.js';
    const log = { info() {}, warn() {} };
    console.log('here');
    process.stdin.once('data', async () => {
      try {
        await takeLock(process.argv[2], { clock: systemClock, log, patienceMs: 0 });
        console.log('has it');
      } catch (error) {
        console.log(error.message);
      }
    });`;

  test('that start at once over a dead one’s lock: one gets it', async () => {
    for (let round = 0; round < 3; round++) {
      writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), id: `dead ${round}`, since: '?' }));
      const children = Array.from({ length: 6 }, () => shop.run(takesLock, file));
      for (const child of children) expect(await child.line()).toBe('here');
      for (const child of children) child.say('go');
      const answers = await Promise.all(children.map((child) => child.line()));
      expect(answers.filter((answer) => answer === 'has it')).toHaveLength(1);
      expect(answers.filter((answer) => answer?.includes('Another Deckhand'))).toHaveLength(5);
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.ended));
      expect(readdirSync(folder)).toEqual(['deckhand.lock']);
    }
  });

  const recordsForever = `
    import { openSqlite, sqliteStore } from './src/store/sqlite.js';
    import { systemClock } from './src/clock.js';
    const log = { info() {}, warn() {} };
    const store = sqliteStore(await openSqlite({ folder: process.argv[2], clock: systemClock, log }));
    for (let id = 1; ; id++) {
      const status = { id, deployment: 7, repository: 'acme/hello', state: 'success', description: '', creator: 'x',
        createdAt: '2026-11-20T12:00:00Z' };
      await store.recordStatus(status);
      process.stdout.write(id + '\\n');
    }`;

  test('that are killed leave everything they acknowledged, and their lock to the next', async () => {
    const child = shop.run(recordsForever, folder);
    let last = 0;
    while (last < 200) last = Number(await child.line());
    child.kill('SIGKILL');
    for (let line = await child.line(); line; line = await child.line()) last = Number(line);
    await child.ended;
    expect(readdirSync(folder)).toContain('deckhand.lock');

    const store = sqliteStore(await openSqlite({ folder, clock: testClock(), log }));
    const ids = (await store.statuses('acme/hello', 7)).map(({ status }) => status.id);
    expect(ids.slice(0, last)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    expect(ids.length - last).toBeLessThanOrEqual(1);
    await store.close();
  });

  test('that find a living one wait for it, and give up', async () => {
    const child = shop.run(recordsForever, folder);
    expect(await child.line()).toBe('1');
    const clock = testClock();
    const second = openSqlite({ folder, clock, log });
    const refused = expect(second).rejects.toThrow(new RegExp(`process ${child.pid} on`));
    await clock.advance(31_000);
    await refused;
    child.kill('SIGKILL');
    await child.ended;
    await (await openSqlite({ folder, clock: systemClock, log })).close();
  });
});
