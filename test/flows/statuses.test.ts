import { describe, expect, test } from 'vitest';
import { ann, deploys } from './flow.ts';
import { calm, flows, passes } from './seen.ts';
import {
  deliver,
  deployed,
  lines,
  linesOf,
  looksOf,
  parent,
  replies,
  reportAs,
  shows,
  statusPayload,
} from './story.ts';

const { begin } = flows();

/** What a state may be called by a person. */
const names: Record<string, RegExp> = {
  queued: /queued/i,
  pending: /pending/i,
  in_progress: /in progress|running/i,
  waiting: /waiting/i,
  success: /succe|deployed|live/i,
  failure: /fail/i,
  error: /error/i,
  inactive: /inactive|no longer active/i,
};

describe('each state', () => {
  test.each(['queued', 'pending', 'in_progress', 'success', 'failure', 'error'])(
    '%s is one reply with its description, its links and who set it, and the parent shows it',
    async (state) => {
      const flow = await begin();
      const story = await deployed(flow);
      await flow.clock.advance(7_000);
      await flow.report(story.id, state, {
        description: 'the words of the deployer',
        log_url: 'https://ci.example/log/7',
        environment_url: 'https://staging.example/',
      });
      const [line] = await linesOf(flow, story, 1);
      expect(line).toMatch(names[state] as RegExp);
      expect(line).toContain('the words of the deployer');
      expect(line).toContain('https://ci.example/log/7');
      expect(line).toContain('https://staging.example/');
      expect(line).toContain('flow-deployer');
      const { shown } = parent(flow, story);
      expect(shown).toMatch(names[state] as RegExp);
      expect(shown).toContain('https://ci.example/log/7');
      expect(shown).toContain('https://staging.example/');
    },
  );

  test.each(['waiting', 'paused', 'rolled_back', 'abandoned'])(
    '%s, which nobody can send but GitHub itself, is one reply like the others',
    async (state) => {
      const flow = await begin();
      const story = await deployed(flow);
      await deliver(
        flow,
        statusPayload(flow, story, {
          state,
          description: 'the words of the deployer',
          log_url: 'https://ci.example/log/7',
          environment_url: 'https://staging.example/',
        }),
      );
      const [line] = await linesOf(flow, story, 1);
      expect(line).toMatch(new RegExp(state.replace('_', '.'), 'i'));
      expect(line).toContain('the words of the deployer');
      expect(line).toContain('https://ci.example/log/7');
      expect(line).toContain('https://staging.example/');
      expect(line).not.toContain('@ann');
      expect(parent(flow, story).shown).toMatch(new RegExp(state.replace('_', '.'), 'i'));
    },
  );

  test('a state that is new to everybody is no ending: what comes after it is told, and the ending too', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.addStatus('acme/hello', story.id, { state: 'hibernating' });
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'in_progress');
    await flow.clock.advance(5_000);
    await flow.report(story.id, 'success');
    const told = await linesOf(flow, story, 3);
    expect(told[0]).toMatch(/hibernating/i);
    expect(told[2]).toContain('@ann');
    expect(told.filter((line) => line.includes('@ann'))).toHaveLength(1);
  });

  test('inactive set by hand while nothing newer exists is a reply', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await flow.clock.advance(3_000);
    // GitHub sends no webhook for it.
    await flow.report(story.id, 'inactive', { description: 'switched off by hand' });
    await passes(flow, 65_000, 5_000);
    const [, line] = await linesOf(flow, story, 2);
    expect(line).toMatch(names.inactive as RegExp);
    expect(line).toContain('switched off by hand');
    await shows(flow, story, names.inactive as RegExp);
  });

  test('a status without description and links is told without traces of them', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    const [line] = await linesOf(flow, story, 1);
    expect(line).not.toMatch(/undefined|null|NaN|https?:/);
    expect(line).not.toMatch(/: *$/m);
  });
});

test('every status of a long story is one reply each, in order, and the parent goes along', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  const looks = looksOf(flow, story);
  const states = ['queued', 'pending', 'waiting', 'in_progress', 'success'];
  for (const state of states) {
    await flow.clock.advance(4_000);
    await flow.report(story.id, state);
    await calm(flow);
  }
  const told = await linesOf(flow, story, 5);
  for (const [index, state] of states.entries()) expect(told[index]).toMatch(names[state] as RegExp);
  for (const state of states) expect(looks.some((look) => names[state]?.test(look))).toBe(true);
  // One edit a status and one for the creation: only when something changed.
  expect(flow.slack.calls.filter(({ method }) => method === 'chat.update').length).toBeLessThanOrEqual(6);
});

