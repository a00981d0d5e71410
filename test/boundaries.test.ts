import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/** Where each place may reach: itself, and the places named here. `node` stands for Node's own modules. */
const mayImport: Record<string, (target: string) => boolean> = {
  'src/deploy/': (target) => target.startsWith('src/deploy/') || target.startsWith('node:'),
  'src/slack/': outsideOnly('src/slack/'),
  'src/github/': outsideOnly('src/github/'),
  'src/store/': outsideOnly('src/store/'),
  'src/jobs/': (target) => outsideOnly('src/jobs/')(target) || target.startsWith('src/store/'),
  'src/sandbox/': (target) => !target.startsWith('src/') || target.startsWith('src/sandbox/'),
  'commands/': (target) => target === 'src/commands.ts',
};

/** Itself, the rules, and packages; no other part of the house. */
function outsideOnly(self: string): (target: string) => boolean {
  return (target) =>
    target.startsWith(self) ||
    target.startsWith('src/deploy/') ||
    target === 'src/log.ts' ||
    !target.startsWith('src/');
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(folder, name));
}

/** What a file imports: project files as paths from the root, packages and Node's modules by name. */
function imports(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/g)]
    .map((match) => match[1] ?? match[2] ?? '')
    .map((target) => (target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target) : target));
}

describe('imports go one way', () => {
  const files = ['src', 'commands'].flatMap(filesBelow);

  test.each(Object.keys(mayImport))('%s', (place) => {
    const inside = files.filter((file) => file.startsWith(place));
    expect(inside.length).toBeGreaterThan(0);
    const strays = inside.flatMap((file) =>
      imports(file)
        .filter((target) => !mayImport[place]?.(target))
        .map((target) => `${file} → ${target}`),
    );
    expect(strays).toEqual([]);
  });

  test('only main.ts reads the environment', () => {
    const readers = files.filter(
      (file) => !file.startsWith('src/sandbox/') && /process\.env/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    expect(readers).toEqual(['src/main.ts']);
  });

  test('nothing imports bot.ts but main.ts', () => {
    expect(files.filter((file) => imports(file).includes('src/bot.ts'))).toEqual(['src/main.ts']);
  });
});
