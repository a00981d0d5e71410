import { describe, expect, test } from 'vitest';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { client, create, serving } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };
const github = () => client(world.github.url);
const since = () => new Date(Date.now() - 1_000).toISOString();

async function createdId(payload: Record<string, unknown>, environment = 'staging'): Promise<number> {
  const made = await github().create(hello, create({ payload, environment }));
  if (made.kind !== 'created') throw new Error(made.kind);
  return made.id;
}

describe('looking for a request', () => {
  test('finds the deployment that was created without an answer', async () => {
    world.github.faults.add({ method: 'POST', path: /deployments$/ }, { kind: 'done-then-reset' });
    const asked = create({ payload: { deckhand: { request: '01JLOST' } } });
    expect(await github().create(hello, asked)).toMatchObject({ kind: 'doubtful' });
    const [made] = world.github.deployments('acme/hello');
    const found = await github().findRequest(hello, 'staging', '01JLOST', since());
    expect(found).toEqual({ id: made?.id, sha: made?.sha, createdAt: made?.created_at });
  });

  test('looks through all pages, in one environment', async () => {
    const id = await createdId({ deckhand: { request: '01JDEEP' } });
    for (let i = 0; i < 105; i++) await createdId({ deckhand: { request: `01J${i}` } });
    expect(await github().findRequest(hello, 'staging', '01JDEEP', since())).toMatchObject({ id });
    expect(await github().findRequest(hello, 'production', '01JDEEP', since())).toBeUndefined();
  });

  test.each([
    ['a string of JSON', (payload: object) => JSON.stringify(payload)],
    ['JSON encoded twice', (payload: object) => JSON.stringify(JSON.stringify(payload))],
  ])('reads %s', async (_, encode) => {
    const payload = encode({ deckhand: { request: '01JTEXT' } });
    const { data } = await world.octokit.rest.repos.createDeployment({
      ...world.hello,
      ref: 'main',
      auto_merge: false,
      environment: 'staging',
      payload,
    });
    const { id } = data as { id: number };
    expect(await github().findRequest(hello, 'staging', '01JTEXT', since())).toMatchObject({ id });
  });

  test('prefers the original to a copy', async () => {
    const id = await createdId({ deckhand: { request: '01JCOPY' } });
    await createdId({ deckhand: { request: '01JCOPY' } });
    expect(await github().findRequest(hello, 'staging', '01JCOPY', since())).toMatchObject({ id });
  });

  test('ends where deployments are older than what is looked for, with five minutes for clocks that differ', async () => {
    await createdId({ deckhand: { request: '01JOLD' } });
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    expect(await github().findRequest(hello, 'staging', '01JOLD', inMinutes(4))).toBeDefined();
    expect(await github().findRequest(hello, 'staging', '01JOLD', inMinutes(6))).toBeUndefined();
  });
});

test('the newest deployment of an environment', async () => {
  expect(await github().newest(hello, 'staging')).toBeUndefined();
  await createdId({});
  const id = await createdId({});
  await createdId({}, 'production');
  expect(await github().newest(hello, 'staging')).toEqual({ id });
});

