import { expect } from 'vitest';
import type { DeploymentObject, DeploymentStatusObject } from '../../src/sandbox/github/server.ts';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { readiness } from './process.ts';
import { isOver } from './tally.ts';
import { until } from './until.ts';
import { type Asked, ann, repository, type World } from './world.ts';

/** What people and deployers do, and what there is to see of it. */

export const succeeds = ['queued', 'in_progress', 'success'] as const;
export const fails = ['queued', 'in_progress', 'failure'] as const;

/** What the next deployment that is asked for will be called. */
export const nextName = (world: World): string => `story-${world.asked.length + 1}.`;

/** Types a line that asks for a deployment. Slack, or the bot in its acknowledgement, tells the person if it is not taken. */
export async function typeOnce(world: World, plan: readonly string[] = succeeds): Promise<Asked> {
  const room = world.rooms[world.asked.length % world.rooms.length] ?? '';
  const asked: Asked = { name: nextName(world), room, plan, failed: false };
  world.asked.push(asked);
  const text = `hello/topic-branch to review --set story=${asked.name} --description "${asked.name}"`;
  const sent = await world.slack.command({ user: ann, channel: room, text });
  const { failure, body, crossed } = await sent.acked;
  asked.failed = failure !== undefined || body !== undefined;
  if (crossed) asked.crossed = true;
  return asked;
}

/** Types it, and types it again once there is a bot, as people do who are told that it failed. */
export async function ask(world: World, plan: readonly string[] = succeeds): Promise<Asked> {
  for (let tries = 0; tries < 50; tries += 1) {
    const asked = await typeOnce(world, plan);
    if (!asked.failed) return asked;
    await until(async () => {
      const living = await Promise.all(world.bots.filter((bot) => bot.lives()).map(readiness));
      return living.some((found) => found?.status === 200 && found.slack === 'connected');
    });
  }
  throw new Error('No bot takes the line.');
}

const payloadOf = ({ payload }: DeploymentObject) =>
  payload as { story?: string; notify?: { message_id: string }; deckhand?: { request: string } };

/** Its deployments on GitHub; there should be one. */
export const deploymentsOf = (world: World, { name }: Asked): DeploymentObject[] =>
  world.github.deployments(repository).filter((one) => payloadOf(one).story === name);

export const requestOf = (deployment: DeploymentObject): string => payloadOf(deployment).deckhand?.request ?? '';

/** Its statuses, oldest first. */
export const statusesOf = (world: World, asked: Asked): DeploymentStatusObject[] =>
  deploymentsOf(world, asked).flatMap(({ id }) => world.github.statuses(repository, id).toReversed());

/** The messages that a deployment stands under; there should be one. */
export const parentsOf = (world: World, { name, room }: Asked): SlackMessage[] =>
  [...world.said()].filter(
    ({ channel, thread_ts, shown }) => channel === room && thread_ts === undefined && shown.includes(name),
  );

/** What stands in the threads of a deployment, oldest first. */
export function linesOf(world: World, asked: Asked): SlackMessage[] {
  const parents = new Set(parentsOf(world, asked).map(({ ts }) => ts));
  return [...world.said()].filter(({ channel, thread_ts }) => channel === asked.room && parents.has(thread_ts ?? ''));
}

/** A status as the deployer set it: found in the thread by its own words. */
export const tells = (line: SlackMessage, status: DeploymentStatusObject): boolean =>
  line.shown.includes(status.description ?? '');

/** The thread says that nobody knows whether GitHub created it. */
export const isUnknown = (world: World, asked: Asked): boolean =>
  linesOf(world, asked).some(({ metadata }) => metadata?.event_payload.key === 'unknown');

/** Waits for its deployment on GitHub; nothing where the bot has said that it does not know of any. */
export async function created(world: World, asked: Asked): Promise<DeploymentObject | undefined> {
  await until(() => deploymentsOf(world, asked).length > 0 || isUnknown(world, asked));
  return deploymentsOf(world, asked)[0];
}

/** The deployer says how far it has come, and GitHub tells the bot. */
export function report(world: World, deployment: DeploymentObject, state: string): DeploymentStatusObject {
  const { story = '' } = payloadOf(deployment);
  const nth = world.github.statuses(repository, deployment.id).length + 1;
  return world.github.addStatus(repository, deployment.id, { state, description: `${story} step ${nth}.` });
}

/** `seen`: the deployer waits after each step until the thread tells it. `eager`: it says all at once. */
export type Pace = 'seen' | 'eager';

/** SIGTERM for every bot that lives: each ends in good order, within the 20 s that it has. */
export async function stopAll(world: World): Promise<void> {
  const endings = await Promise.all(world.bots.filter((bot) => bot.lives()).map((bot) => bot.stop()));
  for (const { code, signal, ms } of endings) {
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(ms).toBeLessThan(20_000);
  }
}

/** Plays the deployer's part of what was asked for, from its creation to its end. */
export async function deploy(world: World, asked: Asked, pace: Pace = 'seen'): Promise<void> {
  const deployment = await created(world, asked);
  if (!deployment) return;
  for (const state of asked.plan.slice(statusesOf(world, asked).length)) {
    const status = report(world, deployment, state);
    if (pace === 'seen') await until(() => linesOf(world, asked).some((line) => tells(line, status)));
  }
}

/** Asks for a deployment, plays the deployer's part, and waits until everything is told. */
export async function play(world: World, plan: readonly string[] = succeeds, pace: Pace = 'seen'): Promise<void> {
  const asked = await ask(world, plan);
  await deploy(world, asked, pace);
  await until(() => isOver(world, asked)).catch((error: Error) => {
    throw new Error(`${asked.name} ${error.message}`);
  });
}

/**
 * Some lines failed for the person, and were taken by a bot all the same: to the deployer they are as good as others, and
 * it begins with them now. Answers the stories that have begun with this.
 */
export function playTaken(world: World): Promise<void>[] {
  const taken = world.asked.filter((asked) => asked.failed && !asked.begun && deploymentsOf(world, asked).length > 0);
  return taken.map(async (asked) => {
    asked.begun = true;
    await deploy(world, asked);
    await until(() => isOver(world, asked));
  });
}
