import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { LeaseLost, leaseMs } from '../../src/deploy/lease.ts';
import type { Store } from '../../src/deploy/ports.ts';
import { keysBelow, nameOf } from '../../src/store/redis/keys.ts';
import { run } from '../../src/store/redis/steps.ts';
import { closeRedis, connectRedis, type RedisAccess, redisStore } from '../../src/store/redis.ts';
import {
  describeWithRedis,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
  startSentinel,
} from '../redis-server.ts';
import { aCommand, aDeployment, aStatus, jumpingClock, storeContract } from './contract.ts';

const log = pino({ level: 'silent' });
const counters = ['commands:arrived', 'pulse'];

describeWithRedis('on a Redis server', () => {
  let server: RedisServer;
  let worlds = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.end());

  storeContract('Redis', async () => {
    const access = server.access({ prefix: `world-${worlds++}:` });
    const clock = jumpingClock();
    const begin = async (): Promise<[Redis, ReturnType<typeof redisStore>]> => {
      const redis = await connectRedis(access, log);
      return [redis, redisStore({ redis, access, clock, log })];
    };
    let [redis, store] = await begin();
    const keys = (kind: string): string[] =>
      server.cli('--raw', 'keys', `${access.prefix}${kind}*`).split('\n').filter(Boolean);
    return {
      store,
      clock,
      async restart() {
        await store.close();
        await closeRedis(redis);
        [redis, store] = await begin();
        return store;
      },
      async loseLeases() {
        clock.jump(leaseMs);
        for (const key of keys('lease:')) server.cli('del', key);
      },
      async leftovers() {
        return keys('')
          .map((key) => key.slice(access.prefix.length))
          .filter((key) => !counters.includes(key));
      },
      async end() {
        await store.close();
        await closeRedis(redis);
      },
    };
  });
});

async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.end());
  return redis;
}

/** A store over a connection of its own, as another process has it. */
async function open(access: RedisAccess, replicaWithinMs?: number): Promise<Store> {
  const redis = await connectRedis(access, log);
  const store = redisStore({ redis, access, clock: systemClock, log, replicaWithinMs });
  onTestFinished(async () => {
    await store.close();
    await closeRedis(redis);
  });
  return store;
}

const many = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describeWithRedis('two processes on one Redis', () => {
  test('accept a command and record a status once between them', async () => {
    const { access } = await server();
    const stores = [await open(access()), await open(access())];
    const accepted = await Promise.all(
      stores.map((store, which) =>
        many(20, (n) => store.acceptCommand(aCommand({ id: `${which}-${n}`, key: 'same' }))),
      ),
    );
    expect(accepted.flat().filter(Boolean)).toHaveLength(1);
    const recorded = await Promise.all(stores.map((store) => many(50, (id) => store.recordStatus(aStatus({ id })))));
    expect(recorded.flat().filter(({ isNew }) => isNew)).toHaveLength(50);
    for (const store of stores) expect(await store.statuses('acme/hello', 7)).toHaveLength(50);
  });

  test('have one lease between them, and whoever lost it writes nothing', async () => {
    const { access, cli } = await server();
    const [one, other] = [await open(access()), await open(access())];
    const asked = await Promise.all([one, other].map((store) => many(20, () => store.lease('deployment:01A'))));
    expect(asked.flat().filter(Boolean)).toHaveLength(1);

    const slow = await one.lease('deployment:01B');
    cli('del', 'deckhand:lease:deployment:01B');
    const quick = await other.lease('deployment:01B');
    await quick?.store.saveDeployment(aDeployment({ shown: 'by the new holder' }));
    await expect(slow?.store.saveDeployment(aDeployment({ shown: 'by the old one' }))).rejects.toThrow(LeaseLost);
    expect((await one.deployment('01A'))?.shown).toBe('by the new holder');
  });

  test('keep a lease by writing, and by a clock that nobody can set back', async () => {
    const { access, cli } = await server();
    const clock = jumpingClock();
    const redis = await connectRedis(access(), log);
    onTestFinished(() => closeRedis(redis));
    const store = redisStore({ redis, access: access(), clock, log });
    const lease = await store.lease('deployment:01A');
    clock.jump(-3_600_000);
    expect(lease?.holdsFor(leaseMs)).toBe(false);
    cli('pexpire', 'deckhand:lease:deployment:01A', '5000');
    await lease?.store.saveDeployment(aDeployment());
    expect(Number(cli('pttl', 'deckhand:lease:deployment:01A'))).toBeGreaterThan(5_000);
    cli('pexpire', 'deckhand:lease:deployment:01A', '5000');
    await clock.advance(leaseMs / 3);
    await expect.poll(() => Number(cli('pttl', 'deckhand:lease:deployment:01A'))).toBeGreaterThan(5_000);
    await store.close();
  });

  test('drop a status that one of them is about to tell, and nothing is left of it', async () => {
    const { access, cli } = await server();
    const redis = await connectRedis(access(), log);
    onTestFinished(() => closeRedis(redis));
    const store = redisStore({ redis, access: access(), clock: systemClock, log });
    await store.recordStatus(aStatus({ id: 1 }));
    const keys = keysBelow('deckhand:');
    const name = nameOf('acme/hello', 7);
    cli('del', `${keys.statusesBelow}${name}`);
    const places = [`${keys.statusesBelow}${name}`, keys.statusesUntold];
    expect(await run(redis, 'tell-status', places, [1, '{}', 1, name])).toBe(-1);
    expect(await store.statuses('acme/hello', 7)).toEqual([]);
    expect(await store.untoldStatuses()).toEqual([]);
    await store.close();
  });

  test('with different prefixes don’t see each other', async () => {
    const { access, cli } = await server();
    const [one, other] = [await open(access({ prefix: 'one:' })), await open(access({ prefix: 'other:' }))];
    for (const store of [one, other]) {
      expect(await store.acceptCommand(aCommand())).toBe(true);
      expect(await store.recordStatus(aStatus())).toEqual({ isNew: true, isStrangers: false });
      expect(await store.lease('command:01A')).toBeDefined();
      await store.saveDeployment(aDeployment({ id: 7 }));
    }
    await one.endCommand('01A');
    expect(await other.command('01A')).toBeDefined();
    const strays = cli('--raw', 'keys', '*')
      .split('\n')
      .filter((key) => !/^(one|other):/.test(key));
    expect(strays).toEqual([]);
  });

  test('may have a user that reaches the prefix alone', async () => {
    const { access } = await server({ user: { name: 'deck', password: 'pw', prefix: 'ops:' } });
    const store = await open(access());
    await store.acceptCommand(aCommand());
    await store.recordStatus(aStatus());
    await store.saveDeployment(aDeployment({ id: 7, stage: 'ended' }));
    const lease = await store.lease('deployment:01A');
    await lease?.store.tellStatus(aStatus(), { ts: '17.1' });
    await lease?.release();
    await store.endCommand('01A');
    await store.ready();
    const tomorrow = new Date(Date.now() + 86_400_000);
    expect(await store.forget({ records: tomorrow, keys: tomorrow })).toBe(2);
  });
});

