import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { readStep } from './steps.ts';
import { play, playTaken, stopAll } from './stories.ts';
import { type Supervisor, supervise } from './supervisor.ts';
import { added, flawless, print, tally, tallyOf } from './tally.ts';
import { until } from './until.ts';
import { inWorld, type World, type WorldOptions } from './world.ts';

// kill -9 at the steps of the roads of a command and of a webhook, as an undisturbed run goes through them. Here each
// name (a method of a port, before and after) has its turn on one of the roads; with FAULTS=all (npm run faults) it is
// every step of every road; where posts are in doubt, every one of looking for them.

const everyStep = process.env.FAULTS === 'all';

let built: Built;
beforeAll(async () => {
  built = await build();
}, 120_000);

// biome-ignore lint/suspicious/noExplicitAny: whatever the bot sent
const isParent = (body: any): boolean => body.thread_ts === undefined;
// biome-ignore lint/suspicious/noExplicitAny: whatever the bot sent
const isFirstLine = (body: any): boolean => !isParent(body) && JSON.stringify(body).includes(' step 1.');

/** What is so while a road is walked. */
const roads: Record<string, (world: World) => void> = {
  'webhooks arrive': () => {},
  'webhooks get lost': ({ github }) => void github.dropWebhooks(() => true, { recorded: false }),
  // Without this a message is looked for only where a kill came between posting and noting it.
  'posts are in doubt': ({ slack }) => {
    for (const isDoubtful of [isParent, isFirstLine]) {
      slack.faults.add(
        { path: /chat\.postMessage/, when: isDoubtful, times: Number.POSITIVE_INFINITY },
        { kind: 'done-then-reset' },
      );
    }
  },
  'it starts': () => {},
};

describe('embedded, another bot is started', () => {
  kills('embedded', () => 'embedded', { bots: 1, worlds: 2 });
});

describeWithRedis('Redis, another bot lives', () => {
  let redis: RedisServer;
  let worlds = 0;
  beforeAll(async () => {
    redis = await startRedis({ password: 'faults-redis-password' });
  });
  afterAll(() => redis?.end());
  kills('Redis', () => ({ redisUrl: `${redis.url}?prefix=kill-${worlds++}:` }), { bots: 2, worlds: 2 });
});

/** How a step is met. */
interface Way {
  /** The steps of an undisturbed run. */
  record(world: World): Promise<string[]>;
  /** Tells stories until a bot has died at the step; what goes on after it is left in `stories`. */
  kill(world: World, supervisors: Supervisor[], step: string, stories: Promise<void>[]): Promise<boolean>;
  /** In so many worlds at once it is walked for every step, where most of the time goes in waiting. */
  worldsForAll?: number;
}

function kills(name: string, store: () => WorldOptions['store'], { bots, worlds }: { bots: number; worlds: number }) {
  const inThis = <T>(road: string, live: (world: World) => Promise<T>): Promise<T> =>
    inWorld({ program: built.mortal, store: store(), slack: { ackMs: 1_000 } }, (world) => {
      roads[road]?.(world);
      return live(world);
    });

  const met = new Set<string>();
  test.each(Object.keys(roads))('killed at a step while %s', { timeout: 1_800_000 }, async (road) => {
    const way = ways[road] ?? onTheWay;
    const steps = chosen(await inThis(road, way.record), met);
    const waiting = [...steps];
    const length = everyStep ? (way.worldsForAll ?? worlds) : worlds;
    const walks = Array.from({ length }, () => inThis(road, (world) => killAtEach(world, waiting, bots, way)));
    const ended = await Promise.all(walks);
    const sum = ended.map((one) => one.tally).reduce(added);
    const missed = ended.flatMap((one) => one.missed);
    print(`kill -9, ${name}, ${road}`, sum, `, at ${steps.length - missed.length} of ${steps.length} steps`);
    // Killed between the intention to create and the creation: nobody can know, and the thread says so.
    expect(sum).toMatchObject({ ...flawless, unknown: sum.unknown });
    expect(missed).toEqual([]);
  });
}

/**
 * All of them; or one of each name, before and after it, that was not met on the roads so far, from all over this road.
 * The first road leaves half of them to the others.
 */
function chosen(steps: readonly string[], met: Set<string>): string[] {
  if (everyStep) return [...steps];
  const isFirst = met.size === 0;
  const byKey = new Map<string, string[]>();
  for (const step of steps) {
    const { name, when } = readStep(step);
    const key = `${name}:${when}`;
    const isLeft = isFirst && (name.length + when.length) % 2 === 0;
    if (!met.has(key) && !isLeft) byKey.set(key, [...(byKey.get(key) ?? []), step]);
  }
  for (const key of byKey.keys()) met.add(key);
  return [...byKey.values()].flatMap((same, index) => same[(index * 5) % same.length] ?? []);
}

