import { expect, test } from 'vitest';
import { type Flow, random } from './flow.ts';
import { calm, flows, passes, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, type Story, shows } from './story.ts';
import { statesOf } from './verbs.ts';

const { begin } = flows();

const replaced = /replaced|superseded|newer/i;

async function live(flow: Flow, line?: string): Promise<Story> {
  const story = await deployed(flow, line);
  await flow.clock.advance(2_000);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
  await flow.clock.advance(2_000);
  return story;
}

test('a newer deployment takes over: the older one’s parent says so, its thread says nothing', async () => {
  const flow = await begin();
  const first = await live(flow);
  const second = await live(flow, 'hello/main to staging');
  await until(flow, () => replaced.test(parent(flow, first).shown));
  await calm(flow);
  expect(parent(flow, first).shown).toContain(String(second.id));
  expect(lines(flow, first)).toHaveLength(1);
  expect(parent(flow, second).shown).not.toMatch(replaced);
});

test('it still shows what became of the older one', async () => {
  const flow = await begin();
  const first = await live(flow);
  await live(flow, 'hello/main to staging');
  await until(flow, () => replaced.test(parent(flow, first).shown));
  await shows(flow, first, /2 ?s/);
});

test('a third one: both older ones say that they were replaced, and no thread says a word', async () => {
  const flow = await begin();
  const first = await live(flow);
  const second = await live(flow, 'hello/main to staging');
  await live(flow);
  await until(flow, () => replaced.test(parent(flow, second).shown));
  await shows(flow, first, replaced);
  expect(lines(flow, first)).toHaveLength(1);
  expect(lines(flow, second)).toHaveLength(1);
});

test('a newer one that fails takes nothing over', async () => {
  const flow = await begin();
  const first = await live(flow);
  const second = await deployed(flow, 'hello/main to staging');
  await flow.report(second.id, 'failure');
  await linesOf(flow, second, 1);
  await passes(flow, 130_000, 10_000);
  expect(parent(flow, first).shown).not.toMatch(replaced);
});

test('set inactive by hand after a newer one has failed: nothing took over, so it is a reply', async () => {
  const flow = await begin();
  const first = await deployed(flow);
  await flow.report(first.id, 'in_progress');
  await linesOf(flow, first, 1);
  const second = await deployed(flow, 'hello/main to staging');
  await flow.report(second.id, 'failure');
  await linesOf(flow, second, 1);
  await flow.clock.advance(3_000);
  await flow.report(first.id, 'inactive', { description: 'by hand' });
  await passes(flow, 65_000, 5_000);
  const [, line] = await linesOf(flow, first, 2);
  expect(line).toContain('by hand');
  expect(parent(flow, first).shown).not.toMatch(replaced);
});

test('production is not made inactive by GitHub, and nothing is said to be replaced', async () => {
  const flow = await begin();
  const first = await live(flow, 'hello/topic-branch to production');
  await live(flow, 'hello/topic-branch to production');
  await passes(flow, 65_000, 5_000);
  expect(parent(flow, first).shown).not.toMatch(replaced);
  expect(lines(flow, first)).toHaveLength(1);
});

test('neither is a transient environment', async () => {
  const flow = await begin();
  const first = await live(flow, 'hello/topic-branch to review');
  await live(flow, 'hello/main to review');
  await passes(flow, 65_000, 5_000);
  expect(parent(flow, first).shown).not.toMatch(replaced);
});

test('another task takes nothing over, though GitHub makes what it ran beside inactive', async () => {
  const flow = await begin();
  await flow.type('watch hello', { channel: random });
  const first = await live(flow);
  const migration = await live(flow, 'deploy:migrations hello/main to staging');
  await passes(flow, 65_000, 5_000);
  expect(statesOf(flow, first.id)).toEqual(['success', 'inactive']);
  expect(parent(flow, first).shown).not.toMatch(replaced);
  await shows(flow, first, /deployed.*Success/s);
  expect(lines(flow, first)).toHaveLength(1);
  const there = flow.slack.messages(random).map(({ shown }) => shown);
  expect(there.filter((shown) => shown.includes(`#${first.id}`))).toHaveLength(1);
  expect(there.filter((shown) => replaced.test(shown))).toEqual([]);
  // The next of its own task does.
  const next = await live(flow, 'hello/main to staging');
  await shows(flow, first, new RegExp(`replaced by deployment ${next.id}`));
  await passes(flow, 65_000, 5_000);
  expect(parent(flow, migration).shown).not.toMatch(replaced);
});

test('another environment takes nothing over', async () => {
  const flow = await begin();
  const first = await live(flow);
  await live(flow, 'hello/topic-branch to review');
  await passes(flow, 65_000, 5_000);
  expect(parent(flow, first).shown).not.toMatch(replaced);
});

test('GitHub can’t be asked at that moment: the older one’s parent says so later', async () => {
  const flow = await begin();
  const first = await live(flow);
  flow.github.faults.add(
    { method: 'GET', path: new RegExp(`/deployments/${first.id}/statuses$`), times: 6 },
    { kind: 'status', status: 502 },
  );
  await live(flow, 'hello/main to staging');
  await passes(flow, 200_000, 5_000);
  await shows(flow, first, replaced);
  expect(lines(flow, first)).toHaveLength(1);
});

test('GitHub makes the older one inactive only a little later: its parent says so then', async () => {
  const flow = await begin();
  const first = await live(flow);
  const second = await deployed(flow, 'hello/main to staging');
  // The sandbox does it at once; github.com does it some time after the success.
  await flow.report(second.id, 'success', { auto_inactive: false });
  await linesOf(flow, second, 1);
  await flow.clock.advance(5_000);
  await flow.report(first.id, 'inactive');
  await passes(flow, 200_000, 5_000);
  await shows(flow, first, replaced);
  expect(lines(flow, first)).toHaveLength(1);
});

test('the bot was down when it happened', async () => {
  const flow = await begin();
  const first = await live(flow);
  const second = await deployed(flow, 'hello/main to staging');
  await flow.restart(async () => {
    await flow.report(second.id, 'success');
    await flow.github.idle();
  });
  await passes(flow, 65_000, 5_000);
  await linesOf(flow, second, 1);
  await until(flow, () => replaced.test(parent(flow, first).shown));
  expect(lines(flow, first)).toHaveLength(1);
});

test('both were over while the bot was down: the order of telling is that of the deployments', async () => {
  const flow = await begin();
  const first = await deployed(flow);
  const second = await deployed(flow, 'hello/main to staging');
  await flow.restart(async () => {
    await flow.clock.advance(2_000);
    await flow.report(first.id, 'success');
    await flow.clock.advance(2_000);
    await flow.report(second.id, 'success');
    await flow.github.idle();
  });
  await passes(flow, 130_000, 5_000);
  await linesOf(flow, second, 1);
  await linesOf(flow, first, 1);
  expect(lines(flow, first)[0]).toMatch(/succe|deployed/i);
  await shows(flow, first, replaced);
});

test('a newer one made by somebody else on GitHub takes over too', async () => {
  const flow = await begin();
  const first = await deployed(flow);
  await flow.report(first.id, 'in_progress');
  await linesOf(flow, first, 1);
  const { id } = await createdElsewhere(flow, { ref: 'main', environment: 'staging' });
  await flow.clock.advance(3_000);
  await flow.report(first.id, 'success');
  await linesOf(flow, first, 2);
  await flow.clock.advance(3_000);
  await flow.report(id, 'success');
  await passes(flow, 130_000, 5_000);
  await shows(flow, first, replaced);
  expect(lines(flow, first)).toHaveLength(2);
});
