import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { isUp, readiness } from './process.ts';
import {
  ask,
  created,
  deploy,
  deploymentsOf,
  fails,
  linesOf,
  nextName,
  play,
  report,
  stopAll,
  succeeds,
} from './stories.ts';
import { flawless, isOver, print, tally } from './tally.ts';
import { until } from './until.ts';
import { ann, inWorld } from './world.ts';

// The bot as it is run for real: stopped in good order while there is work, alone and among others.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

describeWithRedis('several bots on one Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ password: 'faults-redis-password' });
  });
  afterAll(() => redis?.end());

  test('a rolling restart under load loses nothing', { timeout: 400_000 }, async () => {
    const store = { redisUrl: `${redis.url}?prefix=rolling:` };
    await inWorld(
      { program: built.main, store, rooms: 10, webhooksAtOnce: 8, slack: { limits: true } },
      async (world) => {
        let turn = await Promise.all([world.start(), world.start()]);
        let left = process.env.FAULTS === 'all' ? 100 : 50;
        let over = false;
        const people = Array.from({ length: 10 }, async () => {
          while (left > 0) {
            left -= 1;
            const asked = await ask(world, left % 3 ? succeeds : fails);
            await deploy(world, asked);
          }
        });
        const work = Promise.all(people).finally(() => {
          over = true;
        });
        work.catch(() => {});
        let restarts = 0;
        for (; !over || restarts < 2; restarts += 1) {
          const [oldest, ...others] = turn;
          const { ms, ...ending } = (await oldest?.stop()) ?? { ms: 0 };
          expect(ending).toEqual({ code: 0, signal: null });
          expect(ms).toBeLessThan(20_000);
          turn = [...others, await world.start()];
        }
        await work;
        // What Slack writes before it has read a goodbye nobody can acknowledge: Slack tells the person, and it is not run.
        const crossed = world.asked.filter((asked) => asked.crossed);
        expect(world.asked.filter(({ failed }) => failed)).toEqual(crossed);
        for (const asked of world.asked.filter((asked) => !asked.crossed)) {
          await until(() => isOver(world, asked), { timeout: 120_000 });
        }
        await stopAll(world);
        const sum = tally(world);
        print('a rolling restart under load, Redis', sum, `, ${restarts} restarts, crossed ${crossed.length}`);
        expect(sum).toMatchObject({ ...flawless, late: sum.late });
        expect(crossed.flatMap((asked) => deploymentsOf(world, asked))).toEqual([]);
      },
    );
  });
});

describeWithRedis('two bots on one Redis', () => {
  test('what Slack sends again, to the other bot, counts once', { timeout: 120_000 }, async () => {
    const redis = await startRedis();
    try {
      await inWorld({ program: built.main, store: { redisUrl: redis.url } }, async (world) => {
        await Promise.all([world.start(), world.start()]);
        const name = nextName(world);
        const room = world.rooms[0] ?? '';
        world.asked.push({ name, room, plan: succeeds, failed: false });
        const text = `@deckhand hello/topic-branch to review --set story=${name} --description "${name}"`;
        const sent = await world.slack.mention({ user: ann, channel: room, text });
        await Promise.all([1, 2, 3].map(() => world.slack.redeliver(sent)));
        for (const asked of world.asked) {
          await deploy(world, asked);
          await until(() => isOver(world, asked));
        }
        await play(world);
        await stopAll(world);
        print('mentions that come again, Redis', tally(world));
        expect(tally(world)).toMatchObject({ asked: 2, sent: 6, told: 6, ...flawless });
      });
    } finally {
      await redis.end();
    }
  });
});

describe.concurrent('SIGTERM', { timeout: 120_000 }, () => {
  test('while Slack does not answer: ends in time, and what was under way is told once', async () => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      await world.start();
      const asked = await ask(world);
      const deployment = await created(world, asked);
      world.slack.faults.add({ path: /chat\.postMessage/ }, { kind: 'done-then-hang' });
      if (deployment) report(world, deployment, 'queued');
      await until(() => linesOf(world, asked).length > 0);
      await stopAll(world);
      await world.start();
      await deploy(world, asked);
      await until(() => isOver(world, asked));
      await stopAll(world);
      print('SIGTERM while Slack does not answer', tally(world));
      expect(tally(world)).toMatchObject({ sent: 3, told: 3, ...flawless });
    });
  });

  test('while it starts: ends in good order', async () => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      for (const isConnected of [false, true]) {
        const bot = await world.begin();
        await until(async () => (await readiness(bot)) !== undefined);
        if (isConnected) await isUp(bot);
        await stopAll(world);
      }
      await world.start();
      await play(world);
      await stopAll(world);
      expect(tally(world)).toMatchObject({ sent: 3, told: 3, ...flawless });
    });
  });
});
