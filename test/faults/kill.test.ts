import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { type Built, build } from './build.ts';
import { readStep, written } from './steps.ts';
import { playTaken, stopAll } from './stories.ts';
import { supervise } from './supervisor.ts';
import { added, flawless, print, tally } from './tally.ts';
import { atStart, follow, inDoubt, onTheWay, type Way } from './ways.ts';
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

/** From the typed line to the end of the story, if not said otherwise. */
const ways: Record<string, Way> = { 'posts are in doubt': inDoubt, 'it starts': atStart };

describe('embedded, another bot is started', () => {
  kills('embedded', () => 'embedded', { bots: 1, worlds: 2 });
});

describeWithRedis('Redis, another bot lives or is started', () => {
  let redis: RedisServer;
  let worlds = 0;
  beforeAll(async () => {
    redis = await startRedis({ password: 'faults-redis-password' });
  });
  afterAll(() => redis?.end());
  kills('Redis', () => ({ redisUrl: `${redis.url}?prefix=kill-${worlds++}:` }), { bots: 2, worlds: 2 });
});

function kills(name: string, store: () => WorldOptions['store'], { bots, worlds }: { bots: number; worlds: number }) {
  const inThis = <T>(road: string, live: (world: World) => Promise<T>): Promise<T> =>
    inWorld({ program: built.mortal, store: store(), slack: { ackMs: 1_000 } }, (world) => {
      roads[road]?.(world);
      return live(world);
    });

  /** Names, with `before` or `after`, that had their turn on the roads so far. */
  const taken = new Set<string>();
  test.each(Object.keys(roads))('killed at a step while %s', { timeout: 1_800_000 }, async (road) => {
    const way = ways[road] ?? onTheWay;
    const steps = chosen(await inThis(road, way.record), taken);
    const log = progress(`kill -9, ${name}, ${road}`);
    const walk: Walk = { way, bots: way.bots ?? bots, waiting: [...steps], met: new Set(), log };
    const length = everyStep ? (way.worldsForAll ?? worlds) : worlds;
    const ended = await Promise.all(Array.from({ length }, () => inThis(road, (world) => killAtEach(world, walk))));
    const sum = ended.map((one) => one.tally).reduce(added);
    const missed = ended.flatMap((one) => one.missed);
    const others = steps.filter((step) => !walk.met.has(step) && !missed.includes(step)).length;
    const more = others > 0 ? `, for ${others} of them only at the first of their name` : '';
    print(`kill -9, ${name}, ${road}`, sum, `, at ${steps.length - missed.length} of ${steps.length} steps${more}`);
    // Killed between the intention to create and the creation: nobody can know, and the thread says so.
    expect(sum).toMatchObject({ ...flawless, unknown: sum.unknown });
    expect(missed).toEqual([]);
  });
}

/**
 * All of them; or one of each name, before and after it, that had no turn on the roads so far, from all over this road.
 * The first road leaves half of them to the others.
 */
function chosen(steps: readonly string[], taken: Set<string>): string[] {
  if (everyStep) return [...steps];
  const isFirst = taken.size === 0;
  const byKey = new Map<string, string[]>();
  for (const step of steps) {
    const { name, when } = readStep(step);
    const key = `${name}:${when}`;
    const isLeft = isFirst && (name.length + when.length) % 2 === 0;
    if (!taken.has(key) && !isLeft) byKey.set(key, [...(byKey.get(key) ?? []), step]);
  }
  for (const key of byKey.keys()) taken.add(key);
  return [...byKey.values()].flatMap((same, index) => same[(index * 5) % same.length] ?? []);
}

/** A road that is walked for each of its steps, in several worlds at once. */
interface Walk {
  way: Way;
  bots: number;
  /** Steps that are still to be met. */
  waiting: string[];
  /** Steps at which a bot has died. */
  met: Set<string>;
  /** A step was met, or missed, while so many wait. */
  log(step: string, isMet: boolean, waiting: number): void;
}

/** With every step a road takes up to half an hour: says how far it has come, a line for each step. */
function progress(name: string): Walk['log'] {
  if (!everyStep) return () => {};
  const begun = performance.now();
  let tried = 0;
  return (step, isMet, waiting) => {
    tried += 1;
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const of = `${tried} of ${tried + waiting}, ${seconds} s`;
    process.stdout.write(`  ${name}: ${of}: ${step} ${isMet ? 'met' : 'missed'}\n`);
  };
}

/** Deployments that are told of at the same time. */
const mostAtOnce = 10;

/** A deployment for each of the steps that wait: a bot dies there, and the story goes on. */
async function killAtEach(world: World, { way, bots, waiting, met, log }: Walk) {
  const supervisors = await Promise.all(Array.from({ length: bots }, () => supervise(world)));
  const stories: Promise<void>[] = [];
  const missed: string[] = [];
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    // In time: of what is old, GitHub is asked ever less often.
    for (const story of playTaken(world)) follow(story, step, stories);
    // Bots that die again and again hold what they died with for a while: more at once would all wait for that.
    await Promise.all(stories.slice(0, -mostAtOnce));
    const { name, n, when } = readStep(step);
    const first = written({ name, n: 1, when });
    let isMet = await way.kill(world, supervisors, step, stories);
    // Not every call of the undisturbed run has to come again; the first of its name does, here or when a bot starts.
    if (!isMet && n === 1) isMet = await atStart.kill(world, supervisors, step, stories);
    log(step, isMet, waiting.length);
    if (isMet) met.add(step);
    else if (n === 1) missed.push(step);
    else if (!met.has(first) && !waiting.includes(first)) waiting.push(first);
  }
  await Promise.all(stories);
  await Promise.all(supervisors.map((supervisor) => supervisor.leave()));
  await Promise.all(playTaken(world));
  await stopAll(world);
  return { tally: tally(world), missed };
}
