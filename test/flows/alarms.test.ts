import { describe, expect, test } from 'vitest';
import { catalogueOfHello } from './flow.ts';
import { calm, flows, passes, until } from './seen.ts';
import { deliver, deployed, lines, linesOf, parent, replies, shows, statusPayload } from './story.ts';

const { begin } = flows();

const unanswered = /no deployer|nobody|no one/i;
const stuck = /stuck|no news/i;

const catalogueWith = (line: string): string =>
  catalogueOfHello.replace('    repository:', `    ${line}\n    repository:`);

/** So that only the alarm's own looks are seen. */
const noReconciling = { RECONCILE_SECONDS: '86400' };

describe('nobody answers', () => {
  test('after two minutes the thread says so, once, and what to look at', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 115_000, 5_000);
    expect(lines(flow, story)).toEqual([]);
    await passes(flow, 10_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).toMatch(unanswered);
    expect(alarm).toMatch(/2 ?m/);
    expect(alarm).toMatch(/workflow|webhook/i);
    await passes(flow, 3_600_000, 60_000);
    await linesOf(flow, story, 1);
  });

  test('after the app’s own no_deployer_after', async () => {
    const flow = await begin({ catalogue: catalogueWith('no_deployer_after: 45s') });
    const story = await deployed(flow);
    await passes(flow, 40_000, 5_000);
    expect(lines(flow, story)).toEqual([]);
    await passes(flow, 10_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).toMatch(unanswered);
    expect(alarm).toMatch(/45 ?s/);
  });

  test('it does not call the asker, and is not shown in the channel', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).not.toContain('@ann');
    expect(replies(flow, story)[0]?.reply_broadcast).toBeFalsy();
  });

  test('the parent shows it, until somebody answers', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    await shows(flow, story, unanswered);
    await flow.report(story.id, 'queued');
    await linesOf(flow, story, 2);
    expect(parent(flow, story).shown).not.toMatch(unanswered);
  });

  test('taken back when one answers: the line is edited, not said anew', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    const [alarm] = await linesOf(flow, story, 1);
    await flow.report(story.id, 'in_progress');
    const [taken, running] = await linesOf(flow, story, 2);
    expect(taken).not.toBe(alarm);
    expect(taken).toMatch(/answered since|taken back|answered/i);
    expect(taken).not.toMatch(/workflow|webhook/i);
    expect(replies(flow, story)[0]?.edited).toBeDefined();
    expect(running).toMatch(/in progress/i);
  });

  test('taken back also when Slack is busy at that moment, and nothing more happens', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    const [alarm] = replies(flow, story);
    flow.slack.faults.add(
      { path: /chat\.update$/, when: (args) => args.ts === alarm?.ts },
      { kind: 'status', status: 429, headers: { 'retry-after': '5' } },
    );
    await flow.report(story.id, 'in_progress');
    await until(flow, () => lines(flow, story).length === 2);
    await passes(flow, 60_000, 5_000);
    expect(lines(flow, story)[0]).toMatch(/answered/i);
    expect(lines(flow, story)[0]).not.toMatch(/workflow|webhook/i);
  });

  test('taken back after a restart in between', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    await linesOf(flow, story, 1);
    await flow.restart(async () => {
      await flow.report(story.id, 'in_progress');
      await flow.github.idle();
    });
    await passes(flow, 65_000, 5_000);
    const [taken] = await linesOf(flow, story, 2);
    expect(taken).not.toMatch(/workflow|webhook/i);
  });

  test('not raised when a status has come', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'queued');
    await passes(flow, 300_000, 10_000);
    const [queued] = await linesOf(flow, story, 1);
    expect(queued).toMatch(/queued/i);
  });

  test('not raised when a status was set whose webhook never came: that is told instead', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    await flow.report(story.id, 'queued');
    stop();
    await passes(flow, 130_000, 5_000);
    const [queued] = await linesOf(flow, story, 1);
    expect(queued).toMatch(/queued/i);
    expect(parent(flow, story).shown).not.toMatch(unanswered);
  });

  test('a waiting environment is an answer', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await deliver(flow, statusPayload(flow, story, { state: 'waiting' }));
    await passes(flow, 300_000, 10_000);
    expect(lines(flow, story).join('\n')).not.toMatch(unanswered);
  });

  test('said once though Slack’s answer to it was lost', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-reset' });
    await passes(flow, 150_000, 5_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).toMatch(unanswered);
    await flow.report(story.id, 'queued');
    const [taken] = await linesOf(flow, story, 2);
    expect(taken).not.toMatch(/workflow|webhook/i);
  });

  test('Slack was down from before the alarm until after the answer: nobody is left with a false alarm', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const down = flow.slack.faults.add({ path: /chat\./, times: Number.POSITIVE_INFINITY }, { kind: 'reset' });
    await passes(flow, 130_000, 5_000);
    await flow.report(story.id, 'in_progress', { description: 'here I am' });
    await passes(flow, 20_000, 5_000);
    down();
    await passes(flow, 130_000, 5_000);
    const told = lines(flow, story);
    expect(told.filter((line) => line.includes('here I am'))).toHaveLength(1);
    expect(told.join('\n')).not.toMatch(/workflow|webhook/i);
    await shows(flow, story, /in progress/i);
  });

  test('the deployment was taken off GitHub: the bot stays well, and does not ask without end', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const response = await fetch(`${flow.github.url}/repos/acme/hello/deployments/${story.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${flow.github.token}` },
    });
    expect(response.status).toBe(204);
    await passes(flow, 600_000, 10_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).toMatch(unanswered);
    const asked = flow.github.requests.filter(({ method, path }) => method === 'GET' && path.includes('/statuses'));
    expect(asked.length).toBeLessThanOrEqual(15);
    const next = await deployed(flow, 'hello/topic-branch to review');
    await flow.report(next.id, 'success');
    await linesOf(flow, next, 1);
  });

  test('raised though the bot was down at its time', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.restart(() => flow.clock.advance(150_000));
    await calm(flow);
    await passes(flow, 5_000);
    const [alarm] = await linesOf(flow, story, 1);
    expect(alarm).toMatch(unanswered);
  });

  test('raised once across a restart', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await passes(flow, 125_000, 5_000);
    await linesOf(flow, story, 1);
    await flow.restart();
    await passes(flow, 300_000, 10_000);
    await linesOf(flow, story, 1);
  });
});

