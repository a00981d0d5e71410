import { describe, expect, test } from 'vitest';
import { calm, flows, passes, until } from './seen.ts';
import { deployed, lines, linesOf, type Story, shows } from './story.ts';

const { begin } = flows();
const repository = 'acme/hello';
type Begun = Awaited<ReturnType<typeof begin>>;

/** A run of Actions for a deployment, which has told that it began unless `silent`. */
async function run(flow: Begun, story: Story, { silent = false } = {}): Promise<number> {
  const { id } = await flow.github.addRun(repository, { deploymentId: story.id, name: 'Ship it' });
  flow.github.moveRun(repository, id, 'in_progress');
  if (!silent) flow.github.addStatus(repository, story.id, { state: 'in_progress', run: id });
  return id;
}

describe('an Actions run that ends without saying how the deployment did', () => {
  test.each(['cancelled', 'failure', 'timed_out', 'startup_failure', 'yet_to_be_invented'])(
    '%s: told, once, with the run',
    async (conclusion) => {
      const flow = await begin();
      const story = await deployed(flow);
      const id = await run(flow, story);
      flow.github.moveRun(repository, id, { conclusion });
      const told = await linesOf(flow, story, 2);
      expect(told[1]).toContain('Ship it');
      expect(told[1]).toContain(`/acme/hello/actions/runs/${id}`);
      await passes(flow, 120_000, 10_000);
      expect(lines(flow, story)).toHaveLength(2);
    },
  );

  test('before it said anything: the only deployment of its commit is meant', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story, { silent: true });
    flow.github.moveRun(repository, id, { conclusion: 'startup_failure' });
    expect((await linesOf(flow, story, 1))[0]).toContain('Ship it');
  });

  test('of two of the same commit nobody knows whose it is, and nothing is said', async () => {
    const flow = await begin();
    const staging = await deployed(flow);
    const review = await deployed(flow, 'hello/topic-branch to review');
    const id = await run(flow, staging, { silent: true });
    flow.github.moveRun(repository, id, { conclusion: 'failure' });
    await passes(flow, 30_000, 5_000);
    expect([...lines(flow, staging), ...lines(flow, review)]).toEqual([]);
  });

  test('run again, and cancelled again: told for each attempt', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story);
    flow.github.moveRun(repository, id, { conclusion: 'failure' });
    await linesOf(flow, story, 2);
    flow.github.rerun(repository, id);
    flow.github.moveRun(repository, id, { conclusion: 'cancelled' });
    await linesOf(flow, story, 3);
  });

  test('survives a crash between storing and telling', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story);
    await linesOf(flow, story, 1);
    const mended = flow.slack.faults.add(
      { path: /chat\.postMessage$/, times: Number.POSITIVE_INFINITY },
      { kind: 'hang' },
    );
    flow.github.moveRun(repository, id, { conclusion: 'cancelled' });
    await flow.github.idle();
    await flow.crash(() => mended());
    expect((await linesOf(flow, story, 2))[1]).toContain('Ship it');
  });
});

describe('nothing is said of a run', () => {
  test('that succeeded', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story);
    flow.github.moveRun(repository, id, { conclusion: 'success' });
    await passes(flow, 30_000, 5_000);
    expect(lines(flow, story)).toHaveLength(1);
  });

  test.each(['before', 'after'])('that said how the deployment ended %s it ended itself', async (when) => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story);
    await linesOf(flow, story, 1);
    const failed = () => void flow.github.addStatus(repository, story.id, { state: 'failure', run: id });
    const ended = () => void flow.github.moveRun(repository, id, { conclusion: 'failure' });
    for (const happen of when === 'before' ? [failed, ended] : [ended, failed]) happen();
    await until(flow, () => lines(flow, story).length === 2);
    await passes(flow, 90_000, 10_000);
    expect(lines(flow, story)).toHaveLength(2);
    expect(lines(flow, story)[1]).toMatch(/fail/i);
    expect(lines(flow, story)[1]).not.toContain('Ship it');
  });

  test('whose last status got lost on its way: that is told instead', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const id = await run(flow, story);
    await linesOf(flow, story, 1);
    const heard = flow.github.dropWebhooks((event) => event === 'deployment_status');
    flow.github.addStatus(repository, story.id, { state: 'failure', run: id });
    await flow.github.idle();
    heard();
    flow.github.moveRun(repository, id, { conclusion: 'failure' });
    const told = await linesOf(flow, story, 2);
    expect(told[1]).not.toContain('Ship it');
    await shows(flow, story, /fail/i);
  });

  test('of somebody else’s commit, or of another repository', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const { id } = await flow.github.addRun(repository, { ref: 'main', name: 'Ship it' });
    flow.github.moveRun(repository, id, { conclusion: 'failure' });
    const { id: other } = await flow.github.addRun(repository, {
      deploymentId: story.id,
      event: 'push',
      name: 'Test it',
    });
    flow.github.moveRun(repository, other, { conclusion: 'failure' });
    await passes(flow, 30_000, 5_000);
    await calm(flow);
    expect(lines(flow, story)).toEqual([]);
  });
});
