import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startGitHub } from '../../../src/sandbox/github/server.ts';
import { refusal, useGitHub } from './fixture.ts';

const on = useGitHub();
const create = () => on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts: [] });
const creating = { method: 'POST', path: /\/deployments$/ };
const stored = () => on.github.deployments('acme/hello').length;

describe('rate limits', () => {
  test('are counted, and can be asked for free', async () => {
    const { headers } = await on.octokit.repos.get(on.hello);
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-used': '1',
      'x-ratelimit-resource': 'core',
    });
    for (let i = 0; i < 2; i += 1)
      expect((await on.octokit.rateLimit.get()).data.resources.core).toMatchObject({ remaining: 4999, used: 1 });
    expect((await on.as(undefined).repos.get(on.hello)).headers['x-ratelimit-limit']).toBe('60');
  });

  test.each([403, 429] as const)('can be used up (%i), until they are reset', async (status) => {
    on.github.rateLimits.exhaust({ status, seconds: 120 });
    const said = await refusal(create());
    expect(said).toMatchObject({ status, headers: { 'x-ratelimit-remaining': '0' } });
    expect(Number(said.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000 + 60);
    expect(stored()).toBe(0);
    on.github.rateLimits.reset();
    expect((await create()).status).toBe(201);
  });

  test.each([403, 429] as const)('can be secondary (%i)', async (status) => {
    on.github.rateLimits.secondary({ status, retryAfter: 7 });
    const said = await refusal(create());
    expect(said).toMatchObject({ status, headers: { 'retry-after': '7' } });
    expect(Number(said.headers['x-ratelimit-remaining'])).toBeGreaterThan(0);
    expect((await create()).status).toBe(201);
  });

  test('are not touched by an answer that has not changed', async () => {
    const first = await on.octokit.repos.get(on.hello);
    const headers = { 'if-none-match': first.headers.etag };
    expect(await refusal(on.octokit.repos.get({ ...on.hello, headers }))).toMatchObject({ status: 304 });
    const { data } = await on.octokit.rateLimit.get();
    expect(data.rate.used).toBe(1);
    expect((await on.as(undefined).repos.get({ ...on.hello, headers })).status).toBe(200);
  });
});

test('every answer names its request, version and media type', async () => {
  const { headers } = await on.octokit.repos.get(on.hello);
  expect(headers).toMatchObject({
    'x-github-media-type': 'github.v3; format=json',
    'x-github-request-id': expect.stringMatching(/^[0-9A-F]+:[0-9A-F]+$/),
  });
  const odd = on.octokit.repos.get({ ...on.hello, headers: { 'x-github-api-version': '1999-01-01' } });
  expect(await refusal(odd)).toMatchObject({ status: 400 });
  const nameless = await new Promise<number | undefined>((resolve, reject) => {
    request(`${on.github.url}/meta`, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(nameless).toBe(403);
});

describe('faults', () => {
  test('status: answered instead of done', async () => {
    on.github.faults.add(creating, { kind: 'status', status: 502, body: { message: 'Server Error' } });
    expect(await refusal(create())).toMatchObject({ status: 502, message: 'Server Error' });
    expect(stored()).toBe(0);
    expect((await create()).status).toBe(201);
  });

  test('done-then-status: done, and an error said', async () => {
    on.github.faults.add(creating, { kind: 'done-then-status', status: 504, body: 'gateway time-out' });
    expect(await refusal(create())).toMatchObject({ status: 504 });
    expect(stored()).toBe(1);
  });

  test('done-then-reset: done, and cut', async () => {
    on.github.faults.add(creating, { kind: 'done-then-reset' });
    await expect(create()).rejects.toMatchObject({ status: 500 });
    expect(stored()).toBe(1);
    expect(on.github.requests.at(-1)).toMatchObject({ fault: 'done-then-reset' });
    expect(on.github.requests.at(-1)?.status).toBeUndefined();
  });

  test('reset: cut before anything is done', async () => {
    on.github.faults.add(creating, { kind: 'reset' });
    await expect(create()).rejects.toMatchObject({ status: 500 });
    expect(stored()).toBe(0);
  });

  test('slow: done late, even for a caller who has left', async () => {
    on.github.faults.add(creating, { kind: 'slow', ms: 300 });
    const leaving = new AbortController();
    const asked = { ...on.hello, ref: 'ahead', required_contexts: [], request: { signal: leaving.signal } };
    const left = expect(on.octokit.repos.createDeployment(asked)).rejects.toThrow();
    await expect.poll(() => on.github.requests.length, { timeout: 5000 }).toBe(1);
    leaving.abort();
    await left;
    await expect.poll(stored, { timeout: 5000 }).toBe(1);
  });

  test.each(['hang', 'done-then-hang'] as const)('%s: never answered, until the server stops', async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'sandbox-github-'));
    const github = await startGitHub({ folder });
    github.faults.add({ path: /^\/meta$/ }, { kind });
    const asked = fetch(`${github.url}/meta`).then(
      () => 'answered',
      () => 'cut',
    );
    await expect.poll(() => github.faults.hanging, { timeout: 5000 }).toBe(1);
    await github.stop();
    expect(await asked).toBe('cut');
    expect(github.faults.hanging).toBe(0);
    await rm(folder, { recursive: true });
  });

  test('hit by method, path and body, as often as said, and can be taken back', async () => {
    const fault = { kind: 'status', status: 503 } as const;
    const when = (body: { environment?: string }) => body.environment === 'staging';
    const takeBack = on.github.faults.add({ ...creating, times: Number.POSITIVE_INFINITY, when }, fault);
    const to = (environment: string) =>
      on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts: [], environment });
    for (let i = 0; i < 3; i += 1) expect(await refusal(to('staging'))).toMatchObject({ status: 503 });
    expect((await to('review')).status).toBe(201);
    expect((await on.octokit.repos.listDeployments(on.hello)).status).toBe(200);
    takeBack();
    expect((await to('staging')).status).toBe(201);
  });
});
