import { z } from 'zod';
import { whyMentionIsUnheard } from '../places.ts';
import type { World } from '../world.ts';
import type { Controls } from './controls.ts';
import { deployFromElsewhere } from './elsewhere.ts';
import type { Act, ActAnswer, CheckView } from './protocol.ts';
import { pushCommit } from './push.ts';
import type { RefReader } from './refs.ts';

const id = z.string().min(1).max(100);
/** What Slack recommends at most for a message (chat.postMessage), in characters. */
const mostText = 4000;

const acts: z.ZodType<Act> = z.discriminatedUnion('do', [
  z.object({ do: z.literal('say'), person: id, room: id, thread: id.optional(), text: z.string() }),
  z.object({ do: z.literal('press'), person: id, room: id, ts: id, action: z.string().max(255) }),
  z.object({ do: z.literal('check'), repository: id, sha: id, name: z.string(), kind: z.enum(['status', 'run']) }),
  z.object({ do: z.literal('push'), repository: id, branch: z.string().min(1).max(250), person: id }),
  z.object({
    do: z.literal('pull'),
    repository: id,
    number: z.number().int(),
    how: z.enum(['close', 'merge']),
    person: id,
  }),
  z.object({ do: z.literal('deploy-elsewhere'), repository: id }),
  z.object({ do: z.literal('redeliver'), guid: id }),
  z.object({ do: z.literal('lose'), which: z.enum(['next', 'next-success', 'all', 'none']) }),
  z.object({ do: z.literal('repeat'), twice: z.boolean() }),
  z.object({ do: z.literal('deployer'), runs: z.boolean() }),
  z.object({ do: z.literal('heed-calls'), heeds: z.boolean() }),
  z.object({ do: z.literal('limit-slack'), seconds: z.number().int().min(0).max(600) }),
]);

type Doing<Kind extends Act['do']> = Extract<Act, { do: Kind }>;

/** Something that the page asked for and that can't be: a sentence for whoever sits there. */
export class Impossible extends Error {}

/** Reads what came over the wire. @throws Impossible if it is nothing that the page can do */
export function readAct(json: string): Act {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Impossible('That is not JSON.');
  }
  const read = acts.safeParse(value);
  if (!read.success) throw new Impossible('That is nothing that one can do here.');
  return read.data;
}

export interface Surroundings {
  world: World;
  controls: Controls;
  readers: RefReader[];
  now: () => Date;
}

/** Does it. @throws Impossible */
export async function perform(act: Act, o: Surroundings): Promise<ActAnswer> {
  const { world, controls } = o;
  switch (act.do) {
    case 'say':
      return say(act, world);
    case 'press':
      return press(act, world);
    case 'check':
      turnCheck(act, o);
      return {};
    case 'push':
      await push(act, o);
      return {};
    case 'pull':
      await endPull(act, o);
      return {};
    case 'deploy-elsewhere':
      await possible(() => deployFromElsewhere(world.github, repositoryOf(world, act.repository)));
      return {};
    case 'redeliver':
      // Not awaited: a target may take its time, and the table shows what becomes of it.
      world.github.redeliver(act.guid).catch(() => {});
      return {};
    case 'lose':
      controls.lose(act.which);
      return {};
    case 'repeat':
      controls.repeat(act.twice);
      return {};
    case 'deployer':
      await controls.setDeployer(act.runs);
      return {};
    case 'heed-calls':
      world.deployer.heedsCalls = act.heeds;
      return {};
    case 'limit-slack':
      controls.limitSlack(act.seconds);
      return {};
  }
}

