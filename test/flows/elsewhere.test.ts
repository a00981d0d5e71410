import { expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import { catalogueOfHello, deploys, type Flow, random } from './flow.ts';
import { asked, flows, passes, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, type Story, shows, statusEvents } from './story.ts';

const { begin } = flows();

const announcing = (announce: string) => `announce: ${announce}\n${catalogueOfHello}`;
const inDeploys = announcing(deploys);
const hello = 'acme/hello';

/** What stands in a room outside of all threads, by the bot. */
const parents = (flow: Flow, room = deploys): SlackMessage[] =>
  flow.slack.messages(room).filter(({ thread_ts, bot_id }) => !thread_ts && bot_id === 'B0DECKHAND');

/** Its only story in a room, once it is there. */
async function storyIn(flow: Flow, id: number, room = deploys): Promise<Story> {
  await until(flow, () => parents(flow, room).some(({ shown }) => shown.includes(`#${id}`)));
  const all = parents(flow, room).filter(({ shown }) => shown.includes(`#${id}`));
  expect(all.map(({ shown }) => shown)).toHaveLength(1);
  return { id, room, ts: all[0]?.ts ?? '', request: '' };
}

const byCarol = (flow: Flow, more: object = {}) =>
  flow.github.addDeployment(hello, { by: 'carol', environment: 'staging', ...more });

test('announced: the parent, a line for each status, and the ending, without a word to anybody in person', async () => {
  const flow = await begin({ catalogue: inDeploys });
  const { id } = await byCarol(flow, { ref: 'topic-branch', description: 'By another tool' });
  const story = await storyIn(flow, id);
  expect(parent(flow, story).shown).toMatch(/carol.*hello\/topic-branch.*staging.*By another tool/s);
  expect(parent(flow, story).shown).toMatch(/elsewhere/i);
  await flow.report(id, 'in_progress', { description: 'first step' });
  await flow.clock.advance(2_000);
  await flow.report(id, 'success', { description: 'the end', log_url: 'https://ci.example.com/1' });
  const [first, last] = await linesOf(flow, story, 2);
  expect(first).toContain('first step');
  expect(last).toContain('the end');
  await shows(flow, story, /deployed.*success/is);
  expect(JSON.stringify(flow.slack.calls.map(({ args }) => args))).not.toContain('<@>');
  expect(flow.slack.calls.filter(({ method }) => method === 'chat.postEphemeral')).toEqual([]);
});

test('without announce and without anybody who watches, nothing is said and GitHub is asked nothing', async () => {
  const flow = await begin();
  const { id } = await byCarol(flow);
  await flow.report(id, 'success');
  await passes(flow, 5_000);
  expect(parents(flow)).toEqual([]);
  expect(asked(flow).filter(({ path }) => path.includes(`/deployments/${id}`) && !path.endsWith('/statuses'))).toEqual(
    [],
  );
});

test('what is asked for here is not announced as well', async () => {
  const flow = await begin({ catalogue: announcing(random) });
  const story = await deployed(flow);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
  await passes(flow, 5_000);
  expect(parents(flow, random)).toEqual([]);
});

test('a repository that is in no catalogue is nobody’s business', async () => {
  const flow = await begin({
    catalogue: `announce: ${deploys}\napps: { other: { repository: acme/other } }`,
    env: { RECONCILE_SECONDS: '36000' },
  });
  const { id } = await byCarol(flow);
  await flow.report(id, 'success');
  await passes(flow, 5_000);
  expect(parents(flow)).toEqual([]);
  expect(asked(flow).filter(({ method, path }) => method === 'GET' && path.includes('/deployments'))).toEqual([]);
});

test('each webhook five times, in any order: each line once, in GitHub’s order', async () => {
  const flow = await begin({ catalogue: inDeploys, env: { RECONCILE_SECONDS: '36000' } });
  const stop = flow.github.dropWebhooks(() => true);
  const { id } = await byCarol(flow);
  for (const [index, state] of ['queued', 'in_progress', 'success'].entries()) {
    await flow.clock.advance(3_000);
    await flow.report(id, state, { description: `step ${index}` });
  }
  stop();
  const guids = statusEvents(flow, id).reverse();
  for (let round = 0; round < 5; round++) await Promise.all(guids.map((guid) => flow.github.redeliver(guid)));
  const story = await storyIn(flow, id);
  const said = await linesOf(flow, story, 3);
  expect(said.map((line) => /step \d/.exec(line)?.[0])).toEqual(['step 0', 'step 1', 'step 2']);
});

test('the webhooks of the beginning are lost: the end tells them', async () => {
  const flow = await begin({ catalogue: inDeploys, env: { RECONCILE_SECONDS: '36000' } });
  const stop = flow.github.dropWebhooks(() => true);
  const { id } = await byCarol(flow);
  await flow.report(id, 'in_progress', { description: 'first step' });
  stop();
  await flow.clock.advance(3_000);
  await flow.report(id, 'failure', { description: 'the end' });
  const story = await storyIn(flow, id);
  const [first, last] = await linesOf(flow, story, 2);
  expect([first, last].join()).toMatch(/first step.*the end/s);
});

test('only the states that are wanted begin it and make lines; the parent is right all the same', async () => {
  const flow = await begin({ catalogue: announcing(`{ room: ${deploys}, states: [failure, error] }`) });
  const { id } = await byCarol(flow);
  await flow.report(id, 'in_progress');
  await passes(flow, 3_000);
  expect(parents(flow)).toEqual([]);
  await flow.report(id, 'failure', { description: 'it broke' });
  const story = await storyIn(flow, id);
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('it broke');
  await flow.clock.advance(2_000);
  await flow.report(id, 'success');
  await shows(flow, story, /deployed.*success/is);
  await linesOf(flow, story, 1);
  const other = await byCarol(flow);
  await flow.report(other.id, 'success');
  await passes(flow, 5_000);
  expect(parents(flow)).toHaveLength(1);
});

test('only the environments and tasks that are wanted; of an environment whose announce is false nothing', async () => {
  const catalogue = `apps:
  hello:
    repository: acme/hello
    announce: { room: ${deploys}, environments: [prod, staging], tasks: [deploy] }
    environments:
      staging: { announce: false }
      production: { aliases: [prod] }
      review:
`;
  const flow = await begin({ catalogue });
  for (const given of [
    { environment: 'staging' },
    { environment: 'review' },
    { environment: 'production', task: 'migrate' },
  ]) {
    const { id } = await byCarol(flow, given);
    await flow.report(id, 'success');
  }
  const { id } = await byCarol(flow, { environment: 'production' });
  await flow.report(id, 'success');
  const story = await storyIn(flow, id);
  await linesOf(flow, story, 1);
  expect(parents(flow)).toHaveLength(1);
});

test('a restart in the middle, and one between what came and what was told: nothing is lost or doubled', async () => {
  const flow = await begin({ catalogue: inDeploys });
  const { id } = await byCarol(flow);
  await flow.report(id, 'queued', { description: 'first step' });
  const story = await storyIn(flow, id);
  await linesOf(flow, story, 1);
  await flow.restart(async () => {
    await flow.clock.advance(3_000);
    await flow.report(id, 'in_progress', { description: 'second step' });
    await flow.github.idle();
  });
  await flow.clock.advance(3_000);
  await flow.report(id, 'success', { description: 'the end' });
  const said = await linesOf(flow, story, 3);
  expect(said.join()).toMatch(/first step.*second step.*the end/s);
});

test('a crash right after a status was stored: told after the start', async () => {
  const flow = await begin({ catalogue: inDeploys, env: { RECONCILE_SECONDS: '36000' } });
  const hold = flow.github.faults.add(
    { method: 'GET', path: /\/deployments\/\d+$/, times: Number.POSITIVE_INFINITY },
    { kind: 'hang' },
  );
  const { id } = await byCarol(flow);
  await flow.report(id, 'failure', { description: 'it broke' });
  await flow.github.idle();
  await flow.crash(() => hold());
  const story = await storyIn(flow, id);
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('it broke');
});

test('GitHub can’t be asked what it is: told when it can', async () => {
  const flow = await begin({ catalogue: inDeploys });
  flow.github.faults.add({ method: 'GET', path: /\/deployments\/\d+$/, times: 3 }, { kind: 'status', status: 502 });
  const { id } = await byCarol(flow);
  await flow.report(id, 'success');
  await linesOf(flow, await storyIn(flow, id), 1);
});

test('one that GitHub shows no more is let be', async () => {
  const flow = await begin({ catalogue: inDeploys });
  flow.github.faults.add(
    { method: 'GET', path: /\/deployments\/\d+$/, times: Number.POSITIVE_INFINITY },
    { kind: 'status', status: 404 },
  );
  const { id } = await byCarol(flow);
  await flow.report(id, 'success');
  await passes(flow, 60_000, 5_000);
  expect(parents(flow)).toEqual([]);
  const looks = asked(flow).filter(({ path }) => path.endsWith(`/deployments/${id}`));
  expect(looks.length).toBeLessThan(4);
});

test('whatever others wrote is text', async () => {
  const flow = await begin({ catalogue: inDeploys });
  const { id } = await byCarol(flow, {
    description: '<!channel> *now*',
    payload: { user: '<!here>' },
    environment: 'staging',
  });
  await flow.report(id, 'failure', { description: '<!everyone> <@U0ANN>' });
  const story = await storyIn(flow, id);
  await linesOf(flow, story, 1);
  const sent = JSON.stringify(flow.slack.calls.map(({ args }) => args));
  expect(sent).not.toMatch(/<!(channel|here|everyone)>|<@U0ANN>/);
  expect(parent(flow, story).shown).toContain('channel');
});

test('a room that can’t be written to: nobody is told in person, and nothing breaks', async () => {
  const flow = await begin({ catalogue: announcing('C0ELSEWHERE') });
  const { id } = await byCarol(flow);
  await flow.report(id, 'success');
  await passes(flow, 20_000, 2_000);
  expect(parents(flow, 'C0ELSEWHERE')).toEqual([]);
  const said = flow.slack.calls.filter(
    ({ method }) => method === 'chat.postEphemeral' || method === 'conversations.open',
  );
  expect(said).toEqual([]);
});

test('the room is archived in the middle: the rest is let be, without a word to anybody in person', async () => {
  const flow = await begin({ catalogue: announcing(random) });
  const { id } = await byCarol(flow);
  await flow.report(id, 'queued');
  const story = await storyIn(flow, id, random);
  await linesOf(flow, story, 1);
  flow.slack.archive(random);
  const before = flow.slack.calls.length;
  await flow.report(id, 'success');
  await passes(flow, 20_000, 2_000);
  expect(lines(flow, story)).toHaveLength(1);
  const direct = flow.slack.calls.slice(before).filter(({ args }) => !String(args.channel ?? random).startsWith('C'));
  expect(direct).toEqual([]);
});

test('no alarm of a stranger’s that is slow; without news for long the parent says so, and no line', async () => {
  const flow = await begin({ catalogue: inDeploys });
  const { id } = await byCarol(flow);
  const story = await storyIn(flow, id);
  await passes(flow, 3 * 3_600_000, 300_000);
  expect(lines(flow, story)).toEqual([]);
  await passes(flow, 24 * 3_600_000, 1_800_000);
  await shows(flow, story, /no news/i);
  expect(lines(flow, story)).toEqual([]);
});

test('a newer one takes over: the parent of the older one says so', async () => {
  const flow = await begin({ catalogue: inDeploys });
  const first = await byCarol(flow);
  await flow.report(first.id, 'success');
  const story = await storyIn(flow, first.id);
  await linesOf(flow, story, 1);
  await flow.clock.advance(3_000);
  const second = await byCarol(flow, { ref: 'topic-branch' });
  await flow.report(second.id, 'success');
  await until(flow, () => /replaced/.test(parent(flow, story).shown));
  expect(lines(flow, story)).toHaveLength(1);
});

test('a deployment by hand that carries a copy of our return address is told as what it is', async () => {
  const flow = await begin({ catalogue: announcing(random) });
  const ours = await deployed(flow);
  await flow.report(ours.id, 'success');
  await linesOf(flow, ours, 1);
  await flow.clock.advance(2_000);
  const { payload } = await flow.deployment();
  const copy = await createdElsewhere(flow, { environment: 'staging', payload });
  await flow.report(copy.id, 'failure', { description: 'of the copy' });
  const story = await storyIn(flow, copy.id, random);
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('of the copy');
  expect(lines(flow, ours).join()).not.toContain('of the copy');
});

test('what is announced costs two requests: what it is, and at its end its statuses', async () => {
  const flow = await begin({ catalogue: inDeploys, env: { RECONCILE_SECONDS: '36000' } });
  const before = asked(flow).length;
  const { id } = await byCarol(flow);
  for (const state of ['queued', 'in_progress', 'success']) {
    await flow.clock.advance(2_000);
    await flow.report(id, state);
  }
  await linesOf(flow, await storyIn(flow, id), 3);
  const bots = asked(flow)
    .slice(before)
    .filter(({ method }) => method === 'GET');
  expect(bots.filter(({ path }) => path.endsWith(`/deployments/${id}`))).toHaveLength(1);
  expect(bots.length).toBeLessThanOrEqual(4);
});
