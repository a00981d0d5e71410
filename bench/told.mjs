import { setTimeout as pause } from 'node:timers/promises';

/** With Slack's limits it takes a while; what is not told then is lost. */
const withinMs = 120_000;

/**
 * Waits until so many lines were told since `world.told()` was last asked. Answers when and in which room, by key. Rejects
 * when a line is missing for too long, or was told twice.
 */
export async function untilTold(world, count) {
  const by = performance.now() + withinMs;
  const told = new Map();
  for (;;) {
    for (const { key, room, at } of await world.told()) {
      if (told.has(key)) throw new Error(`${key} was told twice`);
      told.set(key, { room, at });
    }
    if (told.size >= count) return told;
    if (performance.now() > by) throw new Error(`only ${told.size} of ${count} statuses were told`);
    await pause(50);
  }
}
