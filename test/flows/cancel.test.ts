import { describe, expect, test } from 'vitest';
import { over } from './again.ts';
import { ann, deploys, type Flow, gus } from './flow.ts';
import { asked, asSoonAs, calm, flows, passes, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, type Story, shows } from './story.ts';
import { newestState, postedNext, statesOf, toldNext } from './verbs.ts';

const { begin } = flows();
const repository = 'acme/hello';

/** A deployment that its deployer has begun. */
async function underWay(flow: Flow): Promise<Story> {
  const story = await deployed(flow);
  await flow.report(story.id, 'in_progress');
  await linesOf(flow, story, 1);
  return story;
}

const cancellations = (flow: Flow) => flow.github.requests.filter(({ path }) => path.endsWith('/cancel'));

describe('cancel', () => {
  test('sets an error that says who, and the thread and the parent tell it', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/Cancelled.*No workflow run.*goes on/s);
    const [, ending, note] = await linesOf(flow, story, 3);
    expect(ending).toMatch(/error.*cancelled by ann/is);
    expect(note).toMatch(/Cancelled.*by ann.*No workflow run/s);
    expect(parent(flow, story).shown).toMatch(/was cancelled by ann/);
    expect(newestState(flow, story.id)).toMatchObject({ state: 'error', description: 'cancelled by ann' });
  });

  test('in the deployment’s own thread it needs no id, and the person is named though a mention holds no name', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand cancel', thread: story.ts });
    await shows(flow, story, /was cancelled by ann/);
    expect(newestState(flow, story.id)).toMatchObject({ description: 'cancelled by ann' });
  });

  test('before anybody has reported', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await toldNext(flow, `cancel #${story.id}`);
    await shows(flow, story, /was cancelled by ann/);
    await passes(flow, 10 * 60_000, 30_000);
    expect(lines(flow, story).join()).not.toMatch(/No deployer/);
  });

  test('a deployer that pays no heed and succeeds is told, and the parent shows that', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    await toldNext(flow, `cancel ${story.id}`);
    await linesOf(flow, story, 3);
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'success');
    expect((await linesOf(flow, story, 4))[3]).toMatch(/success/i);
    await shows(flow, story, /ann.*deployed/);
  });

  test('of a success only what is live is offered to be rolled back', async () => {
    const flow = await begin();
    const first = await over(flow, 'hello/main to production!');
    const second = await over(flow, 'hello/topic-branch to production!');
    expect(await toldNext(flow, `cancel ${first.id}`)).not.toMatch(/rollback/);
    expect(await toldNext(flow, `cancel ${second.id}`)).toMatch(/rollback hello in production/);
  });

  test('while GitHub is being asked there is nothing yet, and that is said', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, { kind: 'hang' });
    await flow.type('hello to staging');
    const { ts } = await flow.parent();
    for (const verb of ['cancel', 'get', 'mark success']) {
      const before = flow.told().length;
      await flow.slack.mention({ user: ann, channel: deploys, text: `@deckhand ${verb}`, thread: ts });
      await until(flow, () => flow.told().length > before);
      expect(flow.told().at(-1)).toMatch(/not on GitHub yet.*again in a few seconds/);
    }
  });

  test('one that is over is refused, with how it ended', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 2);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/is over: `?success`? .*ago, by flow-deployer/);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'success']);
  });

  test('twice: the second is told that it is over', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    await toldNext(flow, `cancel ${story.id}`);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/is over.*cancelled by ann/);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'error']);
  });

  test('somebody else’s deployment, without a thread', async () => {
    const flow = await begin();
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    expect(await postedNext(flow, `cancel hello ${id}`)).toMatch(/@ann typed.*Cancelled/s);
    expect(flow.told()).toEqual([]);
    expect(newestState(flow, id)).toMatchObject({ state: 'error' });
  });

  test('a guest may not, and nothing is set', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    expect(await toldNext(flow, `cancel ${story.id}`, { user: gus })).toMatch(/may not deploy/);
    expect(statesOf(flow, story.id)).toEqual(['in_progress']);
  });

  test('where the app is not deployed from, it is not cancelled either', async () => {
    const catalogue =
      'owner: acme\napps:\n  hello: { repository: acme/hello, default_environment: staging, allowed_rooms: ["#deploys"] }\n';
    const flow = await begin({ catalogue });
    const story = await underWay(flow);
    expect(await toldNext(flow, `cancel ${story.id}`, { channel: 'C0RANDOM' })).toMatch(/#deploys/);
    expect(statesOf(flow, story.id)).toEqual(['in_progress']);
  });

  test('outside a thread it asks which', async () => {
    const flow = await begin();
    expect(await toldNext(flow, 'cancel')).toMatch(/which deployment/i);
    expect(await toldNext(flow, 'cancel 123 now')).toMatch(/too many/);
    expect(await toldNext(flow, 'cancel 987654321')).toMatch(/no deployment/i);
  });
});

