import { describe, expect, test } from 'vitest';
import { again, over, withoutBranch } from './again.ts';
import { answered } from './asking.ts';
import type { Flow } from './flow.ts';
import { asked, creations, flows, passes, press, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, post, shows } from './story.ts';

const { begin } = flows();
const repository = 'acme/hello';

/** An open pull request of bob's. */
async function opened(flow: Flow, branch = 'evening'): Promise<{ number: number; sha: string }> {
  const sha = await flow.github.push(repository, branch, { message: 'Evening *colors*', by: 'bob' });
  const { number } = await flow.github.openPull(repository, { head: branch, author: 'bob' });
  return { number, sha };
}

const stateOf = (flow: Flow, id: number) => flow.github.statuses(repository, id)[0]?.state;
/** What was set by the bot; deployers set no such thing. */
const marks = (flow: Flow) =>
  asked(flow).filter(
    ({ method, path, body }) =>
      method === 'POST' && path.endsWith('/statuses') && (body as { state?: string }).state === 'inactive',
  );

describe('a pull request', () => {
  test('is deployed at its head, and the parent links it', async () => {
    const flow = await begin();
    const { number, sha } = await opened(flow);
    const { story, created } = await again(flow, `hello#${number} to review!`);
    expect(created).toMatchObject({ sha, ref: 'evening' });
    expect(parent(flow, story).shown).toContain(`/acme/hello/pull/${number}`);
    expect(parent(flow, story).shown).toContain('Evening');
  });

  test('of a fork is refused, with the reason', async () => {
    const flow = await begin();
    await flow.github.fork(repository, 'erin');
    await flow.github.push('erin/hello', 'mine', { by: 'erin' });
    const { number } = await flow.github.openPull(repository, { head: 'erin:mine' });
    expect(await answered(flow, `hello#${number} to review`)).toMatch(/erin\/hello.*fork/);
    expect(creations(flow)).toEqual([]);
  });
});

describe('a pull request that is over', () => {
  test('and whose branch is gone: what it brought is where it was merged to', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    await flow.github.mergePull(repository, number, { by: 'bob' });
    withoutBranch(flow, 'evening');
    const told = await answered(flow, `hello#${number} to staging --dry-run`);
    expect(told).toMatch(/merged.*evening.*gone.*hello\/main to staging --dry-run/);
    expect(told).not.toMatch(/pushed/);
    expect(creations(flow)).toEqual([]);
  });

  test.each([
    ['merged', /is merged/, (flow: Flow, number: number) => flow.github.mergePull(repository, number, { by: 'bob' })],
    ['closed', /was closed/, (flow: Flow, number: number) => flow.github.closePull(repository, number, 'bob')],
  ])('(%s) is not deployed, since nothing would end that; its branch can be', async (_, says, close) => {
    const flow = await begin();
    const { number } = await opened(flow);
    await close(flow, number);
    const told = await answered(flow, `hello#${number} to review!`);
    expect(told).toMatch(says);
    expect(told).toMatch(/hello\/evening to review --force/);
    expect(creations(flow)).toEqual([]);
    await press(flow, /evening/);
    await until(flow, () => creations(flow).length === 1);
  });
});

