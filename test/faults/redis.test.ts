import { beforeAll, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis, startSentinel } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { readiness } from './process.ts';
import { ask, created, deploy, deploymentsOf, play, report, stopAll, typeOnce } from './stories.ts';
import { flawless, isOver, print, tally } from './tally.ts';
import { until } from './until.ts';
import { type Asked, inWorld, type World } from './world.ts';

// Redis that stops, dies, stands still or fails over while two bots tell what is under way.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

const password = 'faults-redis-password';

/** What a fault of Redis' consists of; `under way` deployments are waited for while it lasts. */
interface Trouble {
  begin(redis: RedisServer): Promise<void> | void;
  end(redis: RedisServer): Promise<void> | void;
}

const troubles: Record<string, Trouble> = {
  'is stopped': { begin: (redis) => redis.stop(), end: (redis) => redis.restart() },
  'is killed': { begin: (redis) => redis.kill(), end: (redis) => redis.restart() },
  'stands still': { begin: (redis) => redis.pause(), end: (redis) => redis.resume() },
};

/** What GitHub was answered to its webhooks so far. */
const answersTo = (world: World, asked: Asked) =>
  world.github.deliveries
    .filter(({ event, payload }) => event === 'deployment_status' && payload.deployment.payload.story === asked.name)
    .map(({ response }) => response);

describeWithRedis.concurrent('Redis', { timeout: 180_000 }, () => {
  test.each(Object.entries(troubles))(
    '%s: webhooks get 503, and all is told when it is back',
    async (name, trouble) => {
      const redis = await startRedis({ password });
      try {
        await inWorld({ program: built.main, store: { redisUrl: redis.url }, webhooksAtOnce: 4 }, async (world) => {
          const bots = await Promise.all([world.start(), world.start()]);
          // One deployment at each place of its road.
          const [asked, queued, running] = await Promise.all([ask(world), ask(world), ask(world)]);
          for (const one of [asked, queued, running]) await created(world, one);
          for (const one of [queued, running]) await step(world, one);
          await step(world, running);

          await trouble.begin(redis);
          for (const one of [asked, queued, running]) await step(world, one);
          await until(() => [asked, queued, running].every((one) => answersTo(world, one).at(-1) === 503));
          for (const bot of bots) {
            expect((await readiness(bot))?.status).toBe(503);
            expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
          }
          // A line that is typed meanwhile is not taken, and whoever typed it hears of it.
          const heard = world.slack.ephemerals('U0ANN').length;
          const lost = await typeOnce(world);
          await until(() => world.slack.ephemerals('U0ANN').length > heard);

          await trouble.end(redis);
          await Promise.all([asked, queued, running].map((one) => deploy(world, one)));
          await play(world);
          for (const one of [asked, queued, running]) await until(() => isOver(world, one));
          await stopAll(world);
          const sum = tally({ ...world, asked: world.asked.filter((one) => one !== lost) });
          print(`Redis ${name}`, sum);
          // What GitHub could not deliver is found out later.
          expect(sum).toMatchObject({ sent: 12, told: 12, ...flawless, late: sum.late });
          expect(deploymentsOf(world, lost).length).toBeLessThan(2);
        });
      } finally {
        await redis.end();
      }
    },
  );

  test('does not answer when a bot is told to stop: that ends in time', async () => {
    const redis = await startRedis({ password });
    try {
      await inWorld({ program: built.main, store: { redisUrl: redis.url } }, async (world) => {
        await Promise.all([world.start(), world.start()]);
        const stories = await Promise.all([ask(world), ask(world)]);
        for (const asked of stories) await created(world, asked);
        redis.pause();
        for (const asked of stories) await step(world, asked);
        await stopAll(world);
        redis.resume();
        await world.start();
        for (const asked of stories) {
          await deploy(world, asked);
          await until(() => isOver(world, asked));
        }
        await stopAll(world);
        print('Redis does not answer when a bot stops', tally(world));
        expect(tally(world)).toMatchObject({ sent: 6, told: 6, ...flawless, late: tally(world).late });
      });
    } finally {
      await redis.end();
    }
  });

  test('fails over to its replica: all is told', async () => {
    const master = await startRedis({ password });
    const replica = await startRedis({ password, replicaOf: master.port });
    const sentinel = await startSentinel(master, { password });
    try {
      await until(() => sentinel.replicas() === 1);
      const redisUrl = `redis+sentinel://:${password}@127.0.0.1:${sentinel.port}/main`;
      await inWorld({ program: built.main, store: { redisUrl }, webhooksAtOnce: 4 }, async (world) => {
        await Promise.all([world.start(), world.start()]);
        const stories = [1, 2, 3].map(() => play(world));
        await until(() => tally(world).told >= 3);
        await master.kill();
        stories.push(play(world), play(world));
        await Promise.all(stories);
        await stopAll(world);
        const sum = tally(world);
        print('Redis fails over', sum);
        expect(sum).toMatchObject({ sent: 15, told: 15, ...flawless, late: sum.late });
      });
    } finally {
      await Promise.all([sentinel.end(), replica.end(), master.end()]);
    }
  });
});

/** The deployer's next word on a deployment. */
async function step(world: World, asked: Asked): Promise<void> {
  const [deployment] = deploymentsOf(world, asked);
  if (!deployment) throw new Error(`${asked.name} is not there.`);
  const before = world.github.statuses('acme/hello', deployment.id).length;
  report(world, deployment, asked.plan[before] ?? '');
}
