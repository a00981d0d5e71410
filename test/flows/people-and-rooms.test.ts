import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, deploys, elsewhere, type Flow, gus, random } from './flow.ts';
import { calm, creations, flows, posted, refusal, refused, until } from './seen.ts';

const { begin } = flows();

const only = (rooms: string, more = ''): string => `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    allowed_rooms: ${rooms}
    environments: { staging: { aliases: [stg] }, production: {} }
${more}`;

describe('an app that is deployed from some rooms only', () => {
  const catalogue = only('["#random", "C0OPS"]', '  again: { repository: Acme/Hello, default_environment: staging }\n');

  test.each(['hello/topic-branch to staging', 'HELLO to STG', 'again/topic-branch to staging', 'again to Staging'])(
    '%s in another room is refused and the right rooms are named',
    async (line) => {
      const flow = await begin({ catalogue });
      const told = await refused(flow, line);
      expect(told.shown).toMatch(/#random/);
    },
  );

  test.each(['acme/hello@topic-branch to staging', 'ACME/Hello@topic-branch to staging'])('%s too', async (line) => {
    const flow = await begin({ catalogue: only('["#random"]') });
    expect((await refused(flow, line)).shown).toMatch(/#random/);
  });

  test('in an allowed room, by its name, typed or mentioned', async () => {
    const flow = await begin({ catalogue });
    await flow.type('hello', { channel: random });
    await flow.deployment();
    await flow.slack.mention({ user: ann, channel: random, text: '@deckhand again/topic-branch' });
    await until(flow, () => flow.github.deployments('acme/hello').length === 2);
    expect(flow.told()).toEqual([]);
  });

  test('a private room that is allowed by its name, typed or mentioned', async () => {
    const flow = await begin({ catalogue: only('["#ops"]') });
    flow.slack.addChannel({ id: 'G0OPS', name: 'ops', private: true, members: [ann], botIsMember: true });
    await flow.slack.mention({ user: ann, channel: 'G0OPS', text: '@deckhand hello' });
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    await flow.type('hello/topic-branch', { channel: 'G0OPS' });
    await until(flow, () => flow.github.deployments('acme/hello').length === 2);
    expect(flow.told()).toEqual([]);
  });

  test('a mention in the wrong room is refused to that person only, in the thread where it was said', async () => {
    const flow = await begin({ catalogue });
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand hello' });
    expect((await refusal(flow)).shown).toMatch(/#random/);
  });

  test('no room at all', async () => {
    const flow = await begin({ catalogue: only('[]') });
    expect((await refused(flow, 'hello')).shown).toMatch(/room/i);
  });

  test('another environment name for the same one on GitHub does not go around the room', async () => {
    const flow = await begin({
      catalogue: only(
        '["#random"]',
        '  other: { repository: acme/hello, environments: { elsewhere: { github_environment: production } } }\n',
      ),
    });
    expect((await refused(flow, 'other to elsewhere')).shown).toMatch(/#random/);
  });

  test('an unlisted repository has no rooms to go around', async () => {
    const flow = await begin({
      catalogue:
        'owner: acme\nunlisted: true\napps:\n  greeting: { repository: acme/hello, allowed_rooms: ["#random"] }\n',
    });
    expect((await refused(flow, 'hello to staging')).shown).toMatch(/#random/);
  });
});

describe('people who may not deploy', () => {
  const outsiders: [who: string, user: string, arrive: (flow: Flow) => void][] = [
    ['a guest of several channels', gus, () => {}],
    ['a guest of one', 'U0SAM', ({ slack }) => slack.addUser({ id: 'U0SAM', name: 'sam', guest: 'single' })],
    [
      'a stranger by Slack Connect',
      'U0EVE',
      ({ slack }) => slack.addUser({ id: 'U0EVE', name: 'eve', team: 'T0OTHER' }),
    ],
    ['a bot', 'U0BOT', ({ slack }) => slack.addUser({ id: 'U0BOT', name: 'robby', bot: true })],
  ];
  test.each(outsiders)('%s is told why', async (_, user, arrive) => {
    const flow = await begin();
    arrive(flow);
    const told = await refused(flow, 'hello/topic-branch to staging', { user });
    expect(told.shown).toMatch(/hello/);
    expect(told.shown).toMatch(/may not|can’t|can't/i);
    expect(flow.told(ann)).toEqual([]);
  });

  test.each(outsiders)('%s, by another spelling of the repository', async (_, user, arrive) => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  lax: { repository: acme/hello, default_environment: staging, allow: { guests: true, external: true, bots: true } }\n`,
    });
    arrive(flow);
    await refused(flow, 'lax/topic-branch', { user });
  });

  test.each(outsiders)('%s may where the catalogue says so', async (_, user, arrive) => {
    const flow = await begin({ catalogue: `allow: { guests: true, external: true, bots: true }\n${catalogueOfHello}` });
    arrive(flow);
    await flow.type('hello', { user });
    expect((await flow.deployment()).ref).toBe('main');
  });

  test('a guest can still ask for help and status', async () => {
    const flow = await begin();
    await flow.type('status', { user: gus });
    await until(flow, () => flow.told(gus).length === 1);
    expect(flow.told(gus)[0]).toMatch(/nothing/i);
  });

  test('when Slack does not tell who somebody is, nobody deploys', async () => {
    const flow = await begin();
    flow.slack.faults.add(
      { path: /users\.info/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 200, body: { ok: false, error: 'internal_error' } },
    );
    expect((await refused(flow, 'hello')).shown).toMatch(/again/i);
  });

  test('without the scope users:read, the scope is named', async () => {
    const flow = await begin({
      slack: { botScopes: ['app_mentions:read', 'chat:write', 'commands', 'channels:history', 'channels:read'] },
    });
    expect((await refused(flow, 'hello')).shown).toMatch(/users:read/);
  });
});

describe('where the bot can’t write, it says how to invite it', () => {
  test('a public channel', async () => {
    const flow = await begin();
    const told = await refused(flow, 'hello/topic-branch to staging', { channel: elsewhere });
    expect(told.shown).toMatch(/\/invite @deckhand/);
  });

  test('a private channel', async () => {
    const flow = await begin();
    flow.slack.addChannel({ id: 'G0SECRET', name: 'secret', private: true, members: [ann], botIsMember: false });
    const told = await refused(flow, 'hello/topic-branch to staging', { channel: 'G0SECRET' });
    expect(told.shown).toMatch(/\/invite @deckhand/);
  });

  test('a direct message between two people, where nobody can be invited', async () => {
    const flow = await begin();
    flow.slack.addChannel({ id: 'D0PEOPLE', name: 'ann--bob', people: [ann, 'U0BOB'] });
    const told = await refused(flow, 'hello/topic-branch to staging', { channel: 'D0PEOPLE' });
    expect(told.shown).toMatch(/direct message/i);
    expect(told.shown).not.toMatch(/\/invite/);
  });

  test('a group message between people', async () => {
    const flow = await begin();
    flow.slack.addChannel({ id: 'G0GROUP', name: 'mpdm', people: [ann, 'U0BOB', gus] });
    const told = await refused(flow, 'hello/topic-branch to staging', { channel: 'G0GROUP' });
    expect(told.shown).toMatch(/channel|invite/i);
  });

  test('where apps may not post', async () => {
    const flow = await begin();
    flow.slack.faults.add(
      { path: /chat\.postMessage/ },
      { kind: 'status', status: 200, body: { ok: false, error: 'restricted_action_read_only_channel' } },
    );
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(/post/i);
  });

  test('once it has been invited, the same line works', async () => {
    const flow = await begin();
    await refused(flow, 'hello/topic-branch to staging', { channel: elsewhere });
    flow.slack.addChannel({ id: elsewhere, name: 'elsewhere', members: [ann], botIsMember: true });
    await flow.type('hello/topic-branch to staging', { channel: elsewhere });
    const deployment = await flow.deployment();
    expect(deployment.payload).toMatchObject({ room_id: elsewhere });
  });

  test('a direct message with the bot is a room like any other', async () => {
    const flow = await begin();
    flow.slack.addChannel({ id: 'D0ANN', name: 'ann', dmWith: ann });
    await flow.type('hello/topic-branch to staging', { channel: 'D0ANN' });
    const deployment = await flow.deployment();
    const parent = await flow.parent('D0ANN');
    expect(deployment.payload).toMatchObject({ room_id: 'D0ANN', notify: { message_id: parent.ts } });
    await calm(flow);
    expect(creations(flow)).toHaveLength(1);
    expect(posted(flow).filter(({ channel }) => channel !== 'D0ANN')).toEqual([]);
  });
});
