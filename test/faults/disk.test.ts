import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Built, build } from './build.ts';
import { disks } from './disk.ts';
import { readiness } from './process.ts';
import { ask, created, deploy, deploymentsOf, play, report, stopAll } from './stories.ts';
import { flawless, isOver, print, tally } from './tally.ts';
import { until } from './until.ts';
import { ann, inWorld } from './world.ts';

// A full disk: nothing is taken that can't be kept, the bot lives on, and goes on once there is room.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

const ways = Object.entries(disks).flatMap(([name, make]) => {
  const disk = make();
  return disk ? [{ name, disk }] : [];
});
afterAll(() => {
  for (const { disk } of ways) disk.end();
});

test('this machine can fill a disk', () => {
  expect(ways.length).toBeGreaterThan(0);
});

test.each(ways)('$name', { timeout: 120_000 }, async ({ name, disk }) => {
  await inWorld({ program: built.main, store: 'embedded', dataDir: `${disk.folder}/data` }, async (world) => {
    const bot = await world.start({ shell: disk.shell });
    const asked = await ask(world);
    const deployment = await created(world, asked);
    if (!deployment) throw new Error('It was not created.');
    await play(world);

    disk.fill(bot);
    await until(async () => (await readiness(bot))?.status === 503);
    report(world, deployment, 'queued');
    const answered = () =>
      world.github.deliveries.filter(
        ({ event, payload }) => event === 'deployment_status' && payload.deployment.id === deployment.id,
      );
    await until(() => answered().some(({ response }) => response === 503));
    // Whoever types something is told so, in a sentence and not by a failure.
    const text = 'hello/topic-branch to review --set story=full';
    const sent = await world.slack.command({ user: ann, channel: asked.room, text });
    expect(await sent.acked).toMatchObject({ status: 200 });
    await until(() => world.slack.ephemerals(ann).length > 0);
    expect(bot.lives()).toBe(true);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);

    disk.free(bot);
    await until(async () => (await readiness(bot))?.status === 200);
    await deploy(world, asked);
    await until(() => isOver(world, asked));
    await play(world);
    await stopAll(world);
    print(name, tally(world));
    expect(tally(world)).toMatchObject({ sent: 9, told: 9, ...flawless });
    expect(deploymentsOf(world, { ...asked, name: 'full' })).toEqual([]);
  });
});
