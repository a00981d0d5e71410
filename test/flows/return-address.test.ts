import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeploymentObject } from '../../src/sandbox/github/server.ts';
import { deploys, type Flow, random } from './flow.ts';
import { calm, flows, passes, posted, until } from './seen.ts';
import {
  createdElsewhere,
  deliver,
  deployed,
  lines,
  linesOf,
  type Payload,
  parent,
  post,
  replies,
  type Story,
  shows,
  statusPayload,
} from './story.ts';

const { begin } = flows();

const oldSecret = 'the-old-secret-of-deckhand-0123456789';
const newSecret = 'the-new-secret-of-deckhand-0123456789';

/** The payload of a deployment as everybody can read it. */
function payloadOf(flow: Flow, { id }: Story): Payload {
  const found = flow.github.deployments('acme/hello').find((deployment) => deployment.id === id);
  return structuredClone(found?.payload);
}

/** What is done must make the bot say nothing, anywhere: it must not even ask Slack for anything, now or later. */
async function saysNothing(flow: Flow, doing: () => Promise<void>): Promise<void> {
  await calm(flow);
  const calls = flow.slack.calls.length;
  const before = posted(flow).map(({ shown }) => shown);
  await doing();
  await calm(flow);
  await passes(flow, 65_000, 5_000);
  // Socket Mode opens its connections when it likes.
  const asked = flow.slack.calls.slice(calls).map(({ method }) => method);
  expect(asked.filter((method) => method !== 'apps.connections.open')).toEqual([]);
  expect(posted(flow).map(({ shown }) => shown)).toEqual(before);
}

/** Somebody with push access makes a deployment with that payload, and a deployer goes through with it. */
async function deploysElsewhere(flow: Flow, asked: object): Promise<DeploymentObject> {
  const deployment = await createdElsewhere(flow, asked);
  for (const state of ['queued', 'in_progress', 'failure']) {
    await flow.report(deployment.id, state, { description: 'words of somebody else' });
  }
  await flow.github.idle();
  return deployment;
}

/** Another store, as after a lost disk; the bot’s own secret is the same only if it is given. */
async function withFreshStore(flow: Flow, env: Record<string, string> = {}): Promise<void> {
  await flow.restart(() => {
    Object.assign(flow.env, { DATA_DIR: `${flow.env.DATA_DIR}-fresh` }, env);
  });
}

