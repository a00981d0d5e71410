import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { type Flow, webhookSecret } from './flow.ts';
import { calm, flows, passes, until } from './seen.ts';
import { deliver, deployed, lines, linesOf, type Payload, post, signatureOf, statusPayload } from './story.ts';

const { begin, expectErrors } = flows();

const form = (payload: unknown): string => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

const exampleFile = new URL('../fixtures/github/webhook-examples.json', import.meta.url);

describe('what is taken', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'APPLICATION/JSON',
  ])('JSON as %s', async (contentType) => {
    const flow = await begin();
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story, { state: 'queued', description: 'grüße 🚀' }));
    expect(await post(flow, body, { contentType })).toBe(200);
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('grüße 🚀');
  });

  test.each(['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=utf-8'])(
    'a form as %s',
    async (contentType) => {
      const flow = await begin();
      const story = await deployed(flow);
      const body = form(statusPayload(flow, story, { state: 'queued', description: 'a+b & c = ü 🚀' }));
      expect(await post(flow, body, { contentType })).toBe(200);
      const [line] = await linesOf(flow, story, 1);
      expect(line).toContain('a+b & c = ü 🚀');
    },
  );

  test('a hook that GitHub sends as a form', async () => {
    const flow = await begin();
    flow.github.addWebhook({
      url: `${flow.url}/github/webhooks`,
      secret: webhookSecret,
      events: ['deployment_status'],
      contentType: 'form',
    });
    const story = await deployed(flow);
    await flow.report(story.id, 'in_progress');
    await linesOf(flow, story, 1);
    const answers = flow.github.deliveries.filter(({ event }) => event === 'deployment_status').map((d) => d.response);
    expect(answers).toEqual([200, 200]);
  });

  test('any secret of the list while it is rotated, and only those', async () => {
    const flow = await begin({ env: { GITHUB_WEBHOOK_SECRET: `the-new-secret, ${webhookSecret}` } });
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story));
    expect(await post(flow, body, { secret: 'the-new-secret' })).toBe(200);
    expect(await post(flow, body, { secret: webhookSecret })).toBe(200);
    expect(await post(flow, body, { secret: `the-new-secret, ${webhookSecret}` })).toBe(401);
    expect(await post(flow, body, { secret: 'neither' })).toBe(401);
    await linesOf(flow, story, 1);
  });

  test('with a query behind the path', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    expect(await post(flow, JSON.stringify(statusPayload(flow, story)), { path: '/github/webhooks?from=github' })).toBe(
      200,
    );
    await linesOf(flow, story, 1);
  });

  test.each(['ping', 'push', 'deployment', 'check_run', 'workflow_run', 'deployment_review', 'an_event_of_2031'])(
    '%s events, which say nothing',
    async (event) => {
      const flow = await begin();
      const story = await deployed(flow);
      await calm(flow);
      const before = flow.slack.calls.length;
      const status = await post(
        flow,
        JSON.stringify({ ...statusPayload(flow, story), zen: 'Keep it logically awesome.' }),
        { event },
      );
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(300);
      await calm(flow);
      expect(flow.slack.calls.slice(before)).toEqual([]);
    },
  );

  test('every recorded example of GitHub’s', async () => {
    const flow = await begin();
    const examples = JSON.parse(readFileSync(exampleFile, 'utf8')) as {
      examples: { name: string; examples: Payload[] }[];
    };
    let count = 0;
    for (const { name, examples: payloads } of examples.examples) {
      for (const payload of payloads) {
        count += 1;
        expect(await post(flow, JSON.stringify(payload), { event: name })).toBe(200);
        expect(await post(flow, form(payload), { event: name, contentType: 'application/x-www-form-urlencoded' })).toBe(
          200,
        );
      }
    }
    expect(count).toBeGreaterThan(2);
    await calm(flow);
    expect(flow.slack.calls.filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
  });

  test('24 MB of it', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const payload = statusPayload(flow, story, { state: 'in_progress' });
    payload.padding = 'x'.repeat(24 * 1024 * 1024);
    expect(await post(flow, JSON.stringify(payload))).toBe(200);
    await linesOf(flow, story, 1);
  });
});

