import { describe, expect, test } from 'vitest';
import { over, released } from './again.ts';
import { ago, answered, hour, linesAbout } from './asking.ts';
import type { Flow } from './flow.ts';
import { flows, passes } from './seen.ts';
import { createdElsewhere } from './story.ts';
import { statesOf } from './verbs.ts';

/** What is live, as all verbs have it: where, diff, rollback, promote. */

const { begin } = flows();
const repository = 'acme/hello';
const success = [{ state: 'success' }];

/** What each of them takes for live in staging. */
async function takenForLive(flow: Flow) {
  return {
    where: linesAbout(await answered(flow, 'where hello'), 'staging'),
    diff: await answered(flow, 'diff hello/main in staging'),
    rollback: await answered(flow, 'rollback hello in staging --dry-run'),
    promote: await answered(flow, 'promote hello from staging to production --dry-run'),
  };
}

describe('a success of another task', () => {
  test('takes nothing from what the app’s own task made live, though GitHub makes it inactive', async () => {
    const flow = await begin();
    const good = await released(flow);
    const live = await released(flow);
    await over(flow, 'deploy:migrations hello/main to staging!');
    await passes(flow, 10_000);
    expect(statesOf(flow, live.id)).toEqual(['success', 'inactive']);
    const all = await takenForLive(flow);
    expect(all.where).toMatch(new RegExp(`^🟢.*work ${live.sha.slice(0, 7)}.*#${live.id}`));
    expect(all.diff).toContain(`#${live.id}`);
    expect(all.rollback).toContain(good.sha.slice(0, 7));
    expect(all.promote).toContain(live.sha.slice(0, 7));
  });

  test('is live itself for that task, and where no other was ever run', async () => {
    const flow = await begin();
    await flow.github.addPast(repository, [
      { at: ago(flow, hour), environment: 'staging', task: 'deploy:web', statuses: success },
    ]);
    expect(linesAbout(await answered(flow, 'where hello'), 'staging')).toMatch(/^🟢.*main.*deploy:web/);
    expect(await answered(flow, 'promote hello from staging to production --task deploy:web --dry-run')).toMatch(
      /task deploy:web/,
    );
  });

  test('that is under way is seen, and one that failed takes the place of nothing', async () => {
    const flow = await begin();
    await flow.github.addPast(repository, [{ at: ago(flow, 3 * hour), environment: 'staging', statuses: success }]);
    const { id } = await createdElsewhere(flow, { ref: 'main', environment: 'staging', task: 'deploy:migrations' });
    await flow.report(id, 'in_progress');
    expect(linesAbout(await answered(flow, 'where hello'), 'staging')).toMatch(
      /^🟢.*main.*\n↳.*deploy:migrations.*in progress/,
    );
  });
});

describe('nothing is live', () => {
  const nothing = /nothing( of hello)? is live/i;

  test.each([
    ['made inactive by somebody, without a word', { state: 'inactive' }, false],
    ['made inactive by somebody who says so, before another task', { state: 'inactive', description: 'gone' }, true],
  ])('where it was %s', async (_, inactive, isFollowed) => {
    const flow = await begin();
    await flow.github.addPast(repository, [
      { at: ago(flow, 9 * hour), environment: 'staging', statuses: success },
      { at: ago(flow, 8 * hour), environment: 'staging', ref: 'topic-branch', statuses: [...success, inactive] },
      ...(isFollowed
        ? [{ at: ago(flow, 7 * hour), environment: 'staging', task: 'deploy:migrations', statuses: success }]
        : []),
    ]);
    const all = await takenForLive(flow);
    for (const text of Object.values(all)) expect(text).toMatch(nothing);
  });

  test('where what took its place was withdrawn', async () => {
    const flow = await begin();
    const inactive = { state: 'inactive' };
    await flow.github.addPast(repository, [
      { at: ago(flow, 9 * hour), environment: 'staging', statuses: [...success, inactive] },
      { at: ago(flow, 8 * hour), environment: 'staging', statuses: [...success, { state: 'error' }] },
    ]);
    for (const text of Object.values(await takenForLive(flow))) expect(text).toMatch(nothing);
  });
});

test('one that is deleted while it is looked at is gone past', async () => {
  const flow = await begin();
  const made = await flow.github.addPast(
    repository,
    [4, 3, 2, 1].map((age) => ({
      at: ago(flow, age * hour),
      environment: 'staging',
      ref: age === 3 ? 'topic-branch' : 'main',
      statuses: success,
    })),
  );
  const newest = made.at(-1)?.id;
  flow.github.faults.add(
    { method: 'GET', path: new RegExp(`/${newest}/statuses$`), times: 9 },
    { kind: 'status', status: 404, body: { message: 'Not Found' } },
  );
  const all = await takenForLive(flow);
  expect(all.where).toContain(`#${made.at(-2)?.id}`);
  expect(all.diff).toContain(`#${made.at(-2)?.id}`);
  expect(all.rollback).toContain(`#${made.at(-2)?.id}`);
  expect(all.promote).toContain(flow.commits.main.slice(0, 7));
  expect(await answered(flow, `statuses hello ${newest}`)).toMatch(/no deployment .*deleted/i);
});