describe('nothing is said for', () => {
  const room = { adapter: 'slack', room: deploys, room_name: 'deploys', user: 'U0ANN', user_name: 'ann' };
  const forgeries: [string, (payload: Payload, story: Story) => unknown][] = [
    ['no payload at all', () => ({})],
    ['a text', () => 'deploy it'],
    ['a text that is JSON but no object', () => '[1, 2]'],
    ['our room, unsigned', (_, { ts }) => ({ notify: { ...room, message_id: ts, thread_id: ts } })],
    ['our room as old bots wrote it', () => ({ room_id: deploys, notify: room })],
    ['a payload without its signature', (p) => ({ ...p, deckhand: { ...p.deckhand, signature: undefined } })],
    ['an empty signature', (p) => ({ ...p, deckhand: { ...p.deckhand, signature: '' } })],
    ['a signature of zeros', (p) => ({ ...p, deckhand: { ...p.deckhand, signature: '0'.repeat(43) } })],
    ['a signature that is no text', (p) => ({ ...p, deckhand: { ...p.deckhand, signature: [p.deckhand.signature] } })],
    ['a signature made longer', (p) => ({ ...p, deckhand: { ...p.deckhand, signature: `${p.deckhand.signature}A` } })],
    [
      'a signature made with an empty key',
      (p) => ({
        ...p,
        deckhand: { ...p.deckhand, signature: createHmac('sha256', '').update(JSON.stringify(p)).digest('base64url') },
      }),
    ],
    ['another room', (p) => ({ ...p, room_id: random, notify: { ...p.notify, room: random } })],
    ['another message', (p) => ({ ...p, notify: { ...p.notify, message_id: '1718000000.000100' } })],
    ['another thread', (p) => ({ ...p, notify: { ...p.notify, thread_id: '1718000000.000100' } })],
    ['another team', (p) => ({ ...p, deckhand: { ...p.deckhand, team: 'T0OTHER' } })],
    ['another request', (p) => ({ ...p, deckhand: { ...p.deckhand, request: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } })],
    ['an exact copy', (p) => p],
    ['an exact copy as JSON text', (p) => JSON.stringify(p)],
    ['a copy in somebody else’s name', (p) => ({ ...p, user: 'bob', notify: { ...p.notify, user: 'U0BOB' } })],
    ['a __proto__', (p) => JSON.parse(`{"__proto__":${JSON.stringify(p)}}`)],
  ];

  test('deployments of somebody else’s with any payload that is not ours', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await saysNothing(flow, async () => {
      for (const [what, forged] of forgeries) {
        const calls = flow.slack.calls.length;
        await deploysElsewhere(flow, { environment: 'staging', payload: forged(payloadOf(flow, story), story) });
        await calm(flow);
        expect([what, flow.slack.calls.length]).toEqual([what, calls]);
      }
    });
    // And the real one is told as ever.
    await flow.report(story.id, 'success', { description: 'the real one' });
    const told = await linesOf(flow, story, 1);
    expect(told[0]).toContain('the real one');
  });

  test('a copy for another environment', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await saysNothing(flow, async () => {
      await deploysElsewhere(flow, { environment: 'production', payload: payloadOf(flow, story) });
    });
  });

  test('a copy for another task', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await saysNothing(flow, async () => {
      await deploysElsewhere(flow, { environment: 'staging', task: 'migrate', payload: payloadOf(flow, story) });
    });
  });

  test('a copy for another repository', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await saysNothing(flow, async () => {
      for (const id of [story.id, story.id + 1000]) {
        const event = statusPayload(flow, story, { state: 'failure' });
        event.repository.full_name = 'acme/another';
        event.repository.name = 'another';
        event.deployment.id = id;
        expect(await post(flow, JSON.stringify(event))).toBe(200);
      }
    });
  });

  test('any copy while the store is lost, where repository, environment or task differ', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    const payload = payloadOf(flow, story);
    await withFreshStore(flow);
    await saysNothing(flow, async () => {
      await deploysElsewhere(flow, { environment: 'production', payload });
      await deploysElsewhere(flow, { environment: 'review', payload });
      await deploysElsewhere(flow, { environment: 'staging', task: 'migrate', payload });
      const event = statusPayload(flow, story, { state: 'failure' });
      event.repository.full_name = 'acme/another';
      expect(await post(flow, JSON.stringify(event))).toBe(200);
    });
  });

  test('a deployment of another bot with another secret', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow, { DECKHAND_SECRET: newSecret });
    await saysNothing(flow, async () => {
      await flow.report(story.id, 'failure');
    });
  });

  test('a webhook that is not signed by GitHub, with a good return address', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story, { state: 'failure' }));
    await saysNothing(flow, async () => {
      expect(await post(flow, body, { secret: 'guessed' })).toBe(401);
    });
  });
});

test('a known deployment is told where it was asked for, whatever its payload says by then', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  const event = statusPayload(flow, story, { state: 'in_progress', description: 'still ours' });
  event.deployment.payload.notify.room = random;
  event.deployment.payload.room_id = random;
  await deliver(flow, event);
  const [line] = await linesOf(flow, story, 1);
  expect(line).toContain('still ours');
  expect(flow.slack.messages(random)).toEqual([]);
});

test.each([
  ['null', null],
  ['an empty text', ''],
  ['an empty object', {}],
  ['missing', undefined],
  ['a list', []],
])('a known deployment is told with a payload that is %s', async (_what, payload) => {
  const flow = await begin();
  const story = await deployed(flow);
  const event = statusPayload(flow, story, { state: 'success' });
  event.deployment.payload = payload;
  await deliver(flow, event);
  await linesOf(flow, story, 1);
});