describeWithRedis('a Redis that an older Deckhand has written', () => {
  test('has its unfinished deployments by repository all the same', async () => {
    const { access, cli } = await server();
    const old = await open(access());
    await old.saveDeployment(aDeployment({ request: '01A', stage: 'created', id: 7 }));
    await old.saveDeployment(aDeployment({ request: '01B', stage: 'ended', id: 8 }));
    cli('del', 'deckhand:unfinished-in:["acme/hello"]');
    const store = await open(access());
    const unfinished = async (): Promise<string[]> =>
      (await store.unfinishedDeployments('acme/hello')).map(({ request }) => request);
    expect(await unfinished()).toEqual(['01A']);
    expect(await unfinished()).toEqual(['01A']);
    await store.saveDeployment(aDeployment({ request: '01A', stage: 'ended', id: 7 }));
    expect(cli('exists', 'deckhand:unfinished-in:["acme/hello"]')).toBe('0');
  });
});

describeWithRedis('when Redis', () => {
  test('is killed, everything that was acknowledged is there again', async () => {
    const redis = await server();
    const store = await open(redis.access());
    const acknowledged: number[] = [];
    const writing = many(4, async (which) => {
      for (let id = which + 1; ; id += 4) {
        await store.recordStatus(aStatus({ id }));
        acknowledged.push(id);
      }
    });
    const failed = expect(writing).rejects.toThrow(/unreachable/);
    await expect.poll(() => acknowledged.length).toBeGreaterThan(200);
    await redis.kill();
    await failed;
    await expect(store.ready()).rejects.toThrow(/unreachable/);
    await redis.restart();
    await expect.poll(() => store.ready().then(() => 'ready', String), { timeout: 5_000 }).toBe('ready');
    const ids = (await store.statuses('acme/hello', 7)).map(({ status }) => status.id);
    expect(ids).toEqual(expect.arrayContaining(acknowledged));
  });

  test('forgets the scripts, they are sent again', async () => {
    const redis = await server();
    const store = await open(redis.access());
    expect(await store.recordStatus(aStatus({ id: 1 }))).toEqual({ isNew: true, isStrangers: false });
    redis.cli('script', 'flush');
    expect(await store.recordStatus(aStatus({ id: 2 }))).toEqual({ isNew: true, isStrangers: false });
    expect(await store.acceptCommand(aCommand())).toBe(true);
  });

  test('refuses a write, nothing of what was to be written gets into the error', async () => {
    const redis = await server();
    const store = await open(redis.access());
    redis.cli('config', 'set', 'maxmemory', '1');
    const error = await store
      .acceptCommand(aCommand({ answerUrl: 'https://slack.test/hunter2' }))
      .then(String, (e) => e);
    expect(error.message).toMatch(/memory is full/);
    expect(`${error.stack}${JSON.stringify(error)}${JSON.stringify(error.cause)}`).not.toContain('hunter2');
    await expect(store.ready()).rejects.toThrow(/memory is full/);
  });

  test('stands still, a lease is given up in time and its holder finds out', { timeout: 40_000 }, async () => {
    const redis = await server();
    const clock = jumpingClock();
    const client = await connectRedis(redis.access(), log);
    onTestFinished(() => closeRedis(client));
    const store = redisStore({ redis: client, access: redis.access(), clock, log });
    const lease = await store.lease('deployment:01A');
    redis.pause();
    await expect(lease?.store.saveDeployment(aDeployment())).rejects.toThrow(/unreachable/);
    await clock.advance(5_000);
    expect(lease?.holdsFor(5_000)).toBe(true);
    await clock.advance(5_000);
    expect(lease?.holdsFor(5_000)).toBe(false);
    redis.resume();
    await expect.poll(() => store.ready().then(() => 'ready', String), { timeout: 5_000 }).toBe('ready');
    await lease?.release();
    await store.close();
  });
});