test('the same thing said again, as another status, is another reply but no edit', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  await flow.report(story.id, 'in_progress', { description: 'half way' });
  await linesOf(flow, story, 1);
  const edits = () => flow.slack.calls.filter(({ method }) => method === 'chat.update').length;
  const before = edits();
  await flow.clock.advance(5_000);
  await flow.report(story.id, 'in_progress', { description: 'nearly there' });
  const [, second] = await linesOf(flow, story, 2);
  expect(second).toContain('nearly there');
  expect(edits() - before).toBeLessThanOrEqual(1);
});

test('several deployers on one deployment are all told, each with its name', async () => {
  const flow = await begin();
  for (const name of ['heaven', 'shipper']) flow.github.addUser(name, `ghp_${name}`, ['repo_deployment']);
  const story = await deployed(flow);
  const steps = [
    ['ghp_heaven', 'queued', 'heaven begins'],
    ['ghp_shipper', 'queued', 'shipper begins'],
    ['ghp_heaven', 'in_progress', 'heaven works'],
    ['ghp_shipper', 'failure', 'shipper gave up'],
    ['ghp_heaven', 'success', 'heaven is done'],
  ] as const;
  for (const [token, state, description] of steps) {
    await flow.clock.advance(2_000);
    await reportAs(flow, token, story.id, state, { description });
  }
  const told = await linesOf(flow, story, 5);
  steps.forEach(([token, state, description], index) => {
    expect(told[index]).toContain(description);
    expect(told[index]).toContain(token.slice('ghp_'.length));
    expect(told[index]).toMatch(names[state] as RegExp);
  });
  await shows(flow, story, names.success as RegExp);
});

test('a status of two deployers in the same second, both told', async () => {
  const flow = await begin();
  for (const name of ['heaven', 'shipper']) flow.github.addUser(name, `ghp_${name}`, ['repo_deployment']);
  const story = await deployed(flow);
  await Promise.all([
    reportAs(flow, 'ghp_heaven', story.id, 'success', { description: 'one of two' }),
    reportAs(flow, 'ghp_shipper', story.id, 'success', { description: 'two of two' }),
  ]);
  const told = await linesOf(flow, story, 2);
  expect(told.join('\n')).toContain('one of two');
  expect(told.join('\n')).toContain('two of two');
});

test('a status that moves the deployment to another environment is told in the same thread', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  await flow.report(story.id, 'in_progress', { environment: 'canary' });
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('canary');
  await flow.clock.advance(2_000);
  await flow.report(story.id, 'success', { environment: 'canary' });
  await linesOf(flow, story, 2);
});

test('fifty statuses at once are fifty replies in order', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  for (let step = 1; step <= 49; step++) await flow.report(story.id, 'in_progress', { description: `step ${step}.` });
  await flow.report(story.id, 'success', { description: 'step 50.' });
  const told = await linesOf(flow, story, 50);
  expect(told.map((line) => /step (\d+)\./.exec(line)?.[1])).toEqual(Array.from({ length: 50 }, (_, i) => `${i + 1}`));
});

test('every message has a plain text of its own for notifications', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  await flow.report(story.id, 'in_progress', { description: 'compiling' });
  await flow.report(story.id, 'failure', { description: 'out of disk' });
  await linesOf(flow, story, 2);
  const [running, failed] = replies(flow, story);
  expect(running?.text).toContain('compiling');
  expect(failed?.text).toContain('out of disk');
  expect(parent(flow, story).text).toMatch(/hello.*staging/);
});

test('statuses of a deployment in a direct message are told there', async () => {
  const flow = await begin();
  const { id: room } = flow.slack.addChannel({ id: 'D0ANN', name: 'directmessage', dmWith: ann });
  const story = await deployed(flow, 'hello/topic-branch to staging', { channel: room });
  expect(story.room).toBe(room);
  await flow.report(story.id, 'failure', { description: 'no luck' });
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('no luck');
  expect(lines(flow, { ...story, room: deploys })).toEqual([]);
});
