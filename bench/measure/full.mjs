import { setTimeout as pause } from 'node:timers/promises';
import { ratio } from '../figures.mjs';
import { noRedis } from '../redis.mjs';
import { columnsWithRedis, generatorNote, inRounds, row } from './turns.mjs';

const memory = 'RSS MB';
const states = ['queued', 'in_progress', 'success'];
const monthMs = 30 * 24 * 60 * 60_000;

/** Ingest, and the bot's memory, with many deployments in the store that are over, beside an empty one. */
export async function measure({ size, world, load }) {
  const many = size.deploymentsInStore.toLocaleString('en');
  const what = { count: size.deploymentsInStore, stage: 'ended', states, rooms: 200, sinceMs: monthMs };
  const kinds = [{ kind: 'embedded', empty: { data: 'empty' }, full: { data: 'full' } }, ...(await twoRedis(world))];
  // Two processors: both stores at once.
  await Promise.all(kinds.map(({ full }) => world.seed(full, what)));
  await settled(kinds);

  const contestants = [];
  for (const { kind, empty, full } of kinds) {
    for (const [name, store] of [
      [`${kind}, empty`, empty],
      [`${kind}, ${many} deployments`, full],
    ]) {
      const server = await world.startBot(store);
      await server.idle();
      contestants.push({ server, row: { ...row(name), [memory]: [] } });
    }
  }
  const busiest = await inRounds(
    size.fewRounds,
    contestants.map(({ server, row }) => ({
      row,
      async turn() {
        const found = await load.statuses(server, { count: size.webhooks });
        row[memory].push(server.residentMb());
        return found;
      },
    })),
  );
  await Promise.all(contestants.map(({ server }) => server.stop()));
  await Promise.all(contestants.map(({ server }) => server.store?.stop()));

  const named = new Map(contestants.map((one) => [one.row.name, one.row]));
  const comparisons = kinds.map(({ kind }) => [`${kind}, ${many} deployments`, `${kind}, empty`]);
  return {
    title: `webhook → stored → 2xx, with ${many} deployments and ${states.length} statuses of each in the store`,
    columns: [...columnsWithRedis, memory],
    rows: [...named.values()],
    comparisons,
    notes: ['Statuses of strangers; the memory is the bot’s, without Redis.', ...generatorNote(busiest), ...noRedis()],
    targets: comparisons.flatMap(([full, empty], index) => {
      const [slower, larger] = ['req/s', memory].map((column) =>
        ratio(named.get(full)[column], named.get(empty)[column]),
      );
      const { kind } = kinds[index];
      return [
        { what: `${kind}: ingest with ${many} within 10 % of empty`, isMet: slower >= 0.9, found: slower },
        { what: `${kind}: memory with ${many} within 10 % of empty`, isMet: larger <= 1.1, found: larger },
      ];
    }),
  };
}

/** One for each store, so that the files of the full one do not count for the empty one. */
async function twoRedis(world) {
  const [first, second] = [await world.startRedis(), await world.startRedis()];
  return first && second ? [{ kind: 'Redis', empty: { redis: first }, full: { redis: second } }] : [];
}

/** Redis writes its file anew after so much was added; that is over before anything is measured. */
async function settled(kinds) {
  for (const { full } of kinds) while (await full.redis?.isRewriting()) await pause(100);
}
