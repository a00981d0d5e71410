import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type Built, build } from './build.ts';
import {
  ask,
  created,
  deploy,
  linesOf,
  nextName,
  parentsOf,
  play,
  report,
  statusesOf,
  stopAll,
  succeeds,
  tells,
  typeOnce,
} from './stories.ts';
import { flawless, print, tally } from './tally.ts';
import { until } from './until.ts';
import { type Asked, inWorld, type World } from './world.ts';

// Slack that does what it was asked and does not say so, that does nothing, and that is not there.

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

// biome-ignore lint/suspicious/noExplicitAny: whatever the bot sent
type Sent = any;

const withoutHistory = ['app_mentions:read', 'channels:read', 'chat:write', 'commands', 'team:read', 'users:read'];

/** One message or edit of a story, as Slack gets it. */
const moments: Record<string, { path: RegExp; is: (body: Sent, name: string) => boolean }> = {
  'the parent': { path: /chat\.postMessage/, is: (body, name) => !body.thread_ts && says(body, name) },
  'the first step': {
    path: /chat\.postMessage/,
    is: (body, name) => Boolean(body.thread_ts) && says(body, `${name} step 1.`),
  },
  'the ending': {
    path: /chat\.postMessage/,
    is: (body, name) => Boolean(body.thread_ts) && says(body, `${name} step 3.`),
  },
  'the last look': { path: /chat\.update/, is: (body, name) => says(body, name) && says(body, 'Success') },
};

const says = (body: Sent, words: string): boolean => JSON.stringify(body).includes(words);

const stored: Record<string, Fault> = {
  'a reset': { kind: 'done-then-reset' },
  'a 503': { kind: 'done-then-status', status: 503 },
  'no answer': { kind: 'done-then-hang' },
};
const notStored: Record<string, Fault> = {
  'a reset': { kind: 'reset' },
  'a 503': { kind: 'status', status: 503 },
  'no answer': { kind: 'hang' },
  'a rate limit': { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
};

/** One deployment for each moment, which meets the fault there, once. */
async function playWith(world: World, fault: Fault): Promise<void> {
  const stories = Object.values(moments).map(({ path, is }) => {
    const name = nextName(world);
    world.slack.faults.add({ path, when: (body) => is(body, name) }, fault);
    return play(world);
  });
  await Promise.all(stories);
}

describe.concurrent('each of posting and editing', { timeout: 180_000 }, () => {
  test.each(Object.entries(stored))('done, then %s: every line once', async (name, fault) => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      await world.start();
      await playWith(world, fault);
      await stopAll(world);
      print(`Slack stores, then ${name}`, tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    });
  });

  test.each(Object.entries(notStored))('not done, %s: every line once', async (name, fault) => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      await world.start();
      await playWith(world, fault);
      await stopAll(world);
      print(`Slack stores nothing, ${name}`, tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    });
  });

  test('stored, and to be read only after a while: every line once', async () => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      world.slack.historyLagMs = 1_500;
      await world.start();
      await playWith(world, { kind: 'done-then-reset' });
      await stopAll(world);
      print('Slack stores, resets and shows it late', tally(world));
      expect(tally(world)).toMatchObject({ sent: 12, told: 12, ...flawless });
    });
  });
});

