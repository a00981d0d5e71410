import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Address, Clock, Command } from '../deploy/ports.ts';
import { code, say, type Words } from '../deploy/words.ts';
import { message, section } from './blocks.ts';
import type { Desk } from './intake.ts';
import type { Team } from './team.ts';
import { workUnderWay } from './under-way.ts';
import { answerBy, whisperer } from './whisper.ts';

/** Acknowledges what Slack sent; a slash command's acknowledgement may carry text for that person alone. */
interface Ack {
  ack?: (text?: string) => Promise<void>;
  /** Whether Slack shows the text. */
  carriesText?: boolean;
  /** Whether a person does it again, and so is told that it counts once. Otherwise it is Slack that repeats itself. */
  byHand?: boolean;
}

export interface ReceptionOptions {
  accept(command: Command): Promise<'new' | 'seen'>;
  client: WebClient;
  team(): Team | undefined;
  clock: Clock;
  log: Logger;
  ulid(): string;
  fetch?: typeof fetch;
}

const notStored = 'I could not store that, so nothing will happen. Please try again in a moment.';

const pressedAlready = ({ prefix, text }: Command): Words =>
  say`That button has been pressed already, and counts once. To do it again, type ${code(`${prefix} ${text}`)}.`;

const addressOf = ({ place, user, answerUrl, at }: Command): Address => ({ place, user: user.id, answerUrl, at });

/**
 * Where commands are taken in: stored, then acknowledged, and nothing slow before that. Keeps count of what is under way,
 * since stopping Bolt waits for nobody.
 */
export function createReception(options: ReceptionOptions) {
  const { client, clock, log } = options;
  const request = options.fetch ?? fetch;
  const whisper = whisperer(client, clock, log, request);
  const underWay = workUnderWay();
  const { track } = underWay;
  let isClosed = false;

  /** An acknowledgement that does not get through changes nothing: the command is stored, and will be answered. */
  async function acknowledge(ack: Ack['ack'], text?: string): Promise<void> {
    try {
      await ack?.(text);
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'an acknowledgement did not get through');
    }
  }

  async function sayNotStored(command: Command, { ack, carriesText }: Ack): Promise<void> {
    await acknowledge(ack, carriesText ? notStored : undefined);
    if (carriesText) return;
    void track(whisper(addressOf(command), { words: [notStored], refusal: 'not-stored' }));
  }

  return {
    /** Handles something of Slack's, unless the reception is closed. */
    async admit(work: () => Promise<void>): Promise<void> {
      if (isClosed) throw new Error('The bot is stopping and takes no more commands.');
      await track(work());
    },

    /**
     * Stores the command that `make` reads, if it is one, and acknowledges. Answers the command if it is new. A command
     * that can't be stored is acknowledged too, and the person is told.
     */
    async take(make: (desk: Desk) => Command | undefined, ack: Ack = {}): Promise<Command | undefined> {
      const team = options.team();
      if (!team) throw new Error('Slack has not said yet who the bot is.');
      const command = make({ team, now: clock.now(), ulid: options.ulid });
      if (!command) {
        await acknowledge(ack.ack);
        return undefined;
      }
      try {
        const accepted = await options.accept(command);
        await acknowledge(ack.ack);
        if (accepted === 'new') return command;
        if (ack.byHand) void track(whisper(addressOf(command), { words: pressedAlready(command) }));
        return undefined;
      } catch (error) {
        log.error({ err: error, key: command.key }, 'a command could not be stored');
        await sayNotStored(command, ack);
        return undefined;
      }
    },

    /** Puts what was typed in the place of the private message whose button was pressed, so that it is pressed once. */
    putAway({ answerUrl, prefix, text }: Command): void {
      if (answerUrl === undefined) return;
      const words = say`Typed for you: ${code(`${prefix} ${text}`)}`;
      const body = { replace_original: true, ...message(words, [section(words)]) };
      track(answerBy(request, answerUrl, body)).catch(() => log.warn('a pressed button could not be put away'));
    },

    /** Admits no more; resolves when what was admitted is done. */
    async close(): Promise<void> {
      isClosed = true;
      await underWay.ended();
    },
  };
}
