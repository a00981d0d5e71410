import parse from 'yargs-parser';
import { quote, shown, shownLine, type Word } from '../deploy/line.ts';
import { nearest } from '../deploy/nearest.ts';
import type { OptionSpec } from '../deploy/options.ts';
import { Refusal } from '../deploy/refusal.ts';
import { code, say, type Words } from '../deploy/words.ts';
import type { Args, CommandFile } from './command.ts';

type Specs = Readonly<Record<string, OptionSpec>>;

/** An option as it was typed: `--name`, `--name=value`, `-f`. */
interface Spelling {
  /** Of the option that it means. */
  name: string;
  spec: OptionSpec;
  on: boolean;
  value?: string;
}

/**
 * What yargs-parser must not see as an option, a number or `true` is marked with a character that no line can contain, so
 * that `--force true` and `--host 1e10` mean what they say. It is taken away again.
 */
const mark = '\0';

/**
 * Tells the options of a line from its words. Throws a Refusal for options that the command does not have, for values
 * that are missing or too many, and for what is said twice. Flags never take the word after them; `--` ends the options.
 */
export function separate(words: readonly Word[], command: CommandFile): Pick<Args, 'words' | 'options'> {
  const specs = command.options ?? {};
  const args = spelledOut(words, command, specs);
  const named = (type: OptionSpec['type']): string[] => Object.keys(specs).filter((name) => specs[name]?.type === type);
  const parsed = parse(args, {
    boolean: named('boolean'),
    string: [...named('string'), ...named('strings')],
    configuration: {
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
      'short-option-groups': false,
    },
  });
  const options: Args['options'] = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (parsed[name] !== undefined) options[name] = readValue(name, spec, parsed[name], command);
  }
  return { words: parsed._.map((word) => unmarked(String(word))), options };
}

/** Checks every option, and writes each in the one way that leaves yargs-parser nothing to guess. */
function spelledOut(words: readonly Word[], command: CommandFile, specs: Specs): string[] {
  const args: string[] = [];
  const flags = new Map<string, boolean>();
  const end = words.findIndex(isEndOfOptions);
  const before = end < 0 ? words : words.slice(0, end);
  for (const [index, word] of before.entries()) {
    if (!isOption(word)) {
      args.push(mark + word.text);
      continue;
    }
    for (const { name, spec, on, value } of spellings(word.text, index, words, command, specs)) {
      if (spec.type === 'boolean' && (flags.get(name) ?? on) !== on) throw bothWays(name);
      flags.set(name, on);
      args.push(on ? `--${name}` : `--no-${name}`);
      if (value !== undefined) args.push(mark + value);
      const next = before[index + 1];
      if (spec.type !== 'boolean' && value === undefined && (!next || isOption(next))) {
        throw needsValue(name, command, next);
      }
    }
  }
  return end < 0 ? args : [...args, ...words.slice(end + 1).map(({ text }) => mark + text)];
}

export const isEndOfOptions = (word: Word): boolean => word.text === '--' && !word.quoted;
export const isOption = (word: Word): boolean => /^-./.test(word.text) && !word.quoted && !isEndOfOptions(word);

/** What one typed option means: more than one thing only for letters together, such as `-fn`. */
function spellings(
  typed: string,
  index: number,
  words: readonly Word[],
  command: CommandFile,
  specs: Specs,
): Spelling[] {
  const equals = typed.indexOf('=');
  const key = equals < 0 ? typed : typed.slice(0, equals);
  const value = equals < 0 ? undefined : typed.slice(equals + 1);
  const found = key.startsWith('--')
    ? [long(key.slice(2), specs)]
    : [...key.slice(1)].map((letter) => short(letter, specs));
  const known = found.filter((one) => one !== undefined);
  const together = known.length === 1 || known.every(({ spec }) => spec.type === 'boolean');
  if (known.length < found.length || !together) throw unknownOption(key, index, words, command, specs);
  const [first] = known;
  if (value !== undefined && first?.spec.type === 'boolean') {
    throw new Refusal(
      'option-takes-no-value',
      say`${code(key)} is on when it is there, and takes no value: type ${code(key)} without ${shown(`=${value}`)}.`,
    );
  }
  return known.map((one) => ({ ...one, ...(value !== undefined && { value }) }));
}

