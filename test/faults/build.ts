import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(root, 'node_modules', '.cache', 'deckhand-faults');

/** The bot, compiled for processes of its own. */
export interface Built {
  /** As users run it. */
  main: string;
  /** The same, and it dies at the step that it is told; see bot.ts. */
  mortal: string;
}

/** What was compiled from older files is kept as long as a run of the tests may still need it. */
const keptMs = 24 * 60 * 60_000;

const compiled = ['src', 'commands', 'test/faults'];

/** Compiles the bot as it is now, unless that has been done. */
export async function build(): Promise<Built> {
  const files = compiled.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  );
  const inputs = ['tsconfig.json', ...files.filter((file) => /\.(ts|lua|sql)$/.test(file)).sort()];
  const fingerprint = createHash('sha256');
  for (const file of inputs) fingerprint.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  const folder = path.join(cache, fingerprint.digest('hex').slice(0, 16));
  if (!existsSync(folder)) await compile(folder, inputs);
  return { main: path.join(folder, 'src/main.js'), mortal: path.join(folder, 'test/faults/bot.js') };
}

/** Into a folder that is there as a whole or not at all: several test files may begin at once. */
async function compile(folder: string, inputs: readonly string[]): Promise<void> {
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(path.join(fresh, 'package.json'), '{ "type": "module" }');
  const config = {
    extends: path.join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      outDir: fresh,
      noEmit: false,
      typeRoots: [path.join(root, 'node_modules/@types')],
    },
    files: [path.join(root, 'src/main.ts'), path.join(root, 'test/faults/bot.ts')],
    include: [path.join(root, 'commands')],
  };
  writeFileSync(path.join(fresh, 'tsconfig.json'), JSON.stringify(config));
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [compiler, '-p', fresh]);
    for (const file of inputs.filter((name) => /\.(lua|sql)$/.test(name))) {
      mkdirSync(path.dirname(path.join(fresh, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(fresh, file));
    }
    for (const name of readdirSync(cache)) {
      const other = path.join(cache, name);
      if (statSync(other).mtimeMs < Date.now() - keptMs) rmSync(other, { recursive: true, force: true });
    }
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
