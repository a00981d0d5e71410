import { ratio } from '../figures.mjs';
import { statusesEach } from '../load/statuses.mjs';
import { noRedis } from '../redis.mjs';
import { untilTold } from '../told.mjs';
import { columnsWithRedis, generatorNote, inRounds, row } from './turns.mjs';

/** One deployment in this many was begun with the bot; the rest is what else happens in an organisation. */
const oneIn = 20;
const floor = 'bare node:http';
const octokit = '@octokit/webhooks';

/** From a deployment_status webhook to its 2xx, which the bot gives when it is on disk, or in Redis. */
export async function measure({ size, world, load }) {
  // After seconds without work a server is slower for a while, a large one by a tenth: what is measured is a busy one.
  const strangers = { count: size.webhooksOfMany, uncounted: size.uncountedWebhooks };
  const oursEach = Math.floor(strangers.count / statusesEach / oneIn);
  const bot = await world.startBot();
  const contestants = [
    { name: floor, server: await world.startNodeHttp() },
    { name: 'Probot, bare middleware', server: await world.startBareProbot() },
    { name: 'Probot', server: await world.startProbot() },
    { name: 'Hubot', server: await world.startHubot() },
    // Next to those that are to be as fast: a machine's speed goes up and down within seconds.
    { name: octokit, server: await world.startOctokit() },
    { name: 'Deckhand', server: bot },
    ...(await onRedis(world)),
  ].map(({ name, server }) => ({ server, row: row(name), turn: () => load.statuses(server, strangers) }));
  const ours = row(`Deckhand, 1 in ${oneIn} its own`);
  const turns = [...contestants, { row: ours, turn: withOurs }];
  const busiest = await inRounds(size.manyRounds, turns, { uncounted: size.uncountedOfMany });
  await Promise.all(contestants.map(({ server }) => server.stop()));
  await Promise.all(contestants.map(({ server }) => server.store?.stop()));

  const rows = [...contestants.map((contestant) => contestant.row), ours];
  const named = new Map(rows.map((one) => [one.name, one]));
  const deckhands = rows.map(({ name }) => name).filter((name) => name.startsWith('Deckhand'));
  const isAtLeast = (what, name, peer) => {
    const found = ratio(named.get(name)['req/s'], named.get(peer)['req/s']);
    return { what, isMet: found >= 1, found };
  };
  return {
    title: 'webhook → stored → 2xx, 50 connections',
    columns: columnsWithRedis,
    rows,
    comparisons: [
      ...deckhands.map((name) => [name, octokit]),
      ['Deckhand', floor],
      ['Deckhand', 'Probot'],
      ['Deckhand', 'Hubot'],
      [ours.name, 'Probot'],
    ],
    notes: [
      'Bodies of some 9 kB, each another status. Only the bot stores anything; its own deployments it also tells in Slack.',
      'Hubot checks no signature.',
      ...generatorNote(busiest),
      ...noRedis(),
    ],
    targets: [
      ...deckhands
        .filter((name) => name !== ours.name)
        .map((name) => isAtLeast(`durable ingest ≥ ${octokit}’ no-op: ${name}`, name, octokit)),
      isAtLeast('ingest ≥ Probot’s, deployments of strangers', 'Deckhand', 'Probot'),
      isAtLeast(`ingest ≥ Probot’s, 1 in ${oneIn} its own`, ours.name, 'Probot'),
    ],
  };

  /** With deployments that the bot has just created, until each of their statuses is told. */
  async function withOurs() {
    await load.commands(bot, { text: 'hello/topic-branch to staging', count: oursEach });
    const created = (await world.created()).slice(-oursEach);
    const untilDone = () => untilTold(world, oursEach * statusesEach);
    await world.told();
    return load.statuses(bot, { ...strangers, ours: created, untilDone });
  }
}

/** The bot on a Redis that waits for the disk once a second, and on one that waits before each answer. */
async function onRedis(world) {
  const bots = [];
  for (const fsync of ['everysec', 'always']) {
    const redis = await world.startRedis(fsync);
    if (redis) bots.push({ name: `Deckhand, Redis ${fsync}`, server: await world.startBot({ redis }) });
  }
  return bots;
}