describe('what is turned away', () => {
  test('a signature that is missing or does not fit: 401, and nothing is said', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story));
    const good = signatureOf(body);
    const bad = [
      null,
      '',
      'sha256=',
      `sha256=${'0'.repeat(64)}`,
      `sha1=${'0'.repeat(40)}`,
      good.slice(0, -1),
      `${good.slice(0, -1)}g`,
      `${good}0`,
      good.replace('sha256=', ''),
      `${good}, ${good}`,
      signatureOf(body, 'another-secret'),
      signatureOf(`${body} `),
      signatureOf(body, ''),
    ];
    for (const signature of bad) expect(await post(flow, body, { signature })).toBe(401);
    await calm(flow);
    expect(lines(flow, story)).toEqual([]);
  });

  test('a changed body under an old signature: 401', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story, { state: 'failure' }));
    expect(await post(flow, body.replace('"failure"', '"success"'), { signature: signatureOf(body) })).toBe(401);
  });

  test('an old-fashioned signature alone: 401', async () => {
    const flow = await begin();
    const response = await fetch(`${flow.url}/github/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-hub-signature': 'sha1=00' },
      body: '{}',
    });
    expect(response.status).toBe(401);
  });

  test.each([
    ['cut off', '{"action":"created"'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"deployment_status"'],
  ])('JSON that is %s: 400', async (_what, body) => {
    const flow = await begin();
    expect(await post(flow, body)).toBe(400);
  });

  test('bytes that are no UTF-8: 400', async () => {
    const flow = await begin();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    const { createHmac } = await import('node:crypto');
    const signature = `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`;
    const response = await fetch(`${flow.url}/github/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'deployment_status',
        'x-hub-signature-256': signature,
      },
      body,
    });
    expect(response.status).toBe(400);
  });

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', '', null])(
    'the content type %s: 400',
    async (contentType) => {
      const flow = await begin();
      expect(await post(flow, '{"zen":"x"}', { contentType, event: 'ping' })).toBe(400);
    },
  );

  test('JSON that is called a form, and a form that is called JSON: 400', async () => {
    const flow = await begin();
    expect(await post(flow, '{"zen":"x"}', { contentType: 'application/x-www-form-urlencoded' })).toBe(400);
    expect(await post(flow, form({ zen: 'x' }))).toBe(400);
    expect(await post(flow, 'payload=%7Bnot+json', { contentType: 'application/x-www-form-urlencoded' })).toBe(400);
  });

  test.each([null, ''])('the event header %j: 400', async (event) => {
    const flow = await begin();
    expect(await post(flow, '{"zen":"x"}', { event })).toBe(400);
  });

  test.each(['GET', 'PUT', 'DELETE', 'HEAD', 'PATCH'])('%s: 405', async (method) => {
    const flow = await begin();
    const response = await fetch(`${flow.url}/github/webhooks`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  test('a body that says it is larger than 25 MB: 413, without reading it', async () => {
    const flow = await begin();
    expect(await announced(flow, 26 * 1024 * 1024)).toBe(413);
  });

  test('a body without a length that turns out larger than 25 MB: 413', async () => {
    const flow = await begin();
    expect(await streamed(flow, 26)).toBe(413);
    // It goes on working.
    expect(await post(flow, '{"zen":"x"}', { event: 'ping' })).toBe(200);
  });

  test('the sender goes away in the middle', async () => {
    const flow = await begin();
    await new Promise<void>((resolve) => {
      const sent = request(`${flow.url}/github/webhooks`, { method: 'POST', headers: { 'content-length': '1000' } });
      sent.on('error', () => resolve());
      sent.write('{"half":', () => sent.destroy(new Error('gone')));
    });
    const story = await deployed(flow);
    await flow.report(story.id, 'queued');
    await linesOf(flow, story, 1);
  });

  test('what it says of it names no secret', async () => {
    const flow = await begin();
    const response = await fetch(`${flow.url}/github/webhooks`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(text).not.toContain(webhookSecret);
    expect(text).not.toMatch(/[0-9a-f]{64}|at .*\.ts/);
  });
});

/** Sends only the headers of a request with that length, and answers the status. */
function announced(flow: Flow, length: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': String(length), 'content-type': 'application/json' };
    const sent = request(`${flow.url}/github/webhooks`, { method: 'POST', headers, agent: false });
    sent.on('response', (response) => {
      resolve(response.statusCode);
      response.resume();
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
}

/** Sends that many megabytes in chunks, and answers the status. */
function streamed(flow: Flow, megabytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${flow.url}/github/webhooks`, { method: 'POST', agent: false });
    let answered = false;
    sent.on('response', (response) => {
      answered = true;
      resolve(response.statusCode);
      response.resume();
      sent.destroy();
    });
    sent.on('error', (error) => answered || reject(error));
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let left = megabytes;
    const more = (): void => {
      if (answered) return;
      left -= 1;
      if (left < 0) sent.end();
      else sent.write(chunk, more);
    };
    more();
  });
}

describe('a signed deployment_status that makes no sense', () => {
  const broken: [string, (payload: Payload) => unknown][] = [
    ['no deployment', ({ deployment: _, ...rest }) => rest],
    ['a null deployment', (p) => ({ ...p, deployment: null })],
    ['a deployment that is a list', (p) => ({ ...p, deployment: [p.deployment] })],
    ['an id that is text', (p) => ({ ...p, deployment: { ...p.deployment, id: String(p.deployment.id) } })],
    ['an id that is a fraction', (p) => ({ ...p, deployment: { ...p.deployment, id: 1.5 } })],
    ['an id beyond all numbers', (p) => ({ ...p, deployment: { ...p.deployment, id: 1e300 } })],
    ['a negative id', (p) => ({ ...p, deployment: { ...p.deployment, id: -1 } })],
    ['no status', ({ deployment_status: _, ...rest }) => rest],
    ['a status that is text', (p) => ({ ...p, deployment_status: 'success' })],
    ['no state', (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: undefined } })],
    ['a state that is null', (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: null } })],
    ['a state that is an object', (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: {} } })],
    ['an empty state', (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: '' } })],
    [
      'a state of 10,000 letters',
      (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: 'x'.repeat(10_000) } }),
    ],
    ['a state that is markup', (p) => ({ ...p, deployment_status: { ...p.deployment_status, state: '<!channel>' } })],
    ['no time', (p) => ({ ...p, deployment_status: { ...p.deployment_status, created_at: undefined } })],
    ['a time that is none', (p) => ({ ...p, deployment_status: { ...p.deployment_status, created_at: 'yesterday' } })],
    [
      'a time that is a number',
      (p) => ({ ...p, deployment_status: { ...p.deployment_status, created_at: 1718000000 } }),
    ],
    ['no repository', ({ repository: _, ...rest }) => rest],
    ['a repository that is null', (p) => ({ ...p, repository: null })],
    ['a repository with a strange name', (p) => ({ ...p, repository: { full_name: '../../etc/passwd' } })],
    ['a status id that is text', (p) => ({ ...p, deployment_status: { ...p.deployment_status, id: 'x' } })],
    ['a status id of true', (p) => ({ ...p, deployment_status: { ...p.deployment_status, id: true } })],
    [
      'a description that is a list',
      (p) => ({ ...p, deployment_status: { ...p.deployment_status, description: ['a'] } }),
    ],
    ['a log link that is an object', (p) => ({ ...p, deployment_status: { ...p.deployment_status, log_url: {} } })],
    ['an empty object', () => ({})],
    [
      'a __proto__',
      (p) => JSON.parse(`{"__proto__":{"deployment":1},"deployment_status":${JSON.stringify(p.deployment_status)}}`),
    ],
  ];

  test('is answered with a 2xx, and what comes next is told', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [what, bend] of broken) {
      const status = await post(flow, JSON.stringify(bend(statusPayload(flow, story, { description: what }))));
      expect([what, status]).toEqual([what, 200]);
    }
    await calm(flow);
    await flow.report(story.id, 'success', { description: 'all is well' });
    await until(flow, () => lines(flow, story).some((line) => line.includes('all is well')));
    expect(lines(flow, story).join('\n')).not.toMatch(/undefined|null|NaN|\[object/);
  });

  test('nested ten thousand deep, it is survived', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const payload = JSON.stringify({ ...statusPayload(flow, story), deployment: 'HERE' }).replace('"HERE"', deep);
    expect(await post(flow, payload)).toBe(200);
    expect(await post(flow, '['.repeat(100_000))).toBe(400);
    await flow.report(story.id, 'queued');
    await linesOf(flow, story, 1);
  });

  test('odd but readable: absent creator, null links, milliseconds and an offset in the time', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await deliver(
      flow,
      statusPayload(flow, story, {
        state: 'in_progress',
        creator: null,
        description: null,
        environment_url: null,
        log_url: undefined,
        target_url: 'https://ci.example/old',
        created_at: `${flow.clock.now().toISOString().slice(0, 19)}.123+00:00`,
      }),
    );
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('https://ci.example/old');
    expect(line).not.toMatch(/undefined|null/);
  });
});

describe('stored before the answer', () => {
  test('what was answered with 2xx is told, though the bot died at that moment', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    // Nothing can be told, and GitHub's list does not have it: it is nowhere but in what was stored.
    flow.slack.faults.add({ path: /chat\./, times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 503 });
    const body = JSON.stringify(statusPayload(flow, story, { state: 'failure', description: 'remember me' }));
    expect(await post(flow, body)).toBe(200);
    await flow.crash(() => flow.slack.faults.clear());
    await passes(flow, 15_000);
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('remember me');
  });

  test('503 when it can’t be stored, and taken when it is sent again', async () => {
    expectErrors(/could not be stored|job|database|SQLITE/i);
    const flow = await begin();
    const story = await deployed(flow);
    const body = JSON.stringify(statusPayload(flow, story, { state: 'in_progress', description: 'once more' }));
    const other = new Database(`${flow.env.DATA_DIR}/deckhand.db`);
    other.exec('BEGIN IMMEDIATE');
    try {
      expect(await post(flow, body)).toBe(503);
      expect((await fetch(`${flow.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${flow.url}/healthz`)).status).toBe(200);
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    await passes(flow, 5_000);
    expect(lines(flow, story)).toEqual([]);
    expect(await post(flow, body)).toBe(200);
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('once more');
  });

  test('it does not wait for Slack or GitHub', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    const always = { times: Number.POSITIVE_INFINITY };
    flow.slack.faults.add({ path: /./, ...always }, { kind: 'hang' });
    flow.github.faults.add({ path: /\/statuses/, method: 'GET', ...always }, { kind: 'hang' });
    expect(await post(flow, JSON.stringify(statusPayload(flow, story, { state: 'success' })))).toBe(200);
    expect(lines(flow, story)).toEqual([]);
    flow.slack.faults.clear();
    flow.github.faults.clear();
    await linesOf(flow, story, 1);
  });
});
