import { noRedis } from '../redis.mjs';
import { together } from '../server-process.mjs';
import { columnsWithRedis, generatorNote, inRounds, row } from './turns.mjs';

/** Ingest by two bots on one Redis, asked in turn as behind a balancer, beside one of them alone. */
export async function measure({ size, world, load }) {
  const title = 'two instances on one Redis, 50 connections';
  const redis = await world.startRedis();
  if (!redis) return { title, columns: columnsWithRedis, rows: [], notes: noRedis(), targets: [] };

  const bots = [await world.startBot({ redis }), await world.startBot({ redis })];
  const strangers = { count: size.webhooks };
  const rows = { one: row('one instance'), two: row('two instances') };
  const both = together('two instances', bots);
  const busiest = await inRounds(size.fewRounds, [
    { row: rows.one, turn: () => load.statuses(bots[0], strangers) },
    { row: rows.two, turn: () => load.statuses(both, strangers) },
  ]);
  await Promise.all(bots.map((bot) => bot.stop()));
  await redis.stop();

  return {
    title,
    columns: columnsWithRedis,
    rows: Object.values(rows),
    comparisons: [['two instances', 'one instance']],
    notes: [
      'Statuses of strangers. Instances, Redis and the load generator share the processors of this machine.',
      ...generatorNote(busiest),
    ],
    targets: [],
  };
}
