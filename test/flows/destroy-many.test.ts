import { describe, expect, test } from 'vitest';
import { over } from './again.ts';
import { answered } from './asking.ts';
import type { Flow } from './flow.ts';
import { asked, flows } from './seen.ts';
import { postedNext, statesOf } from './verbs.ts';

const { begin } = flows();
const repository = 'acme/hello';

/** So many that went well elsewhere, and that GitHub never made inactive. */
async function live(flow: Flow, count: number): Promise<number[]> {
  const now = flow.clock.now().getTime();
  const added = await flow.github.addPast(
    repository,
    Array.from({ length: count }, (_, index) => ({
      at: new Date(now - (count - index) * 60_000),
      ref: 'main',
      environment: 'review',
      transient: true,
      statuses: [{ state: 'success' }],
    })),
  );
  return added.map(({ id }) => id);
}

const liveOf = (flow: Flow, ids: readonly number[]) => ids.filter((id) => statesOf(flow, id).at(-1) === 'success');

describe('destroy, of many', () => {
  test('reaches them all, and reads not one again', async () => {
    const flow = await begin();
    const ids = await live(flow, 45);
    const before = asked(flow).length;
    const text = await postedNext(flow, 'destroy hello in review');
    expect(liveOf(flow, ids)).toEqual([]);
    expect(text).toMatch(/35 more/);
    expect(asked(flow).length - before).toBeLessThanOrEqual(1 + 45 + 45);
  });

  test('says where it stopped, and goes on there', async () => {
    const flow = await begin();
    const ids = await live(flow, 70);
    const text = await postedNext(flow, 'destroy hello in review');
    expect(liveOf(flow, ids)).toHaveLength(10);
    const [, line = ''] =
      /`\/deploy (destroy hello in review --before \d+)`/.exec(text) ??
      text.match(/\/deploy (destroy hello in review --before \d+)/) ??
      [];
    expect(line).toMatch(/--before/);
    await postedNext(flow, line);
    expect(liveOf(flow, ids)).toEqual([]);
  });

  test('one that GitHub refuses: says what was done, what was not, and why', async () => {
    const flow = await begin();
    const stories = [];
    for (const _ of [1, 2, 3]) stories.push(await over(flow, 'hello/main to review!'));
    const [first, second, third] = stories.map(({ id }) => id) as [number, number, number];
    const body = { message: 'Validation Failed', documentation_url: 'https://docs.github.com/rest' };
    flow.github.faults.add(
      { method: 'POST', path: new RegExp(`/${second}/statuses$`) },
      { kind: 'status', status: 422, body },
    );
    const text = await answered(flow, 'destroy hello in review');
    expect(liveOf(flow, [first, second, third])).toEqual([second]);
    expect(text).toMatch(new RegExp(`Destroyed.*#${third}.*#${first}.*#${second}.*still live.*Validation Failed`, 's'));
    expect(text).not.toMatch(/ref still exists/);
  });

  test('where GitHub goes on refusing it stops, and says what is left', async () => {
    const flow = await begin();
    const ids: number[] = [];
    for (const _ of [1, 2, 3, 4]) ids.push((await over(flow, 'hello/main to review!')).id);
    const before = asked(flow).length;
    flow.github.faults.add(
      { method: 'POST', path: new RegExp(`/(${ids.slice(0, 3).join('|')})/statuses$`), times: 9 },
      { kind: 'status', status: 403, body: { message: 'Resource not accessible by integration' } },
    );
    const text = await answered(flow, 'destroy hello in review');
    expect(text).toMatch(new RegExp(`rest as it is.*#${ids[0]}`, 's'));
    expect(
      asked(flow)
        .slice(before)
        .filter(({ method }) => method === 'POST'),
    ).toHaveLength(3);
  });
});
