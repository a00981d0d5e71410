import { afterEach, describe, expect, test } from 'vitest';
import { ann, type Mode, ops, type Scene, startScene } from './scene.ts';

let scene: Scene | undefined;

afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

const button = (action_id: string, value?: string, url?: string) => ({
  type: 'button',
  action_id,
  text: { type: 'plain_text', text: 'Press' },
  ...(value && { value }),
  ...(url && { url }),
});

const withButton = (element: object) => ({ text: 'x', blocks: [{ type: 'actions', elements: [element] }] });

describe.each<Mode>(['socket', 'http'])('buttons, over %s', (mode) => {
  test('pressing one types its line in the room, also where the button is in a thread', async () => {
    scene = await startScene({ mode });
    const { slack, app, stored } = scene;
    const parent = await app.client.chat.postMessage({ channel: ops, text: 'parent' });
    const posted = await app.client.chat.postMessage({
      channel: ops,
      thread_ts: parent.ts,
      ...withButton(button('say:0', 'hello/topic! to staging')),
    });
    const sent = await slack.press({ user: 'U0BOB', channel: ops, message: posted.ts ?? '', action: 'say:0' });
    expect((await sent.acked).status).toBe(200);
    expect(stored).toMatchObject([
      {
        key: `press:${ops}:${posted.ts}:say:0`,
        text: 'hello/topic! to staging',
        prefix: '/deploy',
        place: { team: slack.teamId, room: ops, roomName: 'ops' },
        user: { id: 'U0BOB', name: 'bob' },
        answerUrl: expect.stringContaining('/response/'),
      },
    ]);
    // What everybody sees stays as it is.
    await slack.idle();
    expect(slack.thread(ops, parent.ts ?? '')[0]?.buttons).toHaveLength(1);
  });

  test('a private one is put away once it is pressed', async () => {
    scene = await startScene({ mode });
    const { slack, app, stored } = scene;
    const posted = await app.client.chat.postEphemeral({
      channel: ops,
      user: ann,
      ...withButton(button('confirm:0', 'hello to production')),
    });
    await (await slack.press({ user: ann, channel: ops, message: posted.message_ts ?? '', action: 'confirm:0' })).acked;
    expect(stored).toMatchObject([{ text: 'hello to production', prefix: '/deploy' }]);
    await expect.poll(() => slack.ephemerals(ann)[0]?.buttons).toEqual([]);
    expect(slack.ephemerals(ann)[0]?.shown).toContain('/deploy hello to production');
  });

  test('one that could not be stored stays, and the person is told', async () => {
    scene = await startScene({ mode });
    const { slack, app, storing } = scene;
    storing.fail = true;
    const posted = await app.client.chat.postEphemeral({
      channel: ops,
      user: ann,
      ...withButton(button('confirm:0', 'hello to production')),
    });
    await (await slack.press({ user: ann, channel: ops, message: posted.message_ts ?? '', action: 'confirm:0' })).acked;
    await expect.poll(() => slack.ephemerals(ann).length).toBe(2);
    expect(slack.ephemerals(ann)[0]?.buttons).toHaveLength(1);
    expect(slack.ephemerals(ann)[1]?.shown).toContain('try again');
  });

  test('links and buttons of other kinds are acknowledged and start nothing', async () => {
    scene = await startScene({ mode });
    const { slack, app, stored } = scene;
    for (const element of [button('open:0', undefined, 'https://example.test/log'), button('other', 'hello')]) {
      const posted = await app.client.chat.postMessage({ channel: ops, ...withButton(element) });
      const press = { user: ann, channel: ops, message: posted.ts ?? '', action: element.action_id };
      expect((await (await slack.press(press)).acked).status).toBe(200);
    }
    expect(stored).toEqual([]);
  });
});