describeWithRedis('a Redis with a replica', () => {
  async function pair(): Promise<{ master: RedisServer; replica: RedisServer }> {
    const master = await server({ appendfsync: 'no' });
    const replica = await server({ replicaOf: master.port, appendfsync: 'no' });
    await expect.poll(() => master.cli('info', 'replication'), { timeout: 20_000 }).toMatch(/slave0:.*state=online/);
    await expect.poll(() => replica.cli('info', 'replication'), { timeout: 20_000 }).toMatch(/master_link_status:up/);
    return { master, replica };
  }

  test('has a command there, too, before it is acknowledged', async () => {
    const { master, replica } = await pair();
    const store = await open(master.access(), 1_500);
    for (let n = 0; n < 20; n++) {
      await store.acceptCommand(aCommand({ id: `01${n}` }));
      expect(replica.cli('exists', `deckhand:command:01${n}`)).toBe('1');
    }
    const lease = await store.lease('deployment:01A');
    expect(replica.cli('exists', 'deckhand:lease:deployment:01A')).toBe('1');
    await lease?.store.saveDeployment(aDeployment());
    expect(replica.cli('exists', 'deckhand:deployment:01A')).toBe('1');
  });

  test('goes on when the replica stands still, and webhooks never wait for it', async () => {
    const { master, replica } = await pair();
    const store = await open(master.access(), 1_500);
    await store.acceptCommand(aCommand({ id: '01A' }));
    replica.pause();
    onTestFinished(() => replica.resume());
    const accepted = store.acceptCommand(aCommand({ id: '01B' })).then(() => 'accepted');
    expect(await Promise.race([accepted, recorded(store, 20)])).toBe('recorded');
    await accepted;
    expect(await store.acceptCommand(aCommand({ id: '01C' }))).toBe(true);
    expect(await store.unfinishedCommands()).toEqual(['01A', '01B', '01C']);
  });

  async function recorded(store: Store, count: number): Promise<string> {
    for (let id = 1; id <= count; id++) await store.recordStatus(aStatus({ id }));
    return 'recorded';
  }

  test('loses no command that was acknowledged when it fails over', { timeout: 60_000 }, async () => {
    const { master } = await pair();
    const sentinel = await startSentinel(master);
    onTestFinished(() => sentinel.end());
    await expect.poll(() => sentinel.replicas(), { timeout: 30_000 }).toBe(1);
    const through = { hosts: [{ host: '127.0.0.1', port: sentinel.port }], sentinel: { master: 'main' } };
    const store = await open(master.access(through), 1_500);

    const acknowledged: string[] = [];
    let stop = false;
    const writing = (async () => {
      for (let n = 0; !stop; n++) {
        const id = String(n).padStart(6, '0');
        const taken = await store.acceptCommand(aCommand({ id })).catch(() => false);
        if (taken) acknowledged.push(id);
        else await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await expect.poll(() => acknowledged.length).toBeGreaterThan(50);
    await master.kill();
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 50);
    stop = true;
    await writing;
    expect(await store.unfinishedCommands()).toEqual(expect.arrayContaining(acknowledged));
  });
});
