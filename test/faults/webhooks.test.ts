import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { ask, created, deploy, play, report, stopAll } from './stories.ts';
import { flawless, isOver, print, tally } from './tally.ts';
import { until } from './until.ts';
import { inWorld, type World, type WorldOptions } from './world.ts';

// Webhooks that come often, in any order, or not at all; to one bot, and to two that take turns.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

describe.concurrent('embedded, one bot', { timeout: 180_000 }, () => {
  webhooks('embedded', () => 'embedded', 1);
});

describeWithRedis('Redis, two bots', () => {
  let redis: RedisServer;
  let worlds = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.end());
  describe.concurrent('taking turns', { timeout: 180_000 }, () => {
    webhooks('Redis', () => ({ redisUrl: `${redis.url}?prefix=webhooks-${worlds++}:` }), 2);
  });
});

function webhooks(name: string, store: () => WorldOptions['store'], bots: number): void {
  const inThis = (live: (world: World) => Promise<void>, webhooksAtOnce = 1) =>
    inWorld({ program: built.main, store: store(), webhooksAtOnce }, async (world) => {
      await Promise.all(Array.from({ length: bots }, () => world.start()));
      await live(world);
      await stopAll(world);
    });

  test('each five times, several at once', async () => {
    await inThis(async (world) => {
      world.github.repeatWebhooks(5);
      await Promise.all([1, 2, 3, 4].map(() => play(world)));
      print(`webhooks five times, ${name}`, tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    }, 5);
  });

  test('in every order', async () => {
    await inThis(async (world) => {
      const orders = permutations([0, 1, 2]);
      const stories = await Promise.all(orders.map(() => ask(world)));
      const deployments = await Promise.all(stories.map((asked) => created(world, asked)));
      world.github.holdWebhooks((event) => event === 'deployment_status');
      for (const [index, asked] of stories.entries()) {
        const deployment = deployments[index];
        if (deployment) for (const state of asked.plan) report(world, deployment, state);
        await world.github.releaseWebhooks((held) => (orders[index] ?? []).flatMap((nth) => held[nth] ?? []));
      }
      for (const asked of stories) await until(() => isOver(world, asked));
      const sum = tally(world);
      print(`webhooks in every order, ${name}`, sum);
      // A step that comes after a later one is told with its own time.
      expect(sum).toMatchObject({ sent: 18, told: 18, ...flawless, late: sum.late });
    });
  });

  test('that get lost', async () => {
    await inThis(async (world) => {
      world.github.dropWebhooks(() => true);
      const stories = await Promise.all([1, 2, 3, 4].map(() => ask(world)));
      await Promise.all(stories.map((asked) => deploy(world, asked, 'eager')));
      for (const asked of stories) await until(() => isOver(world, asked));
      print(`webhooks that get lost, ${name}`, tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    });
  });
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((first, index) => permutations(all.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
