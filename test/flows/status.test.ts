import { describe, expect, test } from 'vitest';
import { ago, answered, costOf, hour, linesAbout, newAnswer } from './asking.ts';
import { ann, catalogueOfHello, deploys, type Flow, gus, random } from './flow.ts';
import { asked, flows, passes, posted, until } from './seen.ts';
import { deployed } from './story.ts';

const { begin } = flows();

const always = Number.POSITIVE_INFINITY;
const broken = { kind: 'status', status: 500, body: { message: 'Server Error' } } as const;

/** Somebody else's deployment of long ago. */
async function carols(flow: Flow): Promise<number> {
  const [made] = await flow.github.addPast('acme/hello', [
    {
      at: ago(flow, 9 * hour),
      environment: 'production',
      ref: 'topic-branch',
      by: 'carol',
      statuses: [
        { state: 'in_progress', at: ago(flow, 8 * hour), by: 'robot', logUrl: 'https://ci.example/7' },
        { state: 'failure', at: ago(flow, 7 * hour), description: 'the disk is full', by: 'robot' },
      ],
    },
  ]);
  return made?.id ?? 0;
}

describe('of one deployment', () => {
  test('that was started here: who, where, since when, and each status with its author and links', async () => {
    const flow = await begin();
    const { id } = await deployed(flow);
    await passes(flow, 60_000, 20_000);
    await flow.report(id, 'in_progress', { log_url: 'https://ci.example/1', description: 'half of it' });
    await passes(flow, 2 * 60_000, 20_000);
    const { text, requests } = await costOf(flow, `status ${id}`);
    expect(text).toMatch(/hello topic-branch .* to staging: in progress 2 min ago/);
    expect(text).toMatch(/asked by @ann in #deploys 3 min ago/i);
    expect(text).toMatch(/in progress 2 min ago, flow-deployer: half of it/);
    expect(text).toContain('https://ci.example/1');
    expect(requests).toEqual([]);
    expect(posted(flow).filter(({ shown }) => /asked by/i.test(shown))).toEqual([]);
  });

  test('by its id with the sign that people put before numbers, and with its app before it', async () => {
    const flow = await begin();
    const { id } = await deployed(flow);
    await flow.report(id, 'success');
    for (const line of [`status #${id}`, `status hello ${id}`, `status HELLO #${id}`]) {
      expect(await answered(flow, line)).toMatch(/hello topic-branch .* to staging: success/);
    }
  });

  test('in its own thread it needs no id', async () => {
    const flow = await begin();
    const { ts } = await deployed(flow);
    await deployed(flow, 'hello/main to production');
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand status', thread: ts });
    const text = await newAnswer(flow, 0);
    expect(text).toMatch(/topic-branch .* to staging/);
    expect(text).not.toMatch(/production/);
  });

  test('that somebody else started', async () => {
    const flow = await begin();
    const id = await carols(flow);
    const { text, requests } = await costOf(flow, `status ${id}`);
    expect(text).toMatch(/hello topic-branch .* to production: failure 7 h ago/);
    expect(text).toMatch(/created by carol 9 h ago/i);
    expect(text).toMatch(/in progress 8 h ago, robot .*log[\s\S]*failure 7 h ago, robot: the disk is full/);
    expect(requests).toHaveLength(2);
  });

  test('in the thread of a room that reads along: whose it is, and nobody here asked', async () => {
    const flow = await begin({ catalogue: `announce: C0RANDOM\n${catalogueOfHello}` });
    const { id } = await flow.github.addDeployment('acme/hello', { environment: 'staging', by: 'carol' });
    flow.github.addStatus('acme/hello', id, { state: 'in_progress' });
    await until(flow, () => posted(flow).some(({ channel }) => channel === random));
    const { ts } = posted(flow).find(({ channel }) => channel === random) ?? {};
    await flow.slack.mention({ user: ann, channel: random, text: '@deckhand status', thread: ts });
    const text = await newAnswer(flow, 0);
    expect(text).toMatch(/hello main .* to staging: in progress/);
    expect(text).toMatch(/created by carol/i);
    expect(text).not.toMatch(/asked by/i);
    const where = linesAbout(await answered(flow, 'where hello'), 'staging');
    expect(where.match(/in progress/g)).toHaveLength(1);
    expect(where).toMatch(/by carol/);
  });

  test('shows that it was made inactive after its end, of which no webhook tells', async () => {
    const flow = await begin();
    const { id } = await deployed(flow);
    await flow.report(id, 'success');
    await until(flow, () => posted(flow).some(({ shown }) => /success/i.test(shown)));
    await passes(flow, 2_000);
    flow.github.addStatus('acme/hello', id, { state: 'inactive' });
    expect(await answered(flow, `status ${id}`)).toMatch(/to staging: inactive/);

    flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, broken);
    expect(await answered(flow, `status ${id}`)).toMatch(/to staging: (success|inactive)/);
  });

  test('that was refused: why', async () => {
    const flow = await begin();
    flow.github.faults.add(
      { method: 'POST', path: /\/deployments$/ },
      { kind: 'status', status: 409, body: { message: 'Conflict merging main into topic-branch.' } },
    );
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => posted(flow).some(({ shown }) => /not deployed/i.test(shown)));
    const { ts } = posted(flow)[0] ?? { ts: '' };
    const count = flow.told().length;
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand status', thread: ts });
    expect(await newAnswer(flow, count)).toMatch(/to staging: not deployed[\s\S]*not deployed: /i);
  });

  test.each([
    ['status 99', /no deployment 99/],
    ['status hello 99', /no deployment 99/],
    ['status 99 now', /now.*status 99/],
    ['status helo 99', /status hello 99/],
    ['status hello/main', /branch/],
    ['status hello nowhere', /staging/],
    ['status --all', /--all/],
  ])('%s is refused', async (line, says) => {
    const flow = await begin();
    expect(await answered(flow, line)).toMatch(says);
  });

  test('GitHub says no: that is the answer, and not that there is none', async () => {
    const flow = await begin();
    const id = await carols(flow);
    flow.github.faults.add({ method: 'GET', path: /.*/, times: always }, broken);
    const text = await answered(flow, `status ${id}`);
    expect(text).toMatch(/GitHub.*(again|later|reach|trouble)/is);
    expect(text).not.toMatch(/no deployment/);
  });

  test('guests are told nothing of it', async () => {
    const flow = await begin();
    const id = await carols(flow);
    const { id: ours } = await deployed(flow);
    const before = asked(flow).length;
    for (const line of [`status ${id}`, `status ${ours}`, 'status hello']) {
      const text = await answered(flow, line, gus);
      expect(text).toMatch(/guests/i);
      expect(text).not.toMatch(/topic-branch/);
    }
    expect(asked(flow).length).toBe(before);
  });
});

