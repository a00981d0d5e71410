import { median, ratio } from '../figures.mjs';
import { columns, generatorNote, inRounds, row } from './turns.mjs';

/** Far below what either can take: what people see on an ordinary day. */
const calmPerSecond = 100;

/** From a slash command to its acknowledgement. The answers to the commands come after it, and compete with it. */
export async function measure({ size, world, load }) {
  const [bolt, bot] = [await world.startBolt(), await world.startBot()];
  const help = { text: 'help', count: size.commands };
  const deploy = { text: 'hello/topic-branch to staging', count: size.deploys };
  const calm = { text: 'help', count: size.calmSeconds * calmPerSecond, perSecond: calmPerSecond };
  const rows = {
    bolt: row('bare Bolt'),
    help: row('Deckhand, help'),
    deploy: row('Deckhand, a deploy'),
    calmBolt: row(`bare Bolt, ${calmPerSecond}/s`),
    calm: row(`Deckhand, help, ${calmPerSecond}/s`),
  };
  const busiest = await inRounds(size.rounds, [
    { row: rows.bolt, turn: () => load.commands(bolt, help) },
    { row: rows.help, turn: () => load.commands(bot, help) },
    { row: rows.deploy, turn: () => load.commands(bot, deploy) },
    { row: rows.calmBolt, turn: () => load.commands(bolt, calm) },
    { row: rows.calm, turn: () => load.commands(bot, calm) },
  ]);
  mustHaveAnswered(await world.asked(), rows);
  await Promise.all([bolt.stop(), bot.stop()]);

  const slower = ratio(rows.help['p99 ms'], rows.bolt['p99 ms']);
  const rest = (name) => `${(median(rows[name].restMs) / 1000).toFixed(1)} s`;
  return {
    title: 'command → ack, 50 connections',
    columns,
    rows: Object.values(rows),
    comparisons: [
      ['Deckhand, help', 'bare Bolt'],
      ['Deckhand, a deploy', 'bare Bolt'],
      [`Deckhand, help, ${calmPerSecond}/s`, `bare Bolt, ${calmPerSecond}/s`],
    ],
    notes: [
      `After the last ack of ${size.commands} × help it works for ${rest('help')} more, of ${size.deploys} deploys for ${rest('deploy')}; CPU counts that.`,
      ...generatorNote(busiest),
    ],
    targets: [{ what: 'ack p99 ≤ 2 × bare Bolt', isMet: slower <= 2, found: slower }],
  };
}

/** A fast acknowledgement of what is then forgotten would be no figure. */
function mustHaveAnswered(asked, { help, calm, deploy }) {
  const typed = help.sent + calm.sent;
  // Where a response_url is too slow, the answer goes another way.
  const answered = (asked.response_url ?? 0) + (asked['chat.postEphemeral'] ?? 0);
  if (answered < typed) throw new Error(`only ${answered} of ${typed} commands were answered`);
  const created = asked['GitHub: POST'] ?? 0;
  if (created < deploy.sent) throw new Error(`only ${created} of ${deploy.sent} deployments were created`);
}
