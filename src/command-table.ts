import type { CommandFile } from './commands.ts';

/** Between these two lines README.md has the table; whatever stands there is replaced. */
const begin = '<!-- commands: made by `npm run commands` from the files in commands/ -->';
const end = '<!-- /commands -->';

/** All commands as a table of Markdown: the main job first, help last, as `help` lists them. */
export function commandTable(commands: readonly CommandFile[]): string {
  const sorted = [...commands].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  const rows = sorted.map(({ name, aliases = [], summary, examples: [example] }) => [
    [name, ...aliases].map(code).join(', '),
    text(summary),
    example ? code(`/deploy ${example.line}`) : '',
  ]);
  return [['command', 'what it does', 'such as'], ['---', '---', '---'], ...rows].map(row).join('\n');
}

/** A README with this table in it. Throws where it has no place for one. */
export function withTable(readme: string, table: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no lines “${begin}” and “${end}” for the table.`);
  return `${readme.slice(0, from)}${begin}\n${table}\n${readme.slice(to)}`;
}

const order = ({ name }: CommandFile): number => (name === 'deploy' ? 0 : name === 'help' ? 2 : 1);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** In a table a pipe ends the cell, in code as well (github.github.com/gfm, “Tables”). */
const text = (words: string): string => words.replaceAll('|', '\\|');
const code = (words: string): string => `\`${text(words)}\``;