function long(name: string, specs: Specs): Spelling | undefined {
  const spec = own(specs, name);
  if (spec) return { name, spec, on: true };
  const positive = name.startsWith('no-') ? name.slice('no-'.length) : '';
  const negated = own(specs, positive);
  return negated?.negatable ? { name: positive, spec: negated, on: false } : undefined;
}

function short(letter: string, specs: Specs): Spelling | undefined {
  const [name, spec] = Object.entries(specs).find(([, { alias }]) => alias === letter) ?? [];
  return name !== undefined && spec ? { name, spec, on: true } : undefined;
}

/** `--constructor` is no option because every object happens to have one. */
const own = (specs: Specs, name: string): OptionSpec | undefined =>
  Object.hasOwn(specs, name) ? specs[name] : undefined;

const unmarked = (value: string): string => (value.startsWith(mark) ? value.slice(mark.length) : value);

function readValue(name: string, spec: OptionSpec, parsed: unknown, command: CommandFile): boolean | string | string[] {
  if (spec.type === 'boolean') return parsed === true;
  const values = (Array.isArray(parsed) ? parsed : [parsed]).map((value) => unmarked(String(value)));
  if (values.includes('')) throw needsValue(name, command);
  if (spec.type === 'strings') return values;
  const [first = '', second] = values;
  if (second === undefined) return first;
  throw new Refusal(
    'option-twice',
    say`${code(`--${name}`)} was given twice. Keep one of them: ${shown(`--${name} ${quote(first)}`)} or ${shown(`--${name} ${quote(second)}`)}.`,
  );
}

const bothWays = (name: string): Refusal =>
  new Refusal(
    'option-twice',
    say`${code(`--${name}`)} and ${code(`--no-${name}`)} are opposites. Keep one of them, such as ${code(`--no-${name}`)}.`,
  );

function needsValue(name: string, command: CommandFile, next?: Word): Refusal {
  const dash = next
    ? say` A value that begins with a dash goes in quotes: ${shown(`--${name} "${next.text}"`)}.`
    : say` Type it after a space, as in ${code(`--${name} …`)}, or leave ${code(`--${name}`)} out.`;
  return new Refusal('option-needs-value', [...say`${code(`--${name}`)} needs a value.`, ...dash, ...seeHelp(command)]);
}

function unknownOption(
  key: string,
  index: number,
  words: readonly Word[],
  command: CommandFile,
  specs: Specs,
): Refusal {
  const names = Object.entries(specs).flatMap(([name, { negatable }]) => (negatable ? [name, `no-${name}`] : [name]));
  const name = key.replace(/^-+/, '');
  const positive = name.replace(/^no-/, '');
  const what =
    positive !== name && own(specs, positive)
      ? say`${code(`--${positive}`)} has no opposite: leave it out instead of typing ${shown(key)}.`
      : say`${code(command.name)} has no option ${shown(key)}.`;
  const near = positive !== name && own(specs, positive) ? undefined : nearest(name, names);
  if (near === undefined) return new Refusal('unknown-option', [...what, ...seeHelp(command)]);

  const meant = say` Did you mean ${code(`--${near}`)}`;
  // With stranger things in it than a slip of the finger, the rest of the line may not be what it seems either.
  if (!/^-+[a-z-]+$/i.test(key)) return new Refusal('unknown-option', [...what, ...meant, '?', ...seeHelp(command)]);
  const typed = words[index]?.text ?? key;
  const corrected = words.map((word, at) => (at === index ? `--${near}${typed.slice(key.length)}` : word.text));
  const verb = command.name === 'deploy' ? [] : [command.name];
  const line = [
    ...verb,
    ...corrected.map((text, at) => (isOptionOrEnd(words[at]) ? optionText(text) : quote(text))),
  ].join(' ');
  return new Refusal('unknown-option', [...what, ...meant, ...say`, as in ${shownLine(line)}?`, ...seeHelp(command)]);
}

const isOptionOrEnd = (word: Word | undefined): boolean =>
  word !== undefined && (isOption(word) || isEndOfOptions(word));

/** An option with its value quoted where the value needs it. */
function optionText(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? text : `${text.slice(0, equals)}=${quote(text.slice(equals + 1))}`;
}

const seeHelp = (command: CommandFile): Words => say` ${code(`/deploy help ${command.name}`)} lists every option.`;
