import { createHook } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { leaseMs } from '../../src/deploy/lease.ts';
import { connect, type Value } from '../../src/store/connection.ts';
import { migrations } from '../../src/store/migrations.ts';
import { type Database, openSqlite, sqliteStore } from '../../src/store/sqlite.ts';
import { aCommand, aDeployment, aStatus, jumpingClock, storeContract } from './contract.ts';

const log = pino({ level: 'silent' });
const open = (folder: string): Promise<Database> => openSqlite({ folder, clock: systemClock, log });

storeContract('SQLite', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-store-'));
  const clock = jumpingClock();
  let database = await open(folder);
  let store = sqliteStore(database, clock);
  return {
    store,
    clock,
    async restart() {
      await store.close();
      database = await open(folder);
      store = sqliteStore(database, clock);
      return store;
    },
    async loseLeases() {
      clock.jump(leaseMs);
    },
    async leftovers() {
      const tables = ['commands', 'deployments', 'statuses', 'notes'];
      return tables.filter((table) => database.get(`SELECT 1 FROM ${table} LIMIT 1`) !== undefined);
    },
    async end() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('the embedded database', () => {
  let folder: string;
  let database: Database;

  beforeEach(async () => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'deckhand-store-')), 'data');
    database = await open(folder);
  });
  afterEach(async () => {
    await database.close();
    rmSync(path.dirname(folder), { recursive: true });
  });
  const file = (): string => path.join(folder, 'deckhand.db');

  test('is one file for its owner alone, written ahead and through to the disk', async () => {
    await sqliteStore(database, systemClock).recordStatus(aStatus());
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual([
      'deckhand.db',
      'deckhand.db-shm',
      'deckhand.db-wal',
      'deckhand.lock',
      'deckhand.lock.owner',
    ]);
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    // Each commit is waited for all the same; see the next test.
    expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 1 });
    await database.close();
    expect(readdirSync(folder)).not.toContain('deckhand.lock.owner');
  });

  test('asks the disk for each write before it acknowledges it, since SQLite itself does not', async () => {
    let asked = 0;
    const hook = createHook({
      init(_, type) {
        if (type === 'FSREQCALLBACK') asked += 1;
      },
    }).enable();
    try {
      const store = sqliteStore(database, systemClock);
      for (const id of [1, 2, 3]) {
        await store.recordStatus(aStatus({ id }));
        expect(asked).toBe(id);
      }
      await store.statuses('acme/hello', 7);
      expect(asked).toBe(3);
    } finally {
      hook.disable();
    }
  });

  test('that a newer Deckhand wrote is refused and left as it is', async () => {
    const newer = migrations.length + 1;
    database.get(`PRAGMA user_version = ${newer}`);
    await database.close();
    await expect(open(folder)).rejects.toThrow(/newer Deckhand/);
    // Refusing twice: the first refusal has let go of the lock.
    await expect(open(folder)).rejects.toThrow(new RegExp(`schema is ${newer}`));
  });

  test('of the first version is brought up to date, and what is in it has its age', async () => {
    await database.close();
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const first = connect(file());
    first.exec(`${migrations[0]}; PRAGMA user_version = 1`);
    for (const [request, stageAt] of [
      ['old', '2026-01-01T12:00:00.000Z'],
      ['young', '2026-11-20T12:00:00.000Z'],
      ['broken', 'no time at all'],
    ]) {
      const facts = JSON.stringify(aDeployment({ request, stageAt, stage: 'ended' })).replaceAll("'", "''");
      const command = JSON.stringify(aCommand({ id: request, at: stageAt })).replaceAll("'", "''");
      first.exec(`
        INSERT INTO deployments (request, asked_at, stage, unfinished, repository, github_environment, team, room, facts)
        VALUES ('${request}', 0, 'ended', 0, 'acme/hello', 'staging', 'T1', 'C1', '${facts}');
        INSERT INTO commands (id, key, ended, facts) VALUES ('${request}', 'key of ${request}', 1, '${command}')`);
    }
    first.close();

    database = await open(folder);
    const store = sqliteStore(database, systemClock);
    const before = new Date('2026-06-01T00:00:00Z');
    expect(await store.forget({ records: before, keys: before })).toBe(2);
    expect(await store.deployment('old')).toBeUndefined();
    expect(await store.deployment('young')).toBeDefined();
    expect(await store.deployment('broken')).toBeDefined();
    expect(await store.acceptCommand(aCommand({ key: 'key of young' }))).toBe(false);
    expect(await store.acceptCommand(aCommand({ key: 'key of old' }))).toBe(true);
  });

  test('that is no database, or a folder that is a file, is refused with a sentence', async () => {
    await database.close();
    writeFileSync(file(), 'not a database, whatever its name says '.repeat(200));
    await expect(open(folder)).rejects.toThrow(/deckhand\.db: it is not a database\./);
    await expect(open(file())).rejects.toThrow(/DATA_DIR/);
    await expect(open(path.join(file(), 'below'))).rejects.toThrow(/DATA_DIR/);
    if (existsSync('/proc')) await expect(open('/proc/deckhand/data')).rejects.toThrow(/DATA_DIR/);
  });

  describe('takes only what SQLite can hold', () => {
    const roundTrip = async (value: unknown): Promise<unknown> =>
      (await database.write((sql) => sql.get<{ v: unknown }>('SELECT ? AS v', value as Value)))?.v;

    test.each([
      ['a boolean, which would abort the process', true],
      ['a date, which would become NULL', new Date()],
      ['undefined', undefined],
      ['a number that is none', Number.NaN],
      ['an infinite number', Number.POSITIVE_INFINITY],
      ['a bigint beyond 64 bits', 2n ** 64n],
      ['a list', ['a']],
      ['an object', { a: 1 }],
    ])('%s is refused', async (_, value) => {
      await expect(roundTrip(value)).rejects.toThrow(TypeError);
      expect(() => database.all('SELECT ?', value as Value)).toThrow(TypeError);
    });

    test.each<[string, Value]>([
      ['text', 'ünï 😀'],
      ['text with a NUL and half a pair', 'a\0b\ud800\u001ac\n'],
      ['a whole number', 9_007_199_254_740_991],
      ['a fraction', 1.5],
      ['null', null],
      ['a lone Buffer', Buffer.from([0, 1, 255])],
      ['an empty Buffer', Buffer.alloc(0)],
    ])('%s comes back as it was', async (_, value) => {
      expect(await roundTrip(value)).toEqual(value);
    });

    test('a bigint comes back as a number', async () => {
      expect(await roundTrip(12n)).toBe(12);
    });

    test('a value too few or too many is refused', () => {
      expect(() => database.get('SELECT ? AS a, ? AS b', 1)).toThrow(TypeError);
      expect(() => database.get('SELECT ? AS a', 1, 2)).toThrow(TypeError);
    });

    test('rows have their columns and nothing else', () => {
      expect(database.get('SELECT 1 AS a, NULL AS b')).toEqual({ a: 1, b: null });
      expect(database.all('SELECT 1 AS a')).toEqual([{ a: 1 }]);
      expect(database.get('SELECT 1 AS a WHERE 1 = 2')).toBeUndefined();
    });
  });

  describe('groups what arrives in one turn', () => {
    const beats = (): number | undefined => database.get<{ beat: number }>('SELECT beat FROM pulse')?.beat;

    test('into one transaction, in the order of the calls', async () => {
      const turns: number[] = [];
      const versionIn = (): Promise<unknown> =>
        database.write((sql) => {
          turns.push(turns.length);
          sql.run('UPDATE pulse SET beat = beat + 1');
          return sql.get('SELECT beat FROM pulse');
        });
      const answers = await Promise.all([versionIn(), versionIn(), versionIn()]);
      expect(answers).toEqual([{ beat: 1 }, { beat: 2 }, { beat: 3 }]);
      expect(turns).toEqual([0, 1, 2]);
    });

    test('and a row that fails is the only one to fail', async () => {
      const store = sqliteStore(database, systemClock);
      const results = await Promise.allSettled([
        store.acceptCommand(aCommand({ id: '01A' })),
        store.recordStatus(aStatus({ id: 1.5 })),
        database.write((sql) => {
          sql.run('UPDATE pulse SET beat = 1000');
          throw new Error('after a write of its own');
        }),
        store.recordStatus(aStatus({ id: 2 })),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(await store.command('01A')).toBeDefined();
      expect(beats()).toBe(0);
      expect((await store.statuses('acme/hello', 7)).map(({ status }) => status.id)).toEqual([2]);
    });

    test('and a commit that fails fails all of them, and leaves nothing', async () => {
      // A foreign key that is looked at only when committing.
      await database.write((sql) => {
        sql.run('CREATE TABLE parent (id INTEGER PRIMARY KEY)');
        sql.run('CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)');
      });
      database.get('PRAGMA foreign_keys = ON');
      const results = await Promise.allSettled([
        database.write((sql) => sql.run('UPDATE pulse SET beat = 5')),
        database.write((sql) => sql.run('INSERT INTO child VALUES (?)', 1)),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(beats()).toBe(0);
      await database.ready();
      expect(beats()).toBe(1);
    });
  });

  test('locked by another program says so, and works again when it is let go', async () => {
    const sqlite = new (await import('libsql')).default(file());
    const store = sqliteStore(database, systemClock);
    sqlite.exec('BEGIN IMMEDIATE');
    await expect(store.recordStatus(aStatus({ id: 1 }))).rejects.toThrow(/another program holds its lock/);
    expect(await store.statuses('acme/hello', 7)).toEqual([]);
    sqlite.exec('ROLLBACK');
    sqlite.close();
    expect(await store.recordStatus(aStatus({ id: 1 }))).toEqual({ isNew: true, isStrangers: false });
    expect(await store.acceptCommand(aCommand())).toBe(true);
  });

  test('on a full disk refuses new rows, keeps the old ones, and goes on when there is room', async () => {
    const store = sqliteStore(database, systemClock);
    await store.recordStatus(aStatus({ id: 1 }));
    const pages = database.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
    database.get(`PRAGMA max_page_count = ${pages + 2}`);
    const huge = 'x'.repeat(50_000);
    const results = await Promise.allSettled([
      store.recordStatus(aStatus({ id: 2 })),
      store.acceptCommand(aCommand({ text: huge })),
      store.recordStatus(aStatus({ id: 3, description: huge })),
      store.recordStatus(aStatus({ id: 4 })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(String((results[1] as PromiseRejectedResult).reason)).toMatch(/the disk is full/);
    expect((await store.statuses('acme/hello', 7)).map(({ status }) => status.id)).toEqual([1, 2, 4]);
    database.get('PRAGMA max_page_count = 100000');
    expect(await store.acceptCommand(aCommand({ text: huge }))).toBe(true);
  });

  test('that can only be read refuses every row and is not ready', async () => {
    const store = sqliteStore(database, systemClock);
    database.get('PRAGMA query_only = ON');
    await expect(store.recordStatus(aStatus())).rejects.toThrow(/only be read/);
    await expect(store.acceptCommand(aCommand())).rejects.toThrow(/only be read/);
    await expect(store.saveDeployment(aDeployment())).rejects.toThrow(/only be read/);
    await expect(store.ready()).rejects.toThrow(/only be read/);
  });

  test('finds what is untold without going through 100,000 told statuses', async () => {
    const store = sqliteStore(database, systemClock);
    await database.write((sql) =>
      sql.run(`
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO statuses (deployment, id, repository, told, facts)
        SELECT i / 5, i, 'acme/hello', 1, '{"id":1,"description":"as long as a status is in life"}' FROM n`),
    );
    await store.recordStatus(aStatus({ id: 200_000, deployment: 1_000 }));
    const before = performance.now();
    for (let i = 0; i < 100; i++) expect(await store.untoldStatuses()).toHaveLength(1);
    // A scan takes about 10 ms each; the index, 0.02 ms.
    expect(performance.now() - before).toBeLessThan(250);
    const plan = database.all('EXPLAIN QUERY PLAN SELECT facts FROM statuses WHERE told = 0');
    expect(JSON.stringify(plan)).toContain('statuses_untold');
  });

  test('finds what is untold, and what is old, through indexes alone', () => {
    const plan = (sql: string): string => JSON.stringify(database.all(`EXPLAIN QUERY PLAN ${sql}`));
    const untold = 'SELECT DISTINCT deployment, repository FROM statuses WHERE told = 0';
    expect(plan(untold)).toContain('COVERING INDEX statuses_untold');
    expect(plan('SELECT request FROM deployments WHERE unfinished = 0 AND saved_at < 5')).toContain('deployments_over');
    const inOneRepository =
      "SELECT facts FROM deployments WHERE unfinished = 1 AND repository = 'a/b' AND mirrored_id IS NULL";
    const sorted = plan(`${inOneRepository} ORDER BY asked_at, request`);
    expect(sorted).toContain('deployments_unfinished_in (repository=?)');
    expect(sorted).not.toContain('TEMP B-TREE');
    expect(plan('SELECT arrival FROM commands WHERE ended = 1 AND given_at < 5')).toContain('commands_ended');
  });

  test('can be looked into while it runs', async () => {
    await sqliteStore(database, systemClock).recordStatus(aStatus({ id: 5, repository: 'Acme/Hello' }));
    const script = `
      const db = new (require('libsql'))(process.argv[1]);
      console.log(JSON.stringify(db.prepare('SELECT id, repository FROM statuses').raw().all([])));`;
    const seen = execFileSync(process.execPath, ['-e', script, file()], { encoding: 'utf8' });
    expect(JSON.parse(seen)).toEqual([[5, 'acme/hello']]);
  });
});
