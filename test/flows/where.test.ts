import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { ago, answered, costOf, hour, linesAbout, newAnswer } from './asking.ts';
import { ann, catalogueOfHello, deploys, gus } from './flow.ts';
import { asked, button, flows, passes, posted, press, until } from './seen.ts';
import { deployed } from './story.ts';

const { begin } = flows();

const success = [{ state: 'success' }];
const failure = [{ state: 'failure' }];

describe('what is live', () => {
  test('is the newest success of each environment: what, since when, by whom', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 90 * hour), environment: 'production', by: 'carol', statuses: success },
      { at: ago(flow, 50 * hour), environment: 'production', ref: 'topic-branch', by: 'dave', statuses: success },
      { at: ago(flow, 3 * hour), environment: 'staging', by: 'carol', payload: { user: 'erin' }, statuses: success },
      { at: ago(flow, 2 * hour), environment: 'staging', ref: 'topic-branch', by: 'carol', statuses: failure },
    ]);
    const text = await answered(flow, 'where hello');
    const production = linesAbout(text, 'production');
    expect(production).toMatch(/topic-branch/);
    expect(production).toContain(flow.commits['topic-branch'].slice(0, 7));
    expect(production).toMatch(/2 d ago by dave/);
    expect(production).not.toMatch(/carol/);
    // A payload may say anything: the account that created it stands beside it.
    expect(linesAbout(text, 'staging')).toMatch(
      /main .*3 h ago by erin \(carol\)[\s\S]*↳.*topic-branch.*failure, 2 h ago/,
    );
    expect(linesAbout(text, 'review')).toMatch(/nothing is live/i);
    expect(posted(flow)).toEqual([]);
  });

  test('is ours by the name of who asked, with links to its log and to the environment', async () => {
    const flow = await begin();
    const { id } = await deployed(flow);
    await flow.report(id, 'success', { log_url: 'https://ci.example/1', environment_url: 'https://staging.example' });
    const text = linesAbout(await answered(flow, 'where hello'), 'staging');
    expect(text).toMatch(/topic-branch.* by ann/);
    expect(text).toContain(`#${id}`);
    expect(text).toContain('https://ci.example/1');
    expect(text).toContain('https://staging.example/');
  });

  test('is the one before, where production’s newest was made inactive by hand; elsewhere nothing is', async () => {
    const flow = await begin();
    const gone = [{ state: 'success' }, { state: 'inactive', at: ago(flow, hour) }];
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * hour), environment: 'production', ref: 'topic-branch', statuses: success },
      { at: ago(flow, 8 * hour), environment: 'production', statuses: gone },
      { at: ago(flow, 7 * hour), environment: 'review', ref: 'topic-branch', transient: true, statuses: success },
      { at: ago(flow, 6 * hour), environment: 'review', transient: true, statuses: gone },
    ]);
    const text = await answered(flow, 'where hello');
    expect(linesAbout(text, 'production')).toMatch(/topic-branch.*9 h ago/);
    expect(linesAbout(text, 'review')).toMatch(/nothing is live.*main.*inactive 1 h ago/);
    expect(linesAbout(text, 'review')).not.toMatch(/topic-branch/);
  });

  test('in environments that only GitHub knows, too; those with nothing in them are left out', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * hour), environment: 'qa', statuses: success },
      { at: ago(flow, 8 * hour), environment: 'demo', statuses: failure },
    ]);
    const text = await answered(flow, 'where hello');
    expect(linesAbout(text, 'qa')).toMatch(/not in the catalogue.*main.*9 h ago/);
    expect(text).not.toContain('demo');
  });

  test('of an app without environments in the catalogue, in those that GitHub knows', async () => {
    const flow = await begin({ catalogue: 'owner: acme\nunlisted: true\napps: {}\n' });
    expect(await answered(flow, 'where hello')).toMatch(/nothing was ever deployed/i);
    await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), environment: 'qa', statuses: success }]);
    const text = await answered(flow, 'where hello');
    expect(linesAbout(text, 'qa')).toMatch(/main.*1 h ago/);
    expect(text).not.toMatch(/catalogue/);
    expect(text).toMatch(/\/deploy \S*hello to qa/);
  });

  test('of several apps in one repository, each in its own environments', async () => {
    const flow = await begin({
      catalogue: `owner: acme
apps:
  hello:
    repository: acme/hello
    environments: { production: { github_environment: hello-production } }
  admin:
    repository: acme/hello
    environments: { production: { github_environment: admin-production } }
`,
    });
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * hour), environment: 'hello-production', statuses: success },
      { at: ago(flow, 8 * hour), environment: 'admin-production', ref: 'topic-branch', statuses: success },
    ]);
    const { text, requests } = await costOf(flow, 'where hello');
    expect(linesAbout(text, 'production')).toMatch(/main.*9 h ago/);
    expect(text).not.toMatch(/topic-branch|admin/);
    expect(requests).toHaveLength(2);
  });
});

