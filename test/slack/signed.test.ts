import { afterEach, expect, test } from 'vitest';
import { ann, later, ops, type Scene, startScene } from './scene.ts';

let scene: Scene | undefined;

afterEach(async () => {
  await scene?.stop();
  scene = undefined;
});

const form = 'application/x-www-form-urlencoded';

test('forged, unsigned, old and future requests are refused and store nothing', async () => {
  scene = await startScene({ mode: 'http' });
  const { slack, stored } = scene;
  const tampers = [
    { signature: 'wrong' },
    { signature: 'missing' },
    { shiftSeconds: -301 },
    { shiftSeconds: 302 },
    { shiftSeconds: 3600 },
  ] as const;
  for (const tamper of tampers) {
    const sent = await slack.command({ user: ann, channel: ops, text: 'hello', tamper });
    expect((await sent.acked).status, JSON.stringify(tamper)).toBe(401);
  }
  expect(stored).toEqual([]);
});

test('clocks may differ by five minutes', async () => {
  scene = await startScene({ mode: 'http' });
  for (const shiftSeconds of [-290, 290]) {
    const sent = await scene.slack.command({ user: ann, channel: ops, text: 'hello', tamper: { shiftSeconds } });
    expect((await sent.acked).status).toBe(200);
  }
  expect(scene.stored).toHaveLength(2);
});

test('the future is told by the bot’s own clock', async () => {
  scene = await startScene({ mode: 'http', app: { clock: later(-3600_000) } });
  const sent = await scene.slack.command({ user: ann, channel: ops, text: 'hello' });
  expect((await sent.acked).status).toBe(401);
});

test.each([`${form}; charset=utf-8`, `${form};charset=UTF-8`, 'Application/X-WWW-Form-Urlencoded'])(
  'the content type %s is a form',
  async (contentType) => {
    scene = await startScene({ mode: 'http' });
    const sent = await scene.slack.command({ user: ann, channel: ops, text: 'hello', tamper: { contentType } });
    expect((await sent.acked).status).toBe(200);
    expect(scene.stored).toMatchObject([{ text: 'hello' }]);
  },
);

test('Slack may check the certificate and the address, also with a charset', async () => {
  scene = await startScene({ mode: 'http' });
  const { url, slack, stored } = scene;
  for (const type of [form, `${form}; charset=utf-8`]) {
    const body = 'ssl_check=1&command=%2Fdeploy&text=hello&user_id=U0ANN&channel_id=C0OPS&trigger_id=1';
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
    expect(response.status).toBe(200);
  }
  expect(stored).toEqual([]);
  expect(await slack.verifyUrl('challenge-1')).toMatchObject({ status: 200, body: { challenge: 'challenge-1' } });
});

test('other paths and methods are not found', async () => {
  scene = await startScene({ mode: 'http' });
  expect((await fetch(scene.url)).status).toBe(404);
  expect((await fetch(scene.url.replace('/slack/events', '/elsewhere'), { method: 'POST' })).status).toBe(404);
});

test('an event whose listener fails is not acknowledged, so that Slack sends it again', async () => {
  let broken = true;
  scene = await startScene({
    mode: 'http',
    app: {
      ulid: () => {
        if (broken) throw new Error('no randomness');
        return 'command-x';
      },
    },
  });
  const { slack, stored } = scene;
  const sent = await slack.mention({ user: ann, channel: ops, text: '@deckhand hello' });
  expect((await sent.acked).status).toBe(500);
  broken = false;
  expect((await (await slack.redeliver(sent)).acked).status).toBe(200);
  expect(stored).toMatchObject([{ text: 'hello' }]);
});

test('while the bot starts or stops, Slack is told to come again', async () => {
  scene = await startScene({ mode: 'http', idle: true });
  const { slack, app, stored } = scene;
  expect((await (await slack.command({ user: ann, channel: ops, text: 'early' })).acked).status).toBe(503);
  await app.start();
  expect((await (await slack.command({ user: ann, channel: ops, text: 'hello' })).acked).status).toBe(200);
  await app.stop();
  expect((await (await slack.command({ user: ann, channel: ops, text: 'late' })).acked).status).toBe(503);
  expect(stored.map(({ text }) => text)).toEqual(['hello']);
});
