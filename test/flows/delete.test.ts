import { describe, expect, test } from 'vitest';
import { ann, deploys, type Flow, gus, random } from './flow.ts';
import { asSoonAs, button, flows, passes, posted, press, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, type Story, shows } from './story.ts';
import { postedNext, statesOf, toldNext } from './verbs.ts';

const { begin } = flows();
const repository = 'acme/hello';

const ids = (flow: Flow): number[] => flow.github.deployments(repository).map(({ id }) => id);
const deletions = (flow: Flow) => flow.github.requests.filter(({ method }) => method === 'DELETE');

/** A deployment that ended so, beside another of the same repository. */
async function ended(flow: Flow, state: string): Promise<Story> {
  await createdElsewhere(flow, { environment: 'elsewhere' });
  const story = await deployed(flow);
  await flow.report(story.id, state);
  await linesOf(flow, story, 1);
  return story;
}

describe('delete', () => {
  test('asks first, and the button deletes; the thread and the parent tell it', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    expect(await toldNext(flow, `delete ${story.id}`)).toMatch(/for good.*stays as it is/s);
    expect(deletions(flow)).toEqual([]);
    expect(button(flow, /Delete/).button.action_id).toMatch(/^confirm/);
    await press(flow, /Delete/);
    await until(flow, () => !ids(flow).includes(story.id));
    expect((await linesOf(flow, story, 2))[1]).toMatch(/Deleted.*by ann/);
    await shows(flow, story, /deleted by ann/);
    expect(parent(flow, story).shown).toMatch(/failed/);
    expect(flow.told().at(-1)).toMatch(/Deleted/);
  });

  test('nothing alarms afterwards', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    await toldNext(flow, `delete ${story.id} --yes`);
    await linesOf(flow, story, 2);
    const asked = flow.github.requests.length;
    await passes(flow, 3 * 60 * 60_000, 60_000);
    expect(lines(flow, story)).toHaveLength(2);
    expect(flow.github.requests.slice(asked).filter(({ path }) => path.includes(String(story.id)))).toEqual([]);
  });

  test('nor is GitHub asked for ever what came before an ending that it could not complete', async () => {
    const flow = await begin();
    await createdElsewhere(flow, { environment: 'elsewhere' });
    const story = await deployed(flow);
    const away = flow.github.faults.add(
      { method: 'GET', path: /statuses$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    away();
    await toldNext(flow, `delete ${story.id} --yes`);
    await linesOf(flow, story, 2);
    await passes(flow, 5 * 60_000, 30_000);
    const asked = flow.github.requests.length;
    await passes(flow, 30 * 60_000, 30_000);
    expect(flow.github.requests.slice(asked).filter(({ path }) => path.includes(String(story.id)))).toEqual([]);
  });

  test('what is active is kept by GitHub: that is explained, and made inactive first where somebody wants it', async () => {
    const flow = await begin();
    const story = await ended(flow, 'success');
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/only what is inactive.*only deployment/s);
    expect(deletions(flow)).toEqual([]);
    await press(flow, /inactive/);
    await until(flow, () => !ids(flow).includes(story.id));
    const told = await linesOf(flow, story, 3);
    expect(told[1]).toMatch(/inactive.*by ann/is);
    expect(told[2]).toMatch(/Deleted.*by ann/);
  });

  test('with --inactive it is asked before anything happens', async () => {
    const flow = await begin();
    const story = await ended(flow, 'success');
    expect(await toldNext(flow, `delete hello ${story.id} --inactive`)).toMatch(/for good/);
    expect(statesOf(flow, story.id)).toEqual(['success']);
    await press(flow, /Delete/);
    await until(flow, () => !ids(flow).includes(story.id));
  });

  test('the only one of its repository may be active', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/Deleted/);
    expect(ids(flow)).toEqual([]);
  });

  test('one that is under way is to be cancelled first', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/not over.*Cancel it first/s);
    expect(ids(flow)).toContain(story.id);
    await press(flow, /Cancel it/);
    await until(flow, () => statesOf(flow, story.id).includes('error'));
    await linesOf(flow, story, 2);
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/Deleted/);
  });

  test('in the deployment’s own thread it needs no id', async () => {
    const flow = await begin();
    const story = await ended(flow, 'error');
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand delete --yes', thread: story.ts });
    await until(flow, () => !ids(flow).includes(story.id));
    await shows(flow, story, /deleted by ann/);
  });

  test('somebody else’s deployment', async () => {
    const flow = await begin();
    await deployed(flow);
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    flow.github.addStatus(repository, id, { state: 'inactive' });
    expect(await postedNext(flow, `delete ${id} --yes`)).toMatch(/@ann typed.*Deleted/s);
    expect(flow.told()).toEqual([]);
    expect(ids(flow)).not.toContain(id);
  });

  test('is told in each room that reads along, too', async () => {
    const flow = await begin();
    await flow.type('watch hello', { channel: random });
    await until(flow, () => posted(flow).some(({ shown }) => /from now on/i.test(shown)));
    const story = await ended(flow, 'failure');
    await toldNext(flow, `delete ${story.id} --yes`);
    const there = () => posted(flow).filter(({ channel, shown }) => channel === random && /deleted/i.test(shown));
    await until(flow, () => there().length === 2);
    const [parentThere, line] = there().map(({ shown }) => shown);
    expect(parentThere).toMatch(new RegExp(`#${story.id}.*deleted by ann`, 's'));
    expect(line).toMatch(/Deleted on GitHub by ann/);
    await linesOf(flow, story, 2);
  });

  test('a status whose webhook was lost is told before it is gone', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    await flow.report(story.id, 'failure', { description: 'disk full' });
    stop();
    await toldNext(flow, `delete ${story.id} --yes`);
    const told = await linesOf(flow, story, 2);
    expect(told[0]).toMatch(/disk full/);
    expect(told[1]).toMatch(/Deleted/);
  });
});

