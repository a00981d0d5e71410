import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
let copy: string;
afterEach(() => rmSync(copy, { recursive: true, force: true }));

const build = (): void => void execFileSync(process.execPath, ['src/build.mjs'], { cwd: copy, stdio: 'pipe' });
const built = (file: string): boolean => existsSync(path.join(copy, 'dist', file));

test('a command that was removed is gone from the build too, and a build that is up to date is left alone', () => {
  copy = mkdtempSync(path.join(tmpdir(), 'deckhand-build-'));
  for (const part of ['package.json', 'package-lock.json', 'tsconfig.json', 'src', 'commands']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const extra = path.join(copy, 'commands', 'gone.ts');
  writeFileSync(extra, 'export default {};\n');
  build();
  expect(built('commands/gone.js')).toBe(true);
  expect(built('src/main.js')).toBe(true);

  rmSync(extra);
  build();
  expect(built('commands/gone.js')).toBe(false);
  writeFileSync(path.join(copy, 'dist', 'mark'), '');
  build();
  expect(built('mark')).toBe(true);
});
