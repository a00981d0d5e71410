import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { git } from '../../src/sandbox/local-git.ts';
import { ann, catalogueOfHello, deploys, type Flow } from './flow.ts';
import {
  calm,
  creations,
  flows,
  namedLines,
  parentOf,
  passes,
  posted,
  press,
  refused,
  threadText,
  until,
} from './seen.ts';

const { begin } = flows();

/** Types it, and answers the body that GitHub got. */
async function bodyOf(flow: Flow, line: string) {
  await flow.type(line);
  await flow.deployment();
  await calm(flow);
  expect(creations(flow)).toHaveLength(1);
  return creations(flow)[0]?.body;
}

describe('what GitHub is asked to create', () => {
  const usual = { ref: 'topic-branch', environment: 'staging', task: 'deploy', auto_merge: false };

  test('with nothing but an app', async () => {
    const flow = await begin();
    const body = await bodyOf(flow, 'hello');
    expect(body).toMatchObject({ ...usual, ref: 'main' });
    expect(body).not.toHaveProperty('required_contexts');
    expect(body.transient_environment ?? false).toBe(false);
  });

  const options: [line: string, body: Record<string, unknown>][] = [
    ['hello/topic-branch to staging', usual],
    ['hello/topic-branch in stg', usual],
    ['hello@topic-branch on STAGING', usual],
    ['acme/hello@topic-branch to staging', usual],
    ['acme/hello/topic-branch to staging', usual],
    ['deploy hello/topic-branch to staging', usual],
    ['DEPLOY Hello/topic-branch TO Staging', usual],
    ['hello/topic-branch! to staging', { ...usual, required_contexts: [], auto_merge: false }],
    ['deploy! hello/topic-branch to staging', { ...usual, required_contexts: [], auto_merge: false }],
    ['hello/topic-branch to staging!', { ...usual, required_contexts: [], auto_merge: false }],
    ['hello/topic-branch to staging -f', { ...usual, required_contexts: [], auto_merge: false }],
    ['hello/topic-branch —force to staging', { ...usual, required_contexts: [], auto_merge: false }],
    ['hello/topic-branch to staging --require ci/janky', { ...usual, required_contexts: ['ci/janky'] }],
    ['deploy:migrations hello/topic-branch to staging', { ...usual, task: 'deploy:migrations' }],
    ['hello/topic-branch to staging --task deploy:assets', { ...usual, task: 'deploy:assets' }],
    [
      'hello/topic-branch to prod',
      { ...usual, environment: 'production', production_environment: true, required_contexts: ['ci/janky'] },
    ],
    [
      'hello/topic-branch to prod --no-production',
      { ...usual, environment: 'production', production_environment: false },
    ],
    ['hello/topic-branch to staging --production', { ...usual, production_environment: true }],
    ['hello/topic-branch to review', { ...usual, environment: 'review', transient_environment: true }],
    ['hello/topic-branch to staging --transient', { ...usual, transient_environment: true }],
    ['hello/topic-branch to staging --description "Friday, 5 o’clock"', { ...usual, description: 'Friday, 5 o’clock' }],
    ['hello/v1.0.0 to staging', { ...usual, ref: 'v1.0.0' }],
  ];
  test.each(options)('%s', async (line, body) => {
    const flow = await begin();
    expect(await bodyOf(flow, line)).toMatchObject(body);
    expect(flow.told()).toEqual([]);
    // Nothing surprising happened that the thread would tell of.
    expect(threadText(flow)).toBe('');
  });

  test('--auto-merge is sent', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging --auto-merge');
    await until(flow, () => creations(flow).length === 1);
    expect(creations(flow)[0]?.body).toMatchObject({ auto_merge: true });
  });

  test('required contexts of the environment can be added to and never shortened by --require', async () => {
    const flow = await begin();
    const body = await bodyOf(flow, 'hello/topic-branch to production --require security/brakeman');
    expect(body.required_contexts.toSorted()).toEqual(['ci/janky', 'security/brakeman']);
  });

  const rules: [app: string, environment: string, line: string, body: Record<string, unknown>][] = [
    ['auto_merge: true', '{}', 'hello to staging', { auto_merge: true }],
    ['auto_merge: true', '{}', 'hello to staging --no-auto-merge', { auto_merge: false }],
    ['auto_merge: true', '{}', 'hello! to staging', { auto_merge: false, required_contexts: [] }],
    ['required_contexts: [ci/janky]', '{}', 'hello to staging', { required_contexts: ['ci/janky'] }],
    ['required_contexts: [ci/janky]', '{ required_contexts: [] }', 'hello to staging', { required_contexts: [] }],
    ['required_contexts: []', '{}', 'hello to staging', { required_contexts: [] }],
    ['task: release', '{}', 'hello to staging', { task: 'release' }],
    ['task: release', '{}', 'hello to staging --task other', { task: 'other' }],
    ['task: deploy', '{ production_environment: true }', 'hello to staging', { production_environment: true }],
  ];
  test.each(rules)('a catalogue that says %s, and %s of the environment: %s', async (app, environment, line, body) => {
    const flow = await begin({
      catalogue: `owner: acme\napps:\n  hello:\n    repository: acme/hello\n    ${app}\n    environments: { staging: ${environment} }\n`,
    });
    expect(await bodyOf(flow, line)).toMatchObject(body);
  });

  test('a commit by its short id', async () => {
    const flow = await begin();
    const sha = flow.commits['topic-branch'];
    await flow.type(`hello/${sha.slice(0, 9)} to staging`);
    expect((await flow.deployment()).sha).toBe(sha);
  });

  test('hosts, a payload and single keys, beside what is the bot’s own', async () => {
    const flow = await begin();
    const { payload } = await bodyOf(
      flow,
      `hello/topic-branch to staging/fe1,fe2 --host fe3 --payload '{"version": 2, "deep": {"a": [1]}}' --set colour=blue --set "note=two words" --set n=0123`,
    );
    expect(payload).toMatchObject({ version: 2, deep: { a: [1] }, colour: 'blue', note: 'two words', n: '0123' });
    expect(payload.hosts).toBe('fe1,fe2,fe3');
  });

  test('a long description never costs the deployment or passes unsaid', async () => {
    const flow = await begin();
    const description = 'words '.repeat(60);
    await flow.type(`hello/topic-branch to staging --description "${description}"`);
    await until(flow, () => flow.told().length + creations(flow).length > 0);
    const [creation] = creations(flow);
    if (creation) expect(creation.body.description).toBe(description.trim());
    else expect(flow.told()[0]).toMatch(/description/i);
  });
});