/** A slash command, or a message that everybody there reads. */
async function say({ person, room, thread, text }: Doing<'say'>, world: World): Promise<ActAnswer> {
  personOf(world, person);
  const typed = text.trim();
  if (typed.length > mostText) {
    throw new Impossible(`That has ${typed.length} characters, and a message may have ${mostText}. Send it in pieces.`);
  }
  if (typed === '') throw new Impossible('There is nothing to send.');
  const [, word, rest = ''] = /^\/(\S+)\s*([\s\S]*)$/.exec(typed) ?? [];
  if (word !== undefined && thread !== undefined) {
    return { remark: `/${word} is not supported in threads. Sorry! Write @${world.slack.botUserName} and the rest.` };
  }
  if (word !== undefined && word !== 'deploy') {
    return { remark: `/${word} is not a command here. The one there is: /deploy. Try /deploy help.` };
  }
  await possible(async () => {
    if (word !== undefined) await world.slack.command({ user: person, channel: room, command: '/deploy', text: rest });
  });
  if (word !== undefined) return {};
  const { eventId, ts } = await possible(() =>
    world.slack.mention({ user: person, channel: room, text: typed, thread }),
  );
  const isMention = new RegExp(`(^|\\s)@${world.slack.botUserName}\\b`).test(typed);
  const whyNot = isMention && eventId === undefined ? whyUnheard(world, room) : undefined;
  return whyNot === undefined ? {} : { remark: `Nobody hears that: ${whyNot}.`, after: ts };
}

function whyUnheard({ channels, directMessages }: World, room: string): string | undefined {
  if (room === channels.elsewhere.id) return whyMentionIsUnheard('elsewhere');
  if (room === directMessages['ann-bob'].id) return whyMentionIsUnheard('ann-bob');
  return Object.values(directMessages).some((one) => one.id === room) ? whyMentionIsUnheard('dm') : undefined;
}

/** Presses a button, and waits until the bot has taken it, three seconds at most. */
async function press({ person, room, ts, action }: Doing<'press'>, world: World): Promise<ActAnswer> {
  const sent = await possible(() => world.slack.press({ user: person, channel: room, message: ts, action }));
  const { failure } = await sent.acked;
  return failure === undefined ? {} : { remark: `The button did not work: ${failure}.` };
}

/** Green becomes red, anything else green. */
function turnCheck({ repository, sha, name, kind }: Doing<'check'>, { world }: Surroundings): void {
  const { fullName, commitStatuses, checkRuns } = repositoryOf(world, repository);
  const state: CheckView['state'] | undefined =
    kind === 'status'
      ? (commitStatuses.findLast((one) => one.sha === sha && one.context === name)?.state as CheckView['state'])
      : checkRuns.findLast((one) => one.sha === sha && one.name === name)?.conclusion === 'success'
        ? 'success'
        : 'failure';
  if (state === undefined) throw new Impossible(`${name} has said nothing about that commit.`);
  const next = state === 'success' ? 'failure' : 'success';
  if (kind === 'status') {
    world.github.setStatus(fullName, sha, { context: name, state: next, description: `Turned ${next} by hand` });
  } else {
    world.github.setCheckRun(fullName, sha, { name, status: 'completed', conclusion: next });
  }
}

async function push({ repository, branch, person }: Doing<'push'>, o: Surroundings): Promise<void> {
  const who = personOf(o.world, person);
  const { github } = o.world;
  await possible(() => pushCommit(github, repositoryOf(o.world, repository), branch, { who, now: o.now() }));
  for (const reader of o.readers) reader.forget();
}

async function endPull({ repository, number, how, person }: Doing<'pull'>, o: Surroundings): Promise<void> {
  const by = personOf(o.world, person);
  const { fullName } = repositoryOf(o.world, repository);
  const { github } = o.world;
  await possible(() =>
    how === 'merge' ? github.mergePull(fullName, number, { by }) : github.closePull(fullName, number, by),
  );
  for (const reader of o.readers) reader.forget();
}

function personOf({ people }: World, id: string): string {
  const found = Object.values(people).find((one) => one.id === id);
  if (!found) throw new Impossible(`Nobody here is ${id}.`);
  return found.name;
}

function repositoryOf({ stored }: World, fullName: string) {
  const found = stored.find((one) => one.fullName === fullName);
  if (!found) throw new Impossible(`There is no repository ${fullName}.`);
  return found;
}

/** What the sandbox says cannot be done, as a sentence for the page. */
async function possible<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw new Impossible(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
