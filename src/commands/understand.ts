import { shown, splitLine, type Word } from '../deploy/line.ts';
import { nearest } from '../deploy/nearest.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say } from '../deploy/words.ts';
import type { Args, CommandFile } from './command.ts';
import { isEndOfOptions, isOption, separate } from './options.ts';

/** The command that a line is when its first word names none. */
const unnamed = 'deploy';

/**
 * A line, without what was typed before it (`/deploy`, a mention), as a command and its arguments. A first word that
 * names a command is that command, anything else is `deploy`; an empty line, and `--help` anywhere, are `help`. Throws a
 * Refusal for quotes left open and for options that the command does not have.
 */
export function understand(line: string, commands: readonly CommandFile[]): { command: CommandFile; args: Args } {
  const typed = splitLine(line);
  const [first] = typed;
  if (!first) return { command: named('help', commands), args: { verb: 'help', words: [], options: {} } };

  const asTyped = isOption(first) ? undefined : commandFor(first.text, commands);
  const command = asTyped ?? named(unnamed, commands, first.text);
  if (asksForHelp(typed, command)) {
    return {
      command: named('help', commands),
      args: { verb: 'help', words: asTyped ? [command.name] : [], options: {} },
    };
  }
  const { words, options } = separate(asTyped ? typed.slice(1) : typed, command);
  if (asTyped)
    return { command, args: { verb: first.text, words, options: { ...options, ...forceBehind(first.text, command) } } };
  // `--force deploy hello`: the first word comes after an option.
  const [word] = words;
  return word !== undefined && commandFor(word, [command])
    ? { command, args: { verb: word, words: words.slice(1), options } }
    : { command, args: { verb: command.name, words, options } };
}

/**
 * By name or alias, without regard to case. `deploy` may carry a task and a `!`: `deploy:migrate!`; others that can be forced
 * a `!` alone.
 */
function commandFor(word: string, commands: readonly CommandFile[]): CommandFile | undefined {
  const plain = find(word, commands);
  if (plain) return plain;
  const forced = find(word.replace(/!+$/, ''), commands);
  if (forced?.options?.force) return forced;
  const verb = find(word.replace(/[:!].*$/s, ''), commands);
  return verb?.name === unnamed ? verb : undefined;
}

/** `rollback!` is `rollback --force`. What follows `deploy` it reads itself. */
const forceBehind = (word: string, { name, options }: CommandFile): { force?: true } =>
  name !== unnamed && options?.force && word.endsWith('!') ? { force: true } : {};

const find = (word: string, commands: readonly CommandFile[]): CommandFile | undefined =>
  commands.find(({ name, aliases = [] }) =>
    [name, ...aliases].some((known) => known.toLowerCase() === word.toLowerCase()),
  );

function named(name: string, commands: readonly CommandFile[], typed?: string): CommandFile {
  const command = find(name, commands);
  if (command) return command;
  const near =
    typed === undefined
      ? undefined
      : nearest(
          typed,
          commands.map((each) => each.name),
        );
  const example = near ?? commands[0]?.examples[0]?.line ?? name;
  throw new Refusal(
    'unknown-command',
    say`There is no command ${shown(typed ?? name)} here. Try ${code(`/deploy ${example}`)}.`,
  );
}

function asksForHelp(words: readonly Word[], { options = {} }: CommandFile): boolean {
  const end = words.findIndex(isEndOfOptions);
  const takesH = Object.values(options).some(({ alias }) => alias === 'h');
  return words
    .slice(0, end < 0 ? words.length : end)
    .some((word) => isOption(word) && (word.text === '--help' || (word.text === '-h' && !takesH)));
}
