import { setTimeout as pause } from 'node:timers/promises';
import type { Transcript } from '../front.ts';
import type { World } from '../world.ts';
import { type Channel, type Person, readLine, whatToType } from './options.ts';
import { judge, type Verdict } from './verdict.ts';
import { watchLine } from './watch.ts';

export interface TypedLine {
  line: string;
  person: Person;
  channel: Channel;
}

/**
 * Types a line into the sandbox's Slack, as that person in that channel.
 * Returns why it reached nobody, in a sentence; nothing if it was sent to the bot.
 */
export async function typeLine(world: World, transcript: Transcript, typed: TypedLine): Promise<string | undefined> {
  const read = readLine(typed.line);
  if (!read) return whatToType(typed.line);
  const user = world.people[typed.person].id;
  const channel = world.channels[typed.channel].id;
  if ('command' in read) {
    transcript.typed(typed.person, channel, typed.line);
    await world.slack.command({ user, channel, command: '/deploy', text: read.command });
  } else {
    const { eventId } = await world.slack.mention({ user, channel, text: read.mention });
    if (eventId === undefined) return `the bot is not in #${typed.channel}: nobody there hears a mention of it`;
  }
  return undefined;
}

/**
 * Types a line and waits until it is finished, as {@link judge} has it. With `yes` confirming buttons are pressed.
 * @throws the signal's reason when it is aborted
 */
export async function executeLine(
  world: World,
  transcript: Transcript,
  typed: TypedLine,
  o: { yes: boolean; timeout: number; botEnded: () => string | undefined; signal: AbortSignal },
): Promise<Verdict> {
  const watch = watchLine(world);
  try {
    const trouble = await typeLine(world, transcript, typed);
    if (trouble !== undefined) return { code: 1, because: trouble };
    for (;;) {
      o.signal.throwIfAborted();
      for (const button of o.yes ? watch.confirmations() : []) {
        watch.pressed(button);
        await world.slack.press({ user: world.people[typed.person].id, ...button });
      }
      const verdict = judge(watch.facts(o.botEnded()), o.timeout);
      if (verdict) return verdict;
      await pause(25);
    }
  } finally {
    watch.stop();
  }
}
