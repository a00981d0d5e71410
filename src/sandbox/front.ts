import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './front/paint.ts';
import type { SlackMessage } from './slack/message.ts';
import type { SandboxSlack } from './slack/server.ts';

export interface TranscriptOptions {
  slack: Pick<SandboxSlack, 'on' | 'botUserId' | 'botUserName'>;
  /** What people and places are called, by id. */
  names: ReadonlyMap<string, string>;
  /** Takes one line at a time, without its line break. */
  print: (line: string) => void;
  paint: Paint;
}

/** A button that somebody could press, as the transcript numbers it. */
export interface NumberedButton {
  number: number;
  channel: string;
  message: string;
  action: string;
}

export interface Transcript {
  /** Prints what a person types: a slash command leaves no message in its channel. */
  typed(person: string, channel: string, line: string): void;
  /** The button that was printed with that number. */
  button(number: number): NumberedButton | undefined;
  stop(): void;
}

const inset = '    ';

/**
 * Prints the chat as text while it changes: every new message, replies indented, edits as lines of their own, and what one
 * person alone can see with a remark. Of an edit only the first line and what is new is printed; one that changes nothing
 * to be read is left out.
 */
export function createTranscript({ slack, names, print, paint }: TranscriptOptions): Transcript {
  const shown = new Map<string, string>();
  const numbers = new Map<string, number>();
  const buttons = new Map<number, NumberedButton>();
  let lastChannel: string | undefined;

  function show(message: SlackMessage): void {
    const key = `${message.channel} ${message.ts}`;
    const look = message.deleted ? 'taken away' : numbered(message);
    const before = shown.get(key);
    if (before === look) return;
    shown.set(key, look);
    enter(message.channel);
    const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
    const [first = '', ...all] = look.split('\n');
    const known = before?.split('\n') ?? [];
    const rest = all.filter((line) => !known.includes(line));
    const margin = isReply ? `${inset}↳ ` : '';
    print(
      `${margin}${paint.bold(author(message))}${paint.dim(remark(message, before === undefined))}: ${coloured(first)}`,
    );
    for (const line of rest) print(`${isReply ? `${inset}  ` : ''}${inset}${coloured(line)}`);
  }

  /** The text with its buttons as `[3 Label]`; a number stays the same however often the message is edited. */
  function numbered(message: SlackMessage): string {
    let text = readable(message);
    for (const { action_id: action, text: label, url } of message.buttons) {
      if (url) continue;
      const key = `${message.channel} ${message.ts} ${action}`;
      const number = numbers.get(key) ?? numbers.size + 1;
      numbers.set(key, number);
      buttons.set(number, { number, channel: message.channel, message: message.ts, action });
      text = text.replace(`[${label}]`, () => `[${number} ${label}]`);
    }
    return text;
  }

  function enter(channel: string): void {
    if (channel === lastChannel) return;
    lastChannel = channel;
    print(paint.dim(`── ${names.get(channel) ?? channel} ──`));
  }

  function author(message: SlackMessage): string {
    if (message.user === slack.botUserId || (message.bot_id && !message.user)) return slack.botUserName;
    return names.get(message.user ?? '') ?? 'Slack';
  }

  function remark(message: SlackMessage, isNew: boolean): string {
    const remarks = [
      message.ephemeralFor ? `only ${names.get(message.ephemeralFor) ?? 'you'} can see this` : '',
      message.reply_broadcast ? 'also in the channel' : '',
      isNew ? '' : 'edited',
    ].filter(Boolean);
    return remarks.length > 0 ? ` (${remarks.join(', ')})` : '';
  }

  function coloured(line: string): string {
    return line.replaceAll(/https?:\/\/[^\s)>]+/g, (url) => paint.link(url));
  }

  const unsubscribe = (['message', 'edit', 'ephemeral'] as const).map((event) => slack.on(event, show));
  return {
    typed(person, channel, line) {
      enter(channel);
      print(`${paint.bold(person)}${paint.dim(' types')}: ${withoutControls(line)}`);
    },
    button: (number) => buttons.get(number),
    stop() {
      for (const end of unsubscribe) end();
    },
  };
}

function readable(message: SlackMessage): string {
  const text = message.shownWithCode
    .split('\n')
    .map((line) => withoutControls(line).trimEnd())
    .filter((line) => line.trim() !== '')
    .join('\n');
  return text || '(nothing to read)';
}

/** A branch name or a description must not be able to paint the terminal. */
function withoutControls(line: string): string {
  return stripVTControlCharacters(line).replaceAll(/\p{Cc}/gu, ' ');
}
