import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Args, type CommandFile, deployOptions, loadCommands, Refusal, understand } from '../src/commands.ts';

const run = async (): Promise<void> => undefined;

function command(name: string, given: Partial<CommandFile> = {}): CommandFile {
  return { name, summary: 'Does it.', usage: [name], examples: [{ line: name, means: 'it' }], run, ...given };
}

const commands = [
  command('deploy', { aliases: ['ship'], options: deployOptions }),
  command('help'),
  command('status'),
  command('where', {
    options: {
      limit: { type: 'string', alias: 'n', summary: 'how many' },
      all: { type: 'boolean', alias: 'a', summary: 'all' },
      quiet: { type: 'boolean', alias: 'q', negatable: true, summary: 'less' },
      tag: { type: 'strings', alias: 't', summary: 'some' },
    },
  }),
];

const read = (line: string): [string, Args] => {
  const understood = understand(line, commands);
  return [understood.command.name, understood.args];
};

function refusal(line: string): Refusal {
  try {
    understand(line, commands);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`“${line}” was not refused`);
}

describe('the first word', () => {
  test.each([
    ['', 'help', 'help', []],
    ['  \n ', 'help', 'help', []],
    ['help', 'help', 'help', []],
    ['Help Deploy', 'help', 'Help', ['Deploy']],
    ['status', 'status', 'status', []],
    ['STATUS 12345678', 'status', 'STATUS', ['12345678']],
    ['status 1e10 0123', 'status', 'status', ['1e10', '0123']],
    ['"status"', 'status', 'status', []],
    ['hello to staging', 'deploy', 'deploy', ['hello', 'to', 'staging']],
    ['deploy hello', 'deploy', 'deploy', ['hello']],
    ['Deploy hello', 'deploy', 'Deploy', ['hello']],
    ['ship hello', 'deploy', 'ship', ['hello']],
    ['deploy:migrate hello', 'deploy', 'deploy:migrate', ['hello']],
    ['deploy! hello', 'deploy', 'deploy!', ['hello']],
    ['deploy:migrate! hello', 'deploy', 'deploy:migrate!', ['hello']],
    ['ship:migrate! hello', 'deploy', 'ship:migrate!', ['hello']],
    ['deploy', 'deploy', 'deploy', []],
    ['status/main', 'deploy', 'deploy', ['status/main']],
    ['status:x', 'deploy', 'deploy', ['status:x']],
    ['status!', 'deploy', 'deploy', ['status!']],
    ['deployer', 'deploy', 'deploy', ['deployer']],
    ['-- status', 'deploy', 'deploy', ['status']],
    ['"" status', 'deploy', 'deploy', ['', 'status']],
    ['constructor', 'deploy', 'deploy', ['constructor']],
    ['__proto__', 'deploy', 'deploy', ['__proto__']],
  ])('of %j makes it %s', (line, name, verb, words) => {
    expect(read(line)).toEqual([name, { verb, words, options: {} }]);
  });

  test.each([
    ['--help', []],
    ['-h', []],
    ['status --help', ['status']],
    ['hello/topic to staging --help', []],
    ['deploy:migrate hello -h', ['deploy']],
    ['where --nonsense --help', ['where']],
  ])('is help, with whatever it is about, for %j', (line, words) => {
    expect(read(line)).toEqual(['help', { verb: 'help', words, options: {} }]);
  });

  test('has to name something where nothing is the main job', () => {
    const others = commands.slice(1);
    expect(() => understand('statsu', others)).toThrow(/status/);
    expect(() => understand('', [])).toThrow(Refusal);
  });
});

describe('options', () => {
  test.each<[string, string[], Args['options']]>([
    ['where hello', ['hello'], {}],
    ['where hello --all', ['hello'], { all: true }],
    ['where --all hello', ['hello'], { all: true }],
    ['where -a hello', ['hello'], { all: true }],
    ['where -aq hello', ['hello'], { all: true, quiet: true }],
    ['where --no-quiet hello', ['hello'], { quiet: false }],
    ['where --all true', ['true'], { all: true }],
    ['where --all false', ['false'], { all: true }],
    ['where -a 1', ['1'], { all: true }],
    ['where --all --all', [], { all: true }],
    ['where --limit 1e10', [], { limit: '1e10' }],
    ['where --limit=0123', [], { limit: '0123' }],
    ['where -n 12345678', [], { limit: '12345678' }],
    ['where -n=5', [], { limit: '5' }],
    ['where --limit "-5"', [], { limit: '-5' }],
    ['where --limit=-5', [], { limit: '-5' }],
    ['where --limit true', [], { limit: 'true' }],
    ['where --limit 5 6', ['6'], { limit: '5' }],
    ['where --tag a b --tag c', ['b'], { tag: ['a', 'c'] }],
    ['where -t a -t=b', [], { tag: ['a', 'b'] }],
    ['where --tag=a=b', [], { tag: ['a=b'] }],
    ['where --tag "a b" \'c d\'', ['c d'], { tag: ['a b'] }],
    ['where --tag=\'"a"\'', [], { tag: ['"a"'] }],
    ['where "--all"', ['--all'], {}],
    ['where -- --all', ['--all'], {}],
    ['where "--" --all', ['--'], { all: true }],
    ['where -- -- -a', ['--', '-a'], {}],
    ['where -', ['-'], {}],
    ['where a.b --tag a.b', ['a.b'], { tag: ['a.b'] }],
    ['where a\0b', ['a', 'b'], {}],
  ])('%s', (line, words, options) => {
    expect(read(line)).toEqual(['where', { verb: 'where', words, options }]);
  });

  test.each([
    ['where --al', 'unknown-option', '--all'],
    ['where --lmit 5', 'unknown-option', 'where --limit 5'],
    ['where --no-quite', 'unknown-option', '--no-quiet'],
    ['where --no-all', 'unknown-option', '--all'],
    ['where --no-limit', 'unknown-option', '--limit'],
    ['where -x', 'unknown-option', '-x'],
    ['where -ax', 'unknown-option', '-ax'],
    ['where -n5', 'unknown-option', '-n5'],
    ['where -an 5', 'unknown-option', '-an'],
    ['where --_ x', 'unknown-option', '--_'],
    ['where --constructor', 'unknown-option', '--constructor'],
    ['where --__proto__=1', 'unknown-option', '--__proto__'],
    ['status --all', 'unknown-option', '--all'],
    ['where --all=true', 'option-takes-no-value', '--all'],
    ['where --limit', 'option-needs-value', '--limit'],
    ['where --limit --all', 'option-needs-value', '--limit "--all"'],
    ['where --limit -5', 'option-needs-value', '--limit "-5"'],
    ['where --limit ""', 'option-needs-value', '--limit'],
    ['where --tag a --tag', 'option-needs-value', '--tag'],
    ['where --limit 1 --limit 2', 'option-twice', '--limit 1'],
    ['where --quiet --no-quiet', 'option-twice', '--no-quiet'],
    ['where "a', 'unbalanced-quotes', '"'],
    ["where it's all", 'unbalanced-quotes', "'"],
  ])('%s is refused: %s', (line, reason, mentions) => {
    const { code, message } = refusal(line);
    expect(code).toBe(reason);
    expect(message).toContain(mentions);
  });
});

