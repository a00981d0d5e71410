import { describe, expect, test } from 'vitest';
import { asked, calm, flows, passes } from './seen.ts';
import { deployed, lines, linesOf, shows } from './story.ts';

const { begin } = flows();
const hour = 3_600_000;

describe('a deployment without news', () => {
  test('is let go after a day, said so, and costs GitHub nothing any more', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await passes(flow, 23 * hour, hour / 2);
    expect(lines(flow, story)).toHaveLength(2);
    await passes(flow, 2 * hour, hour / 2);
    expect(lines(flow, story)).toHaveLength(3);
    const before = asked(flow).length;
    await passes(flow, 12 * hour, hour / 2);
    expect(asked(flow)).toHaveLength(before);
    expect(lines(flow, story)).toHaveLength(3);
  });

  test('that nobody ever answered is let go, too', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 25 * hour, hour / 2);
    expect(lines(flow, story)).toHaveLength(2);
    await flow.restart();
    await passes(flow, 2 * hour, hour / 2);
    expect(lines(flow, story)).toHaveLength(2);
  });

  test('is not let go while GitHub can’t be asked: what was missed is told when it can', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await passes(flow, 23.8 * hour, hour / 5);
    const mend = flow.github.faults.add(
      { method: 'GET', path: /\/statuses$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    flow.github.dropWebhooks(() => true, { recorded: false });
    await flow.report(story.id, 'success', { description: 'at last' });
    await passes(flow, hour, hour / 6);
    mend();
    await passes(flow, 5 * 60_000, 60_000);
    expect(lines(flow, story).at(-1)).toContain('at last');
    expect(lines(flow, story)).toHaveLength(3);
  });

  test('tells what still comes after that', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await passes(flow, 26 * hour, hour / 2);
    expect(lines(flow, story)).toHaveLength(3);
    await flow.report(story.id, 'success', { description: 'at last' });
    const told = await linesOf(flow, story, 4);
    expect(told[3]).toContain('at last');
    await shows(flow, story, /succe|deployed/i);
    await flow.restart();
    await calm(flow);
    expect(lines(flow, story)).toHaveLength(4);
  });
});

describe('GitHub is asked about a deployment in flight', () => {
  test('each minute at first, and ever less often as it gets older', async () => {
    const flow = await begin();
    const story = await deployed(flow, 'hello/topic-branch to staging');
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    const looks = async (ms: number): Promise<number> => {
      const before = asked(flow).length;
      await passes(flow, ms, 30_000);
      return asked(flow).length - before;
    };
    const first = await looks(10 * 60_000);
    expect(first).toBeGreaterThanOrEqual(8);
    expect(first).toBeLessThanOrEqual(12);
    await passes(flow, 10 * hour, hour / 4);
    expect(await looks(10 * 60_000)).toBeLessThanOrEqual(2);
  });

  test('and soon again, however old it is, where GitHub could not be asked when its turn came', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await passes(flow, 15 * hour, hour / 4);
    const mend = flow.github.faults.add(
      { method: 'GET', path: /\/statuses$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    flow.github.dropWebhooks(() => true, { recorded: false });
    await flow.report(story.id, 'success', { description: 'at last' });
    // Longer than a tenth of its age: it has a turn meanwhile.
    await passes(flow, 2 * hour, hour / 30);
    mend();
    await passes(flow, 5 * 60_000, 30_000);
    expect(lines(flow, story).at(-1)).toContain('at last');
  });
});