describe('statuses', () => {
  test('come whole and in order', async () => {
    const id = await createdId({});
    for (let i = 0; i < 101; i++)
      world.github.addStatus('acme/hello', id, { state: 'in_progress', description: `step ${i}` });
    world.github.addStatus('acme/hello', id, {
      state: 'success',
      logUrl: 'https://log.example/1',
      environmentUrl: 'https://staging.example',
    });
    const statuses = await github().statuses(hello, id);
    expect(statuses).toHaveLength(102);
    expect(statuses.slice(0, 101).map(({ description }) => description)).toEqual(
      Array.from({ length: 101 }, (_, i) => `step ${i}`),
    );
    expect(statuses.at(-1)).toEqual({
      id: expect.any(Number),
      deployment: id,
      repository: 'acme/hello',
      state: 'success',
      description: '',
      logUrl: 'https://log.example/1',
      environmentUrl: 'https://staging.example/',
      environment: 'staging',
      creator: 'github-actions[bot]',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test.each(['waiting', 'something_new'])('the state %s is taken as it is', async (state) => {
    const id = await createdId({});
    world.github.addStatus('acme/hello', id, { state });
    expect(await github().statuses(hello, id)).toMatchObject([{ state }]);
  });

  test('what others wrote is held to what may be shown', async () => {
    const sent = (id: number, change: object) => ({
      id,
      state: 'success',
      description: '',
      created_at: '2026-11-20T13:00:00+01:00',
      creator: null,
      ...change,
    });
    const list = [
      sent(1, {
        description: `a\u202eb\nc\u0000${'x'.repeat(500)}`,
        log_url: 'javascript:alert(1)',
        target_url: 'https://log.example/',
      }),
      sent(2, { environment_url: 'https://github.com@evil.example/', log_url: 'ftp://x', target_url: '' }),
      sent(3, { state: '<!channel>' }),
      sent(4, { created_at: 'yesterday' }),
    ];
    const { url } = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
    });
    const [first, second, ...others] = await client(url).statuses(hello, 9);
    expect(first).toMatchObject({
      creator: 'ghost',
      createdAt: '2026-11-20T12:00:00Z',
      logUrl: 'https://log.example/',
    });
    expect(first?.description).toMatch(/^ab c x+…$/);
    expect(first?.description).toHaveLength(140);
    expect(second).not.toHaveProperty('environmentUrl');
    expect(second).not.toHaveProperty('logUrl');
    expect(others).toEqual([]);
  });
});

describe('checks', () => {
  test('are commit statuses and check runs, the newest of each name, on all pages', async () => {
    const sha = world.sha('main');
    for (let i = 0; i < 101; i++) world.github.setStatus('acme/hello', sha, { context: `ci/${i}`, state: 'success' });
    world.github.setStatus('acme/hello', sha, {
      context: 'ci/7',
      state: 'failure',
      target_url: 'https://ci.example/7',
    });
    world.github.setCheckRun('acme/hello', sha, { name: 'lint', status: 'completed', conclusion: 'failure' });
    world.github.setCheckRun('acme/hello', sha, { name: 'lint', status: 'in_progress' });
    world.github.setCheckRun('acme/hello', sha, { name: 'docs', status: 'completed', conclusion: 'skipped' });
    const checks = await github().checks(hello, sha);
    expect(checks).toHaveLength(103);
    expect(checks).toEqual(
      expect.arrayContaining([
        { context: 'ci/7', state: 'failure', url: 'https://ci.example/7' },
        expect.objectContaining({ context: 'lint', state: 'in_progress' }),
        expect.objectContaining({ context: 'docs', state: 'skipped' }),
      ]),
    );
  });

  test('of one name from several suites are the newest run', async () => {
    const run = (id: number, conclusion: string) => ({ id, name: 'main', status: 'completed', conclusion });
    const check_runs = [run(3, 'success'), run(4, 'failure'), run(2, 'success')];
    const { url } = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ statuses: [], check_runs }));
    });
    expect(await client(url).checks(hello, 'a'.repeat(40))).toEqual([{ context: 'main', state: 'failure' }]);
  });

  test('are the statuses alone where the token may not read check runs', async () => {
    const sha = world.sha('main');
    world.github.setStatus('acme/hello', sha, { context: 'ci', state: 'pending' });
    world.github.faults.add(
      { path: /check-runs$/ },
      { kind: 'status', status: 403, body: { message: 'Resource not accessible by personal access token' } },
    );
    expect(await github().checks(hello, sha)).toEqual([{ context: 'ci', state: 'pending' }]);
  });

  test('are not taken for none when they can’t be read', async () => {
    world.github.faults.add({ path: /check-runs$/, times: 3 }, { kind: 'status', status: 200, body: '{"check' });
    await expect(github().checks(hello, world.sha('main'))).rejects.toMatchObject({ code: 'github-unreachable' });
  });
});
