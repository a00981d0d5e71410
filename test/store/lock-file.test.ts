import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import Libsql from 'libsql';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Lock, takeLock } from '../../src/store/lock-file.ts';
import { openSqlite, sqliteStore } from '../../src/store/sqlite.ts';
import { testClock } from '../clock.ts';
import { type Child, type Workshop, workshop } from './child.ts';

const log = pino({ level: 'silent' });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'deckhand-lock-'));
  file = path.join(folder, 'deckhand.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const owner = (): string => `${file}.owner`;
const inFolder = (): string[] => readdirSync(folder).sort();

/** Takes the lock, or finds out at once that it can't be had. */
const takeNow = (): Promise<Lock> => takeLock(file, { clock: testClock(), log, patienceMs: 0 });

describe('the lock', () => {
  test('says who has it, to its owner alone, and leaves an empty file when it is let go', async () => {
    const lock = await takeNow();
    expect(inFolder()).toEqual(['deckhand.lock', 'deckhand.lock.owner']);
    for (const name of inFolder()) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    const name = readFileSync(owner(), 'utf8');
    expect(name).toContain(`process ${process.pid} on ${hostname()}`);
    expect(name).toContain('2026-11-20T12:00:00.000Z');
    lock.release();
    expect(inFolder()).toEqual(['deckhand.lock']);
    expect(statSync(file).size).toBe(0);
  });

  test('makes a second one wait 30 s, in the same process too, then stop with a sentence that says who has it', async () => {
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
    await expect(takeNow()).rejects.toThrow('Another Deckhand');
    lock.release();
    expect(inFolder()).toEqual(['deckhand.lock']);
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
    await expect(takeNow()).rejects.toThrow('Another Deckhand');
    expect(existsSync(owner())).toBe(true);
    second.release();
    (await takeNow()).release();
  });

  test('does not believe what is written beside it', async () => {
    const saysElse = 'process 1 on elsewhere, since always\n';
    writeFileSync(owner(), saysElse);
    const lock = await takeNow();
    expect(readFileSync(owner(), 'utf8')).not.toBe(saysElse);

    writeFileSync(owner(), saysElse);
    await expect(takeNow()).rejects.toThrow('process 1 on elsewhere');
    writeFileSync(owner(), '');
    await expect(takeNow()).rejects.toThrow(/no name.* local disk/);
    rmSync(owner());
    await expect(takeNow()).rejects.toThrow(/no name.* local disk/);
    lock.release();
    (await takeNow()).release();
  });

  test('does not need a name to be written', async () => {
    mkdirSync(owner());
    const lock = await takeNow();
    await expect(takeNow()).rejects.toThrow('no name');
    lock.release();
    (await takeNow()).release();
  });

  test('is not kept from anybody by somebody who looks into the file', async () => {
    (await takeNow()).release();
    const curious = new Libsql(file);
    curious.exec('BEGIN; SELECT * FROM sqlite_master');
    const lock = await takeNow();
    await expect(takeNow()).rejects.toThrow('Another Deckhand');
    curious.exec('ROLLBACK');
    curious.close();
    lock.release();
  });

  test('that can’t be had for another reason says at once which', async () => {
    const clock = testClock();
    await expect(takeLock(path.join(folder, 'missing', 'x.lock'), { clock, log })).rejects.toThrow(/folder.*DATA_DIR/);
    writeFileSync(file, 'something else, and long enough for a page of SQLite '.repeat(20));
    await expect(takeLock(file, { clock, log })).rejects.toThrow(/can't be locked.*not a database.*DATA_DIR/);
    expect(inFolder()).toEqual(['deckhand.lock']);
  });
});

describe('processes', () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop('src/store/sqlite.ts', 'src/store/lock-file.ts', 'src/clock.ts');
  });
  afterAll(() => shop.end());

  /** Waits for a line, then tries: argv holds the file, and for how many milliseconds. */
  const takesLock = `
    import 'libsql';
    import { takeLock } from './src/store/lock-file.js';
    import { systemClock } from './src/clock.js';
    const [, , file, patience, user] = process.argv;
    const log = { info() { console.log('waits'); }, warn() {} };
    console.log('here');
    process.stdin.once('data', async () => {
      if (user) process.setuid(Number(user));
      try {
        await takeLock(file, { clock: systemClock, log, patienceMs: Number(patience) });
        console.log('has it');
      } catch (error) {
        console.log(error.message);
      }
    });`;

  const start = async (patienceMs: number, user = ''): Promise<Child> => {
    const child = shop.run(takesLock, file, String(patienceMs), user);
    expect(await child.line()).toBe('here');
    return child;
  };

  test('that start at once: one gets it, also where the one before was killed', async () => {
    for (let round = 0; round < 3; round++) {
      const children = await Promise.all(Array.from({ length: 6 }, () => start(0)));
      for (const child of children) child.say('go');
      const answers = await Promise.all(
        children.map(async (child) => {
          const answer = await child.line();
          return answer === 'waits' ? child.line() : answer;
        }),
      );
      expect(answers.filter((answer) => answer === 'has it')).toHaveLength(1);
      expect(answers.filter((answer) => answer?.includes('Another Deckhand'))).toHaveLength(5);
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map((child) => child.ended));
      expect(inFolder()).toEqual(['deckhand.lock', 'deckhand.lock.owner']);
    }
  });

  test('that wait get it as soon as the one before is killed', async () => {
    const first = await start(0);
    first.say('go');
    expect(await first.line()).toBe('has it');
    const second = await start(60_000);
    second.say('go');
    expect(await second.line()).toBe('waits');
    const before = performance.now();
    first.kill('SIGKILL');
    expect(await second.line()).toBe('has it');
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(readFileSync(owner(), 'utf8')).toContain(`process ${second.pid} on`);
    second.kill('SIGKILL');
    await second.ended;
  });

  test('that ask for the same lock twice don’t lose it to another process', async () => {
    const lock = await takeNow();
    await expect(takeNow()).rejects.toThrow('Another Deckhand');
    const child = await start(0);
    child.say('go');
    expect(await child.line()).toContain(`process ${process.pid} on`);
    child.kill('SIGKILL');
    await child.ended;
    lock.release();
  });

  test('that refer to their lock no more still have it', async () => {
    const forgets = `
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { takeLock } from './src/store/lock-file.js';
      import { systemClock } from './src/clock.js';
      await takeLock(process.argv[2], { clock: systemClock, log: {}, patienceMs: 0 });
      setFlagsFromString('--expose-gc');
      for (let turn = 0; turn < 10; turn++) {
        runInNewContext('gc')();
        await new Promise((resolve) => setImmediate(resolve));
      }
      console.log('collected');
      process.stdin.resume();`;
    const child = shop.run(forgets, file);
    expect(await child.line()).toBe('collected');
    await expect(takeNow()).rejects.toThrow(`process ${child.pid} on`);
    child.kill('SIGKILL');
    await child.ended;
    (await takeNow()).release();
  });

  test('that can only read the file don’t take it for their own', async () => {
    writeFileSync(file, '', { mode: 0o444 });
    chmodSync(folder, 0o755);
    // Root could write it all the same.
    const child = await start(0, process.getuid?.() === 0 ? '65534' : '');
    child.say('go');
    expect(await child.line()).toMatch(/only be read/);
    child.kill('SIGKILL');
    await child.ended;
  });

  const recordsForever = `
    import { openSqlite, sqliteStore } from './src/store/sqlite.js';
    import { systemClock } from './src/clock.js';
    const log = { info() {}, warn() {} };
    const store = sqliteStore(await openSqlite({ folder: process.argv[2], clock: systemClock, log }), systemClock);
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
    expect(readFileSync(owner(), 'utf8')).toContain(`process ${child.pid} on`);

    const store = sqliteStore(await openSqlite({ folder, clock: testClock(), log }), systemClock);
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