describe('what is under way', () => {
  test('is shown with its state, since when, who and the log; ours and others', async () => {
    const flow = await begin();
    const { id } = await deployed(flow);
    await flow.report(id, 'in_progress', { log_url: 'https://ci.example/1' });
    await passes(flow, 3 * 60_000, 60_000);
    await flow.report(id, 'in_progress', { description: 'half of it' });
    const other = await flow.github.addDeployment('acme/hello', { environment: 'production', by: 'carol' });
    const text = await answered(flow, 'where hello');
    expect(linesAbout(text, 'staging')).toMatch(/nothing is live\n↳.*topic-branch.*in progress, 3 min ago by ann/);
    expect(linesAbout(text, 'staging')).toContain('https://ci.example/1');
    expect(linesAbout(text, 'production')).toMatch(/↳.*main.*no status.* by carol/);
    expect(linesAbout(text, 'production')).toContain(`#${other.id}`);
  });

  test('is not what nobody has heard of for a day', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * 24 * hour), environment: 'staging', statuses: success },
      { at: ago(flow, 8 * 24 * hour), environment: 'staging', ref: 'topic-branch', by: 'carol' },
    ]);
    const text = linesAbout(await answered(flow, 'where hello'), 'staging');
    expect(text).toMatch(/main.*9 d ago/);
    expect(text).not.toMatch(/topic-branch/);
  });

  test('is shown while GitHub has not created it yet', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/, times: 9 }, { kind: 'hang' });
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => asked(flow).some(({ method }) => method === 'POST'));
    expect(linesAbout(await answered(flow, 'where hello'), 'staging')).toMatch(
      /↳.*topic-branch.*being created.* by ann/,
    );
  });
});

describe('what I may do here', () => {
  test('deploy, as in a line that works', async () => {
    const flow = await begin();
    const text = await answered(flow, 'where hello');
    const [, line = ''] = /\/deploy (hello to \w+)/.exec(text) ?? [];
    await deployed(flow, line);
    expect((await flow.deployment()).environment).toBe('staging');
  });

  test('is said with the rooms where it may be done', async () => {
    const flow = await begin({
      catalogue: catalogueOfHello.replace('default_environment', 'allowed_rooms: ["#random"]\n    default_environment'),
    });
    expect(await answered(flow, 'where hello')).toMatch(/can’t deploy hello from here.*#random/);
    await flow.type('where hello', { channel: 'C0RANDOM' });
    expect(await newAnswer(flow, 1)).toMatch(/may deploy to staging, production and review from here/);
  });

  test('differs by environment where another app of the repository has a say in one', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  strict:
    repository: acme/hello
    allowed_rooms: ["#random"]
    environments: { production: {} }
`,
    });
    expect(await answered(flow, 'where hello')).toMatch(
      /may deploy to staging and review from here.*others only from #random/,
    );
  });

  test('guests are told that they may not, and nothing else', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), statuses: success }]);
    const before = asked(flow).length;
    const text = await answered(flow, 'where hello', gus);
    expect(text).toMatch(/guests/i);
    expect(text).not.toMatch(/main|1 h ago/);
    expect(asked(flow).length).toBe(before);
  });
});

describe('how it is asked', () => {
  const sentences = [
    'where hello',
    'WHERE Hello',
    'wcid hello',
    'where can i deploy hello',
    'where can I deploy hello?',
    'Where can I deploy hello to?',
    'what can i deploy',
    'what can I deploy?',
    'where',
  ];
  test.each(sentences)('%s', async (line) => {
    const flow = await begin();
    const text = await answered(flow, line);
    for (const name of ['staging', 'production', 'review']) expect(linesAbout(text, name)).toMatch(/nothing is live/);
  });

  test.each(['where hello prod', 'where hello in production', 'where hello on PROD'])('%s', async (line) => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), statuses: success }]);
    const { text, requests } = await costOf(flow, line);
    expect(linesAbout(text, 'production')).toMatch(/main.*1 h ago/);
    expect(text).not.toMatch(/staging|review/);
    expect(requests).toHaveLength(2);
  });

  test('without an app in its deployment’s thread it is that deployment’s; elsewhere all apps are listed', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  other: { repository: acme/other, default_environment: live }\n`,
    });
    const { ts } = await deployed(flow);
    const all = await answered(flow, 'where');
    expect(all).toMatch(/hello.*staging, production, review[\s\S]*other.*live/);
    expect(button(flow, /^other$/).button.value).toBe('where other');
    await press(flow, /^hello$/);
    expect(linesAbout(await newAnswer(flow, 1), 'staging')).toMatch(/topic-branch/);
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand where', thread: ts });
    expect(linesAbout(await newAnswer(flow, 2), 'staging')).toMatch(/topic-branch/);
  });

  const wrong: [line: string, says: RegExp][] = [
    ['where helo', /where hello/],
    ['where hello stagin', /staging/],
    ['where hello/main', /branch.*where hello|where hello/s],
    ['where hello in staging now', /now/],
    ['where hello!', /exclamation/],
    ['where hello in staging/fe1', /hosts/],
    ['where hello --force', /--force/],
  ];
  test.each(wrong)('%s is refused', async (line, says) => {
    const flow = await begin();
    const { text, requests } = await costOf(flow, line);
    expect(text).toMatch(says);
    expect(text).not.toMatch(/nothing is live/);
    expect(requests).toEqual([]);
    for (const { buttons } of flow.slack.ephemerals('U0ANN')) {
      for (const { value } of buttons) expect(value).toMatch(/^where /);
    }
  });
});

