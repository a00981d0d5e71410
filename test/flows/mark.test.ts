import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, deploys, type Flow, gus } from './flow.ts';
import { asked, asSoonAs, button, calm, flows, press, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, type Story, shows } from './story.ts';
import { newestState, postedNext, statesOf, toldNext } from './verbs.ts';

const { begin } = flows();

describe('mark', () => {
  test('sets the state, says who, and the thread tells it once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await toldNext(flow, `mark ${story.id} success`)).toMatch(/Set `?success`?.*ann set this by hand/s);
    expect(newestState(flow, story.id)).toMatchObject({ state: 'success', description: 'ann set this by hand' });
    expect((await linesOf(flow, story, 1))[0]).toMatch(/success.*ann set this by hand/is);
    await shows(flow, story, /ann.*deployed/);
  });

  test('all fields', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const options =
      '--description "it  was I" --log-url https://ci.example.com/1 --environment-url https://hello.example.com/ --environment prod';
    const told = await toldNext(flow, `mark hello #${story.id} Failure ${options}`);
    expect(told).toMatch(/it was I/);
    expect(told).toMatch(/production/);
    expect(newestState(flow, story.id)).toMatchObject({
      state: 'failure',
      description: 'it was I',
      log_url: 'https://ci.example.com/1',
      environment_url: 'https://hello.example.com/',
      environment: 'production',
    });
    await linesOf(flow, story, 1);
  });

  test('a success leaves the earlier ones alone, if told so', async () => {
    const flow = await begin();
    const first = await deployed(flow);
    await flow.report(first.id, 'success');
    await linesOf(flow, first, 1);
    const second = await deployed(flow);
    await toldNext(flow, `mark ${second.id} success --no-auto-inactive`);
    expect(statesOf(flow, first.id)).toEqual(['success']);
    await toldNext(flow, `mark ${second.id} success --auto-inactive`);
    expect(statesOf(flow, first.id)).toEqual(['success', 'inactive']);
  });

  test('in the deployment’s own thread it needs no id', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand mark in_progress', thread: story.ts });
    expect((await linesOf(flow, story, 2))[1]).toMatch(/in progress.*ann set this by hand/is);
  });

  test('inactive, of which GitHub sends no word: told all the same, also where a newer one is live', async () => {
    const flow = await begin();
    const first = await deployed(flow, 'hello/topic-branch to production');
    await flow.report(first.id, 'success');
    await linesOf(flow, first, 1);
    const second = await deployed(flow, 'hello! to production');
    await flow.report(second.id, 'success');
    await linesOf(flow, second, 1);
    await toldNext(flow, `mark ${first.id} inactive`);
    expect((await linesOf(flow, first, 2))[1]).toMatch(/inactive.*ann set this by hand/is);
  });

  test('somebody else’s deployment', async () => {
    const flow = await begin();
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    expect(await postedNext(flow, `mark ${id} error`)).toMatch(/@ann typed.*Set `?error/s);
    expect(flow.told()).toEqual([]);
    expect(newestState(flow, id)).toMatchObject({ state: 'error' });
  });

  test('the same twice is set twice', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await toldNext(flow, `mark ${story.id} in_progress`);
    await toldNext(flow, `mark ${story.id} in_progress`);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'in_progress']);
  });

  test('costs two requests', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await calm(flow);
    const before = asked(flow).length;
    await toldNext(flow, `mark ${story.id} in_progress`);
    expect(asked(flow).length - before).toBe(2);
  });
});

describe('what GitHub would refuse is refused before', () => {
  const nothingSet = async (flow: Flow, story: Story) => {
    await calm(flow);
    expect(statesOf(flow, story.id)).toEqual([]);
    expect(lines(flow, story)).toEqual([]);
  };

  test.each<[typed: string, says: RegExp, offers?: string]>([
    ['sucess', /Did you mean .*mark ID success/, 'mark ID success'],
    ['failed --description "disk full"', /Did you mean/, "mark ID failure --description 'disk full'"],
    ['in-progres --no-auto-inactive', /Did you mean/, 'mark ID in_progress --no-auto-inactive'],
    ['waiting', /GitHub alone/, 'mark ID pending'],
    ['blue', /no state.*queued.*inactive/],
    ['', /which state/],
    ['success now', /one word too many.*--description/],
    [`success --description "${'x'.repeat(141)}"`, /141 characters.*140/],
    ['success --description "  "', /empty/],
    ['success --log-url ftp://example.com', /begins with/],
    ['success --environment-url example.com', /begins with/],
    ['success --log-url https://u:p@ci.example.com/', /login/],
    ['success --environment produciton', /Did you mean/, 'mark ID success --environment production'],
    ['success --environment staging/fe1', /no hosts/],
    ['success --colour blue', /no option/],
  ])('%s', async (typed, says, offers) => {
    const flow = await begin();
    const story = await deployed(flow);
    const withId = (text: string) => text.replace('ID', String(story.id));
    expect(await toldNext(flow, `mark ${story.id} ${typed}`)).toMatch(new RegExp(withId(says.source), 's'));
    if (offers !== undefined) {
      expect(button(flow, /./).button.value).toBe(withId(offers));
    }
    await nothingSet(flow, story);
  });

  test.each(['mark', 'mark success', 'mark hello success'])('%s: outside a thread it asks which', async (line) => {
    const flow = await begin();
    expect(await toldNext(flow, line)).toMatch(/which deployment.*mark 1234567890 success/i);
  });

  test('an app that nobody knows', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await toldNext(flow, `mark helo ${story.id} success`)).toMatch(/Did you mean/);
    await nothingSet(flow, story);
  });

  test('the offered correction works', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await toldNext(flow, `mark ${story.id} sucess`);
    await press(flow, /success/);
    await until(flow, () => statesOf(flow, story.id).length === 1);
    await linesOf(flow, story, 1);
  });
});

describe('who may', () => {
  test('not a guest', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await toldNext(flow, `mark ${story.id} success`, { user: gus })).toMatch(/may not deploy/);
    expect(statesOf(flow, story.id)).toEqual([]);
  });

  test('nobody moves a deployment to where they may not deploy', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  strict: { repository: acme/hello, allowed_rooms: ["#random"], environments: { production: {} } }\n`,
    });
    const story = await deployed(flow);
    const line = `mark ${story.id} success --environment production`;
    expect(await toldNext(flow, line)).toMatch(/#random/);
    expect(statesOf(flow, story.id)).toEqual([]);
  });
});

