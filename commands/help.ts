import { bold, type CommandFile, code, list, nearest, Refusal, say, type Words } from '../src/commands.ts';

/** Made from the command files themselves, so that it can't be out of date. */
export default {
  name: 'help',
  summary: 'Says what can be typed.',
  usage: ['help', 'help <command>'],
  examples: [
    { line: 'help', means: 'every command' },
    { line: 'help deploy', means: 'one of them, with its options' },
  ],
  async run({ words: [name, extra] }, { answer, apps, command, commands }) {
    const { prefix } = command;
    if (name === undefined) return answer(everything(commands, prefix));
    if (apps.find(name)) {
      const line = 'help deploy';
      throw new Refusal(
        'unknown-command',
        say`${code(name)} is an app, not a command. ${code(`${prefix} ${line}`)} says how it is deployed.`,
        [{ label: line, line }],
      );
    }
    const found = named(name, commands);
    if (extra !== undefined) {
      const example = `${prefix} help ${found.name}`;
      throw new Refusal('extra-words', say`${code(extra)} is one word too many. Try ${code(example)}.`);
    }
    await answer(inFull(found, prefix));
  },
} satisfies CommandFile;

/** By name or alias, without regard to case; `deploy:task` and `deploy!` are `deploy`. */
function named(typed: string, commands: readonly CommandFile[]): CommandFile {
  const word = typed.toLowerCase().replace(/[:!].*$/s, '');
  const found = commands.find(({ name, aliases = [] }) => [name, ...aliases].includes(word));
  if (found) return found;

  const names = commands.map(({ name }) => name).filter((each) => each !== 'help');
  const near = nearest(word, names);
  const what = say`There is no command ${code(typed)}.`;
  if (near === undefined) {
    throw new Refusal('unknown-command', [
      ...what,
      ...say` There are ${list(names.map(code), 'and')}. Try ${code('/deploy help')}.`,
    ]);
  }
  const line = `help ${near}`;
  throw new Refusal(
    'unknown-command',
    [...what, ...say` Did you mean ${code(`/deploy ${line}`)}?`],
    [{ label: near, line }],
  );
}

function everything(commands: readonly CommandFile[], prefix: string): Words {
  const sorted = [...commands].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  return [
    ...say`${bold('What you can type')}\n`,
    ...sorted.flatMap(({ examples: [example], summary }) => say`${code(`${prefix} ${example?.line}`)} – ${summary}\n`),
    ...say`${code(`${prefix} help deploy`)} shows one of them in full.`,
  ];
}

/** The main job first, help last. */
const order = ({ name }: CommandFile): number => (name === 'deploy' ? 0 : name === 'help' ? 2 : 1);

function inFull({ name, aliases = [], summary, usage, examples, options = {} }: CommandFile, prefix: string): Words {
  const also = aliases.length === 0 ? [] : say` Also: ${list(aliases.map(code), 'and')}.`;
  return [
    ...say`${bold(name)} – ${summary}${also}\n`,
    ...usage.flatMap((line) => say`${code(`${prefix} ${line}`)}\n`),
    ...section('Options', Object.entries(options).map(optionLine)),
    ...section(
      'Examples',
      examples.map(({ line, means }) => say`${code(`${prefix} ${line}`)} – ${means}`),
    ),
  ];
}

const section = (title: string, lines: readonly Words[]): Words =>
  lines.length === 0 ? [] : [...say`\n${bold(title)}`, ...lines.flatMap((line) => say`\n${line}`), '\n'];

function optionLine([name, { type, alias, negatable, summary }]: [
  string,
  NonNullable<CommandFile['options']>[string],
]): Words {
  const spelled = [`--${negatable ? '[no-]' : ''}${name}`, ...(alias === undefined ? [] : [`-${alias}`])];
  return say`${code(spelled.join(', ') + (type === 'boolean' ? '' : ' …'))} – ${summary}`;
}
