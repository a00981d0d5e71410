import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';
import { placeOf, type RedisAccess } from './access.ts';
import { codeOf, explained, lasts } from './trouble.ts';

/** A command that has no answer by then fails. Below the 3 s that Slack gives. */
const answerWithinMs = 2_000;
const silentWithinMs = 5_000;
/** Also between two attempts to connect again, which never end. */
const connectWithinMs = 2_000;
const longestPauseMs = 1_000;

/** What every connection needs, those of BullMQ too, whose commands may wait for minutes. */
export function redisOptions(access: RedisAccess): RedisOptions {
  const { hosts, sentinel, tls } = access;
  const [server] = hosts;
  return {
    ...(sentinel
      ? {
          sentinels: [...hosts],
          name: sentinel.master,
          sentinelUsername: sentinel.username,
          sentinelPassword: sentinel.password,
          sentinelTLS: tls,
          enableTLSForSentinelMode: tls !== undefined,
          sentinelCommandTimeout: answerWithinMs,
          sentinelRetryStrategy: pauseMs,
        }
      : { host: server?.host, port: server?.port }),
    tls,
    username: access.username,
    password: access.password,
    db: access.db,
    connectTimeout: connectWithinMs,
    retryStrategy: pauseMs,
    // After a failover the same address may be a replica's. The command itself fails, and whoever asked tries again.
    reconnectOnError: (error) => ['READONLY', 'UNBLOCKED'].includes(codeOf(error) ?? ''),
  };
}

/** Of ioredis's own pauses the longest is 5 s; a bot that takes webhooks has to be back sooner. */
const pauseMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt - 1, 10), longestPauseMs);

/**
 * Connects. Waits up to `patienceMs` for Redis to be there (both may have been started together), then rejects with one
 * sentence; at once where it won't have us. From then on the connection comes back by itself, however long that takes.
 * While it is down every command fails at once, and one that is not answered fails after 2 s: nobody can tell then
 * whether it was done.
 */
export async function connectRedis(
  access: RedisAccess,
  log: Logger,
  { patienceMs = 10_000 }: { patienceMs?: number } = {},
): Promise<Redis> {
  const redis = new Redis({
    ...redisOptions(access),
    lazyConnect: true,
    commandTimeout: answerWithinMs,
    // Closes a connection on which nothing comes back any more, so that what waits behind it fails as well. Longer than a
    // busy start keeps the event loop: what came meanwhile is read after the timers.
    socketTimeout: silentWithinMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  const place = placeOf(access);
  tellOutages(redis, place, log);
  await firstConnection(redis, place, patienceMs);
  await isFit(redis, place);
  return redis;
}

/** Another connection like it. Its commands fail until it is there. */
export function another(redis: Redis, place: string, log: Logger): Redis {
  const twin = redis.duplicate({ lazyConnect: false });
  tellOutages(twin, place, log);
  return twin;
}

/** Ends a connection; what was sent is still answered, within 2 s. Never rejects. */
export async function closeRedis(redis: Redis): Promise<void> {
  const quit = redis.status === 'ready' ? redis.quit() : Promise.reject(new Error('not connected'));
  await quit.catch(() => redis.disconnect());
}

/** One line when it goes away and one when it is back. Without a listener ioredis writes errors to the console. */
function tellOutages(redis: Redis, place: string, log: Logger): void {
  let isUp = true;
  redis.on('error', (error) => {
    if (isUp) log.error({ reason: explained(error, place).message }, 'Redis is in trouble');
    isUp = false;
  });
  redis.on('close', () => {
    if (isUp && redis.status !== 'end') log.warn({ redis: place }, 'the connection to Redis was lost');
    isUp = false;
  });
  redis.on('ready', () => {
    if (!isUp) log.info({ redis: place }, 'Redis is back');
    isUp = true;
  });
}

async function firstConnection(redis: Redis, place: string, patienceMs: number): Promise<void> {
  let last: unknown;
  let giveUp = (): void => {};
  const noted = (error: unknown): void => {
    last = error;
    if (lasts(error) || isCertificate(error)) giveUp();
  };
  redis.on('error', noted);
  const timer = setTimeout(() => giveUp(), patienceMs);
  const isThere = await new Promise<boolean>((resolve) => {
    giveUp = () => resolve(false);
    redis.once('ready', () => resolve(true));
    redis.connect().catch(noted);
  });
  clearTimeout(timer);
  redis.off('error', noted);
  if (isThere) return;
  redis.disconnect();
  throw last === undefined ? new Error(`${place} is unreachable: it does not answer.`) : explained(last, place);
}

/** What Node says of certificates: SELF_SIGNED_CERT_IN_CHAIN, DEPTH_ZERO_SELF_SIGNED_CERT, ERR_TLS_CERT_ALTNAME_INVALID. */
const isCertificate = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /CERT|SIGNATURE/.test(String(error.code));

const oldestVersion = [6, 2];

async function isFit(redis: Redis, place: string): Promise<void> {
  const info = await redis.info('server').catch(() => '');
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  const [major, minor] = [Number(version?.[1] ?? oldestVersion[0]), Number(version?.[2] ?? oldestVersion[1])];
  const isOld = major < 6 || (major === 6 && minor < 2);
  const isCluster = /redis_mode:cluster/.test(info);
  if (!isOld && !isCluster) return;
  redis.disconnect();
  throw new Error(
    isCluster
      ? `${place} is a Redis Cluster, which Deckhand does not know: give it a single server, with Sentinel if you like.`
      : `${place} is version ${major}.${minor}: Redis 6.2 or later, or Valkey, is needed.`,
  );
}
