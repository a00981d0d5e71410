import { ratio } from '../figures.mjs';
import { statusesEach } from '../load/statuses.mjs';
import { columns, generatorNote, inRounds, row } from './turns.mjs';

/** One deployment in this many was begun with the bot; the rest is what else happens in an organisation. */
const oneIn = 20;

/** From a deployment_status webhook to its 2xx, which the bot gives when it is on disk. */
export async function measure({ size, world, load }) {
  const [http, bare] = [await world.startNodeHttp(), await world.startBareProbot()];
  const [probot, bot] = [await world.startProbot(), await world.startBot()];
  const strangers = { count: size.webhooks };
  const oursEach = Math.floor(size.webhooks / statusesEach / oneIn);
  const rows = {
    http: row('bare node:http'),
    bare: row('Probot, bare middleware'),
    probot: row('Probot'),
    bot: row('Deckhand'),
    ours: row(`Deckhand, 1 in ${oneIn} its own`),
  };
  const repliesBefore = await replies();
  const busiest = await inRounds(size.rounds, [
    { row: rows.http, turn: () => load.statuses(http, strangers) },
    { row: rows.bare, turn: () => load.statuses(bare, strangers) },
    { row: rows.probot, turn: () => load.statuses(probot, strangers) },
    { row: rows.bot, turn: () => load.statuses(bot, strangers) },
    { row: rows.ours, turn: async () => load.statuses(bot, { ...strangers, ours: await begun() }) },
  ]);
  const told = (await replies()) - repliesBefore;
  const expected = (size.rounds + 1) * oursEach * statusesEach;
  if (told < expected) throw new Error(`only ${told} of ${expected} statuses were told`);
  await Promise.all([http, bare, probot, bot].map((server) => server.stop()));

  const mixed = ratio(rows.ours['req/s'], rows.probot['req/s']);
  const alone = ratio(rows.bot['req/s'], rows.probot['req/s']);
  return {
    title: 'webhook → stored → 2xx, 50 connections',
    columns,
    rows: Object.values(rows),
    comparisons: [
      ['Deckhand', 'bare node:http'],
      ['Deckhand', 'Probot, bare middleware'],
      ['Deckhand', 'Probot'],
      [`Deckhand, 1 in ${oneIn} its own`, 'Probot'],
    ],
    notes: [
      'Bodies of some 9 kB, each another status. Only the bot stores anything; its own deployments it also tells in Slack.',
      ...generatorNote(busiest),
    ],
    targets: [
      { what: 'ingest ≥ Probot’s, deployments of strangers', isMet: alone >= 1, found: alone },
      { what: `ingest ≥ Probot’s, 1 in ${oneIn} its own`, isMet: mixed >= 1, found: mixed },
    ],
  };

  /** Deployments that the bot has just created, ready for their first status. */
  async function begun() {
    await load.commands(bot, { text: 'hello/topic-branch to staging', count: oursEach });
    return (await world.created()).slice(-oursEach);
  }

  async function replies() {
    const asked = await world.asked();
    return (asked['chat.postMessage'] ?? 0) - (asked['GitHub: POST'] ?? 0);
  }
}
