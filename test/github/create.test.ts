import { describe, expect, test } from 'vitest';
import { plain } from '../../src/deploy/words.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { answering, client, create, nowhere, serving } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };
const deployments = /\/deployments$/;
const creations = () => world.github.requests.filter(({ method }) => method === 'POST').length;
const github = () => client(world.github.url);

describe('a deployment that GitHub creates', () => {
  test('is given back with its id, commit and time', async () => {
    const result = await github().create(hello, create());
    const [made] = world.github.deployments('acme/hello');
    expect(result).toEqual({
      kind: 'created',
      id: made?.id,
      sha: world.sha('topic-branch'),
      createdAt: made?.created_at,
    });
  });

  test('was asked for with every parameter, as GitHub names them', async () => {
    const parameters = create({ transient_environment: true, production_environment: false });
    await github().create(hello, parameters);
    const [request] = world.github.requests;
    expect(request?.body).toEqual(parameters);
    expect(request?.headers).toMatchObject({
      'x-github-api-version': '2022-11-28',
      'user-agent': expect.stringMatching(/^deckhand\/test /),
    });
  });

  test('auto_merge is sent even where it is false', async () => {
    await github().create(hello, create({ auto_merge: false }));
    expect(world.github.requests[0]?.body).toHaveProperty('auto_merge', false);
  });
});

describe('a merge instead', () => {
  test('202 is no deployment', async () => {
    const result = await github().create(hello, create({ auto_merge: true }));
    expect(result).toMatchObject({ kind: 'merged', message: expect.stringContaining('topic-branch') });
    expect(world.github.deployments('acme/hello')).toEqual([]);
  });

  test('a conflict is one, and nothing is asked twice', async () => {
    const result = await github().create(hello, create({ ref: 'conflict', auto_merge: true }));
    expect(result).toMatchObject({ kind: 'conflict', message: expect.stringContaining('conflict') });
    expect(creations()).toBe(1);
  });
});