describe('what stands in its way', () => {
  test('a guest may not', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    expect(await toldNext(flow, `delete ${story.id} --yes`, { user: gus })).toMatch(/may not deploy/);
    expect(ids(flow)).toContain(story.id);
  });

  test('one that GitHub has no more is said to be gone, in its thread, too', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    await fetch(`${flow.github.url}/repos/${repository}/deployments/${story.id}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer ghp_flow_deployer' },
    });
    expect(await toldNext(flow, `delete ${story.id}`)).toMatch(/has it no more/);
    expect((await linesOf(flow, story, 2))[1]).toMatch(/Deleted on GitHub/);
    await shows(flow, story, /deleted on GitHub/);
  });

  test.each([
    ['can’t be read', { kind: 'status', status: 200, body: { id: 'cut o' } }, /could not be reached/],
    ['says nothing of its time', { kind: 'status', status: 200, body: { id: 1, ref: 'main' } }, /could not be reached/],
  ] as const)('an answer that %s does not mean that it is gone', async (_, fault, says) => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    flow.github.faults.add({ method: 'GET', path: /\/deployments\/\d+$/, times: 9 }, fault);
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(says);
    await passes(flow, 5_000);
    expect(lines(flow, story)).toHaveLength(1);
  });

  test('a repository that GitHub does not show any more does not mean that it is gone', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    const body = { message: 'Not Found' };
    flow.github.faults.add({ path: /^\/repos\/acme\/hello/, times: 9 }, { kind: 'status', status: 404, body });
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/shows no repository/);
    expect(await toldNext(flow, `get hello ${story.id}`)).toMatch(/shows no repository/);
    await passes(flow, 5_000);
    expect(lines(flow, story)).toHaveLength(1);
  });

  test('a crash after GitHub deleted it: the thread is told all the same', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    flow.github.faults.add({ method: 'DELETE', path: /deployments/ }, { kind: 'done-then-hang' });
    await flow.type(`delete ${story.id} --yes`);
    await asSoonAs(flow, () => !ids(flow).includes(story.id));
    await flow.crash();
    expect((await linesOf(flow, story, 2))[1]).toMatch(/Deleted on GitHub by ann/);
    await until(flow, () => /Deleted/.test(flow.told().at(-1) ?? ''));
    expect(flow.told().join()).not.toMatch(/no more|no deployment/);
  });

  test('a crash after GitHub deleted somebody else’s: said as done', async () => {
    const flow = await begin();
    await deployed(flow);
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    await flow.report(id, 'failure');
    flow.github.faults.add({ method: 'DELETE', path: /deployments/ }, { kind: 'done-then-hang' });
    await flow.type(`delete ${id} --yes`);
    await asSoonAs(flow, () => !ids(flow).includes(id));
    const before = posted(flow).length;
    await flow.crash();
    await until(flow, () => posted(flow).length > before);
    expect(posted(flow).at(-1)?.shown).toMatch(/ann typed.*Deleted/s);
  });

  test.each([
    ['done-then-reset', { kind: 'done-then-reset' }],
    ['done-then-502', { kind: 'done-then-status', status: 502 }],
  ] as const)('%s: one look tells that it is gone', async (_, fault) => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    flow.github.faults.add({ method: 'DELETE', path: /deployments/ }, fault);
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(/Deleted/);
    expect((await linesOf(flow, story, 2))[1]).toMatch(/Deleted on GitHub by ann/);
  });

  test('nor does GitHub tell afterwards: nobody knows, and nothing is claimed', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    flow.github.faults.add({ method: 'DELETE', path: /deployments/ }, { kind: 'hang' });
    await flow.type(`delete ${story.id} --yes`);
    await until(flow, () => deletions(flow).length === 1);
    flow.github.faults.add({ method: 'GET', path: /deployments/, times: 9 }, { kind: 'status', status: 503 });
    await until(flow, () => flow.told().length > 0);
    expect(flow.told().at(-1)).toMatch(/nobody knows/);
    expect(flow.told().at(-1)).not.toMatch(/nothing was done/);
  });

  test('two at once: both hear that it is deleted, and it is told once', async () => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    await Promise.all(['U0BOB', ann].map((user) => flow.type(`delete ${story.id} --yes`, { user })));
    await until(flow, () => ['U0BOB', ann].every((user) => flow.told(user).length > 0));
    for (const user of ['U0BOB', ann]) expect(flow.told(user).join()).not.toMatch(/permission/);
    await linesOf(flow, story, 2);
  });

  test.each([
    [403, /forbids|may not/],
    [404, /Deployments: write/],
    [422, /active/],
    [502, /answered 502.*still shows/],
  ])('GitHub answers %i', async (status, says) => {
    const flow = await begin();
    const story = await ended(flow, 'failure');
    const body = { message: 'No', documentation_url: 'https://docs.github.com/rest' };
    flow.github.faults.add({ method: 'DELETE', path: /deployments/ }, { kind: 'status', status, body });
    expect(await toldNext(flow, `delete ${story.id} --yes`)).toMatch(says);
    expect(ids(flow)).toContain(story.id);
    expect(lines(flow, story)).toHaveLength(1);
  });

  test.each([
    ['delete', /which deployment/i],
    ['delete hello', /id of the deployment is missing/],
    ['delete 1234567890 now', /too many/],
    ['delete everything', /no id/],
  ])('%s', async (line, says) => {
    const flow = await begin();
    expect(await toldNext(flow, line)).toMatch(says);
  });
});
