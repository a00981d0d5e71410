import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commandTable, withTable } from '../src/command-table.ts';
import { type CommandFile, loadCommands } from '../src/commands.ts';

const root = path.resolve(import.meta.dirname, '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

const command = (name: string, more: Partial<CommandFile> = {}): CommandFile => ({
  name,
  summary: `Does ${name}.`,
  usage: [name],
  examples: [{ line: `${name} it`, means: 'it' }],
  run: async () => undefined,
  ...more,
});

test('README.md lists the commands that there are; `npm run commands` writes them', async () => {
  const commands = await loadCommands([path.join(root, 'commands')]);
  expect(readme).toBe(withTable(readme, commandTable(commands)));
});

test('a row has the name, the aliases, the summary and the first example', () => {
  const table = commandTable([command('history', { aliases: ['deploys'], summary: 'Lists a | b.' })]);
  expect(table.split('\n').at(-1)).toBe('| `history`, `deploys` | Lists a \\| b. | `/deploy history it` |');
});

test('the main job comes first and help last', () => {
  const rows = commandTable(['help', 'where', 'deploy', 'cancel'].map((name) => command(name)))
    .split('\n')
    .slice(2);
  expect(rows.map((row) => /`(\w+)`/.exec(row)?.[1])).toEqual(['deploy', 'cancel', 'where', 'help']);
});

test('only what stands between the lines is replaced', () => {
  const before = withTable(readme, 'one table');
  expect(withTable(before, 'another')).toBe(withTable(readme, 'another'));
  expect(() => withTable('no place', 'table')).toThrow(/no lines/);
});
