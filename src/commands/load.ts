import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { nearest } from '../deploy/nearest.ts';
import type { CommandFile } from './command.ts';

const sentence = z.string('must be text').trim().min(1, 'must not be empty');
const word = z
  .string('must be text')
  .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be one word of small letters, digits and dashes');

const option = z.strictObject({
  type: z.enum(['boolean', 'string', 'strings'], 'must be boolean, string or strings'),
  alias: z
    .string()
    .regex(/^[A-Za-z]$/, 'must be one letter')
    .optional(),
  negatable: z.boolean('must be true or false').optional(),
  summary: sentence,
});

const commandFile = z.strictObject({
  name: word,
  aliases: z.array(word, 'must be a list of words').optional(),
  summary: sentence,
  usage: z.array(sentence, 'must be a list of lines').min(1, 'must have a line'),
  examples: z
    .array(z.strictObject({ line: sentence, means: sentence }), 'must be a list of { line, means }')
    .min(1, 'must have an example: help shows it'),
  options: z
    .record(word, option)
    .refine((options) => !Object.keys(options).some((name) => name.startsWith('no-')), {
      error: 'must not begin with no-: say `negatable: true` in the option it is the opposite of',
    })
    .optional(),
  isQuestion: z.boolean('must be true or false').optional(),
  run: z.custom((value) => typeof value === 'function', 'must be a function run(args, ctx)'),
});

/**
 * Loads every command file of these folders: `.js` and `.mjs`, and `.ts` where this module itself runs from TypeScript.
 * Rejects with one Error that names every broken file and what is wrong with it, and every word that two files claim.
 */
export async function loadCommands(folders: readonly string[]): Promise<CommandFile[]> {
  const files = (await Promise.all(folders.map(filesIn))).flat();
  const results = await Promise.all(files.map(load));
  const loaded = results.filter((result) => 'command' in result);
  const mistakes = [
    ...results.flatMap((result) => ('mistakes' in result ? result.mistakes : [])),
    ...claimedTwice(loaded),
  ];
  if (mistakes.length > 0)
    throw new Error(`Commands can’t be loaded.\n${mistakes.map((one) => `  ${one}`).join('\n')}`);
  return loaded.map(({ command }) => command);
}

interface Loaded {
  file: string;
  command: CommandFile;
}

const kinds = import.meta.url.endsWith('.ts') ? /(?<!\.d)\.ts$|\.m?js$/ : /\.m?js$/;

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new Error(`The folder of commands ${folder} can’t be read: ${(error as Error).message}`, { cause: error });
  });
  const names = entries.filter((entry) => !entry.isDirectory() && kinds.test(entry.name)).map((entry) => entry.name);
  return names.sort().map((name) => path.join(folder, name));
}

async function load(file: string): Promise<Loaded | { mistakes: string[] }> {
  let exported: unknown;
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path.resolve(file)).href);
    exported = module.default;
  } catch (error) {
    return { mistakes: [`${file}: ${error instanceof Error ? error.message : String(error)}`] };
  }
  if (exported === undefined) return { mistakes: [`${file}: has no default export, which is the command`] };
  const checked = commandFile.safeParse(exported);
  if (!checked.success) return { mistakes: checked.error.issues.flatMap(inWords).map((wrong) => `${file}: ${wrong}`) };
  // Not zod's copy: a command may use `this`, and getters of its own.
  const command = exported as CommandFile;
  const expected = path.basename(file).replace(/\.\w+$/, '');
  if (command.name === expected) return { file, command };
  return {
    mistakes: [`${file}: its name is “${command.name}”, but a file is named as its command: rename one of them`],
  };
}

function inWords(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') {
    return [
      at === ''
        ? 'its default export must be an object with name, summary, usage, examples and run'
        : `${at} ${issue.message}`,
    ];
  }
  const shape =
    issue.path.length === 0 ? commandFile.shape : issue.path[0] === 'options' ? option.shape : { line: 0, means: 0 };
  return issue.keys.map((key) => {
    const near = nearest(key, Object.keys(shape));
    return `${[...issue.path, key].join('.')} means nothing here${near === undefined ? '' : `; did you mean ${near}?`}`;
  });
}

/** Two files with one word: which of them runs would depend on the order of folders. */
function claimedTwice(loaded: readonly Loaded[]): string[] {
  const owners = new Map<string, string>();
  return loaded.flatMap(({ file, command: { name, aliases = [] } }) =>
    [name, ...aliases].flatMap((claimed) => {
      const owner = owners.get(claimed);
      owners.set(claimed, file);
      return owner === undefined ? [] : [`${owner} and ${file}: both are called “${claimed}”`];
    }),
  );
}
