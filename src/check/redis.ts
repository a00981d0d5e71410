import type { Redis } from 'ioredis';
import { createLog } from '../log.ts';
import { placeOf, type RedisAccess } from '../store/redis/access.ts';
import { answerWithinMs } from './wire.ts';

export type RedisFacts =
  | { kind: 'out of reach'; sentence: string }
  | {
      kind: 'there';
      place: string;
      hasSentinel: boolean;
      /** Undefined in any of these: it does not say. */
      version?: string;
      role?: string;
      replicas?: number;
      keepsAof?: boolean;
      writesAof?: boolean;
      policy?: string;
      /** `always`, `everysec` or `no`. */
      fsync?: string;
      /** Of `maxmemory`, from 0 to 1; nothing where there is no limit. */
      memoryUsed?: number;
      /** The quickest of a few answers. */
      answersInMs: number;
      /** What it says where the user may not run scripts on the bot's keys. */
      forbids?: string;
    };

const somePings = 5;

/** Asks Redis, and writes nothing. Never rejects. */
export async function lookAtRedis(access: RedisAccess): Promise<RedisFacts> {
  const { closeRedis, connectRedis } = await import('../store/redis.ts');
  const place = placeOf(access);
  try {
    const redis = await connectRedis(access, createLog('silent'), { patienceMs: answerWithinMs });
    try {
      const facts = fieldsOf(await redis.info().catch(() => ''));
      // Hosted servers often allow no CONFIG; INFO has all but this.
      const [, fsync] = ((await redis.config('GET', 'appendfsync').catch(() => [])) as string[]) ?? [];
      const tookMs: number[] = [];
      for (let ping = 0; ping < somePings; ping++) {
        const begun = performance.now();
        await redis.ping();
        tookMs.push(performance.now() - begun);
      }
      return {
        kind: 'there',
        place,
        hasSentinel: access.sentinel !== undefined,
        ...facts,
        fsync,
        ...(await forbidden(redis, access.prefix)),
        answersInMs: Math.min(...tookMs),
      };
    } finally {
      await closeRedis(redis);
    }
  } catch (error) {
    // connectRedis rejects with a sentence, and with nothing of the password in it.
    return { kind: 'out of reach', sentence: error instanceof Error ? error.message : `${place} is in trouble` };
  }
}

/** All that the bot writes goes through scripts on keys of its prefix. This one only looks. */
async function forbidden(redis: Redis, prefix: string): Promise<{ forbids?: string }> {
  try {
    await redis.eval("return redis.call('EXISTS', KEYS[1])", 1, `${prefix}pulse`);
    return {};
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    return /NOPERM|permission/i.test(said) ? { forbids: `${prefix}*` } : {};
  }
}

/** Of what INFO answers: redis.io/docs/latest/commands/info. */
function fieldsOf(info: string) {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const number = (name: string) => {
    const text = field(name);
    return text === undefined ? undefined : Number(text);
  };
  const is = (name: string, text: string) => {
    const found = field(name);
    return found === undefined ? undefined : found === text;
  };
  const [used, most] = [number('used_memory'), number('maxmemory')];
  return {
    version: field('valkey_version') ?? field('redis_version'),
    role: field('role'),
    replicas: number('connected_slaves'),
    keepsAof: is('aof_enabled', '1'),
    writesAof: is('aof_last_write_status', 'ok'),
    policy: field('maxmemory_policy'),
    memoryUsed: used !== undefined && most ? used / most : undefined,
  };
}