describe('the payload', () => {
  test('is exactly what deployers rely on', async () => {
    const flow = await begin();
    const { payload } = await bodyOf(flow, 'hello/topic-branch to staging');
    const parent = await parentOf(flow);
    const { deckhand, ...rest } = payload;
    expect(rest).toEqual({
      user: 'ann',
      room_id: deploys,
      name: 'hello',
      ...('hosts' in rest && { hosts: '' }),
      ...('config' in rest && { config: {} }),
      notify: {
        adapter: 'slack',
        room: deploys,
        room_name: 'deploys',
        user: ann,
        user_name: 'ann',
        message_id: parent.ts,
        thread_id: parent.ts,
      },
    });
    expect(Object.keys(deckhand).toSorted()).toEqual(['request', 'signature', 'team']);
    expect(deckhand).toMatchObject({ team: flow.slack.teamId, request: expect.stringMatching(/^[0-9A-Z]{26}$/) });
  });

  test('carries the catalogue’s payload, over which the line’s wins, and its config', async () => {
    const flow = await begin({
      catalogue: catalogueOfHello.replace(
        '    default_environment',
        '    payload: { config: { provider: shell, region: eu }, tier: gold, colour: red }\n    default_environment',
      ),
    });
    const { payload } = await bodyOf(flow, 'hello to staging --set colour=blue');
    expect(payload).toMatchObject({ config: { provider: 'shell', region: 'eu' }, tier: 'gold', colour: 'blue' });
    expect(payload.name).toBe('hello');
  });

  test('a config can be given on the line', async () => {
    const flow = await begin();
    const { payload } = await bodyOf(flow, `hello --payload '{"config":{"provider":"script"}}'`);
    expect(payload.config).toEqual({ provider: 'script' });
  });

  test.each(['{"__proto__":{"user":"mallory"}}', '{"constructor":{"prototype":{"user":"mallory"}},"toString":1}'])(
    'names that mean something to JavaScript are only names: %s',
    async (payload) => {
      const flow = await begin();
      await flow.type(`hello --payload '${payload}'`);
      await until(flow, () => creations(flow).length + flow.told().length === 1);
      const [creation] = creations(flow);
      if (creation) expect(creation.body.payload).toMatchObject({ user: 'ann', room_id: deploys });
      else expect(flow.told()[0]).toMatch(/__proto__|constructor/);
    },
  );

  test('two requests are told apart', async () => {
    const flow = await begin();
    await flow.type('hello');
    await flow.type('hello');
    await until(flow, () => flow.github.deployments('acme/hello').length === 2);
    const [one, other] = creations(flow).map(({ body }) => body.payload.deckhand);
    expect(one.request).not.toBe(other.request);
    expect(one.signature).not.toBe(other.signature);
  });
});