test('a known deployment is told though its repository is spelled with other capitals', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  const event = statusPayload(flow, story, { state: 'in_progress' });
  event.repository.full_name = 'Acme/Hello';
  await deliver(flow, event);
  await linesOf(flow, story, 1);
});

describe('a copy does not take the place of the original', () => {
  test('when it is reported on first', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await saysNothing(flow, async () => {
      await deploysElsewhere(flow, { ref: 'main', environment: 'staging', payload: payloadOf(flow, story) });
    });
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 1);
    expect(parent(flow, story).shown).toContain('topic-branch');
  });

  test('when it is made while GitHub’s answer to the creation is awaited', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, { kind: 'done-then-hang' });
    await flow.type('hello/topic-branch to staging');
    const original = await flow.deployment();
    await deploysElsewhere(flow, { ref: 'main', environment: 'staging', payload: original.payload });
    const { ts, channel } = await flow.parent();
    const story = { id: original.id, room: channel, ts, request: '' };
    await passes(flow, 45_000, 1_000);
    await flow.report(original.id, 'success', { description: 'the real one' });
    await until(flow, () => lines(flow, story).some((line) => line.includes('the real one')));
    await calm(flow);
    expect(lines(flow, story).join('\n')).not.toContain('words of somebody else');
    await shows(flow, story, /succe|deployed/i);
  });

  test('when it is made and reported on while GitHub can’t say which was first', async () => {
    const flow = await begin();
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, { kind: 'done-then-status', status: 502 });
    const mended = flow.github.faults.add(
      { method: 'GET', path: /\/deployments$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 502 },
    );
    await flow.type('hello/topic-branch to staging');
    const original = await flow.deployment();
    const { ts, channel } = await flow.parent();
    const story = { id: original.id, room: channel, ts, request: '' };
    await passes(flow, 2_000, 250);
    await deploysElsewhere(flow, { ref: 'main', environment: 'staging', payload: original.payload });
    await calm(flow);
    mended();
    await passes(flow, 45_000, 1_000);
    await flow.report(original.id, 'success', { description: 'the real one' });
    await until(flow, () => lines(flow, story).some((line) => line.includes('the real one')));
    await calm(flow);
    expect(lines(flow, story).join('\n')).not.toContain('words of somebody else');
  });

  test('when the store was lost after the original had been told', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow);
    await flow.report(story.id, 'in_progress', { description: 'the real one' });
    await linesOf(flow, story, 1);
    await saysNothing(flow, async () => {
      await deploysElsewhere(flow, { ref: 'main', environment: 'staging', payload: payloadOf(flow, story) });
    });
  });
});

