// Compiles src/ and commands/ into dist/, into a fresh folder each time: tsc does not delete, so a command file that was
// removed would otherwise live on in dist/ and still be loaded. Does nothing where dist/ is already up to date.
import { execFileSync } from 'node:child_process';
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
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built-from');

/** Every file below a folder of the project, as paths relative to its root. */
function filesBelow(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(name) : [name];
  });
}

const inputs = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  ...filesBelow('src'),
  ...filesBelow('commands'),
].sort();
const fingerprint = createHash('sha256');
for (const file of inputs)
  fingerprint
    .update(file)
    .update('\0')
    .update(readFileSync(path.join(root, file)));
const wanted = fingerprint.digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const fresh = path.join(root, `.dist-${process.pid}`);
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    // What runs in Node, and what runs in browsers.
    for (const project of [root, path.join(root, 'src', 'sandbox', 'page', 'client')]) {
      const options = ['--project', project, '--outDir', fresh, '--noEmit', 'false'];
      execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
    }
    for (const file of inputs.filter((name) => /\.(lua|html|css|svg|sql)$/.test(name))) {
      mkdirSync(path.dirname(path.join(fresh, file)), { recursive: true });
      cpSync(path.join(root, file), path.join(fresh, file));
    }
    writeFileSync(path.join(fresh, '.built-from'), wanted);
    // Two builds at once each make a folder of their own; the last rename wins, and both are whole.
    const old = `${fresh}-old`;
    if (existsSync(dist) && statSync(dist).isDirectory()) renameSync(dist, old);
    renameSync(fresh, dist);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // The compiler has said what is wrong; anything else says it here.
    if (error.status === undefined) console.error(error.message);
    process.exit(1);
  }
}
