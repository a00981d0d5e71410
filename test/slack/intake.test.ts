import { afterEach, describe, expect, test } from 'vitest';
import { ann, type Mode, ops, type Scene, type SceneOptions, startScene } from './scene.ts';

let scene: Scene | undefined;
const start = async (options: SceneOptions): Promise<Scene> => {
  scene = await startScene(options);
  return scene;
};

afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

describe.each<Mode>(['socket', 'http'])('what people type, over %s', (mode) => {
  test('a slash command is stored with who, where and how to answer, then acknowledged without text', async () => {
    const { slack, stored, app } = await start({ mode });
    const sent = await slack.command({ user: ann, channel: ops, text: 'hello/topic to staging' });
    expect(await sent.acked).toMatchObject({ status: 200, body: undefined });
    expect(stored).toEqual([
      {
        id: 'command-1',
        key: expect.stringContaining(`trigger:${sent.triggerId}:`),
        text: 'hello/topic to staging',
        prefix: '/deploy',
        place: { team: slack.teamId, room: ops, roomName: 'ops' },
        user: { id: ann, name: 'ann' },
        answerUrl: expect.stringContaining('/response/'),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(app.team()).toMatchObject({ id: slack.teamId, botUser: slack.botUserId, botName: 'deckhand' });
    expect(app.state()).toBe('connected');
  });

  test('any name that Slack routes here, and nothing after it', async () => {
    const { slack, stored } = await start({ mode });
    await (await slack.command({ user: ann, channel: ops, text: '', command: '/ship-it' })).acked;
    expect(stored).toMatchObject([{ prefix: '/ship-it', text: '' }]);
  });

  test('what phones do to text is undone', async () => {
    const { slack, stored } = await start({ mode });
    await (await slack.command({ user: ann, channel: ops, text: 'hello —force to\u00a0staging' })).acked;
    expect(stored).toMatchObject([{ text: 'hello --force to staging' }]);
  });

  test('a mention first in a message, and in a thread', async () => {
    const { slack, stored } = await start({ mode });
    const first = await slack.mention({ user: ann, channel: ops, text: '@deckhand deploy hello' });
    expect((await first.acked).status).toBe(200);
    const second = await slack.mention({ user: ann, channel: ops, text: '<@U0DECKHAND>: status', thread: first.ts });
    await second.acked;
    expect(stored).toMatchObject([
      { key: `message:${ops}:${first.ts}`, text: 'deploy hello', prefix: '@deckhand', user: { id: ann } },
      { text: 'status', place: { room: ops, thread: first.ts } },
    ]);
    expect(stored[0]?.place.thread).toBeUndefined();
  });

  test('talk about the bot, edited messages and other bots start nothing', async () => {
    const { slack, stored } = await start({ mode });
    slack.addUser({ id: 'U0ROBOT', name: 'robot', bot: true });
    const talk = await slack.mention({ user: ann, channel: ops, text: 'ask @deckhand to deploy hello' });
    const robot = await slack.mention({ user: 'U0ROBOT', channel: ops, text: '@deckhand deploy hello' });
    const edited = await slack.editMessage(ops, talk.ts ?? '', '@deckhand deploy hello');
    for (const { acked } of [talk, robot, edited]) expect((await acked).status).toBe(200);
    expect(stored).toEqual([]);
  });

  test('a mention that is edited after it was a command is one command', async () => {
    const { slack, stored } = await start({ mode });
    const sent = await slack.mention({ user: ann, channel: ops, text: '@deckhand deploy hello' });
    await sent.acked;
    await (await slack.editMessage(ops, sent.ts ?? '', '@deckhand deploy hello to production')).acked;
    expect(stored.map(({ text }) => text)).toEqual(['deploy hello']);
  });

  test('what Slack sends twice is one command, acknowledged twice', async () => {
    const { slack, stored } = await start({ mode });
    const command = await slack.command({ user: ann, channel: ops, text: 'hello' });
    await command.acked;
    const mention = await slack.mention({ user: ann, channel: ops, text: '@deckhand status' });
    await mention.acked;
    for (const sent of [command, mention]) expect((await (await slack.redeliver(sent)).acked).status).toBe(200);
    expect(stored.map(({ text }) => text)).toEqual(['hello', 'status']);
  });

  test('Slack is answered only after the command is stored', async () => {
    const { slack, storing, stored } = await start({ mode });
    let release = () => {};
    storing.wait = new Promise((resolve) => {
      release = resolve;
    });
    const answered: string[] = [];
    const command = await slack.command({ user: ann, channel: ops, text: 'hello' });
    const mention = await slack.mention({ user: ann, channel: ops, text: '@deckhand status' });
    const acks = [command, mention].map(async ({ acked }) => answered.push(String((await acked).status)));
    await expect.poll(() => storing.asked).toBe(2);
    expect(answered).toEqual([]);
    expect(stored).toEqual([]);
    release();
    await Promise.all(acks);
    expect(answered).toEqual(['200', '200']);
  });

  test('what cannot be stored is told to that person, and nobody else', async () => {
    const { slack, storing } = await start({ mode });
    storing.fail = true;
    await (await slack.command({ user: ann, channel: ops, text: 'hello' })).acked;
    expect(slack.ephemerals(ann).map(({ shown }) => shown)).toEqual([expect.stringContaining('try again')]);
    await (await slack.mention({ user: ann, channel: ops, text: '@deckhand deploy hello' })).acked;
    await expect.poll(() => slack.ephemerals(ann).length).toBe(2);
    expect(slack.ephemerals(ann)[1]?.shown).toContain('try again');
    expect(slack.ephemerals('U0BOB')).toEqual([]);
  });

  test('stopping waits for what is being stored', async () => {
    const { slack, app, storing, stored } = await start({ mode });
    let release = () => {};
    storing.wait = new Promise((resolve) => {
      release = resolve;
    });
    const sent = await slack.command({ user: ann, channel: ops, text: 'hello' });
    await expect.poll(() => storing.asked).toBe(1);
    const stopped = app.stop();
    release();
    await stopped;
    expect(stored).toHaveLength(1);
    expect((await sent.acked).status).toBe(200);
    expect(app.state()).toBe('disconnected');
  });
});
