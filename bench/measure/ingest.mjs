import { ratio } from '../figures.mjs';
import { columns, generatorNote, inRounds, row } from './turns.mjs';

/** One deployment in this many was begun with the bot; the rest is what else happens in an organisation. */
const ours = 20;

/** From a deployment_status webhook to its 2xx, which the bot gives when it is on disk. */
export async function measure({ size, world, load }) {
  const [http, probot, bot] = [await world.startNodeHttp(), await world.startProbot(), await world.startBot()];
  const statuses = (server, more = {}) =>
    load.run(server, {
      kind: 'statuses',
      count: size.webhooks,
      ours: 0,
      secret: world.secrets.webhook,
      key: world.secrets.deckhand,
      ...more,
    });
  const rows = {
    http: row('bare node:http'),
    probot: row('Probot'),
    bot: row('Deckhand'),
    ours: row(`Deckhand, 1 in ${ours} its own`),
  };
  const before = await world.asked();
  const busiest = await inRounds(size.rounds, [
    { row: rows.http, turn: () => statuses(http) },
    { row: rows.probot, turn: () => statuses(probot) },
    { row: rows.bot, turn: () => statuses(bot) },
    { row: rows.ours, turn: () => statuses(bot, { ours }) },
  ]);
  const told = ((await world.asked())['chat.postMessage'] ?? 0) - (before['chat.postMessage'] ?? 0);
  // Deployments cut off at the end of a turn have fewer statuses.
  const expected = size.rounds * Math.floor(size.webhooks / ours / 4 - 1) * 4;
  if (told < expected) throw new Error(`only ${told} of ${expected} statuses were told`);
  await Promise.all([http.stop(), probot.stop(), bot.stop()]);

  const faster = ratio(rows.ours['req/s'], rows.probot['req/s']);
  const strangers = ratio(rows.bot['req/s'], rows.probot['req/s']);
  return {
    title: 'webhook → stored → 2xx, 50 connections',
    columns,
    rows: Object.values(rows),
    comparisons: [
      ['Deckhand', 'bare node:http'],
      ['Deckhand', 'Probot'],
      [`Deckhand, 1 in ${ours} its own`, 'Probot'],
    ],
    notes: [
      'Bodies of some 9 kB, each another status. Neither of the others stores anything; the bot also tells its own in Slack.',
      ...generatorNote(busiest),
    ],
    targets: [
      { what: 'ingest ≥ Probot’s, deployments of strangers', isMet: strangers >= 1, found: strangers },
      { what: `ingest ≥ Probot’s, 1 in ${ours} its own`, isMet: faster >= 1, found: faster },
    ],
  };
}
