import { setTimeout as pause } from 'node:timers/promises';
import type { Transcript } from '../front.ts';
import { type Person, type Place, roomOf, whyMentionIsUnheard, whyNotThere } from '../places.ts';
import type { World } from '../world.ts';
import { readLine, whatToType } from './options.ts';
import { judge, type QuietPeriods, quietPeriods, type Verdict } from './verdict.ts';
import { watchLine } from './watch.ts';

export interface TypedLine {
  line: string;
  person: Person;
  place: Place;
}

/**
 * Types a line into the sandbox's Slack, as that person in that place.
 * Returns why it reached nobody, in a sentence; nothing if it was sent to the bot.
 */
export async function typeLine(world: World, transcript: Transcript, typed: TypedLine): Promise<string | undefined> {
  const read = readLine(typed.line);
  if (!read) return whatToType(typed.line);
  const whyNot = whyNotThere(typed.person, typed.place);
  if (whyNot !== undefined) return whyNot;
  const user = world.people[typed.person].id;
  const channel = roomOf(world, typed.place, typed.person);
  if ('command' in read) {
    transcript.typed(typed.person, channel, typed.line);
    await world.slack.command({ user, channel, command: '/deploy', text: read.command });
  } else {
    const { eventId } = await world.slack.mention({ user, channel, text: read.mention });
    if (eventId === undefined) return whyMentionIsUnheard(typed.place) ?? 'nobody there hears a mention of the bot';
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
  o: {
    yes: boolean;
    timeout: number;
    quiet?: QuietPeriods;
    botEnded: () => string | undefined;
    signal: AbortSignal;
  },
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
      const verdict = judge(watch.facts(o.botEnded()), o.timeout, o.quiet ?? quietPeriods);
      if (verdict) return verdict;
      await pause(25);
    }
  } finally {
    watch.stop();
  }
}