describe('of an app', () => {
  test('the newest deployment of each environment, however it went, and what else is under way', async () => {
    const flow = await begin();
    const failed = await carols(flow);
    const first = await deployed(flow, 'hello/main to staging');
    await flow.report(first.id, 'in_progress');
    const second = await deployed(flow);
    await flow.report(second.id, 'failure');
    await passes(flow, 2_000);
    const { text, requests } = await costOf(flow, 'status hello');
    expect(linesAbout(text, 'production')).toMatch(/topic-branch.*failure, 7 h ago by carol/);
    expect(linesAbout(text, 'production')).toContain(`#${failed}`);
    expect(linesAbout(text, 'staging')).toMatch(/topic-branch.*failure.* by ann[\s\S]*↳.*main.*in progress.* by ann/);
    expect(linesAbout(text, 'review')).toMatch(/nothing/);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test('in one environment', async () => {
    const flow = await begin();
    await carols(flow);
    for (const line of ['status hello prod', 'status hello in production']) {
      const text = await answered(flow, line);
      expect(linesAbout(text, 'production')).toMatch(/failure, 7 h ago by carol/);
      expect(text).not.toMatch(/staging|review/);
    }
  });

  test('what an answer would cost too much for is said', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `stage${index}`);
    const flow = await begin({
      catalogue: catalogueOfHello.replace(
        / {4}default_environment[\s\S]*/,
        `    environments: { ${names.map((name) => `${name}: {}`).join(', ')} }\n`,
      ),
    });
    const past = names.map((environment) => ({ at: ago(flow, hour), environment, statuses: [{ state: 'success' }] }));
    await flow.github.addPast('acme/hello', past);
    const { text, requests } = await costOf(flow, 'status hello');
    expect(requests).toHaveLength(8);
    expect(linesAbout(text, 'stage0')).toMatch(/success/);
    expect(linesAbout(text, 'stage8')).toMatch(/not looked at/);
  });
});

test('of everything: what is not over, or that nothing is', async () => {
  const flow = await begin();
  expect(await answered(flow, 'status')).toMatch(/nothing is under way/i);
  const { id } = await deployed(flow);
  expect(await answered(flow, 'status')).toMatch(new RegExp(`topic-branch.*staging.*waiting for a deployer.*${id}`));
});
