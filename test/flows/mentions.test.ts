import { describe, expect, test } from 'vitest';
import { ann, deploys, elsewhere, type Flow } from './flow.ts';
import {
  asSoonAs,
  calm,
  creations,
  flows,
  parentOf,
  passes,
  posted,
  press,
  refusal,
  scene,
  threadText,
  until,
} from './seen.ts';

const { begin } = flows();

const made = (flow: Flow) => flow.github.deployments('acme/hello');

async function mention(flow: Flow, text: string, more: { thread?: string; channel?: string; user?: string } = {}) {
  const sent = await flow.slack.mention({ user: ann, channel: deploys, text, ...more });
  await sent.acked;
  return sent;
}

/** A message that somebody wrote to nobody in particular. */
async function talk(flow: Flow, text: string): Promise<string> {
  const { ts = '' } = await flow.slack.mention({ user: 'U0BOB', channel: deploys, text });
  return ts;
}

describe('a mention that comes first is a command', () => {
  test('at the top level: a parent of its own in the channel', async () => {
    const flow = await begin();
    await mention(flow, '@deckhand hello/topic-branch to staging');
    const deployment = await flow.deployment();
    const parent = posted(flow).find(({ thread_ts }) => !thread_ts);
    expect(parent?.channel).toBe(deploys);
    expect(deployment.payload).toMatchObject({
      user: 'ann',
      notify: { message_id: parent?.ts, thread_id: parent?.ts, room: deploys, room_name: 'deploys', user_name: 'ann' },
    });
    await flow.report(deployment.id, 'success');
    await until(flow, () => /success|succeeded/i.test(threadText(flow)));
    expect(
      posted(flow)
        .filter(({ thread_ts }) => thread_ts)
        .every(({ thread_ts }) => thread_ts === parent?.ts),
    ).toBe(true);
  });

  test('in a thread: that thread is the deployment’s, parent and lines', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand hello/topic-branch to staging', { thread: root });
    const deployment = await flow.deployment();
    await flow.report(deployment.id, 'in_progress', { description: 'unpacking' });
    await flow.report(deployment.id, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'));
    await calm(flow);
    const mine = flow.slack.thread(deploys, root).filter(({ bot_id }) => bot_id);
    const [parent, ...lines] = mine;
    expect(parent?.shown).toMatch(/topic-branch/);
    expect(lines.map(({ shown }) => shown).join('\n')).toMatch(/unpacking/);
    expect(deployment.payload).toMatchObject({ notify: { message_id: parent?.ts, thread_id: root } });
    await until(flow, () =>
      /https:\/\/staging\.example/.test(
        flow.slack.thread(deploys, root).find(({ ts }) => ts === parent?.ts)?.shown ?? '',
      ),
    );
    // At the top level stands bob's message alone.
    expect(flow.slack.messages(deploys).filter(({ bot_id }) => bot_id)).toEqual([]);
  });

  test('the first failure in a thread is shown in the channel as well', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand hello/topic-branch to staging', { thread: root });
    await flow.report((await flow.deployment()).id, 'failure', { description: 'smoke' });
    await until(flow, () =>
      flow.slack.messages(deploys).some(({ reply_broadcast, shown }) => reply_broadcast && /smoke/.test(shown)),
    );
  });

  test('a refusal in a thread is told to that person only', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand helo to staging', { thread: root });
    await until(flow, () => flow.told().length === 1);
    const told = flow.slack.ephemerals(ann)[0];
    expect(told?.shown).toMatch(/helo/);
    expect(told?.thread_ts).toBe(root);
    expect(creations(flow)).toEqual([]);
    expect(flow.slack.thread(deploys, root)).toHaveLength(1);
  });

  test('examples are such as can be typed there: a mention, since threads have no slash commands', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand help', { thread: root });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/@deckhand/);
    expect(flow.told()[0]).not.toMatch(/\/deploy/);
  });

  test('a refusal’s example too', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand hello/topic-branch staging', { thread: root });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/@deckhand hello\/topic-branch to staging/);
  });

  test('a button pressed in a thread’s refusal deploys into that thread', async () => {
    const flow = await begin();
    const root = await talk(flow, 'shall we?');
    await mention(flow, '@deckhand helo/topic-branch to staging', { thread: root });
    await press(flow, /hello/);
    const { payload } = await flow.deployment();
    expect(payload).toMatchObject({ notify: { thread_id: root } });
    expect(flow.slack.messages(deploys).filter(({ bot_id }) => bot_id)).toEqual([]);
  });

  test('status in a deployment’s thread is about that deployment', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    await flow.type('hello/main to production');
    await until(flow, () => made(flow).length === 2);
    const parent = posted(flow).find(({ shown }) => /topic-branch/.test(shown));
    await mention(flow, '@deckhand status', { thread: parent?.ts });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/topic-branch/);
    expect(flow.told()[0]).not.toMatch(/production/);
  });

  const phones = [
    '@deckhand  hello/topic-branch to staging —force',
    '@deckhand, hello/topic-branch to staging –force',
    '@deckhand: hello/topic-branch to staging -f',
    '@deckhand deploy! hello/topic-branch to <http://staging|staging>',
    '@deckhand\u00a0hello/topic-branch\u00a0to\u00a0staging!',
    '@deckhand Hello/topic-branch To Staging!',
    '@deckhand hello/topic-branch! to staging --description “it’s &amp; &lt;ready&gt;”',
    '@deckhand\nhello/topic-branch! to staging',
  ];
  test.each(phones)('what phones do is undone: %j', async (text) => {
    const flow = await begin();
    await mention(flow, text);
    const deployment = await flow.deployment();
    expect(deployment).toMatchObject({ ref: 'topic-branch', environment: 'staging' });
    expect(creations(flow)[0]?.body).toMatchObject({ required_contexts: [] });
    if (text.includes('&lt;')) expect(deployment.description).toBe('it’s & <ready>');
  });

  test('a link that Slack made of a branch name', async () => {
    const flow = await begin();
    const { git } = await import('../../src/sandbox/local-git.ts');
    await git(['--git-dir', flow.repositoryFolder, 'update-ref', 'refs/heads/fix.io', flow.commits.main]);
    await mention(flow, '@deckhand hello/<http://fix.io|fix.io> to staging');
    expect((await flow.deployment()).ref).toBe('fix.io');
  });
});