describe('no news', () => {
  test('for an hour: the thread says that it may be stuck, once', async () => {
    const flow = await begin({ env: noReconciling });
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await passes(flow, 3_590_000, 60_000);
    await linesOf(flow, story, 1);
    await passes(flow, 20_000, 5_000);
    const [, alarm] = await linesOf(flow, story, 2);
    expect(alarm).toMatch(stuck);
    expect(alarm).toMatch(/1 ?h/);
    await passes(flow, 4 * 3_600_000, 300_000);
    await linesOf(flow, story, 2);
  });

  test('for the app’s own in_flight_timeout, counted from the newest status', async () => {
    const flow = await begin({ catalogue: catalogueWith('in_flight_timeout: 10m'), env: noReconciling });
    const story = await deployed(flow);
    await flow.report(story.id, 'queued');
    await linesOf(flow, story, 1);
    await passes(flow, 6 * 60_000, 30_000);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 2);
    await passes(flow, 6 * 60_000, 30_000);
    await linesOf(flow, story, 2);
    await passes(flow, 5 * 60_000, 30_000);
    const [, , alarm] = await linesOf(flow, story, 3);
    expect(alarm).toMatch(stuck);
  });

  test('then it is told how it ended after all', async () => {
    const flow = await begin({ catalogue: catalogueWith('in_flight_timeout: 10m') });
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    await passes(flow, 11 * 60_000, 30_000);
    await linesOf(flow, story, 2);
    await flow.report(story.id, 'success');
    const told = await linesOf(flow, story, 3);
    expect(told[2]).toContain('@ann');
    expect(parent(flow, story).shown).not.toMatch(stuck);
  });

  test('news after it, and then none again: it is said again', async () => {
    const flow = await begin({ catalogue: catalogueWith('in_flight_timeout: 10m') });
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await passes(flow, 11 * 60_000, 30_000);
    await linesOf(flow, story, 2);
    await flow.report(story.id, 'in_progress', { description: 'still here' });
    await linesOf(flow, story, 3);
    await passes(flow, 11 * 60_000, 30_000);
    const told = await linesOf(flow, story, 4);
    expect(told[3]).toMatch(stuck);
  });

  test('not after an ending', async () => {
    const flow = await begin({ catalogue: catalogueWith('in_flight_timeout: 10m') });
    const story = await deployed(flow);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    await passes(flow, 30 * 60_000, 60_000);
    await linesOf(flow, story, 1);
  });

  test('not when the news are only missing here: GitHub is asked first', async () => {
    const flow = await begin({ catalogue: catalogueWith('in_flight_timeout: 10m'), env: noReconciling });
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    await flow.clock.advance(5 * 60_000);
    await flow.report(story.id, 'success');
    stop();
    await passes(flow, 10 * 60_000, 30_000);
    const told = await linesOf(flow, story, 2);
    expect(told[1]).toMatch(/succe|deployed/i);
  });
});