describe('a pull request that is closed', () => {
  test.each([
    ['closed', (flow: Flow, number: number) => flow.github.closePull(repository, number, 'bob')],
    ['merged', (flow: Flow, number: number) => flow.github.mergePull(repository, number, { by: 'bob' })],
  ])('(%s) makes its transient deployments inactive, and nothing else', async (how, close) => {
    const flow = await begin();
    const { number } = await opened(flow);
    const ofPull = await over(flow, `hello#${number} to review!`);
    const ofBranch = await over(flow, 'hello/evening to staging! --transient');
    const redeployed = await again(flow, `redeploy ${ofPull.id}`);
    await flow.report(redeployed.story.id, 'success');
    await linesOf(flow, redeployed.story, 2);
    const staying = await over(flow, 'hello/evening to production!');
    const ofOthers = await over(flow, 'hello/topic-branch to review');
    await flow.clock.advance(2_000);
    await close(flow, number);
    for (const story of [ofPull, ofBranch, redeployed.story]) {
      await shows(flow, story, new RegExp(`pull request #${number} was ${how} by bob`, 'i'));
      await until(flow, () => /inactive/i.test(lines(flow, story).at(-1) ?? ''));
    }
    await passes(flow, 120_000, 10_000);
    expect([staying, ofOthers].map(({ id }) => stateOf(flow, id))).toEqual(['success', 'success']);
    expect(marks(flow)).toHaveLength(3);
    expect(lines(flow, ofBranch)).toHaveLength(2);
  });

  test('waits for one that is still under way', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    const story = await deployed(flow, `hello#${number} to review!`);
    await flow.clock.advance(2_000);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await flow.clock.advance(2_000);
    await flow.github.closePull(repository, number, 'bob');
    await passes(flow, 5_000);
    expect(marks(flow)).toEqual([]);
    await flow.report(story.id, 'success');
    await shows(flow, story, /was closed by bob/);
    expect(lines(flow, story)).toHaveLength(3);
  });

  test('leaves what others deployed to them, and what was deployed later', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    const asked = { ref: 'evening', environment: 'review', transient_environment: true };
    const { id } = await createdElsewhere(flow, asked);
    await flow.report(id, 'success');
    const hold = flow.github.dropWebhooks((event) => event === 'pull_request');
    await flow.clock.advance(2_000);
    await flow.github.closePull(repository, number, 'bob');
    await flow.github.idle();
    hold();
    await flow.clock.advance(2_000);
    const later = await over(flow, 'hello/evening to review!');
    const missed = flow.github.deliveries.findLast(({ event }) => event === 'pull_request');
    // It comes at last, twice.
    for (let times = 0; times < 2; times++) {
      expect(await post(flow, JSON.stringify(missed?.payload), { event: 'pull_request' })).toBe(200);
    }
    await passes(flow, 70_000, 10_000);
    expect([id, later.id].map((each) => stateOf(flow, each))).toEqual(['success', 'success']);
    expect(marks(flow)).toEqual([]);
  });

  test('is heard of after a crash, and while GitHub can’t be asked', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    const story = await over(flow, `hello#${number} to review!`);
    const works = flow.github.faults.add({ path: /\/deployments$/, times: Number.POSITIVE_INFINITY }, { kind: 'hang' });
    await flow.github.closePull(repository, number, 'bob');
    await flow.github.idle();
    await flow.crash(() => works());
    await shows(flow, story, /was closed by bob/);
    await passes(flow, 120_000, 10_000);
    expect(marks(flow)).toHaveLength(1);
    expect(lines(flow, story)).toHaveLength(2);
  });

  test('tells in the thread that GitHub does not let us, once', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    const story = await over(flow, `hello#${number} to review!`);
    flow.github.faults.add(
      { method: 'POST', path: /\/statuses$/, times: 9 },
      { kind: 'status', status: 403, body: { message: 'Resource not accessible by integration' } },
    );
    await flow.github.closePull(repository, number, 'bob');
    const told = await linesOf(flow, story, 2);
    expect(told[1]).toContain(`#${number}`);
    expect(told[1]).toMatch(/could not/);
    await passes(flow, 120_000, 10_000);
    expect(lines(flow, story)).toHaveLength(2);
  });

  test('costs nothing where nothing of it was deployed but one look', async () => {
    const flow = await begin();
    const { number } = await opened(flow);
    const before = asked(flow).length;
    await flow.github.closePull(repository, number, 'bob');
    await flow.github.idle();
    await passes(flow, 120_000, 10_000);
    expect(asked(flow).length - before).toBeLessThanOrEqual(1);
  });
});
