import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { ask, created, deploy, linesOf, play, report, stopAll, tells } from './stories.ts';
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
  const inThis = (live: (world: World) => Promise<void>, more: Partial<WorldOptions> = {}) =>
    inWorld({ program: built.main, store: store(), rooms: 6, ...more }, async (world) => {
      await Promise.all(Array.from({ length: bots }, () => world.start()));
      await live(world);
      await stopAll(world);
    });

  test('each five times, several at once', async () => {
    await inThis(
      async (world) => {
        world.github.repeatWebhooks(5);
        await Promise.all([1, 2, 3, 4].map(() => play(world)));
        print(`webhooks five times, ${name}`, tally(world));
        expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
      },
      { webhooksAtOnce: 5 },
    );
  });

  test('in every order', async () => {
    await inThis(
      async (world) => {
        world.github.holdWebhooks((event) => event === 'deployment_status');
        await Promise.all(permutations([0, 1, 2]).map((order) => playInOrder(world, order)));
        const sum = tally(world);
        print(`webhooks in every order, ${name}`, sum);
        // In two of the six the second step is known before the first, which is then told with its own time.
        expect(sum).toMatchObject({ sent: 18, told: 18, ...flawless, late: 2 });
        // Webhooks alone: else the bot asks GitHub every second.
      },
      { env: { RECONCILE_SECONDS: '600' } },
    );
  });

  test('that get lost, and GitHub does not know', async () => {
    await inThis(async (world) => {
      world.github.dropWebhooks(() => true, { recorded: false });
      const stories = await Promise.all([1, 2, 3, 4].map(() => ask(world)));
      await Promise.all(stories.map((asked) => deploy(world, asked, 'eager')));
      for (const asked of stories) await until(() => isOver(world, asked));
      print(`webhooks that get lost, ${name}`, tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    });
  });
}

/** The deployer has said everything; GitHub tells one after the other, each when the one before it has been told. */
async function playInOrder(world: World, order: readonly number[]): Promise<void> {
  const asked = await ask(world);
  const deployment = await created(world, asked);
  if (!deployment) throw new Error(`${asked.name} was not created.`);
  const statuses = asked.plan.map((state) => report(world, deployment, state));
  for (const nth of order) {
    const status = statuses[nth];
    await world.github.releaseWebhooks((held) =>
      held.filter(({ payload }) => payload.deployment_status.id === status?.id),
    );
    await until(() => linesOf(world, asked).some((line) => status !== undefined && tells(line, status)));
  }
  await until(() => isOver(world, asked));
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((first, index) => permutations(all.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