describe('a deployment that the store does not know', () => {
  test('is told in its thread when its return address is good: the database is gone, the secret is not', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.restart(() => {
      for (const end of ['', '-wal', '-shm']) rmSync(`${flow.env.DATA_DIR}/deckhand.db${end}`, { force: true });
    });
    await flow.report(story.id, 'in_progress', { description: 'after the loss' });
    await linesOf(flow, story, 1);
    await flow.clock.advance(3_000);
    await flow.report(story.id, 'success', { environment_url: 'https://staging.example/' });
    const told = await linesOf(flow, story, 2);
    expect(told[0]).toContain('after the loss');
    expect(told[1]).toContain('@ann');
    const { shown } = parent(flow, story);
    for (const part of ['ann', 'hello', 'topic-branch', 'staging', flow.commits['topic-branch'].slice(0, 7)]) {
      expect(shown).toContain(part);
    }
    expect(shown).toMatch(/succe|deployed/i);
    expect(shown).toContain('https://staging.example/');
    expect(flow.slack.messages(deploys)).toHaveLength(1);
  });

  test('its earlier lines are not said again', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await flow.report(story.id, 'queued', { description: 'before the loss' });
    await linesOf(flow, story, 1);
    await withFreshStore(flow);
    await flow.clock.advance(3_000);
    await flow.report(story.id, 'success', { description: 'after the loss' });
    await until(flow, () => lines(flow, story).some((line) => line.includes('after the loss')));
    await calm(flow);
    expect(lines(flow, story).filter((line) => line.includes('before the loss'))).toHaveLength(1);
  });

  test('its first failure is shown in the channel once, also when it was said before the loss', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 1);
    await withFreshStore(flow);
    await flow.clock.advance(3_000);
    await flow.report(story.id, 'error');
    await until(flow, () => lines(flow, story).length >= 2);
    await calm(flow);
    expect(replies(flow, story).filter((reply) => reply.reply_broadcast)).toHaveLength(1);
  });

  test('is followed from then on: what is dropped afterwards is learned', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    const stop = flow.github.dropWebhooks((event) => event === 'deployment_status');
    await flow.report(story.id, 'success');
    stop();
    await passes(flow, 65_000, 5_000);
    await linesOf(flow, story, 2);
  });

  test.each([
    ['an object', (payload: object) => payload],
    ['a text of JSON', (payload: object) => JSON.stringify(payload)],
    ['a text of JSON, encoded twice', (payload: object) => JSON.stringify(JSON.stringify(payload))],
  ])('is told with its payload as %s', async (_what, encode) => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow);
    const event = statusPayload(flow, story, { state: 'in_progress' });
    event.deployment.payload = encode(event.deployment.payload);
    await deliver(flow, event);
    await linesOf(flow, story, 1);
  });

  test('is told though a status moved it to another environment', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow);
    await flow.report(story.id, 'in_progress', { environment: 'canary' });
    await linesOf(flow, story, 1);
  });

  test('in a thread that somebody asked in, is told in that thread', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const said = await flow.slack.mention({ user: 'U0ANN', channel: deploys, text: '@deckhand help' });
    await said.acked;
    const asked = await flow.slack.mention({
      user: 'U0ANN',
      channel: deploys,
      text: '@deckhand hello/topic-branch to staging',
      thread: said.ts,
    });
    await asked.acked;
    const { id } = await flow.deployment();
    await withFreshStore(flow);
    await flow.report(id, 'in_progress', { description: 'after the loss' });
    await until(flow, () =>
      flow.slack.thread(deploys, said.ts ?? '').some(({ shown }) => shown.includes('after the loss')),
    );
  });

  test('is told after a rotation of the secret, while the old one is still in the list', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
    const story = await deployed(flow);
    await withFreshStore(flow, { DECKHAND_SECRET: `${newSecret},${oldSecret}` });
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
  });

  test('is signed with the first of the list', async () => {
    const flow = await begin({ env: { DECKHAND_SECRET: `${newSecret},${oldSecret}` } });
    const story = await deployed(flow);
    await withFreshStore(flow, { DECKHAND_SECRET: newSecret });
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
  });
});

test('a known deployment is told after its secret has left the list', async () => {
  const flow = await begin({ env: { DECKHAND_SECRET: oldSecret } });
  const story = await deployed(flow);
  await flow.restart(() => {
    flow.env.DECKHAND_SECRET = newSecret;
  });
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
});

test('the secret stands nowhere: not in the payload, not in the log, not in Slack', async () => {
  const flow = await begin({ env: { DECKHAND_SECRET: `${newSecret},${oldSecret}` } });
  const story = await deployed(flow);
  await flow.report(story.id, 'success');
  await linesOf(flow, story, 1);
  const all = [
    JSON.stringify(flow.github.deployments('acme/hello')),
    flow.log.join('\n'),
    JSON.stringify(flow.slack.calls.map(({ args }) => args)),
  ].join('\n');
  expect(all).not.toContain(newSecret);
  expect(all).not.toContain(oldSecret);
});
