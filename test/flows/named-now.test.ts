import { expect, test } from 'vitest';
import { again, over, released } from './again.ts';
import { ago, answered, costOf, hour, linesAbout } from './asking.ts';
import { ann, deploys } from './flow.ts';
import { calm, flows, until } from './seen.ts';
import { deployed, linesOf, shows } from './story.ts';

/** A deployment goes by the name that people know it by, and is where it is now. */

const { begin } = flows();

test('what was rolled back, promoted or redeployed is still that branch', async () => {
  const flow = await begin();
  const live = await released(flow);
  const { story } = await again(flow, 'promote hello from staging to production!');
  expect(linesAbout(await answered(flow, 'where hello'), 'production')).toMatch(/work [0-9a-f]{7}/);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 2);
  expect(linesAbout(await answered(flow, 'where hello'), 'production')).toMatch(/🟢.*work [0-9a-f]{7}/);
  expect(await answered(flow, `status ${story.id}`)).toMatch(/work [0-9a-f]{7}/);
  expect(await answered(flow, 'history hello')).toMatch(new RegExp(`work .*#${story.id}`));
  const { text, requests } = await costOf(flow, 'history hello/work');
  expect(text).toContain(`#${story.id}`);
  expect(text).toContain(`#${live.id}`);
  expect(requests).toHaveLength(1);
});

test('a history of a branch that nothing repeats is filtered by GitHub', async () => {
  const flow = await begin();
  await over(flow, 'hello/topic-branch to staging');
  await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), statuses: [{ state: 'success' }] }]);
  const text = await answered(flow, 'history hello/topic-branch');
  expect(text).not.toMatch(/main/);
});

test('a deployment that is under way is listed by its branch', async () => {
  const flow = await begin();
  await released(flow);
  await again(flow, 'promote hello from staging to production!');
  expect(await answered(flow, 'status')).toMatch(/hello\/work/);
});

test('what a status has moved is told where it is', async () => {
  const flow = await begin();
  const story = await deployed(flow, 'hello/topic-branch to staging');
  await flow.report(story.id, 'success', { environment: 'production' });
  await shows(flow, story, /now in production/);
  expect(await answered(flow, `status ${story.id}`)).toMatch(/to production/);
  expect(linesAbout(await answered(flow, 'where hello'), 'production')).toMatch(/🟢.*topic-branch/);
  const count = flow.told().length;
  await flow.slack.mention({ user: ann, channel: deploys, thread: story.ts, text: '@deckhand rollback' });
  await until(flow, () => flow.told().length > count);
  await calm(flow);
  expect(flow.told().at(-1)).toMatch(/in production|production/);
  expect(flow.told().at(-1)).not.toMatch(/staging/);
});

test('what stays where it was made for says nothing of that', async () => {
  const flow = await begin();
  const story = await deployed(flow, 'hello/topic-branch to staging');
  await flow.report(story.id, 'success', { environment: 'Staging' });
  await shows(flow, story, /ann deployed/);
  expect((await flow.parent()).shown).not.toMatch(/now in/);
});
