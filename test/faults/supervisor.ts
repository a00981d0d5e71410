import { type Bot, type BotOptions, isUp } from './process.ts';
import type { World } from './world.ts';

/** Starts a bot whenever the last one has died, as whoever runs it in production does. */
export interface Supervisor {
  /** The bot of now, once it is ready. */
  bot(): Promise<Bot>;
  /** Resolves, when the bot of now has died, with the one that comes after it, which need not be ready. */
  next(next: Partial<BotOptions>): Promise<Bot>;
  /** SIGKILL for the bot of now. Answers the one that comes after it, which need not be ready. */
  replace(next: Partial<BotOptions>): Promise<Bot>;
  /** The bot of now is the last. Resolves once it is ready. */
  leave(): Promise<void>;
}

export async function supervise(world: World): Promise<Supervisor> {
  let stopped = false;
  let next: Partial<BotOptions> = {};
  let current = begin();
  await current;

  async function begin(): Promise<Bot> {
    const more = next;
    next = {};
    const bot = await world.begin(more);
    void bot.ended.then(() => {
      if (!stopped && !world.isOver()) current = begin();
    });
    return bot;
  }

  async function bot(): Promise<Bot> {
    for (;;) {
      const tried = current;
      const found = await tried;
      try {
        await isUp(found);
        return found;
      } catch (error) {
        // It died while it started; the next one may live.
        if (current === tried && found.lives()) throw error;
        await found.ended;
      }
    }
  }

  async function after(more: Partial<BotOptions>): Promise<Bot> {
    next = more;
    const old = await current;
    await old.ended;
    return current;
  }

  return {
    bot,
    next: after,
    async replace(more) {
      const old = await bot();
      const coming = after(more);
      old.signal('SIGKILL');
      return coming;
    },
    async leave() {
      await bot();
      stopped = true;
    },
  };
}
