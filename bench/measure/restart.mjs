import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../figures.mjs';
import { noRedis } from '../redis.mjs';

/** Being ready is what balancers and GitHub wait for; the threads go on when all are taken up. */
const columns = ['ready ms', 'all taken up ms', 'CPU ms'];
const targetMs = 3_000;
const takenUpWithinMs = 60_000;
const minutes = 60_000;

/** A start with many deployments that are not over, beside one with none; GitHub has no news of them. */
export async function measure({ size, world }) {
  const count = size.unfinished;
  const many = count.toLocaleString('en');
  const what = { count, stage: 'created', states: ['queued', 'in_progress'], rooms: 200, sinceMs: 30 * minutes };
  const redis = await world.startRedis();
  const kinds = ['embedded', ...(redis ? ['Redis'] : [])].map((kind) => ({
    kind,
    none: { name: `${kind}, none`, 'ready ms': [] },
    unfinished: { name: `${kind}, ${many}`, ...Object.fromEntries(columns.map((column) => [column, []])) },
  }));
  const editsBefore = await edits();
  for (let round = 0; round < size.restarts; round++) {
    for (const { kind, none, unfinished } of kinds) {
      const store = (name) =>
        kind === 'Redis' ? { redis, prefix: `${name}-${round}:` } : { data: `restart-${name}-${round}` };
      const empty = await world.startBot(store('none'));
      none['ready ms'].push(empty.readyMs);
      await empty.stop();

      await world.seed(store('unfinished'), what);
      const bot = await world.startBot(store('unfinished'));
      unfinished['ready ms'].push(bot.readyMs);
      await untilTakenUp(bot, count);
      unfinished['all taken up ms'].push(bot.sinceStart());
      unfinished['CPU ms'].push(bot.cpuMs());
      await bot.kill();
    }
  }
  await redis?.stop();
  // Parents show what they should, so that edits would be the benchmark's own making.
  const edited = (await edits()) - editsBefore;
  if (edited > 0) throw new Error(`${edited} parent messages were edited, which had shown the right thing`);

  return {
    title: `start with ${many} unfinished deployments`,
    columns,
    rows: kinds.flatMap(({ none, unfinished }) => [none, unfinished]),
    comparisons: kinds.map(({ none, unfinished }) => [unfinished.name, none.name]),
    notes: ['From spawn to 200 of /readyz, and until each was looked at and waits for news.', ...noRedis()],
    targets: kinds.map(({ kind, unfinished }) => {
      const found = median(unfinished['ready ms']);
      return { what: `${kind}: ready within 3 s with ${many} unfinished`, isMet: found < targetMs, found, unit: 'ms' };
    }),
  };

  async function edits() {
    return (await world.asked())['chat.update'] ?? 0;
  }
}

/** Until none is due, and each has been moved on: it then waits for its own alarm, which none did before the start. */
async function untilTakenUp(bot, count) {
  const by = performance.now() + takenUpWithinMs;
  for (;;) {
    const text = await (await fetch(bot.metricsUrl)).text().catch(() => '');
    const jobs = (state) => Number(new RegExp(`^deckhand_jobs{state="${state}"} (\\d+)`, 'm').exec(text)?.[1]);
    if (jobs('due') === 0 && jobs('later') >= count) return;
    if (performance.now() > by) throw new Error(`${bot.name}: ${jobs('due')} due, ${jobs('later')} later of ${count}`);
    await pause(50);
  }
}
