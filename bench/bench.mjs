// npm run bench [-- --quick]: what Deckhand's speed is, beside floors that are measured in the same run. Every server is a
// process of its own, so is what loads them, and everything stays on the loopback. No timing is ever asserted: it ends
// with 0 unless something is broken.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { heading, printTable, printTargets } from './figures.mjs';
import { prepare } from './prepare.mjs';
import { endAll } from './server-process.mjs';

const quick = process.argv.includes('--quick');
const unknown = process.argv.slice(2).filter((word) => word !== '--quick');
if (unknown.length > 0) {
  console.error(`${unknown.join(' ')}: there is only --quick, for a rough look in half a minute.`);
  process.exit(1);
}

/** How much is done. The whole takes about two minutes, `--quick` about half of one. */
const size = quick
  ? { rounds: 2, starts: 1, commands: 300, deploys: 40, calmSeconds: 0.5, webhooks: 600 }
  : { rounds: 5, starts: 5, commands: 1_200, deploys: 200, calmSeconds: 2, webhooks: 2_500 };

const folder = mkdtempSync(path.join(os.tmpdir(), 'deckhand-bench-'));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
const begun = performance.now();
const ends = [];
try {
  prepare();
  // Only now: what they import may just have been installed or built.
  const { startWorld } = await import('./world.mjs');
  const { startLoad } = await import('./load/load.mjs');
  const measures = [
    await import('./measure/start.mjs'),
    await import('./measure/ack.mjs'),
    await import('./measure/ingest.mjs'),
  ];
  heading({ folder, size });
  const world = await startWorld(folder);
  ends.push(() => world.stop());
  const load = startLoad(world);
  ends.push(() => load.stop());
  const targets = [];
  for (const { measure } of measures) {
    const found = await measure({ folder, size, world, load });
    printTable(found);
    targets.push(...found.targets);
  }
  printTargets(targets);
  console.log(`\nTook ${Math.round((performance.now() - begun) / 1000)} s.`);
} catch (error) {
  console.error(`\nThe benchmark is broken: ${error.stack ?? error}`);
  process.exitCode = 1;
} finally {
  for (const end of ends.reverse()) await end();
  // Whatever is still running when something broke.
  endAll();
  rmSync(folder, { recursive: true, force: true });
}
