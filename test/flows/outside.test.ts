import { createHmac, randomUUID } from 'node:crypto';
import path from 'node:path';
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../src/sandbox/free-port.ts';
import type { Tamper } from '../../src/sandbox/slack/server.ts';
import { ann, deploys, type Flow, webhookSecret } from './flow.ts';
import { asked, calm, creations, flows, parentOf, passes, posted, press, threadText, until } from './seen.ts';

const { begin, expectErrors } = flows();

const always = Number.POSITIVE_INFINITY;

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

/** Sends a webhook as GitHub does. */
async function webhook(
  flow: Flow,
  payload: unknown,
  o: { event?: string; secret?: string | null; type?: string; body?: string } = {},
): Promise<number> {
  const body = o.body ?? JSON.stringify(payload);
  const secret = o.secret === undefined ? webhookSecret : o.secret;
  const response = await fetch(`${flow.url}/github/webhooks`, {
    method: 'POST',
    body,
    headers: {
      'content-type': o.type ?? 'application/json',
      'user-agent': 'GitHub-Hookshot/5a0dbd0',
      'x-github-delivery': randomUUID(),
      'x-github-event': o.event ?? 'deployment_status',
      ...(secret !== null && {
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
    },
  });
  await response.text();
  return response.status;
}

/** Another process has the database and does not let go of it until the returned function is called. */
function lockStore(flow: Flow): () => void {
  const file = path.join(path.dirname(flow.appsFile), 'data', 'deckhand.db');
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

describe('Slack over HTTP', () => {
  const forged: [string, Tamper][] = [
    ['a wrong signature', { signature: 'wrong' }],
    ['no signature', { signature: 'missing' }],
    ['a signature of ten minutes ago', { shiftSeconds: -600 }],
    ['a signature of tomorrow', { shiftSeconds: 86_400 }],
    ['a signature of an hour ahead', { shiftSeconds: 3_600 }],
  ];
  test.each(forged)('%s: nothing happens', async (_, tamper) => {
    const flow = await begin({ http: true });
    const sent = await flow.slack.command({ user: ann, channel: deploys, text: 'hello to staging', tamper });
    expect((await sent.acked).status).toBe(401);
    await passes(flow, 10_000);
    expect(asked(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
  });

  test('forged mentions and presses', async () => {
    const flow = await begin({ http: true });
    const text = '@deckhand hello to staging';
    const sent = await flow.slack.mention({ user: ann, channel: deploys, text, tamper: { signature: 'wrong' } });
    expect((await sent.acked).status).toBe(401);
    await passes(flow, 10_000);
    expect(asked(flow)).toEqual([]);
  });

  test('the content type with a charset is taken as well', async () => {
    const flow = await begin({ http: true });
    const tamper = { contentType: 'application/x-www-form-urlencoded; charset=utf-8' };
    const sent = await flow.slack.command({ user: ann, channel: deploys, text: 'hello to staging', tamper });
    expect((await sent.acked).status).toBe(200);
    await flow.deployment();
  });

  test('mentions and buttons come that way too', async () => {
    const flow = await begin({ http: true, catalogue: 'owner: acme\napps:\n  hello: { repository: acme/hello }\n' });
    const { acked } = await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand hello/topic-branch' });
    expect((await acked).status).toBe(200);
    await press(flow, /production/i);
    expect((await flow.deployment()).environment).toBe('production');
  });

  test('a command is acknowledged before anything slow', async () => {
    const flow = await begin({ http: true });
    flow.github.faults.add({ path: /.*/, times: always }, { kind: 'hang' });
    flow.slack.faults.add({ path: /.*/, times: always }, { kind: 'hang' });
    const sent = await flow.slack.command({ user: ann, channel: deploys, text: 'hello to staging' });
    const { status, ms } = await sent.acked;
    expect(status).toBe(200);
    expect(ms).toBeLessThan(1_500);
  });

  test('the URL is verified', async () => {
    const flow = await begin({ http: true });
    const { status, body } = await flow.slack.verifyUrl('a-challenge');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('a-challenge');
  });
});

describe('GitHub’s webhooks', () => {
  test('are turned away without a good signature', async () => {
    const flow = await begin();
    expect(await webhook(flow, { action: 'created' }, { secret: 'guessed' })).toBe(401);
    expect(await webhook(flow, { action: 'created' }, { secret: null })).toBe(401);
    expect(await webhook(flow, { action: 'created' }, { secret: '' })).toBe(401);
  });

  test('must be what their headers say', async () => {
    const flow = await begin();
    expect(await webhook(flow, null, { body: '{"half":' })).toBe(400);
    expect(await webhook(flow, null, { body: '{"half":', type: 'application/x-www-form-urlencoded' })).toBe(400);
  });

  test('of no use are taken and ignored', async () => {
    const flow = await begin();
    for (const event of ['ping', 'push', 'deployment', 'something_new']) {
      const status = await webhook(flow, { zen: 'Keep it logically awesome.', action: 'created' }, { event });
      expect(Math.floor(status / 100)).toBe(2);
    }
    await passes(flow, 2_000);
    expect(posted(flow)).toEqual([]);
  });

  test('may be form-encoded', async () => {
    const flow = await begin();
    const body = new URLSearchParams({ payload: JSON.stringify({ zen: 'Non-blocking is better than blocking.' }) });
    const status = await webhook(flow, null, {
      event: 'ping',
      body: `${body}`,
      type: 'application/x-www-form-urlencoded',
    });
    expect(Math.floor(status / 100)).toBe(2);
  });

  test('are answered with 503 while they can’t be stored, and taken again after it', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await until(flow, async () => (await parentOf(flow)).shown.includes(String(id)));
    await calm(flow);
    expectErrors(/SQLITE_BUSY|locked|stored/i);
    const unlock = lockStore(flow);
    try {
      await flow.report(id, 'in_progress', { description: 'unpacking' });
      await flow.github.idle();
      expect(flow.github.deliveries.findLast(({ event }) => event === 'deployment_status')?.response).toBe(503);
    } finally {
      unlock();
    }
    const guid = flow.github.deliveries.findLast(({ event }) => event === 'deployment_status')?.guid ?? '';
    await flow.github.redeliver(guid);
    await until(flow, () => /unpacking/.test(threadText(flow)));
    await passes(flow, 60_000, 5_000);
    expect(threadText(flow).match(/unpacking/g)).toHaveLength(1);
  });
});

test('a command that can’t be stored is not done, and the person is told', async () => {
  const flow = await begin();
  expectErrors(/SQLITE_BUSY|locked|stored/i);
  const unlock = lockStore(flow);
  try {
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => flow.told().length === 1, { withinMs: 0 });
  } finally {
    unlock();
  }
  expect(flow.told()[0]).toMatch(/again/i);
  await passes(flow, 10_000);
  expect(creations(flow)).toEqual([]);
});

describe('health', () => {
  test('lives and is ready, and names its four parts', async () => {
    const flow = await begin();
    expect((await get(`${flow.url}/healthz`)).status).toBe(200);
    const { status, text } = await get(`${flow.url}/readyz`);
    expect(status).toBe(200);
    for (const part of ['store', 'jobs', 'slack', 'github']) expect(text.toLowerCase()).toContain(part);
  });

  test('an outage of Slack and GitHub does not make it unready, and is named', async () => {
    const flow = await begin();
    expectErrors(/WSS URL|Slack|socket/i);
    flow.github.faults.add({ path: /.*/, times: always }, { kind: 'status', status: 503, body: {} });
    await flow.type('hello');
    await until(flow, () => flow.told().length === 1);
    flow.slack.faults.add({ path: /.*/, times: always }, { kind: 'status', status: 503, body: '' });
    flow.slack.disconnect('link_disabled');
    await passes(flow, 30_000);
    const { status, text } = await get(`${flow.url}/readyz`);
    expect(status).toBe(200);
    expect(text).toMatch(/unreachable|503/);
    expect((await get(`${flow.url}/healthz`)).status).toBe(200);
  });

  test('a revoked Slack token does not make it unready either, and webhooks are still taken', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await calm(flow);
    flow.slack.revokeToken('token_revoked');
    await flow.report(id, 'in_progress', { description: 'unpacking' });
    await flow.github.idle();
    expect(flow.github.deliveries.at(-1)?.response).toSatisfy((code) => Number(code) >= 200 && Number(code) < 300);
    await passes(flow, 30_000);
    expect((await get(`${flow.url}/readyz`)).status).toBe(200);
    flow.slack.revokeToken(undefined);
    await until(flow, () => /unpacking/.test(threadText(flow)), { withinMs: 120_000, stepMs: 2_000 });
  });

  test('unready while the store takes nothing', async () => {
    const flow = await begin();
    const unlock = lockStore(flow);
    expectErrors(/SQLITE_BUSY|locked/i);
    try {
      expect((await get(`${flow.url}/readyz`)).status).toBe(503);
      expect((await get(`${flow.url}/healthz`)).status).toBe(200);
    } finally {
      unlock();
    }
    expect((await get(`${flow.url}/readyz`)).status).toBe(200);
  });

  test('metrics stand on a listener of their own', async () => {
    const port = await freePort();
    const flow = await begin({ env: { METRICS_PORT: String(port) } });
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
    await flow.type('helo');
    await until(flow, () => flow.told().length === 1);
    const { status, text } = await get(`http://127.0.0.1:${port}/metrics`);
    expect(status).toBe(200);
    expect(text).toMatch(/# TYPE \S+ counter/);
    expect(text).toMatch(/result="refused"\} 1/);
    expect((await get(`${flow.url}/metrics`)).status).toBe(404);
  });

  test('paths of nobody', async () => {
    const flow = await begin();
    for (const at of ['/', '/slack/install', '/slack/events', '/../etc/passwd', '/github/webhooks/']) {
      expect((await get(`${flow.url}${at}`)).status).toBe(404);
    }
  });
});

describe('Slack’s own troubles', () => {
  test('an answer that Slack did not take is given once it can be', async () => {
    const flow = await begin();
    expectErrors(/answer/);
    const mend = flow.slack.faults.add(
      { path: /response|postEphemeral|postMessage/, times: always },
      { kind: 'status', status: 503, body: '' },
    );
    await flow.type('helo');
    await passes(flow, 20_000);
    mend();
    await until(flow, () => flow.told().length > 0, { withinMs: 120_000 });
    expect(flow.told()).toHaveLength(1);
  });

  test('app_rate_limited ends nobody', async () => {
    const flow = await begin();
    await flow.slack.sendAppRateLimited();
    await passes(flow, 2_000);
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
  });

  test('a connection that Slack refreshes loses no command', async () => {
    const flow = await begin();
    await passes(flow, 60_000, 5_000);
    flow.slack.disconnect('refresh_requested');
    await flow.slack.onConnection(1);
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
  });
});
