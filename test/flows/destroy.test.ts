import { describe, expect, test } from 'vitest';
import { over } from './again.ts';
import { answered, costOf } from './asking.ts';
import { deploys, type Flow, gus } from './flow.ts';
import { asked, asSoonAs, calm, flows, passes } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, shows } from './story.ts';
import { postedNext } from './verbs.ts';

const { begin } = flows();
const repository = 'acme/hello';

const stateOf = (flow: Flow, id: number) => flow.github.statuses(repository, id)[0]?.state;
/** What was set by the bot; deployers set no such thing. */
const marks = (flow: Flow) =>
  asked(flow).filter(
    ({ method, path, body }) =>
      method === 'POST' && path.endsWith('/statuses') && (body as { state?: string }).state === 'inactive',
  );

describe('destroy', () => {
  test('makes what is live inactive; its thread and its parent say who did it', async () => {
    const flow = await begin();
    const first = await over(flow, 'hello/main to review!');
    const second = await over(flow, 'hello/topic-branch to review');
    const failed = await over(flow, 'hello/main to review!', 'failure');
    const text = await answered(flow, 'destroy hello in review');
    for (const { id } of [first, second]) expect(text).toContain(`#${id}`);
    expect(text).not.toContain(`#${failed.id}`);
    expect([first, second, failed].map(({ id }) => stateOf(flow, id))).toEqual(['inactive', 'inactive', 'failure']);
    for (const story of [first, second]) {
      await shows(flow, story, /destroyed by ann/i);
      expect((await linesOf(flow, story, 2))[1]).toMatch(/inactive.*destroyed by ann/is);
    }
    await passes(flow, 60_000, 5_000);
    expect(marks(flow)).toHaveLength(2);
    expect(lines(flow, first)).toHaveLength(2);
  });

  test('the environment of a thread, and only once', async () => {
    const flow = await begin();
    const story = await over(flow, 'hello/main to review!');
    await flow.slack.mention({ user: 'U0BOB', channel: deploys, thread: story.ts, text: '@deckhand destroy' });
    await shows(flow, story, /destroyed by bob/i);
    expect(await answered(flow, 'destroy hello review')).toMatch(/nothing .*live/i);
    expect(marks(flow)).toHaveLength(1);
  });

  test('what others deployed there, and what was deployed with --transient elsewhere', async () => {
    const flow = await begin();
    const foreign = await createdElsewhere(flow, { ref: 'main', environment: 'review', transient_environment: true });
    await flow.report(foreign.id, 'success');
    expect(await postedNext(flow, 'destroy hello in review')).toContain(`#${foreign.id}`);
    expect(flow.told()).toEqual([]);
    expect(stateOf(flow, foreign.id)).toBe('inactive');
    const passing = await over(flow, 'hello/main to staging! --transient');
    const staying = await over(flow, 'hello/topic-branch to staging');
    expect(await answered(flow, 'destroy hello in staging')).toContain(`#${passing.id}`);
    expect([passing, staying].map(({ id }) => stateOf(flow, id))).toEqual(['inactive', 'success']);
  });

  test('says what is still under way, and leaves it alone', async () => {
    const flow = await begin();
    const live = await over(flow, 'hello/main to review!');
    const going = await deployed(flow, 'hello/topic-branch to review');
    const text = await answered(flow, 'destroy hello in review');
    expect(text).toContain(`cancel ${going.id}`);
    expect(stateOf(flow, live.id)).toBe('inactive');
    expect(stateOf(flow, going.id)).toBeUndefined();
    expect(await answered(flow, 'destroy hello in review')).toContain(`cancel ${going.id}`);
  });

  test('asks for nothing but the list and the status, where webhooks told the rest', async () => {
    const flow = await begin();
    await over(flow, 'hello/main to review!');
    const { requests } = await costOf(flow, 'destroy hello in review');
    expect(requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST']);
  });

  test.each([
    ['destroy hello in staging', /destroy hello in review/],
    ['destroy hello in production', /there to stay/],
    ['destroy hello in review', /nothing .*live/i],
    ['destroy hello', /destroy hello in review/],
    ['destroy hello/main in review', /takes no branch/],
    ['destroy hello in review now', /destroy hello/],
    ['destroy hello in review --force', /no option/],
  ])('%s is refused', async (line, why) => {
    const flow = await begin();
    expect(await answered(flow, line)).toMatch(why);
    expect(marks(flow)).toEqual([]);
  });

  test('needs the right to deploy there', async () => {
    const flow = await begin();
    const before = asked(flow).length;
    expect(await answered(flow, 'destroy hello in review', gus)).toMatch(/guests/i);
    expect(asked(flow)).toHaveLength(before);
  });

  test.each([
    [403, /permission|may not|access/i],
    [404, /may not change|no deployment/],
  ])('a %s of GitHub’s is told as what it is, and nothing is shown as destroyed', async (status, why) => {
    const flow = await begin();
    const story = await over(flow, 'hello/main to review!');
    flow.github.faults.add(
      { method: 'POST', path: /\/statuses$/, times: 9 },
      { kind: 'status', status, body: { message: 'Resource not accessible by integration' } },
    );
    expect(await answered(flow, 'destroy hello in review')).toMatch(why);
    expect(parent(flow, story).shown).not.toMatch(/destroyed/i);
  });

  test('cut off in the middle it goes on, and sets nothing twice', async () => {
    const flow = await begin();
    const stories = [await over(flow, 'hello/main to review!'), await over(flow, 'hello/topic-branch to review')];
    flow.github.faults.add({ method: 'POST', path: new RegExp(`/${stories[0]?.id}/statuses$`) }, { kind: 'hang' });
    await flow.type('destroy hello in review');
    await asSoonAs(flow, () => marks(flow).length === 2);
    await flow.crash(() => flow.github.faults.clear());
    for (const story of stories) await shows(flow, story, /destroyed by ann/i);
    await calm(flow);
    const set = stories.map(({ id }) =>
      flow.github.statuses(repository, id).filter(({ state }) => state === 'inactive'),
    );
    expect(set.map(({ length }) => length)).toEqual([1, 1]);
  });
});
