import { expect, test } from 'vitest';
import { amiss, startWorld } from './world.ts';

test.each(['fifteen-letters', 'a-long-one-that-is-new,old-and-short'])(
  'a short DECKHAND_SECRET (%s) is warned of',
  async (secret) => {
    const world = await startWorld();
    world.env.DECKHAND_SECRET = secret;
    const lines = amiss(await world.check());
    expect(lines).toEqual([expect.stringMatching(/^warning +Configuration: DECKHAND_SECRET.*openssl rand -hex 32/)]);
    for (const one of secret.split(',')) expect(lines[0]).not.toContain(one);
  },
);

test.each([undefined, 'sixteen-letters!'])(
  'one that is long enough, or the bot’s own (%s), is well',
  async (secret) => {
    const world = await startWorld();
    if (secret) world.env.DECKHAND_SECRET = secret;
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines[0]).toMatch(/^ok +Configuration: .*one app\./);
  },
);