describe('GitHub’s faults', () => {
  const always = Number.POSITIVE_INFINITY;
  const error = (status: number, message: string, headers?: Record<string, string>): Fault => ({
    kind: 'status',
    status,
    headers,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  });
  const faults: [name: string, fault: Fault, says: RegExp][] = [
    ['403', error(403, 'Resource not accessible by personal access token'), /permission|access|may not/i],
    ['404', error(404, 'Not Found'), /acme\/hello/],
    ['500', error(500, 'Server Error'), /GitHub.*(again|later|reach|trouble)/is],
    ['no answer', { kind: 'hang' }, /GitHub.*(again|later|reach|trouble)/is],
    ['a rate limit', error(403, 'API rate limit exceeded', { 'x-ratelimit-remaining': '0' }), /limit|allows/i],
  ];
  test.each(faults)('%s to the list is said, and nothing is made up', async (_, fault, says) => {
    const flow = await begin();
    flow.github.faults.add({ method: 'GET', path: /\/deployments/, times: always }, fault);
    const text = await answered(flow, 'where hello');
    expect(text).toMatch(says);
    expect(text).not.toMatch(/nothing is live/);
  });

  test('in one environment it stands in no other’s way', async () => {
    const flow = await begin();
    const [, broken] = await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * hour), environment: 'production', statuses: success },
      { at: ago(flow, 8 * hour), environment: 'staging', statuses: success },
    ]);
    const path = new RegExp(`/deployments/${broken?.id}/statuses`);
    flow.github.faults.add({ path, times: always }, error(500, 'Server Error'));
    const text = await answered(flow, 'where hello');
    expect(linesAbout(text, 'production')).toMatch(/main.*9 h ago/);
    expect(linesAbout(text, 'staging')).not.toMatch(/nothing is live/);
    expect(text).toMatch(/^staging: .*GitHub/m);
  });

  test.each(['where hello', 'status hello'])(
    '%s shows once what is known here of ours, and says why no more',
    async (line) => {
      const flow = await begin();
      await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), environment: 'production', statuses: success }]);
      await answered(flow, line);
      const { id } = await deployed(flow);
      flow.github.faults.add({ path: /\/statuses$/, times: always }, error(500, 'Server Error'));
      const text = await answered(flow, line);
      expect(text.match(new RegExp(`#${id}`, 'g'))).toHaveLength(1);
      expect(text).toMatch(/waiting for a deployer/);
      expect(text).toMatch(/^staging: .*GitHub/m);
    },
  );

  test('everywhere but in the list, it is the answer', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [{ at: ago(flow, hour), environment: 'staging', statuses: success }]);
    flow.github.faults.add({ path: /\/statuses$/, times: always }, error(500, 'Server Error'));
    expect(await answered(flow, 'where hello')).toMatch(/^\W*GitHub.*(again|later|reach|trouble)/is);
  });
});

test('an old GitHub Enterprise Server that leaves fields out is understood', async () => {
  const flow = await begin();
  const sha = flow.commits['topic-branch'];
  const body = (json: unknown): Fault => ({ kind: 'status', status: 200, body: json });
  const old = (id: number) => ({ id, sha, ref: 'topic-branch', created_at: ago(flow, 5 * hour).toISOString() });
  const status = (id: number, state: string) => ({ id, state, created_at: ago(flow, 4 * hour).toISOString() });
  flow.github.faults.add({ path: /\/deployments$/, times: 9 }, body([old(12), old(11)]));
  flow.github.faults.add({ path: /\/12\/statuses$/, times: 9 }, body([status(3, 'pending')]));
  flow.github.faults.add({ path: /\/11\/statuses$/, times: 9 }, body([status(2, 'success'), status(1, 'pending')]));
  // An environment that is not named is production, as GitHub has it.
  const text = linesAbout(await answered(flow, 'where hello'), 'production');
  expect(text).toMatch(/topic-branch.*4 h ago by ghost.*#11/);
  expect(text).toMatch(/↳.*pending, 4 h ago by ghost.*#12/);
});

test('names are text, whatever is in them', async () => {
  const flow = await begin();
  await flow.github.addDeployment('acme/hello', {
    environment: '<!channel> *qa*',
    payload: { user: '<@U0BOB> `x`' },
    by: 'carol',
  });
  const text = await answered(flow, 'where hello');
  expect(text).toMatch(/<!channel>/);
  const sent = JSON.stringify(flow.slack.ephemerals(ann).map(({ blocks, text: plain }) => ({ blocks, plain })));
  expect(sent).toMatch(/&lt;!channel&gt;/);
  expect(sent).not.toMatch(/<!channel>|<@U0BOB>/);
});