describe('the workflow run behind it', () => {
  test('is the one that a status names', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const { id } = await flow.github.addRun(repository, { deploymentId: story.id });
    flow.github.moveRun(repository, id, 'in_progress');
    flow.github.addStatus(repository, story.id, { state: 'in_progress', run: id });
    await linesOf(flow, story, 1);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/asked to stop/);
    const told = await linesOf(flow, story, 3);
    expect(told[2]).toContain(`/actions/runs/${id}`);
    expect(cancellations(flow).map(({ path }) => path)).toEqual([`/repos/${repository}/actions/runs/${id}/cancel`]);
    // The end of the run is no news.
    await passes(flow, 60_000, 10_000);
    expect(lines(flow, story)).toHaveLength(3);
  });

  test('or the only one that this deployment can have begun', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const { id } = await flow.github.addRun(repository, { deploymentId: story.id });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/asked to stop/);
    expect(cancellations(flow).map(({ path }) => path)).toEqual([`/repos/${repository}/actions/runs/${id}/cancel`]);
  });

  test('is left alone where it may be that of another deployment of the commit', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const other = await deployed(flow, 'hello/topic-branch to review');
    await flow.github.addRun(repository, { deploymentId: other.id });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/can’t be told/);
    expect(cancellations(flow)).toEqual([]);
  });

  test('is left alone where there are two', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.github.addRun(repository, { deploymentId: story.id, name: 'Ship it' });
    await flow.github.addRun(repository, { deploymentId: story.id, name: 'Measure it' });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/can’t be told/);
    expect(cancellations(flow)).toEqual([]);
  });

  test('that has ended says so', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const { id } = await flow.github.addRun(repository, { deploymentId: story.id });
    flow.github.moveRun(repository, id, { conclusion: 'success' });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/had ended/);
  });

  test.each([
    [403, /could not be cancelled/],
    [404, /Actions: write/],
    [500, /could not be cancelled/],
  ])('where GitHub answers %i the deployment is cancelled all the same, and that is said', async (status, says) => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.github.addRun(repository, { deploymentId: story.id });
    const body = { message: 'No', documentation_url: 'https://docs.github.com/rest' };
    flow.github.faults.add({ path: /\/cancel$/, times: 9 }, { kind: 'status', status, body });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(says);
    const told = await linesOf(flow, story, 2);
    expect(told[1]).toMatch(says);
    expect(newestState(flow, story.id)).toMatchObject({ state: 'error' });
  });
});

describe('the workflow run that was not reached', () => {
  const noAnswer = [
    [{ kind: 'status', status: 502 }],
    [{ kind: 'status', status: 429, headers: { 'retry-after': '30' }, body: {} }],
    [{ kind: 'done-then-reset' }],
  ] as const;

  test.each(noAnswer)(
    '%j: nobody says that nothing was done, and cancelling once more asks it again',
    async (fault) => {
      const flow = await begin();
      const story = await deployed(flow);
      await flow.github.addRun(repository, { deploymentId: story.id });
      flow.github.faults.add({ path: /\/cancel$/ }, fault);
      const first = await toldNext(flow, `cancel ${story.id}`);
      expect(first).toMatch(/could not be cancelled.*once more/);
      expect(first).not.toMatch(/nothing was done/);
      expect((await linesOf(flow, story, 2))[1]).toMatch(/could not be cancelled.*once more/);
      // As long as GitHub may want to be left alone.
      await flow.clock.advance(31_000);
      const second = await toldNext(flow, `cancel ${story.id}`, { user: 'U0BOB' });
      expect(second).toMatch(/cancelled before.*(asked to stop|had ended)/s);
      expect((await linesOf(flow, story, 3))[2]).toMatch(/by bob, once more.*(asked to stop|had ended)/s);
      expect(cancellations(flow)).toHaveLength(2);
      expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/is over.*cancelled by ann/);
      expect(cancellations(flow)).toHaveLength(2);
      expect(statesOf(flow, story.id)).toEqual(['error']);
      await shows(flow, story, /was cancelled by ann/);
    },
  );

  test('because it began only after that: cancelling once more stops it', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/No workflow run/);
    await linesOf(flow, story, 2);
    await flow.github.addRun(repository, { deploymentId: story.id });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/asked to stop/);
    expect(cancellations(flow)).toHaveLength(1);
  });

  test('of somebody else’s deployment, too', async () => {
    const flow = await begin();
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    await flow.github.addRun(repository, { deploymentId: id });
    flow.github.faults.add({ path: /\/cancel$/ }, { kind: 'status', status: 502 });
    expect(await postedNext(flow, `cancel ${id}`)).toMatch(/could not be cancelled/);
    expect(await postedNext(flow, `cancel ${id}`)).toMatch(/cancelled before.*asked to stop/s);
    expect(cancellations(flow)).toHaveLength(2);
    expect(statesOf(flow, id)).toEqual(['error']);
  });
});

describe('when GitHub is in trouble', () => {
  test.each([
    ['done-then-reset', { kind: 'done-then-reset' }],
    ['done-then-502', { kind: 'done-then-status', status: 502 }],
  ] as const)('%s: its list settles that, and it is set once', async (_, fault) => {
    const flow = await begin();
    const story = await underWay(flow);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, fault);
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/Cancelled/);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'error']);
  });

  test('a server error: nothing is set, and the person is told', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'status', status: 500 });
    expect(await toldNext(flow, `cancel ${story.id}`)).toMatch(/no clear answer/);
    expect(lines(flow, story)).toHaveLength(1);
  });

  test('a crash after GitHub took it: taken up, set once, told once', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'done-then-hang' });
    await flow.type(`cancel ${story.id}`);
    await asSoonAs(flow, () => statesOf(flow, story.id).includes('error'));
    await flow.crash();
    await linesOf(flow, story, 3);
    await passes(flow, 30_000, 5_000);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'error']);
    expect(lines(flow, story)).toHaveLength(3);
    await shows(flow, story, /was cancelled by ann/);
  });

  test('costs five requests of GitHub', async () => {
    const flow = await begin();
    const story = await underWay(flow);
    await calm(flow);
    const before = asked(flow).length;
    await toldNext(flow, `cancel ${story.id}`);
    // The deployment, its statuses, the new one, the runs; the narrator looks for what came before the ending.
    expect(asked(flow).length - before).toBeLessThanOrEqual(5);
  });
});
