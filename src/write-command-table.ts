import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandTable, withTable } from './command-table.ts';
import { loadCommands } from './commands.ts';

/** Writes the table of commands into README.md: `npm run commands`. */
const here = (place: string): string => fileURLToPath(new URL(place, import.meta.url));
// At the root of the project, which is one folder further from what is built of this file.
const readme = ['../README.md', '../../README.md'].map(here).find((file) => existsSync(file));
if (readme === undefined) throw new Error('There is no README.md.');
const table = commandTable(await loadCommands([here('../commands')]));
writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), table));
