import { beforeAll, expect, test } from 'vitest';
import { describeWithRedis, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import type { Bot } from './process.ts';
import { play, stopAll, succeeds } from './stories.ts';
import { flawless, print, tally } from './tally.ts';
import { until } from './until.ts';
import { inWorld, type World } from './world.ts';

// A process that stands still (a paused machine, a long collection of garbage) while another takes over what it held, and
// that then goes on where it was.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

// Between the right to say something and saying it, and between saying it and remembering that.
const usual = ['store.saveDeployment:4:before', 'chat.reply:1:after', 'chat.edit:2:before'];
const more = ['store.saveDeployment:2:before', 'store.tellStatus:1:before', 'github.statuses:1:after'];
const steps = process.env.FAULTS === 'all' ? [...usual, ...more] : usual;

describeWithRedis.concurrent('a bot stands still while another takes over', { timeout: 180_000 }, () => {
  test.each(steps)('at %s: nothing is doubled, and the parent is right', async (step) => {
    const redis = await startRedis();
    try {
      await inWorld({ program: built.mortal, store: { redisUrl: redis.url } }, async (world) => {
        const bots = await Promise.all([world.start(), world.start()]);
        await Promise.all(bots.map((bot) => bot.stopAt(step)));
        const { still, story } = await untilOneStands(world, bots);
        for (const bot of bots) if (bot !== still) await wake(bot);
        await story;

        await wake(still);
        // One that starts takes up whatever the store says is unfinished.
        await world.start();
        await Promise.all([play(world), play(world)]);
        // Whatever it said by mistake is put right soon.
        await until(() => tally(world).wrong.length === 0, { timeout: 20_000 }).catch(() => {});
        await stopAll(world);
        const sum = tally(world);
        print(`a bot stands still at ${step}, Redis`, sum);
        const sent = sum.asked * succeeds.length;
        expect(sum).toMatchObject({ sent, told: sent, ...flawless, late: sum.late });
      });
    } finally {
      await redis.end();
    }
  });
});

/** Each of them makes some of the steps of a deployment: it may take several until one has made as many as it has to. */
async function untilOneStands(world: World, bots: readonly Bot[]): Promise<{ still: Bot; story: Promise<void> }> {
  const standing = () => bots.find((bot) => bot.stands());
  for (let deployments = 0; deployments < 5; deployments += 1) {
    const story = play(world);
    await Promise.race([story, until(() => standing() !== undefined)]);
    const still = standing();
    if (still) return { still, story };
  }
  throw new Error('No bot came to that step.');
}

/** It goes on, from wherever it is, and stands still no more. */
async function wake(bot: Bot): Promise<void> {
  bot.signal('SIGCONT');
  await bot.killAt(undefined);
}