describe('checks that are not green', () => {
  test('come with their states and links, missing ones included', async () => {
    const sha = world.sha('ahead');
    world.github.setStatus('acme/hello', sha, {
      context: 'ci/janky',
      state: 'failure',
      target_url: 'https://ci.example/1',
    });
    world.github.setCheckRun('acme/hello', sha, {
      name: 'lint',
      status: 'in_progress',
      details_url: 'https://ci.example/2',
    });
    const required_contexts = ['ci/janky', 'lint', 'never/ran'];
    const result = await github().create(hello, create({ ref: 'ahead', required_contexts }));
    expect(result).toMatchObject({ kind: 'checks' });
    expect(result.kind === 'checks' && result.checks).toEqual(
      expect.arrayContaining([
        { context: 'ci/janky', state: 'failure', url: 'https://ci.example/1' },
        { context: 'lint', state: 'pending', url: 'https://ci.example/2' },
        { context: 'never/ran', state: 'missing' },
      ]),
    );
    expect(creations()).toBe(1);
  });

  test('are told without links when those can’t be read', async () => {
    const sha = world.sha('ahead');
    world.github.setStatus('acme/hello', sha, {
      context: 'ci/janky',
      state: 'failure',
      target_url: 'https://ci.example/1',
    });
    world.github.faults.add(
      { method: 'GET', path: /\/status$/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503 },
    );
    const result = await github().create(hello, create({ ref: 'ahead', required_contexts: ['ci/janky'] }));
    expect(result).toEqual({ kind: 'checks', checks: [{ context: 'ci/janky', state: 'failure' }] });
  });

  test('repeated names are told once a state', async () => {
    const contexts = ['success', 'success', 'pending'].map((state) => ({ context: 'main', state }));
    const body = {
      message: 'x',
      errors: [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
    };
    const server = await answering(409, body);
    const result = await client(server.url).create(hello, create({ auto_merge: true }));
    expect(result).toMatchObject({ kind: 'checks', checks: [{ state: 'success' }, { state: 'pending' }] });
  });

  test('the message decides nothing', async () => {
    const server = await answering(409, { message: 'Conflict: Commit status checks failed for x.' });
    expect(await client(server.url).create(hello, create({ auto_merge: true }))).toMatchObject({ kind: 'conflict' });
    // Where nothing was to be merged, nothing can conflict: so an old server that gives no reason means the checks.
    const required_contexts = ['ci/janky'];
    expect(await client(server.url).create(hello, create({ auto_merge: false, required_contexts }))).toEqual({
      kind: 'checks',
      checks: [{ context: 'ci/janky', state: 'missing' }],
    });
  });
});

describe('what GitHub refuses', () => {
  test('a ref that has gone by now, with the nearest', async () => {
    const result = await github().create(hello, create({ ref: 'topic-brnch' }));
    expect(result).toMatchObject({ kind: 'refused', code: 'no-such-ref' });
    expect(said(result)).toContain('topic-branch');
  });

  test.each([
    [
      'validation',
      { message: 'Validation Failed', errors: [{ resource: 'Deployment', field: 'task', code: 'missing_field' }] },
      'github-invalid',
      'task',
    ],
    [
      'a too long description',
      {
        message: 'Validation Failed',
        errors: [
          {
            resource: 'Deployment',
            field: 'description',
            code: 'custom',
            message: 'description is too long (maximum is 140 characters)',
          },
        ],
      },
      'description',
      '140',
    ],
    [
      'spam',
      { message: 'Validation Failed', errors: [{ resource: 'Deployment', code: 'abuse' }] },
      'taken-for-spam',
      'minutes',
    ],
    [
      'errors that are bare strings',
      { message: 'Validation Failed', errors: ['Something is wrong.'] },
      'github-invalid',
      'Something is wrong',
    ],
  ])('%s', async (_, body, code, word) => {
    world.github.faults.add({ path: deployments }, { kind: 'status', status: 422, body });
    const result = await github().create(hello, create());
    expect(result).toMatchObject({ kind: 'refused', code });
    expect(said(result)).toContain(word);
    expect(creations()).toBe(1);
  });

  test.each([
    [400, 'github-refused'],
    [403, 'not-permitted'],
    [404, 'no-access'],
    [410, 'github-gone'],
    [451, 'github-blocked'],
  ])('%i, once', async (status, code) => {
    world.github.faults.add({ path: deployments }, { kind: 'status', status, body: { message: 'No.' } });
    expect(await github().create(hello, create())).toMatchObject({ kind: 'refused', code });
    expect(creations()).toBe(1);
  });

  test('a token that is no good', async () => {
    const bad = client(world.github.url, { auth: { kind: 'token', token: 'ghp_wrong_1234' } });
    const result = await bad.create(hello, create());
    expect(result).toMatchObject({ kind: 'refused', code: 'github-token-refused' });
    expect(said(result) + bad.logged()).not.toContain('ghp_wrong');
    expect(creations()).toBe(1);
  });

  test('a token without the scope: the scopes are named', async () => {
    world.github.addUser('reader', 'ghp_reader', ['read:org']);
    const result = await client(world.github.url, { auth: { kind: 'token', token: 'ghp_reader' } }).create(
      hello,
      create(),
    );
    expect(result).toMatchObject({ kind: 'refused', code: 'not-permitted' });
    expect(said(result)).toContain('repo_deployment');
  });

  test('a token that needs single sign-on', async () => {
    const server = await answering(
      403,
      { message: 'Resource protected by organization SAML enforcement.' },
      { 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso' },
    );
    expect(await client(server.url).create(hello, create())).toMatchObject({ kind: 'refused', code: 'sso-required' });
  });
});

describe('limits', () => {
  test.each([403, 429] as const)('a primary one (%i): when it can be asked again', async (status) => {
    world.github.rateLimits.exhaust({ status, seconds: 600 });
    const result = await github().create(hello, create());
    expect(result).toMatchObject({ kind: 'later' });
    expect(result.kind === 'later' && result.afterMs / 1000).toBeGreaterThan(590);
    expect(result.kind === 'later' && result.afterMs / 1000).toBeLessThan(601);
  });

  test.each([403, 429] as const)('a secondary one (%i), after what GitHub says', async (status) => {
    world.github.rateLimits.secondary({ status, retryAfter: 7 });
    expect(await github().create(hello, create())).toMatchObject({ kind: 'later', afterMs: 7_000 });
    expect(creations()).toBe(1);
  });

  test.each([403, 429] as const)('a secondary one (%i) that says nothing of time: a minute', async (status) => {
    world.github.rateLimits.secondary({ status, retryAfter: null });
    expect(await github().create(hello, create())).toMatchObject({ kind: 'later', afterMs: 60_000 });
  });
});

describe('nobody knows', () => {
  test.each([500, 502, 503, 504])('after a %i, which is never sent again', async (status) => {
    world.github.faults.add({ method: 'POST', path: deployments }, { kind: 'done-then-status', status });
    expect(await github().create(hello, create())).toMatchObject({ kind: 'doubtful' });
    expect(creations()).toBe(1);
    expect(world.github.deployments('acme/hello')).toHaveLength(1);
  });

  test.each(['reset', 'done-then-reset', 'hang', 'done-then-hang'] as const)('after a %s', async (kind) => {
    world.github.faults.add({ method: 'POST', path: deployments }, { kind });
    expect(await github().create(hello, create())).toMatchObject({ kind: 'doubtful' });
    expect(creations()).toBe(1);
  });

  test.each(['', 'no json', '{"id":', '{"message":"created"}', '{"id":"7","sha":"x","created_at":"x"}'])(
    'after a 201 with the body %j',
    async (body) => {
      const server = await answering(201, body);
      expect(await client(server.url).create(hello, create())).toMatchObject({ kind: 'doubtful' });
      expect(server.seen).toHaveLength(1);
    },
  );

  test('but surely nothing was created where nobody listens', async () => {
    const result = await client(await nowhere()).create(hello, create());
    expect(result).toMatchObject({ kind: 'refused', code: 'github-unreachable' });
  });
});

describe('a repository that was renamed', () => {
  test('is followed with the same method and body on the same host', async () => {
    const bodies: string[] = [];
    const server = await serving((request, response, body) => {
      if (request.url === '/repositories/7/deployments') {
        bodies.push(`${request.method} ${body}`);
        response.writeHead(201, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: 7, sha: 'a'.repeat(40), created_at: '2026-11-20T12:00:00Z' }));
      } else response.writeHead(301, { location: '/repositories/7/deployments' }).end();
    });
    expect(await client(server.url).create(hello, create())).toMatchObject({ kind: 'created', id: 7 });
    expect(bodies).toEqual([`POST ${JSON.stringify(create())}`]);
  });

  test('is not followed to another host', async () => {
    const other = await answering(201, {});
    const server = await answering(307, {}, { location: `${other.url}/repositories/7/deployments` });
    expect(await client(server.url).create(hello, create())).toMatchObject({
      kind: 'refused',
      code: 'repository-moved',
    });
    expect(other.seen).toEqual([]);
  });
});

const said = (result: object): string => ('words' in result ? plain(result.words as never) : '');
