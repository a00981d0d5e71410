import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { catalogueOfHello, deploys, type Flow, random } from './flow.ts';
import { flows, posted, until } from './seen.ts';
import { deployed, lines, linesOf, type Story, statusEvents } from './story.ts';

const { begin } = flows();

/** Time goes no faster than the machine's here, so that nobody waits for more of it than is needed. */
const soon = (flow: Flow, isSo: () => boolean): Promise<void> => until(flow, isSo, { withinMs: 30_000, stepMs: 50 });

/** The same as on the embedded store, for what the stores do each in their own way. */
describeWithRedis('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.end());

  const stories = (flow: Flow, room: string): SlackMessage[] =>
    posted(flow).filter(({ channel, thread_ts, shown }) => channel === room && !thread_ts && /#\d+/.test(shown));

  async function storyIn(flow: Flow, id: number, room: string): Promise<Story> {
    const found = () => stories(flow, room).find(({ shown }) => shown.includes(`#${id}`));
    await soon(flow, () => found() !== undefined);
    return { id, room, ts: found()?.ts ?? '', request: '' };
  }

  test('announced and watched, over a restart: each line once in each room', async () => {
    const flow = await begin({
      catalogue: `announce: ${random}\n${catalogueOfHello}`,
      env: { REDIS_URL: server.url, DECKHAND_SECRET: 'a secret of this test alone' },
    });
    await flow.type('watch hello', { channel: random });
    await soon(flow, () => posted(flow).length > 0);
    const ours = await deployed(flow);
    const { id } = await flow.github.addDeployment('acme/hello', { by: 'carol', environment: 'production' });
    const there = await storyIn(flow, id, random);
    await flow.restart();
    await flow.report(id, 'success', { description: 'of carol' });
    await flow.report(ours.id, 'failure', { description: 'of ann' });
    for (let round = 0; round < 4; round++) {
      for (const guid of statusEvents(flow)) await flow.github.redeliver(guid);
    }
    await soon(flow, () => lines(flow, there).length > 0 && lines(flow, ours).length > 0);
    const [line] = await linesOf(flow, there, 1);
    expect(line).toContain('of carol');
    await linesOf(flow, ours, 1);
    expect(stories(flow, random)).toHaveLength(2);
    expect(stories(flow, deploys)).toHaveLength(1);
  });
});
