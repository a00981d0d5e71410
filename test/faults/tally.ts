import type { DeploymentStatusObject } from '../../src/sandbox/github/server.ts';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { deploymentsOf, isUnknown, linesOf, parentsOf, requestOf, statusesOf, tells } from './stories.ts';
import type { Asked, World } from './world.ts';

/** What was said of all deployments of a world, held against what GitHub knows of them. */
export interface Tally {
  /** Deployments that were asked for, and acknowledged. */
  asked: number;
  /** Statuses that GitHub has. */
  sent: number;
  /** Those that stand in their thread. */
  told: number;
  lost: number;
  /** Lines, parents and deployments that are there once more than they should. */
  doubled: number;
  /** Lines that came after a newer one, and say so. */
  late: number;
  /** Those of them that came after the ending: before that GitHub is asked for what is missing, where it can be. */
  afterTheEnd: number;
  /** Deployments that GitHub does not have, and of which the thread says that nobody knows: a person decides. */
  unknown: number;
  /** What else is not as it should be, one line each. */
  wrong: string[];
}

/** All of it, and whether what the bots printed is fit to be read. */
export function tally(world: World): Tally {
  const sum = tallyOf(world, world.asked);
  for (const [name, secret] of Object.entries(world.secrets)) {
    const line = world.bots.flatMap(({ printed }) => printed).find((text) => text.includes(secret));
    if (line !== undefined) sum.wrong.push(`${name} was printed: ${line}`);
  }
  for (const line of world.bots.flatMap(({ printed }) => printed)) {
    if (isABug(line)) sum.wrong.push(`a bot broke: ${line.slice(0, 1_000)}`);
  }
  return sum;
}

export function tallyOf(world: World, all: readonly Asked[]): Tally {
  const sum: Tally = {
    asked: 0,
    sent: 0,
    told: 0,
    lost: 0,
    doubled: 0,
    late: 0,
    afterTheEnd: 0,
    unknown: 0,
    wrong: [],
  };
  for (const asked of all) count(world, asked, sum);
  return sum;
}

/** Whether everything is told and the parent shows the end; or nobody knows whether there is anything to tell. */
export function isOver(world: World, asked: Asked): boolean {
  const { sent, told, unknown, wrong } = tallyOf(world, [asked]);
  return unknown > 0 || (sent === asked.plan.length && told === sent && wrong.length === 0);
}

export const added = (a: Tally, b: Tally): Tally => ({
  asked: a.asked + b.asked,
  sent: a.sent + b.sent,
  told: a.told + b.told,
  lost: a.lost + b.lost,
  doubled: a.doubled + b.doubled,
  late: a.late + b.late,
  afterTheEnd: a.afterTheEnd + b.afterTheEnd,
  unknown: a.unknown + b.unknown,
  wrong: [...a.wrong, ...b.wrong],
});

/** Whatever happens outside, this is never the right answer to it. */
const isABug = (line: string): boolean =>
  /"level":60|"type":"(TypeError|ReferenceError|RangeError|SyntaxError)"|UnhandledPromiseRejection/.test(line);

function count(world: World, asked: Asked, sum: Tally): void {
  const { name, failed } = asked;
  if (!failed) sum.asked += 1;
  const deployments = deploymentsOf(world, asked);
  const parents = parentsOf(world, asked);
  sum.doubled += Math.max(0, deployments.length - 1) + Math.max(0, parents.length - 1);
  const [deployment] = deployments;
  const [parent] = parents;
  // A person whose line failed has typed it again.
  if (failed && !deployment && !parent) return;
  if (!deployment && parent && isUnknown(world, asked)) {
    sum.unknown += 1;
    return;
  }
  if (!deployment || !parent) {
    sum.lost += 1;
    sum.wrong.push(`${name} has ${deployments.length} deployments and ${parents.length} parents`);
    return;
  }

  const statuses = statusesOf(world, asked);
  const lines = linesOf(world, asked);
  const places = statuses.map((status) => placesOf(lines, status));
  sum.sent += statuses.length;
  for (const [index, found] of places.entries()) {
    const status = statuses[index] as DeploymentStatusObject;
    sum.told += found.length > 0 ? 1 : 0;
    sum.lost += found.length > 0 ? 0 : 1;
    sum.doubled += Math.max(0, found.length - 1);
    if (found.length === 0) sum.wrong.push(`${name} does not tell ${status.state}`);
    // A crash of ours may hide behind words that look right: the metadata are what the bot finds its lines by.
    for (const place of found) {
      const payload = lines[place]?.metadata?.event_payload;
      const isMarked = payload?.request === requestOf(deployment) && payload.key === `status:${status.id}`;
      if (!isMarked) sum.wrong.push(`${name} tells ${status.state} with the metadata of something else`);
    }
  }
  const [end = lines.length] = places.at(-1) ?? [];
  for (const late of lateOnes(places)) {
    if (late > end) sum.afterTheEnd += 1;
    if (saysItsTime(lines[late])) sum.late += 1;
    else sum.wrong.push(`${name} tells out of order: ${lines[late]?.shown}`);
  }
  const notes = lines
    .filter((line) => !statuses.some((status) => tells(line, status)))
    .map((line) => String(line.metadata?.event_payload.key));
  for (const note of new Set(notes)) sum.doubled += notes.filter((other) => other === note).length - 1;
  if (!shows(parent, deployment.id, statuses.at(-1)))
    sum.wrong.push(`${name} ends with ${statuses.at(-1)?.state}, and its parent shows: ${parent.shown}`);
}

/** Where in the thread a status is told. */
const placesOf = (lines: readonly SlackMessage[], status: DeploymentStatusObject): number[] =>
  [...lines.keys()].filter((index) => tells(lines[index] as SlackMessage, status));

/** The places of statuses that come after that of a newer one. `places` are in GitHub's order. */
function lateOnes(places: readonly (readonly number[])[]): number[] {
  const firsts = places.map(([first]) => first).filter((first) => first !== undefined);
  return firsts.filter((place, index) => firsts.slice(index + 1).some((newer) => newer < place));
}

/** A date in the reader's own time zone: docs.slack.dev/messaging/formatting-message-text. */
const saysItsTime = (line?: SlackMessage): boolean => JSON.stringify(line?.blocks ?? []).includes('<!date^');

/** The parent shows the newest status in GitHub's own word, and which deployment it is. */
function shows(parent: SlackMessage, id: number, newest?: DeploymentStatusObject): boolean {
  const state = newest?.state.replaceAll('_', ' ');
  const text = parent.shown.toLowerCase();
  return text.includes(`#${id}`) && (state === undefined || text.includes(state));
}

/** Prints it as one line for people. */
export function print(name: string, { sent, told, lost, doubled, late, unknown }: Tally, more = ''): void {
  const rest = late + unknown > 0 ? `, late ${late}, unknown ${unknown}` : '';
  process.stdout.write(`faults ${name}: sent ${sent}, told ${told}, lost ${lost}, doubled ${doubled}${rest}${more}\n`);
}

/** Everything is told, once, in order, and every parent is right. */
export const flawless = { lost: 0, doubled: 0, late: 0, afterTheEnd: 0, unknown: 0, wrong: [] };
