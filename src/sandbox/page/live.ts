import type { ServerResponse } from 'node:http';
import type { News, WorldView } from './protocol.ts';

/** How often the world is looked at while somebody watches, in milliseconds. */
const lookEveryMs = 300;
/** A sign of life where nothing happens, in milliseconds: a stream that has died silently is noticed. */
const signOfLifeEveryMs = 10_000;

export interface Live {
  /** Streams to this response from now on, beginning with the state of things. */
  follow(response: ServerResponse): Promise<void>;
  tell(news: News): void;
  /** Looks at the world now rather than a little later. */
  look(): Promise<void>;
  stop(): void;
}

/** Tells every open page what changes, as server-sent events. Nobody watching: nothing is looked at. */
export function createLive(o: { state: () => Promise<News>; world: () => Promise<WorldView> }): Live {
  const followers = new Set<ServerResponse>();
  let lastWorld = '';
  let looking: Promise<void> | undefined;

  function tell(news: News): void {
    const text = `data: ${JSON.stringify(news)}\n\n`;
    for (const follower of followers) follower.write(text);
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookOnce(): Promise<void> {
    const world = await o.world();
    const text = JSON.stringify(world);
    if (text === lastWorld) return;
    lastWorld = text;
    tell({ kind: 'world', world });
  }

  const looks = setInterval(() => {
    // A look that fails (git is being written to) is made up for by the next one.
    if (followers.size > 0) look().catch(() => {});
  }, lookEveryMs);
  const signs = setInterval(() => {
    for (const follower of followers) follower.write(': still here\n\n');
  }, signOfLifeEveryMs);

  return {
    async follow(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.flushHeaders();
      const state = await o.state();
      if (response.destroyed) return;
      // In one turn of the event loop: nothing may change between the state and the first change.
      response.write(`data: ${JSON.stringify(state)}\n\n`);
      followers.add(response);
      // What was told to the others last may be older than what this one has just been told.
      lastWorld = '';
      response.on('close', () => followers.delete(response));
    },
    tell,
    look,
    stop() {
      clearInterval(looks);
      clearInterval(signs);
      for (const follower of followers) follower.end();
    },
  };
}