describe.concurrent('where the bot may not read what was said', { timeout: 180_000 }, () => {
  test.each([
    ['stored, then a reset', { kind: 'done-then-reset' }],
    ['a reset before anything was done', { kind: 'reset' }],
  ] satisfies [string, Fault][])('%s: an ending rather twice than never, a step rather never', async (name, fault) => {
    await inWorld({ program: built.main, store: 'embedded', slack: { botScopes: withoutHistory } }, async (world) => {
      await world.start();
      const met = (moment: string): Asked => {
        const { path, is } = moments[moment] as (typeof moments)[string];
        const story = nextName(world);
        world.slack.faults.add({ path, when: (body) => is(body, story) }, fault);
        void typeOnce(world);
        return world.asked.at(-1) as Asked;
      };
      const step = met('the first step');
      const ending = met('the ending');
      const look = met('the last look');
      await Promise.all([playBlindly(world, step), playBlindly(world, ending), deploy(world, look)]);
      const isStored = fault.kind === 'done-then-reset';
      await until(() => timesTold(world, ending)[2] === (isStored ? 2 : 1));
      for (const asked of [step, ending, look]) await until(() => parentShowsTheEnd(world, asked));
      await stopAll(world);
      expect(timesTold(world, step)).toEqual([isStored ? 1 : 0, 1, 1]);
      expect(timesTold(world, ending)).toEqual([1, 1, isStored ? 2 : 1]);
      expect(timesTold(world, look)).toEqual([1, 1, 1]);
      for (const asked of [step, ending, look]) expect(parentShowsTheEnd(world, asked)).toBe(true);
      print(`without history, ${name}`, tally(world), ' (a step may be lost, an ending doubled)');
    });
  });
});

/** How often each of its statuses stands in the thread. */
const timesTold = (world: World, asked: Asked): number[] =>
  statusesOf(world, asked).map((status) => linesOf(world, asked).filter((line) => tells(line, status)).length);

const parentShowsTheEnd = (world: World, asked: Asked): boolean =>
  parentsOf(world, asked).every(({ shown }) => shown.includes('Success'));

/** The deployer goes on as soon as the parent shows a step: its line may be missing. */
async function playBlindly(world: World, asked: Asked): Promise<void> {
  const deployment = await created(world, asked);
  for (const state of succeeds) {
    if (deployment) report(world, deployment, state);
    const words = state.replaceAll('_', ' ');
    await until(() => parentsOf(world, asked).some(({ shown }) => shown.toLowerCase().includes(words)));
  }
}

describe.concurrent('Slack is down for a while', { timeout: 180_000 }, () => {
  const down: Fault = { kind: 'status', status: 503 };

  test('all is told when it is back', async () => {
    await inWorld({ program: built.main, store: 'embedded' }, async (world) => {
      await world.start();
      const early = play(world);
      await until(() => world.asked.some((asked) => parentsOf(world, asked).length > 0));
      const back = world.slack.faults.add({ path: /chat\./, times: Number.POSITIVE_INFINITY }, down);
      // Commands come by the socket; what they begin has to wait.
      const late = [play(world), play(world)];
      await until(() => world.slack.calls.filter(({ status }) => status === 503).length > 10);
      back();
      await Promise.all([early, ...late]);
      await stopAll(world);
      print('Slack is down for a while', tally(world));
      expect(tally(world)).toMatchObject({ sent: 9, told: 9, ...flawless });
    });
  });

  test('where the bot may not read: the endings are told when it is back, and the parents are right', async () => {
    await inWorld({ program: built.main, store: 'embedded', slack: { botScopes: withoutHistory } }, async (world) => {
      await world.start();
      const stories = await Promise.all([ask(world), ask(world)]);
      for (const asked of stories) await created(world, asked);
      const back = world.slack.faults.add({ path: /chat\./, times: Number.POSITIVE_INFINITY }, down);
      await Promise.all(stories.map((asked) => deploy(world, asked, 'eager')));
      await until(() => world.slack.calls.filter(({ status }) => status === 503).length > 20);
      back();
      for (const asked of stories) {
        await until(() => (timesTold(world, asked)[2] ?? 0) > 0 && parentShowsTheEnd(world, asked));
      }
      await stopAll(world);
      print('Slack is down for a while, without history', tally(world), ' (a step may be lost, an ending doubled)');
      for (const asked of stories) {
        const [first = 0, second = 0, ending] = timesTold(world, asked);
        expect(Math.max(first, second)).toBeLessThan(2);
        expect(ending).toBeGreaterThan(0);
      }
    });
  });
});