/** Deployments that are told of at the same time. */
const mostAtOnce = 10;

/** A deployment for each of the steps that wait: a bot dies there, and the story goes on. */
async function killAtEach(world: World, waiting: string[], bots: number, way: Way) {
  const supervisors = await Promise.all(Array.from({ length: bots }, () => supervise(world)));
  const stories: Promise<void>[] = [];
  const missed: string[] = [];
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    // In time: of what is old, GitHub is asked ever less often.
    for (const story of playTaken(world)) follow(story, step, stories);
    // Bots that die again and again hold what they died with for a while: more at once would all wait for that.
    await Promise.all(stories.slice(0, -mostAtOnce));
    if (await way.kill(world, supervisors, step, stories)) continue;
    const { name, n, when } = readStep(step);
    // Not every call of the undisturbed run has to come again; the first of its name does, here or when a bot starts.
    if (n > 1) waiting.push(`${name}:1:${when}`);
    else if (!(await atStart.kill(world, supervisors, step, stories))) missed.push(step);
  }
  await Promise.all(stories);
  await Promise.all(supervisors.map((supervisor) => supervisor.leave()));
  await Promise.all(playTaken(world));
  await stopAll(world);
  return { tally: tally(world), missed };
}

function begin(world: World, step: string, stories: Promise<void>[]): Promise<void> {
  const story = play(world);
  follow(story, step, stories);
  return story;
}

/** Whoever waits for the stories hears where one came to grief. */
function follow(story: Promise<void>, step: string, stories: Promise<void>[]): void {
  const followed = story.catch((error: Error) => {
    error.message = `after ${step}: ${error.message}`;
    throw error;
  });
  followed.catch(() => {});
  stories.push(followed);
}

/** From the typed line to the end of the story. */
const onTheWay: Way = {
  async record(world) {
    const bot = await world.start();
    await bot.record();
    await play(world);
    await stopAll(world);
    expect(tally(world)).toMatchObject({ sent: 3, told: 3, ...flawless });
    return bot.steps;
  },
  async kill(world, supervisors, step, stories) {
    const bots = await Promise.all(supervisors.map((supervisor) => supervisor.bot()));
    await Promise.all(bots.map((bot) => bot.killAt(step)));
    const hasDied = () => bots.some((bot) => !bot.lives());
    for (let tries = 0; tries < bots.length && !hasDied(); tries += 1) {
      const story = begin(world, step, stories);
      // What a dead bot leaves behind may take a while; where there are others, the next step need not wait for it.
      await (bots.length > 1 ? Promise.race([story, ...bots.map(({ ended }) => ended)]) : story);
      // What comes after the last line takes another moment.
      await until(hasDied, { timeout: 2_000 }).catch(() => {});
    }
    await Promise.all(bots.map((bot) => bot.killAt(undefined)));
    return hasDied();
  },
};

/** From the typed line to the end of the story, where some posts are in doubt: looking for them, and what follows from it. */
const inDoubt: Way = {
  async record(world) {
    const steps = await onTheWay.record(world);
    // For the parent and for the first line.
    expect(steps).toContain('chat.find:2:after');
    const looks = steps.flatMap((step, index) => (readStep(step).name === 'chat.find' ? [index] : []));
    return steps.filter((_, index) => looks.some((look) => look <= index && index < look + 8));
  },
  kill: onTheWay.kill,
};

/** While a bot starts that finds a deployment under way. Each step waits until what the dead bot held is let go. */
const atStart: Way = {
  worldsForAll: 6,
  async record(world) {
    const supervisor = await supervise(world);
    // It dies when the first line is told and that is noted: were it in doubt, the next bot would also look for it.
    await (await supervisor.bot()).killAt('store.tellStatus:2:after');
    const next = supervisor.next({ env: { RECORD: '1' } });
    const story = play(world);
    const bot = await next;
    await story;
    await supervisor.leave();
    await stopAll(world);
    return bot.steps;
  },
  async kill(world, [supervisor], step, stories) {
    await supervisor?.bot();
    const told = () => tallyOf(world, world.asked.slice(-1)).told > 0;
    const story = begin(world, step, stories);
    await Promise.race([story, until(told)]);
    const bot = await supervisor?.replace({ env: { KILL_AT: step } });
    const hasDied = await until(() => bot?.lives() === false, { timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    await bot?.killAt(undefined);
    await story;
    return hasDied;
  },
};

/** From the typed line to the end of the story, if not said otherwise. */
const ways: Record<string, Way> = { 'posts are in doubt': inDoubt, 'it starts': atStart };
