import { quantile } from '../figures.mjs';
import { waits } from '../floor.mjs';
import { statusesEach } from '../load/stories.mjs';
import { noRedis } from '../redis.mjs';
import { untilTold } from '../told.mjs';

/** docs.slack.dev/apis/web-api/rate-limits: one message a second a channel, with short bursts. */
const slacksLimit = { everyMs: 1_000, burst: 5 };
const targetMs = 250;

/**
 * From a status being sent to the bot until its line is at Slack. The deployments are in the store, and each gets its
 * statuses a little more than a second apart: once in a room of its own, where no limit of Slack's holds anything up, and
 * once in few rooms.
 */
export async function measure({ size, world, load }) {
  const { perSecond, seconds, crowdedSeconds, rooms } = size.lag;
  /** So many come before and are not counted: until its code is compiled, a server is several times slower. */
  const warmUp = perSecond;
  const spread = perSecond * seconds + warmUp;
  const crowded = perSecond * crowdedSeconds;
  const contestants = [
    { name: 'bare relay', begin: relay },
    { name: 'Deckhand', begin: embedded },
    { name: 'Deckhand, Redis', begin: onRedis },
  ];

  const rows = [];
  for (const { name, begin } of contestants) {
    const begun = await begin({ count: spread, rooms: spread });
    if (!begun) continue;
    const { server, ours } = begun;
    await tell([{ server, ours: ours.slice(0, warmUp) }]);
    const [{ lags, cpu, storeCpu }] = await tell([{ server, ours: ours.slice(warmUp) }]);
    rows.push({ ...row(name, lags), 'CPU µs': [cpu], 'Redis µs': storeCpu === undefined ? [] : [storeCpu] });
    await begun.stop();
  }

  const few = [];
  for (const { name, begin } of contestants.slice(1)) {
    const begun = await begin({ count: crowded, rooms });
    if (begun) few.push({ name: `${name}, ${rooms} rooms`, ...begun });
  }
  // While one of them waits for its turns at Slack, the next gets its statuses.
  const inFew = await tell(few);
  const floor = row(`the floor, ${rooms} rooms`, waits(inFew[0].sent, slacksLimit));
  const crowdedRows = few.map(({ name }, index) => row(name, inFew[index].lags));
  for (const begun of few) await begun.stop();

  return {
    title: `status → thread, ${perSecond} deployments a second`,
    columns: ['p50 ms', 'p99 ms', 'CPU µs', 'Redis µs'],
    rows: [...rows, floor, ...crowdedRows],
    comparisons: [
      ...rows.slice(1).map(({ name }) => [name, rows[0].name]),
      ...crowdedRows.map(({ name }) => [name, floor.name]),
    ],
    notes: [
      `${statusesEach} statuses of each: ${seconds} s of deployments in a room each, and ${crowdedSeconds} s in ${rooms} rooms. CPU is a status’s.`,
      `The floor: a message a second in a room, ${slacksLimit.burst} at once in a quiet one, and a sender that takes no time.`,
      ...noRedis(),
    ],
    targets: rows.slice(1).map(({ name, 'p99 ms': [found] }) => ({
      what: `status → thread p99 < ${targetMs} ms without Slack’s limits: ${name}`,
      isMet: found < targetMs,
      found,
      unit: 'ms',
    })),
  };

  /** What it needs to know is in the payload; the store that is filled for that is nobody's. */
  async function relay(deployments) {
    const ours = await world.seed({}, seeded(deployments));
    const server = await world.startRelay();
    return { server, ours, stop: () => server.stop() };
  }

  async function embedded(deployments) {
    const store = { data: `lag-${deployments.rooms}` };
    const ours = await world.seed(store, seeded(deployments));
    const server = await world.startBot(store);
    // Not in order: edits of parents would still wait for their turn.
    return { server, ours, stop: () => server.kill() };
  }

  async function onRedis(deployments) {
    const redis = await world.startRedis();
    if (!redis) return undefined;
    const ours = await world.seed({ redis }, seeded(deployments));
    const server = await world.startBot({ redis });
    const stop = () => server.kill().then(() => redis.stop());
    return { server, ours, stop };
  }

  /** Sends each of them its statuses, one after the other, and waits until all are told. */
  async function tell(all) {
    await world.told();
    const found = [];
    for (const { server, ours } of all) {
      await server.idle();
      found.push(await load.stories(server, { ours, perSecond }));
    }
    const keys = found.flatMap(({ sentAt }) => Object.keys(sentAt));
    const told = await untilTold(world, keys.length);
    return found.map(({ sentAt, cpu, storeCpu }) => {
      const sent = Object.entries(sentAt).map(([key, at]) => ({ key, at, room: told.get(key).room }));
      return { lags: sent.map(({ key, at }) => told.get(key).at - at), sent, cpu, storeCpu };
    });
  }
}

const seeded = (deployments) => ({ ...deployments, stage: 'created', states: [], sinceMs: 1_000 });

function row(name, lags) {
  const sorted = [...lags].sort((a, b) => a - b);
  return { name, 'p50 ms': [quantile(sorted, 0.5)], 'p99 ms': [quantile(sorted, 0.99)] };
}
