import { describe, expect, test } from 'vitest';
import { catalogueOfHello, type Flow, random } from './flow.ts';
import { flows, passes, posted, scene, until } from './seen.ts';
import { deployed, lines } from './story.ts';

const { begin } = flows();

const hello = 'acme/hello';
const minute = 60_000;

/** What GitHub answered with no, because it was asked too often. */
const refusedByLimit = (flow: Flow): number =>
  flow.github.requests.filter(({ status }) => status === 403 || status === 429).length;

describe('while GitHub limits the bot', () => {
  test.each([
    ['for half an hour', (flow: Flow) => flow.github.rateLimits.exhaust({ seconds: 30 * 60 })],
    ['for ten minutes', (flow: Flow) => flow.github.rateLimits.secondary({ retryAfter: 600, times: 1_000 })],
  ])('%s it is not asked over and over, however much there is to ask; then all is told', async (_, limit) => {
    const flow = await begin({ catalogue: `announce: ${random}\n${catalogueOfHello}` });
    const story = await deployed(flow);
    limit(flow);
    const before = refusedByLimit(flow);
    for (let count = 0; count < 8; count++) {
      const { id } = await flow.github.addDeployment(hello, { by: 'carol', environment: `room-${count}` });
      await flow.github.addStatus(hello, id, { state: 'in_progress' });
    }
    await flow.github.addStatus(hello, story.id, { state: 'success' });
    await passes(flow, 9 * minute, 5_000);
    expect(lines(flow, story)).toHaveLength(1);
    flow.github.rateLimits.reset();
    await passes(flow, 25 * minute, 10_000);
    await until(
      flow,
      () => posted(flow).filter(({ channel, thread_ts }) => channel === random && !thread_ts).length === 8,
    );
    expect(refusedByLimit(flow) - before, scene(flow)).toBeLessThan(5);
  });
});
