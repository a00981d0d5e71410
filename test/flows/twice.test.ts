import { describe, expect, test } from 'vitest';
import { over } from './again.ts';
import { ann } from './flow.ts';
import { asked, asSoonAs, calm, flows, passes, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, shows } from './story.ts';
import { statesOf } from './verbs.ts';

const { begin } = flows();

describe('two people at once', () => {
  test('cancel what was started here: it ends once, and the second hears by whom', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await Promise.all(['U0BOB', ann].map((user) => flow.type(`cancel ${story.id}`, { user })));
    await until(flow, () => ['U0BOB', ann].every((user) => flow.told(user).length > 0));
    await passes(flow, 20_000, 2_000);
    expect(statesOf(flow, story.id)).toEqual(['in_progress', 'error']);
    const told = ['U0BOB', ann].map((user) => flow.told(user).join()).sort();
    expect(told[0]).toMatch(/is over.*cancelled by (ann|bob)/);
    expect(told[1]).toMatch(/Cancelled/);
    expect(lines(flow, story).filter((line) => /⛔/.test(line))).toHaveLength(1);
  });

  test('cancel somebody else’s', async () => {
    const flow = await begin();
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    await Promise.all(['U0BOB', ann].map((user) => flow.type(`cancel ${id}`, { user })));
    await until(flow, () => ['U0BOB', ann].some((user) => flow.told(user).length > 0));
    await calm(flow);
    expect(statesOf(flow, id)).toEqual(['error']);
  });

  test('destroy: once', async () => {
    const flow = await begin();
    const story = await over(flow, 'hello/main to review!');
    await Promise.all(['U0BOB', ann].map((user) => flow.type('destroy hello in review', { user })));
    await until(flow, () => ['U0BOB', ann].every((user) => flow.told(user).length > 0));
    expect(statesOf(flow, story.id)).toEqual(['success', 'inactive']);
  });
});

describe('cut off and taken up again', () => {
  test('destroy in the second of the success sets it once', async () => {
    const flow = await begin();
    const story = await deployed(flow, 'hello/main to review!');
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    flow.github.faults.add({ method: 'POST', path: /\/statuses$/ }, { kind: 'done-then-hang' });
    await flow.type('destroy hello in review');
    await asSoonAs(flow, () => statesOf(flow, story.id).includes('inactive'));
    await flow.crash();
    await until(flow, () => flow.told().some((text) => /Destroyed/.test(text)));
    await calm(flow);
    expect(statesOf(flow, story.id)).toEqual(['success', 'inactive']);
  });

  test('the end of a pull request in the second of the success is set once', async () => {
    const flow = await begin();
    await flow.github.push('acme/hello', 'evening', { by: 'bob' });
    const { number } = await flow.github.openPull('acme/hello', { head: 'evening', author: 'bob' });
    const story = await deployed(flow, `hello#${number} to review!`);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    flow.github.faults.add({ method: 'POST', path: /\/statuses$/ }, { kind: 'done-then-hang' });
    await flow.github.closePull('acme/hello', number, 'bob');
    await asSoonAs(flow, () => statesOf(flow, story.id).includes('inactive'));
    await flow.crash();
    await shows(flow, story, /was closed by bob/);
    await passes(flow, 120_000, 10_000);
    expect(statesOf(flow, story.id)).toEqual(['success', 'inactive']);
  });

  test('so late that nobody expects it any more: says that it may be half done, and does no more', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.faults.add({ method: 'POST', path: /\/statuses$/ }, { kind: 'hang' });
    await flow.type(`mark ${story.id} in_progress`);
    await asSoonAs(flow, () => asked(flow).some(({ method, path }) => method === 'POST' && path.endsWith('/statuses')));
    await flow.crash(() => flow.clock.advance(6 * 60_000));
    await until(flow, () => flow.told().length > 0);
    expect(flow.told().at(-1)).toMatch(/cut off/);
    expect(statesOf(flow, story.id)).toEqual([]);
  });
});

test('what the room was to be told, and perhaps was, is told to the person', async () => {
  const flow = await begin();
  const { id } = await createdElsewhere(flow, { environment: 'staging' });
  flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'reset' });
  await flow.type(`mark ${id} failure`);
  await until(flow, () => flow.told().length > 0);
  expect(flow.told().at(-1)).toMatch(/Nobody knows[\s\S]*Set/);
  expect(flow.told().at(-1)).not.toMatch(/--show/);
  expect(statesOf(flow, id)).toEqual(['failure']);
});
