import { describe, expect, test } from 'vitest';
import { deliveriesShape, toAskAgain } from '../../src/github/failed-deliveries.ts';

const minute = 60_000;
const now = Date.parse('2026-11-20T12:00:00Z');
let lastId = 0;

/** A delivery as GitHub lists it, some minutes ago. */
const sent = (minutesAgo: number, change: Record<string, unknown> = {}) => ({
  id: ++lastId,
  guid: 'guid-1',
  delivered_at: new Date(now - minutesAgo * minute).toISOString(),
  redelivery: false,
  duration: 0.1,
  status: 'Invalid HTTP Response: 503',
  status_code: 503,
  event: 'deployment_status',
  action: 'created',
  installation_id: null,
  repository_id: 1,
  ...change,
});
const again = (minutesAgo: number, change = {}) => sent(minutesAgo, { redelivery: true, ...change });
const ok = { status: 'OK', status_code: 200 };

/** The guids that are asked for again. */
const asked = (list: unknown[], known?: Parameters<typeof toAskAgain>[2]) =>
  toAskAgain(deliveriesShape.parse(list), now, known).map(({ guid }) => guid);

describe('an event is asked for again', () => {
  test.each<[string, unknown[]]>([
    ['at once after it failed', [sent(0)]],
    ['when nobody answered', [sent(1, { status: 'failed to connect to host', status_code: 0 })]],
    ['when it was no success, such as a redirect', [sent(1, { status_code: 302 })]],
    ['for the second time after five minutes', [again(5), sent(6)]],
    ['for the third time after an hour', [again(60), again(65), sent(66)]],
    ['of a run that ended', [sent(1, { event: 'workflow_run', action: 'completed' })]],
    ['whatever GitHub leaves out', [sent(1, { action: null, repository_id: null, redelivery: undefined })]],
  ])('%s', (_, list) => {
    expect(asked(list)).toEqual(['guid-1']);
  });
});

describe('an event is not asked for again', () => {
  test.each<[string, unknown[]]>([
    ['once it has arrived', [again(1, ok), sent(10)]],
    ['also where a later try failed', [again(6), again(8, ok), sent(10)]],
    ['where it never failed', [sent(10, ok)]],
    ['with any success', [sent(10, { status_code: 204 })]],
    ['within five minutes of the first time', [again(4), sent(10)]],
    ['within an hour of the second', [again(59), again(65), sent(70)]],
    ['a fourth time', [again(1_000), again(1_100), again(1_200), sent(1_300)]],
    ['when there is no use for it', [sent(1, { event: 'push', action: null })]],
    ['of a run that has only begun', [sent(1, { event: 'workflow_run', action: 'in_progress' })]],
    ['when it can’t be read', [null, 5, {}, sent(1, { delivered_at: 'yesterday' }), sent(1, { guid: '' })]],
  ])('%s', (_, list) => {
    expect(asked(list)).toEqual([]);
  });

  test('when it was asked for and GitHub’s list is behind', () => {
    const times = (n: number, minutesAgo: number) =>
      new Map([['guid-1', { times: n, atMs: now - minutesAgo * minute }]]);
    expect(asked([sent(10)], times(1, 4))).toEqual([]);
    expect(asked([sent(10)], times(1, 5))).toEqual(['guid-1']);
    expect(asked([sent(10)], times(3, 9_000))).toEqual([]);
  });
});

test('the oldest comes first, by its last attempt', () => {
  const list = [again(7, { guid: 'a' }), sent(3, { guid: 'c' }), sent(9, { guid: 'a' }), sent(1, { guid: 'b' })];
  const all = toAskAgain(deliveriesShape.parse(list), now);
  expect(all.map(({ guid }) => guid)).toEqual(['a', 'c', 'b']);
  expect(all[0]).toMatchObject({ last: { isRedelivery: true, atMs: now - 7 * minute }, times: 1 });
});

test('what happened within a second stays in order', () => {
  const list = ['c', 'b', 'a'].map((guid) => sent(1, { guid }));
  expect(asked(list)).toEqual(['a', 'b', 'c']);
});

test('ids are kept to the digit', () => {
  const id = 190_000_000_000_000_001n;
  const [failed] = toAskAgain(deliveriesShape.parse([sent(1, { id, repository_id: id + 1n })]), now);
  expect(failed?.last).toMatchObject({ id: '190000000000000001', repository: '190000000000000002' });
});
