import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Budget } from '../../src/deploy/ports.ts';
import { localBudget } from '../../src/store/budget.ts';
import { closeRedis, connectRedis, redisBudget } from '../../src/store/redis.ts';
import { testClock } from '../clock.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';

interface BudgetUnderTest {
  budget: Budget;
  /** Lets time pass: exactly, or, on a real clock, at least so much. */
  pass(ms: number): Promise<void>;
  /** How much later it may be than a test thinks, in ms. */
  lateMs: number;
}

let callers = 0;
const somebody = (): string => `caller ${callers++}`;

/** What every budget does. */
function budgetContract(kind: string, begin: () => BudgetUnderTest): void {
  describe(`${kind} keeps the contract of Budget`, () => {
    let budget: Budget;
    let pass: BudgetUnderTest['pass'];
    let lateMs: number;
    beforeEach(() => {
      ({ budget, pass, lateMs } = begin());
    });

    const about = (actual: number, expected: number): void => {
      expect(actual).toBeLessThanOrEqual(expected);
      expect(actual).toBeGreaterThanOrEqual(Math.max(0, expected - lateMs));
    };
    const reserve = async (
      lane: string,
      rate: { everyMs: number; burst: number },
      count: number,
    ): Promise<number[]> => {
      const slots: number[] = [];
      for (let n = 0; n < count; n++) slots.push(await budget.reserve(lane, rate, somebody()));
      return slots;
    };
    const slow = { everyMs: 60_000, burst: 3 };

    test('gives a burst at once, and then one slot after the other', async () => {
      const slots = await reserve('room', slow, 6);
      expect(slots.slice(0, 3)).toEqual([0, 0, 0]);
      for (const [index, slot] of slots.slice(3).entries()) about(slot, (index + 1) * 60_000);
    });

    test('gives each slot once, also to many at once', async () => {
      const slots = await Promise.all(
        Array.from({ length: 50 }, () => budget.reserve('room', { everyMs: 60_000, burst: 1 }, somebody())),
      );
      const inOrder = slots.toSorted((a, b) => a - b);
      for (const [index, slot] of inOrder.entries()) about(slot, index * 60_000);
    });

    test('gives each lane slots of its own', async () => {
      await reserve('room', slow, 10);
      expect(await budget.reserve('another', slow, somebody())).toBe(0);
      expect(await budget.reserve('\ud800', slow, somebody())).toBe(0);
    });

    test('gives more slots as time passes, and a burst after a quiet time', async () => {
      const quick = { everyMs: 40, burst: 2 };
      await reserve('room', quick, 2);
      await pass(40);
      expect(await budget.reserve('room', quick, somebody())).toBe(0);
      await pass(500);
      expect(await budget.reserve('room', quick, somebody())).toBe(0);
    });

    test('gives no slot of a lane that is held before the hold is over, and then one by one', async () => {
      await budget.hold('room', 300_000);
      const slots = await reserve('room', slow, 3);
      for (const [index, slot] of slots.entries()) about(slot, 300_000 + index * 60_000);
      expect(await budget.reserve('another', slow, somebody())).toBe(0);
    });

    test('adds what was reserved before a hold to none of it', async () => {
      await reserve('room', slow, 3);
      await budget.hold('room', 30_000);
      about(await budget.reserve('room', slow, somebody()), 60_000);
    });

    test('goes by the longer of two holds', async () => {
      await budget.hold('room', 300_000);
      await budget.hold('room', 1_000);
      about(await budget.reserve('room', slow, somebody()), 300_000);
    });

    test('keeps the slot of somebody who waits, and uses it up when it has come', async () => {
      const rate = { everyMs: 400, burst: 1 };
      await reserve('room', rate, 1);
      const first = await budget.reserve('room', rate, 'ann');
      const second = await budget.reserve('room', rate, 'bob');
      expect(second).toBeGreaterThan(first);
      expect(await budget.reserve('room', rate, 'ann')).toBeLessThanOrEqual(first);
      await pass(400);
      expect(await budget.reserve('room', rate, 'ann')).toBe(0);
      await pass(400);
      expect(await budget.reserve('room', rate, 'bob')).toBe(0);
      expect(await budget.reserve('another', rate, 'bob')).toBe(0);
    });

    test('plans anew what falls into a hold', async () => {
      await reserve('room', slow, 3);
      about(await budget.reserve('room', slow, 'ann'), 60_000);
      await budget.hold('room', 300_000);
      const again = await budget.reserve('room', slow, 'ann');
      about(again, 300_000);
      expect(again).toBeGreaterThan(200_000);
    });

    test('gives slots again after a hold', async () => {
      await budget.hold('room', 50);
      await pass(60);
      expect(await budget.reserve('room', slow, somebody())).toBe(0);
    });
  });
}

budgetContract('One process', () => {
  const clock = testClock();
  return { budget: localBudget(clock), pass: (ms) => clock.advance(ms), lateMs: 0 };
});

describeWithRedis('on a Redis server', () => {
  let server: RedisServer;
  let connection: Awaited<ReturnType<typeof connectRedis>>;
  let worlds = 0;
  const log = pino({ level: 'silent' });
  beforeAll(async () => {
    server = await startRedis({ appendfsync: 'no' });
    connection = await connectRedis(server.access(), log);
  });
  afterAll(async () => {
    await closeRedis(connection);
    await server.end();
  });

  budgetContract('Redis', () => {
    const access = server.access({ prefix: `world-${worlds++}:` });
    const now = (): number =>
      Number(server.cli('eval', "return redis.call('TIME')[1] * 1000 + redis.call('TIME')[2] / 1000", '0'));
    return {
      budget: redisBudget({ redis: connection, access, log }),
      async pass(ms) {
        const until = now() + ms;
        await expect.poll(now, { interval: 5 }).toBeGreaterThanOrEqual(until);
      },
      lateMs: 10_000,
    };
  });

  test('leaves nothing behind once its time has passed', async () => {
    const access = server.access({ prefix: 'short:' });
    const budget = redisBudget({ redis: connection, access, log });
    await budget.reserve('room', { everyMs: 20, burst: 5 }, 'ann');
    await budget.hold('room', 20);
    await expect.poll(() => server.cli('keys', 'short:*')).toBe('');
  });

  test('is one for all processes', async () => {
    const access = server.access({ prefix: 'shared:' });
    const second = await connectRedis(access, log);
    const budgets = [connection, second].map((redis) => redisBudget({ redis, access, log }));
    const rate = { everyMs: 60_000, burst: 1 };
    const slots = await Promise.all(
      budgets.flatMap((budget) => [1, 2, 3].map(() => budget.reserve('room', rate, somebody()))),
    );
    await closeRedis(second);
    expect(slots.map((slot) => Math.ceil(slot / 60_000)).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
