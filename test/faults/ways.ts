import { expect } from 'vitest';
import type { Bot } from './process.ts';
import { readStep } from './steps.ts';
import { play, stopAll } from './stories.ts';
import { type Supervisor, supervise } from './supervisor.ts';
import { flawless, tally, tallyOf } from './tally.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** How a step is met. */
export interface Way {
  /** The steps of an undisturbed run. */
  record(world: World): Promise<string[]>;
  /** Tells stories until a bot has died at the step; what goes on after it is left in `stories`. */
  kill(world: World, supervisors: Supervisor[], step: string, stories: Promise<void>[]): Promise<boolean>;
  /** In so many worlds at once it is walked for every step, where most of the time goes in waiting. */
  worldsForAll?: number;
  /** So many bots live, whatever is usual where it is walked. */
  bots?: number;
}

function begin(world: World, step: string, stories: Promise<void>[]): Promise<void> {
  const story = play(world);
  follow(story, step, stories);
  return story;
}

/** Whoever waits for the stories hears where one came to grief. */
export function follow(story: Promise<void>, step: string, stories: Promise<void>[]): void {
  const followed = story.catch((error: Error) => {
    error.message = `after ${step}: ${error.message}`;
    throw error;
  });
  followed.catch(() => {});
  stories.push(followed);
}

/** Whether it has died at its step. One that has ended in another way has a fault. */
async function isKilled(bot: Bot): Promise<boolean> {
  if (bot.lives()) return false;
  expect(await bot.ended).toEqual({ code: null, signal: 'SIGKILL' });
  return true;
}

/** From the typed line to the end of the story. */
export const onTheWay: Way = {
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
    return (await Promise.all(bots.map(isKilled))).includes(true);
  },
};

/** From the typed line to the end of the story, where some posts are in doubt: looking for them, and what follows from it. */
export const inDoubt: Way = {
  async record(world) {
    const steps = await onTheWay.record(world);
    // For the parent and for the first line.
    expect(steps).toContain('chat.find:2:after');
    const looks = steps.flatMap((step, index) => (readStep(step).name === 'chat.find' ? [index] : []));
    return steps.filter((_, index) => looks.some((look) => look <= index && index < look + 8));
  },
  kill: onTheWay.kill,
};

/** It compares with GitHub when it starts. Once a second it would go through the same steps while it waits for a lease. */
const onceAtStart = { RECONCILE_SECONDS: '30' };

/**
 * While a bot starts that finds a deployment under way. Each step waits until what the dead bot held is let go. Where
 * another lived, that one would do much of what is to be seen.
 */
export const atStart: Way = {
  worldsForAll: 6,
  bots: 1,
  async record(world) {
    const supervisor = await supervise(world);
    // It dies when the first line is told and that is noted: were it in doubt, the next bot would also look for it.
    await (await supervisor.bot()).killAt('store.tellStatus:2:after');
    const next = supervisor.next({ env: { ...onceAtStart, RECORD: '1' } });
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
    const bot = await supervisor?.replace({ env: { ...onceAtStart, KILL_AT: step } });
    await Promise.race([story, bot?.ended]);
    // What comes after the last line takes another moment.
    await until(() => bot?.lives() === false, { timeout: 2_000 }).catch(() => {});
    await bot?.killAt(undefined);
    await story;
    return bot !== undefined && isKilled(bot);
  },
};
