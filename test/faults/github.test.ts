import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type Built, build } from './build.ts';
import { ask, created, linesOf, nextName, play, report, stopAll, tells } from './stories.ts';
import { flawless, isOver, print, tally } from './tally.ts';
import { until } from './until.ts';
import { inWorld, type World } from './world.ts';

// GitHub that creates and does not say so, that says nothing, and that is not there while its webhooks come.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

const inEmbedded = (live: (world: World) => Promise<void>) =>
  inWorld({ program: built.main, store: 'embedded' }, async (world) => {
    await world.start();
    await live(world);
    await stopAll(world);
  });

/** A deployment for each of these faults, which its creation meets. */
async function playWith(world: World, faults: Fault[]): Promise<void> {
  const stories = faults.map((fault) => {
    const name = nextName(world);
    const when = ({ payload }: { payload?: { story?: string } }) => payload?.story === name;
    world.github.faults.add({ method: 'POST', path: /\/deployments$/, when }, fault);
    return play(world);
  });
  await Promise.all(stories);
}

describe.concurrent('GitHub', { timeout: 180_000 }, () => {
  test('creates, and then resets, answers 502 or nothing: one deployment, all told', async () => {
    await inEmbedded(async (world) => {
      await playWith(world, [
        { kind: 'done-then-reset' },
        { kind: 'done-then-status', status: 502 },
        { kind: 'done-then-hang' },
      ]);
      print('GitHub creates, then resets, 502, nothing', tally(world));
      expect(tally(world)).toMatchObject({ asked: 3, sent: 9, told: 9, ...flawless });
    });
  });

  test('creates nothing, and resets, answers 502 or nothing: never asked twice, and a person decides', async () => {
    await inEmbedded(async (world) => {
      await playWith(world, [{ kind: 'reset' }, { kind: 'status', status: 502 }, { kind: 'hang' }]);
      print('GitHub creates nothing and resets, 502, nothing', tally(world));
      expect(tally(world)).toMatchObject({ asked: 3, sent: 0, ...flawless, unknown: 3 });
      const creations = world.github.requests.filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/deployments'),
      );
      expect(creations).toHaveLength(3);
    });
  });

  test('is down while its webhooks come: all is told', async () => {
    await inEmbedded(async (world) => {
      const asked = await ask(world);
      const deployment = await created(world, asked);
      if (!deployment) throw new Error('It was not created.');
      const back = world.github.faults.add(
        { path: /./, times: Number.POSITIVE_INFINITY },
        { kind: 'status', status: 502 },
      );
      for (const state of asked.plan) report(world, deployment, state);
      await until(() => isOver(world, asked));
      back();
      await play(world);
      print('GitHub is down while webhooks come', tally(world));
      expect(tally(world)).toMatchObject({ sent: 6, told: 6, ...flawless });
    });
  });

  test('is down while a webhook gets lost: the ending is told, and what came before it as soon as it can be', async () => {
    await inEmbedded(async (world) => {
      const asked = await ask(world);
      const deployment = await created(world, asked);
      if (!deployment) throw new Error('It was not created.');
      const back = world.github.faults.add(
        { path: /./, times: Number.POSITIVE_INFINITY },
        { kind: 'status', status: 502 },
      );
      world.github.dropWebhooks(
        (event, payload) => event === 'deployment_status' && payload.deployment_status.state === 'in_progress',
      );
      const [, , ending] = asked.plan.map((state) => report(world, deployment, state));
      await until(() => linesOf(world, asked).some((line) => ending !== undefined && tells(line, ending)));
      back();
      await until(() => isOver(world, asked));
      print('GitHub is down while a webhook gets lost', tally(world));
      expect(tally(world)).toMatchObject({ sent: 3, told: 3, ...flawless, late: 1, afterTheEnd: 1 });
    });
  });
});