describe('GitHub’s own no', () => {
  const body = (message: string) => ({ message, documentation_url: 'https://docs.github.com/rest' });

  test.each([
    [403, /not permitted|forbids|may not/i],
    [404, /Deployments: write/],
    [422, /can't set this status|can’t set this status/],
    [502, /no clear answer.*answered 502/],
  ])('%i', async (status, says) => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'status', status, body: body('No') });
    expect(await toldNext(flow, `mark ${story.id} success`)).toMatch(says);
    expect(statesOf(flow, story.id)).toEqual([]);
  });

  test('a rate limit', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const headers = { 'retry-after': '60' };
    const fault = {
      kind: 'status',
      status: 429,
      headers,
      body: body('You have exceeded a secondary rate limit'),
    } as const;
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, fault);
    expect(await toldNext(flow, `mark ${story.id} success`)).toMatch(/minute|seconds/);
    expect(statesOf(flow, story.id)).toEqual([]);
  });

  test('of the second of two that are the same: the first is not taken for it', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await toldNext(flow, `mark ${story.id} in_progress`);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'reset' });
    expect(await toldNext(flow, `mark ${story.id} in_progress`)).toMatch(/no clear answer.*does not show/s);
    expect(statesOf(flow, story.id)).toEqual(['in_progress']);
  });

  test('a crash after it was set: set once', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'done-then-hang' });
    // As it is typed, and not as browsers spell it.
    await flow.type(`mark ${story.id} success --log-url https://CI.example.com`);
    await asSoonAs(flow, () => statesOf(flow, story.id).length === 1);
    await flow.crash();
    await until(flow, () => /Set/.test(flow.told().at(-1) ?? ''));
    await linesOf(flow, story, 1);
    expect(statesOf(flow, story.id)).toEqual(['success']);
  });
});