describe('the folder of commands', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'deckhand-commands-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const source = (name: string, more = ''): string =>
    `export default { name: '${name}', summary: 'Does it.', usage: ['${name}'], examples: [{ line: '${name}', means: 'it' }], async run() {}, ${more} };`;
  const put = (file: string, text: string): Promise<void> => writeFile(path.join(folder, file), text);
  const problems = async (): Promise<string> => {
    const loaded = await loadCommands([folder]).catch((error: Error) => error);
    if (loaded instanceof Error) return loaded.message;
    throw new Error(`${loaded.length} commands were loaded`);
  };

  test('is what people can type', async () => {
    const own = path.resolve(import.meta.dirname, '../commands');
    await put('greet.mjs', source('greet', `aliases: ['hi']`));
    await put('later.mjs', source('later'));
    await put('notes.md', 'not a command');
    await put('types.d.ts', 'export default 1;');
    await mkdir(path.join(folder, 'nested.mjs'));
    const loaded = await loadCommands([own, folder]);
    const names = loaded.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['deploy', 'status', 'help', 'greet', 'later']));
    expect(understand('hi there', loaded).command.name).toBe('greet');
  });

  test('runs what it loads', async () => {
    await put('echo.mjs', source('echo', 'async run(args, ctx) { await ctx.answer(args.words); }'));
    const [echo] = await loadCommands([folder]);
    const said: unknown[] = [];
    const context = { answer: async (words: unknown) => void said.push(words) };
    await echo?.run({ verb: 'echo', words: ['a'], options: {} }, context as never);
    expect(said).toEqual([['a']]);
  });

  test.each([
    ['broken.mjs', 'export default {', /broken\.mjs: ./],
    ['throws.mjs', 'throw new Error("no database");', /throws\.mjs: no database/],
    ['imports.mjs', 'import "./nowhere.mjs"; export default {};', /imports\.mjs: .*nowhere/],
    ['empty.mjs', 'export const name = "empty";', /empty\.mjs: .*default export/],
    ['text.mjs', 'export default "text";', /text\.mjs: .*object/],
    ['other.mjs', source('another'), /other\.mjs: .*another/],
    ['Big.mjs', source('Big'), /Big\.mjs: name /],
    ['norun.mjs', source('norun', 'run: 1'), /norun\.mjs: run .*function/],
    ['summary.mjs', source('summary', 'summary: ""'), /summary\.mjs: summary /],
    ['examples.mjs', source('examples', 'examples: []'), /examples\.mjs: examples /],
    ['example.mjs', source('example', 'examples: [{ line: "x" }]'), /example\.mjs: examples\.0\.means /],
    ['typo.mjs', source('typo', 'alias: ["t"]'), /typo\.mjs: alias .*aliases/],
    [
      'option.mjs',
      source('option', 'options: { x: { type: "number", summary: "x" } }'),
      /option\.mjs: options\.x\.type /,
    ],
    ['no.mjs', source('no', 'options: { "no-x": { type: "boolean", summary: "x" } }'), /no\.mjs: options .*negatable/],
  ])('%s stops the start and is named', async (file, text, expected) => {
    await put(file, text);
    expect(await problems()).toMatch(expected);
  });

  test('names every broken file at once', async () => {
    await put('one.mjs', 'export default {};');
    await put('two.mjs', 'export default {');
    const message = await problems();
    expect(message).toContain('one.mjs: run ');
    expect(message).toContain('one.mjs: summary ');
    expect(message).toContain('two.mjs');
  });

  test('has one file for a word', async () => {
    await put('greet.mjs', source('greet'));
    await put('welcome.mjs', source('welcome', `aliases: ['greet']`));
    expect(await problems()).toMatch(/greet\.mjs and .*welcome\.mjs: .*greet/);
  });

  test('has to be there', async () => {
    await expect(loadCommands([path.join(folder, 'nowhere')])).rejects.toThrow(/nowhere/);
  });
});