describe('the parent message', () => {
  test('stands in the room before GitHub is asked, says what is deployed, and has a plain text', async () => {
    const flow = await begin();
    const seen: string[] = [];
    flow.slack.on('message', ({ ts }) => void seen.push(`posted ${ts}, ${creations(flow).length} creations`));
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
    const parent = await parentOf(flow);
    expect(seen[0]).toBe(`posted ${parent.ts}, 0 creations`);
    for (const word of ['ann', 'hello', 'topic-branch', 'staging', flow.commits['topic-branch'].slice(0, 7)]) {
      expect(parent.shown).toContain(word);
    }
    for (const word of ['hello', 'topic-branch', 'staging']) expect(parent.text).toContain(word);
    await calm(flow);
    expect(posted(flow)).toHaveLength(1);
    expect(flow.told()).toEqual([]);
  });

  test('a branch name that would be mark-up stays a name', async () => {
    const flow = await begin();
    const name = 'feature/snake_case_name-<b>-&co-&amp;';
    await git(['--git-dir', flow.repositoryFolder, 'update-ref', `refs/heads/${name}`, flow.commits.main]);
    await flow.type(`hello/${name.replace('&amp;', '&amp;amp;')} to staging`);
    expect((await flow.deployment()).ref).toBe(name);
    const parent = await parentOf(flow);
    expect(parent.shown).toContain(name);
    expect(JSON.stringify([parent.text, parent.blocks])).not.toContain('<b>');
  });
});

describe('no environment anywhere', () => {
  const catalogue = 'owner: acme\napps:\n  hello: { repository: acme/hello }\n';

  test('asks first, and deploys to production when the button is pressed', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'hello/topic-branch');
    expect(told.shown).toMatch(/production/);
    expect(namedLines(told)).toContain('/deploy hello/topic-branch to production');
    await press(flow, /production/i);
    expect(await flow.deployment()).toMatchObject({ ref: 'topic-branch', environment: 'production' });
  });

  test('not pressed, nothing ever happens', async () => {
    const flow = await begin({ catalogue });
    await refused(flow, 'hello/topic-branch');
    await passes(flow, 10 * 60_000, 60_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
  });

  test('pressed twice, it is deployed once', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'hello/topic-branch');
    const [action] = told.buttons.map(({ action_id }) => action_id);
    const again = { user: ann, channel: deploys, message: told.ts, action: action ?? '' };
    const presses = await Promise.all([flow.slack.press(again), flow.slack.press(again)]);
    await Promise.all(presses.map(({ acked }) => acked));
    await flow.deployment();
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(1);
    expect(posted(flow)).toHaveLength(1);
  });

  test('pressed again a minute later, it is not deployed a second time', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'hello/topic-branch');
    await press(flow, /production/i);
    await flow.deployment();
    await passes(flow, 60_000, 10_000);
    // Slack takes the buttons of an ephemeral message away only where the bot asks it to.
    const left = flow.slack.ephemerals(ann).find(({ ts }) => ts === told.ts);
    const [button] = left?.buttons ?? [];
    if (button) {
      const sent = await flow.slack.press({ user: ann, channel: deploys, message: told.ts, action: button.action_id });
      await sent.acked;
      await passes(flow, 5_000);
    }
    expect(creations(flow)).toHaveLength(1);
  });

  test('GitHub’s answers to reading come first: an unknown branch is refused before anybody is asked', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'hello/nope to production');
    expect(told.shown).toMatch(/nope/);
  });
});

describe('a dry run', () => {
  test.each([
    ['hello/topic-branch to production --dry-run', ['topic-branch', 'production', 'ci/janky']],
    ['hello/topic-branch! to staging --dry-run', ['topic-branch', 'staging']],
    ['deploy:migrations hello to staging/fe1 --dry-run --set a=b', ['main', 'deploy:migrations']],
  ])('%s says what would be asked, creates nothing, and names the line that would', async (line, words) => {
    const flow = await begin();
    const told = await refused(flow, line);
    for (const word of words) expect(told.shown).toContain(word);
    expect(told.shown).toMatch(/nothing|dry/i);
    const [real] = namedLines(told);
    expect(real).toBeDefined();
    await flow.type(String(real).replace('/deploy ', ''));
    const deployment = await flow.deployment();
    expect(words).toContain(deployment.ref);
  });

  test('is refused for what would be refused', async () => {
    const flow = await begin();
    expect((await refused(flow, 'hello/nope to staging --dry-run')).shown).toMatch(/nope/);
  });
});

describe('the catalogue changed while the bot runs', () => {
  async function change(flow: Flow, text: string, logged: RegExp): Promise<void> {
    writeFileSync(flow.appsFile, text);
    await until(flow, () => flow.log.some((line) => logged.test(line)));
  }

  test('a valid one replaces the old', async () => {
    const flow = await begin();
    await refused(flow, 'bye to staging');
    await change(flow, catalogueOfHello.replace('  hello:', '  bye:'), /read again/);
    await flow.type('bye/topic-branch to staging');
    expect((await flow.deployment()).payload).toMatchObject({ name: 'bye' });
  });
});
