import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(bench);

/** Installs the peers where they are missing (without their install scripts), and builds the bot. Throws if one fails. */
export function prepare() {
  if (!existsSync(path.join(root, 'node_modules'))) throw new Error('npm ci comes first.');
  if (!isInstalled()) {
    console.log('Installing what is compared with …');
    npm(['ci', '--prefix', bench, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  npm(['run', '--silent', 'build']);
}

/** npm writes the inner file at the end of a whole installation. */
function isInstalled() {
  const [wanted, found] = [
    path.join(bench, 'package-lock.json'),
    path.join(bench, 'node_modules', '.package-lock.json'),
  ];
  return existsSync(found) && statSync(found).mtimeMs >= statSync(wanted).mtimeMs;
}

function npm(args) {
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}
