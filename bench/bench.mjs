// npm run bench [-- --quick] [-- --only ingest,lag]: what Deckhand's speed is, beside floors that are measured in the same
// run. Every server is a process of its own, so is what loads them, and everything stays on the loopback. No timing is ever
// asserted: it ends with 0 unless something is broken.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { heading, printTable, printTargets } from './figures.mjs';
import { prepare } from './prepare.mjs';
import { endAll } from './process.mjs';

/** In the order in which they are measured; each has a file in measure/. */
const all = ['start', 'ack', 'ingest', 'instances', 'full', 'lag', 'restart'];
/** What `--quick` looks at unless told otherwise. */
const short = ['start', 'ack', 'ingest', 'instances'];
const { quick, only } = wanted();

/** How much is done. The whole takes about nine minutes, `--quick` less than one. */
const size = quick
  ? {
      ...{ rounds: 2, fewRounds: 1, manyRounds: 2, uncountedOfMany: 1, starts: 1, restarts: 1 },
      ...{ commands: 300, deploys: 40, calmSeconds: 0.5 },
      ...{ webhooks: 600, webhooksOfMany: 600, uncountedWebhooks: 200 },
      ...{ deploymentsInStore: 2_000, unfinished: 500 },
      lag: { perSecond: 20, seconds: 1, crowdedSeconds: 0.5, rooms: 4 },
    }
  : {
      ...{ rounds: 5, fewRounds: 3, manyRounds: 9, uncountedOfMany: 2, starts: 5, restarts: 2 },
      ...{ commands: 1_200, deploys: 200, calmSeconds: 2 },
      ...{ webhooks: 15_000, webhooksOfMany: 10_000, uncountedWebhooks: 3_000 },
      ...{ deploymentsInStore: 100_000, unfinished: 10_000 },
      lag: { perSecond: 50, seconds: 10, crowdedSeconds: 4, rooms: 20 },
    };

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
  heading({ folder, size });
  const world = await startWorld(folder);
  ends.push(() => world.stop());
  const load = startLoad(world);
  ends.push(() => load.stop());
  const targets = [];
  for (const name of only) {
    const { measure } = await import(`./measure/${name}.mjs`);
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

/** What the command line asks for. A mistake in it ends the process with a sentence. */
function wanted() {
  try {
    const options = { quick: { type: 'boolean' }, only: { type: 'string' } };
    const { quick, only } = parseArgs({ options }).values;
    const names = only?.split(',') ?? (quick ? short : all);
    const unknown = names.filter((name) => !all.includes(name));
    if (unknown.length === 0) return { quick, only: names };
    console.error(`There is no ${unknown.join(' and no ')} to measure, only ${all.join(', ')}.`);
  } catch (error) {
    console.error(`${error.message} There are --quick, for a rough look, and --only ${all.slice(0, 2).join(',')}.`);
  }
  process.exit(1);
}
