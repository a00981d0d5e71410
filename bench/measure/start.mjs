import { setTimeout as pause } from 'node:timers/promises';
import { ratio } from '../figures.mjs';

/** How long both have had nothing to do when their memory is looked at. */
const afterMs = 2_000;

/** From the start of the process to its first answer, and what it then holds of the memory. */
export async function measure({ size, world }) {
  const bolt = { name: 'bare Bolt', 'start ms': [], 'idle MB': [] };
  const first = { name: 'Deckhand, first start', 'start ms': [] };
  const bot = { name: 'Deckhand', 'start ms': [], 'idle MB': [] };
  const servers = [
    { row: bolt, start: () => world.startBolt() },
    { row: bot, start: () => world.startBot({ data: 'data-start' }) },
  ];
  // Files are in the page cache from here on, as they are when a supervisor starts the bot again.
  for (const start of [() => world.startBolt(), () => world.startBot({ data: 'data-start' })])
    await (await start()).stop();

  for (let round = 0; round < size.starts; round++) {
    const begun = [];
    for (const { row, start } of round % 2 === 0 ? servers : servers.toReversed()) {
      const server = await start();
      await server.idle();
      row['start ms'].push(server.readyMs);
      begun.push({ row, server });
    }
    await pause(afterMs);
    for (const { row, server } of begun) row['idle MB'].push(server.residentMb());
    await Promise.all(begun.map(({ server }) => server.stop()));
    const anew = await world.startBot();
    first['start ms'].push(anew.readyMs);
    await anew.stop();
  }
  const slower = ratio(bot['start ms'], bolt['start ms']);
  const larger = ratio(bot['idle MB'], bolt['idle MB']);
  return {
    title: 'start → ready, and idle memory',
    columns: ['start ms', 'idle MB'],
    rows: [bolt, bot, first],
    comparisons: [['Deckhand', 'bare Bolt']],
    notes: ['From spawn to the first answer (Deckhand: 200 of /readyz); the memory in RAM (VmRSS) 2 s later.'],
    targets: [
      { what: 'start → ready ≤ 1.5 × bare Bolt', isMet: slower <= 1.5, found: slower },
      { what: 'idle memory ≤ 1.5 × bare Bolt', isMet: larger <= 1.5, found: larger },
    ],
  };
}
