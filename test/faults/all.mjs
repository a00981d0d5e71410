// Every fault at every step of every road, which takes a good while; `npm test` takes a spread of them.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const vitest = path.join(root, 'node_modules', '.bin', 'vitest');
const { status } = spawnSync(
  vitest,
  ['run', '--config', 'test/vitest.config.ts', 'test/faults', ...process.argv.slice(2)],
  { cwd: root, env: { ...process.env, FAULTS: 'all' }, stdio: 'inherit' },
);
process.exit(status ?? 1);
