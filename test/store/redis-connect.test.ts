import type { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { RedisAccess } from '../../src/store/redis/access.ts';
import { closeRedis, connectRedis } from '../../src/store/redis/connect.ts';
import { explained } from '../../src/store/redis/trouble.ts';
import {
  describeWithRedis,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
  startSentinel,
} from '../redis-server.ts';

const secret = 'hunter2';
/** Than a test may take: what is refused for good is not waited for. */
const longer = 600_000;

async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.end());
  return redis;
}

/** A logger and everything that it was given. */
function listening(): { log: Logger; logged: () => string } {
  const lines: string[] = [];
  return { log: pino({}, { write: (line) => lines.push(line) }), logged: () => lines.join('') };
}

async function connected(access: RedisAccess, log: Logger = listening().log): Promise<Redis> {
  const redis = await connectRedis(access, log);
  onTestFinished(() => closeRedis(redis));
  return redis;
}

/** What somebody reads who sends it a write. */
const written = (redis: Redis): Promise<string> =>
  redis.set('deckhand:a', 1).catch((error: unknown) => explained(error, 'Redis').message);

/** So many turns of the event loop: no time to connect again. */
async function turns(count: number): Promise<string> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  return 'nothing';
}

async function refusal(access: RedisAccess, patienceMs = 500): Promise<string> {
  const { log, logged } = listening();
  const error = await connectRedis(access, log, { patienceMs }).then(
    () => new Error('it connected'),
    (reason: Error) => reason,
  );
  expect(`${error.stack}${JSON.stringify(error)}${logged()}`).not.toContain(secret);
  expect(error.message).not.toContain('\n');
  return error.message;
}

describeWithRedis('a connection to Redis', () => {
  test('with a password', async () => {
    const { access } = await server({ password: secret });
    expect(await written(await connected(access()))).toBe('OK');
    expect(await refusal(access({ password: 'wrong' }), longer)).toMatch(/does not accept/);
    expect(await refusal(access({ password: undefined }))).toMatch(/wants a password/);
  });

  test('with a user of few rights', async () => {
    const { access } = await server({ user: { name: 'deck', password: secret, prefix: 'deckhand:' } });
    const redis = await connected(access());
    expect(await written(redis)).toBe('OK');
    const elsewhere = await redis.set('other:a', 1).catch((error: unknown) => explained(error, 'Redis').message);
    expect(elsewhere).toMatch(/may not do what is needed/);
    expect(await refusal(access({ username: 'nobody' }))).toMatch(/does not accept/);
  });

  test('over TLS, to a certificate that it trusts', async () => {
    const { access } = await server({ tls: true, password: secret });
    expect(await written(await connected(access()))).toBe('OK');
    expect(await refusal(access({ tls: {} }), longer)).toMatch(/self-signed certificate/);
    expect(await refusal(access({ tls: undefined }))).toMatch(/unreachable/);
  });

  test('to a database of its own', async () => {
    const { access, cli } = await server();
    expect(await written(await connected(access({ db: 3 })))).toBe('OK');
    expect(cli('exists', 'deckhand:a')).toBe('0');
    expect(cli('-n', '3', 'exists', 'deckhand:a')).toBe('1');
  });

  test('waits for a server that is not there yet, and gives up', async () => {
    const redis = await server();
    await redis.stop();
    expect(await refusal(redis.access())).toMatch(/127\.0\.0\.1:\d+ is unreachable: .*ECONNREFUSED/);
    const waiting = connected(redis.access());
    await redis.restart();
    expect(await written(await waiting)).toBe('OK');
  });

  test('to a server that says nothing is given up', async () => {
    const redis = await server();
    redis.pause();
    expect(await refusal(redis.access())).toMatch(/unreachable/);
  });

  test('to a cluster is refused', async () => {
    const { access } = await server({ config: { 'cluster-enabled': 'yes' } });
    expect(await refusal(access())).toMatch(/Cluster/);
  });

  test('that is lost fails every command at once, and comes back', async () => {
    const { log, logged } = listening();
    const redis = await server({ password: secret });
    const connection = await connected(redis.access(), log);
    await redis.kill();
    await expect.poll(() => connection.status).not.toBe('ready');
    for (let i = 0; i < 3; i++) expect(await written(connection)).toMatch(/unreachable/);
    await expect.poll(() => logged()).toMatch(/trouble|lost/);
    await redis.restart();
    await expect.poll(() => written(connection), { timeout: 5_000 }).toBe('OK');
    expect(logged()).toMatch(/is back/);
    expect(logged()).not.toContain(secret);
  });

  test('on which nothing comes back any more fails what waits, and comes back', async () => {
    const redis = await server();
    const connection = await connected(redis.access());
    redis.pause();
    const answers = await Promise.all([written(connection), written(connection)]);
    for (const answer of answers) expect(answer).toMatch(/unreachable/);
    // It has given that connection up and tries another one.
    await expect.poll(() => connection.status, { timeout: 5_000 }).toBe('connect');
    expect(await Promise.race([written(connection), turns(100)])).toMatch(/unreachable/);
    redis.resume();
    await expect.poll(() => written(connection), { timeout: 5_000 }).toBe('OK');
  });

  test('whose server became a replica looks for the master again', async () => {
    const [redis, other] = [await server(), await server()];
    const connection = await connected(redis.access());
    const reconnected = new Promise<void>((resolve) => connection.once('reconnecting', () => resolve()));
    redis.cli('replicaof', '127.0.0.1', String(other.port));
    expect(await written(connection)).toMatch(/can only be read/);
    await reconnected;
    redis.cli('replicaof', 'no', 'one');
    await expect.poll(() => written(connection), { timeout: 5_000 }).toBe('OK');
  });

  test('to a full server says so, and goes on when there is room', async () => {
    const redis = await server();
    const connection = await connected(redis.access());
    redis.cli('config', 'set', 'maxmemory', '1');
    expect(await written(connection)).toMatch(/memory is full/);
    redis.cli('config', 'set', 'maxmemory', '0');
    expect(await written(connection)).toBe('OK');
  });

  test('through Sentinel finds the master, and the new one after a failover', { timeout: 60_000 }, async () => {
    const password = secret;
    const master = await server({ password });
    const replica = await server({ password, replicaOf: master.port });
    const sentinel = await startSentinel(master, { password });
    onTestFinished(() => sentinel.end());
    const through = { hosts: [{ host: '127.0.0.1', port: sentinel.port }], sentinel: { master: 'main' } };
    const connection = await connected(master.access(through));
    expect(await written(connection)).toBe('OK');
    expect(master.cli('exists', 'deckhand:a')).toBe('1');

    await expect.poll(() => sentinel.replicas(), { timeout: 30_000 }).toBe(1);
    await master.kill();
    await expect.poll(() => written(connection), { timeout: 30_000 }).toBe('OK');
    expect(replica.cli('role')).toMatch(/^master/);
    expect(await refusal(master.access({ ...through, sentinel: { master: 'another' } }))).toMatch(/Sentinel/);
  });
});