describe('what starts nothing', () => {
  async function nothing(flow: Flow): Promise<void> {
    await passes(flow, 5_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
    expect(flow.told()).toEqual([]);
  }

  test('talk about the bot', async () => {
    const flow = await begin();
    await mention(flow, 'yesterday I asked @deckhand hello to staging');
    await mention(flow, 'ask @bob or @deckhand');
    await nothing(flow);
  });

  test('a message that was edited into a mention', async () => {
    const flow = await begin();
    const ts = await talk(flow, 'hello to staging');
    const sent = await flow.slack.editMessage(deploys, ts, '@deckhand hello to staging');
    await sent.acked;
    await nothing(flow);
  });

  test('an old mention that was edited does not deploy again', async () => {
    const flow = await begin();
    const { ts = '' } = await mention(flow, '@deckhand hello/topic-branch to staging');
    await until(flow, () => made(flow).length === 1);
    const sent = await flow.slack.editMessage(deploys, ts, '@deckhand hello/main to production');
    await sent.acked;
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('another bot', async () => {
    const flow = await begin();
    flow.slack.addUser({ id: 'U0ROBBY', name: 'robby', bot: true });
    await mention(flow, '@deckhand hello to staging', { user: 'U0ROBBY' });
    await passes(flow, 5_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
  });

  test('where the bot is no member it hears nothing', async () => {
    const flow = await begin();
    await mention(flow, '@deckhand hello to staging', { channel: elsewhere });
    await nothing(flow);
  });

  test('nothing after the mention is a plea for help', async () => {
    const flow = await begin();
    await mention(flow, '@deckhand');
    expect((await refusal(flow)).shown).toMatch(/hello/);
  });
});

describe('the same thing delivered more than once', () => {
  test.each([{ http: false }, { http: true }])('a command (over HTTP: $http) is one deployment', async ({ http }) => {
    const flow = await begin({ http });
    const sent = await flow.slack.command({ user: ann, channel: deploys, text: 'hello/topic-branch to staging' });
    const again = await flow.slack.redeliver(sent);
    expect((await again.acked).status).toBe(200);
    await until(flow, () => made(flow).length === 1);
    const late = await flow.slack.redeliver(sent);
    expect((await late.acked).status).toBe(200);
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(1);
    expect(posted(flow)).toHaveLength(1);
    expect(flow.told()).toEqual([]);
  });

  test.each([{ http: false }, { http: true }])(
    'a mention that Slack sends again (over HTTP: $http)',
    async ({ http }) => {
      const flow = await begin({ http });
      const sent = await mention(flow, '@deckhand hello/topic-branch to staging');
      for (let retry = 0; retry < 3; retry++) {
        const again = await flow.slack.redeliver(sent);
        expect((await again.acked).status).toBe(200);
      }
      await until(flow, () => made(flow).length === 1);
      await passes(flow, 5_000);
      expect(creations(flow)).toHaveLength(1);
    },
  );

  test('a pressed button that is delivered twice', async () => {
    const flow = await begin({ catalogue: 'owner: acme\napps:\n  hello: { repository: acme/hello }\n' });
    await flow.type('hello');
    const { ts, buttons } = await refusal(flow);
    const action = buttons[0]?.action_id ?? '';
    const sent = await flow.slack.press({ user: ann, channel: deploys, message: ts, action });
    await flow.slack.redeliver(sent);
    await until(flow, () => made(flow).length === 1);
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('also when the bot was started anew in between', async () => {
    const flow = await begin();
    const sent = await flow.slack.command({ user: ann, channel: deploys, text: 'hello/topic-branch to staging' });
    await sent.acked;
    await asSoonAs(flow, () => made(flow).length === 1);
    await flow.restart();
    await (await flow.slack.redeliver(sent)).acked;
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('the same line typed twice is two deployments, each with a parent of its own', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => made(flow).length === 2);
    await calm(flow);
    expect(posted(flow), scene(flow)).toHaveLength(2);
  });
});

test('the parent can be found from the thread that it stands in', async () => {
  const flow = await begin();
  await mention(flow, '@deckhand hello/topic-branch to staging');
  await until(flow, () => made(flow).length === 1);
  expect((await parentOf(flow)).shown).toMatch(/ann/);
});
