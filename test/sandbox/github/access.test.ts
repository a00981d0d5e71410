import { createSign, generateKeyPairSync } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';

let now: Date | undefined;
const on = useGitHub({ now: () => now ?? new Date() });
const secret = { owner: 'acme', repo: 'secret' };
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

beforeAll(async () => {
  const { github } = on;
  await github.addRepository({ owner: 'acme', name: 'secret', private: true });
  github.addUser('ann', 'ghp_ann');
  github.addUser('bob', 'ghp_bob', []);
  github.addUser('cid', 'ghp_cid', ['repo_deployment']);
  github.addUser('dan', 'ghp_dan');
  github.setLevel('acme/secret', 'dan', 'none');
  github.addApp({
    id: 17,
    publicKey,
    installations: [
      { id: 99, repositories: ['acme/hello', 'acme/secret'] },
      { id: 98, repositories: [], permissions: { metadata: 'read' } },
    ],
  });
});

const create = (octokit: Octokit, repository = on.hello) =>
  octokit.repos.createDeployment({ ...repository, ref: 'ahead', required_contexts: [] });

describe('tokens', () => {
  test('tell who acts', async () => {
    expect((await on.as('ghp_ann').users.getAuthenticated()).data.login).toBe('ann');
    await create(on.as('ghp_ann'));
    expect(on.github.deployments('acme/hello')[0]?.creator.login).toBe('ann');
  });

  test('that are no good are 401, and nobody may read but not write', async () => {
    expect(await refusal(on.as('ghp_wrong').repos.get(on.hello))).toMatchObject({
      status: 401,
      message: 'Bad credentials',
    });
    expect((await on.as(undefined).repos.get(on.hello)).status).toBe(200);
    expect(await refusal(create(on.as(undefined)))).toMatchObject({ status: 401 });
  });

  test('show their scopes, and those that would do', async () => {
    const { headers } = await on.octokit.repos.listDeployments(on.hello);
    expect(headers).toMatchObject({
      'x-oauth-scopes': 'repo_deployment, repo',
      'x-accepted-oauth-scopes': 'repo, repo_deployment',
    });
  });

  test('without the scope may read what is public, and not write', async () => {
    expect((await on.as('ghp_bob').repos.listDeployments(on.hello)).status).toBe(200);
    expect(await refusal(create(on.as('ghp_bob')))).toMatchObject({ status: 403 });
    expect((await create(on.as('ghp_cid'))).status).toBe(201);
  });

  test('see of a private repository what their scopes allow, and 404 beyond', async () => {
    expect((await on.as('ghp_ann').repos.get(secret)).data.private).toBe(true);
    expect((await on.as('ghp_cid').repos.listDeployments(secret)).data).toEqual([]);
    for (const token of ['ghp_bob', 'ghp_cid', 'ghp_dan', undefined])
      expect(await refusal(on.as(token).repos.get(secret))).toMatchObject({ status: 404 });
  });

  test('of somebody who may not push find nothing to write to', async () => {
    on.github.setLevel('acme/hello', 'ann', 'pull');
    expect((await on.as('ghp_ann').repos.get(on.hello)).data.permissions).toMatchObject({ push: false, pull: true });
    expect(await refusal(create(on.as('ghp_ann')))).toMatchObject({ status: 404 });
  });
});

describe('a GitHub App', () => {
  const auth = (installationId?: number) => ({
    appId: 17,
    privateKey,
    ...(installationId && { installationId }),
  });
  const asApp = (installationId?: number) =>
    new Octokit({
      authStrategy: createAppAuth,
      auth: auth(installationId),
      baseUrl: on.github.url,
      request: { retries: 0 },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });

  test('finds its installation by repository', async () => {
    expect((await asApp().apps.getAuthenticated()).data).toMatchObject({ id: 17, installations_count: 2 });
    expect((await asApp().apps.getRepoInstallation(on.hello)).data).toMatchObject({ id: 99, app_id: 17 });
    const other = asApp().apps.getRepoInstallation({ owner: 'acme', repo: 'other' });
    expect(await refusal(other)).toMatchObject({ status: 404 });
  });

  test('acts as its bot', async () => {
    await create(asApp(99));
    expect(on.github.deployments('acme/hello')[0]).toMatchObject({
      creator: { login: 'sandbox-app[bot]', type: 'Bot' },
      performed_via_github_app: { id: 17 },
    });
    const asked = { ...on.hello, name: 'build', head_sha: on.sha('ahead'), conclusion: 'failure' as const };
    expect((await asApp(99).checks.create(asked)).data).toMatchObject({ status: 'completed', app: { id: 17 } });
    expect(await refusal(asApp(99).users.getAuthenticated())).toMatchObject({ status: 403 });
  });

  test('brings its own check runs up to date, and nobody else’s', async () => {
    const { checks } = asApp(99);
    const asked = { ...on.hello, name: 'build', head_sha: on.sha('ahead') };
    const { id: check_run_id, ...queued } = (await checks.create(asked)).data;
    expect(queued).toMatchObject({ status: 'queued', conclusion: null, completed_at: null });
    const run = { ...on.hello, check_run_id };
    expect((await checks.update({ ...run, status: 'in_progress' })).data).toMatchObject({ status: 'in_progress' });
    const output = { title: 'Done', summary: 'All is well' };
    const done = (await checks.update({ ...run, conclusion: 'success', output })).data;
    expect(done).toMatchObject({ id: check_run_id, name: 'build', status: 'completed', conclusion: 'success', output });
    expect(done.completed_at).not.toBeNull();

    expect(await refusal(checks.update({ ...on.hello, check_run_id: 1 }))).toMatchObject({ status: 404 });
    expect(await refusal(on.octokit.checks.update({ ...run, status: 'queued' }))).toMatchObject({ status: 403 });
    on.github.setCheckRun('acme/hello', on.sha('ahead'), { name: 'other', status: 'queued' });
    const [other] = (await checks.listForRef({ ...on.hello, ref: 'ahead', check_name: 'other' })).data.check_runs;
    const theirs = checks.update({ ...on.hello, check_run_id: other?.id ?? 0, status: 'in_progress' });
    expect(await refusal(theirs)).toMatchObject({ status: 403 });
  });

  test('may do what its permissions say', async () => {
    const said = await refusal(create(asApp(98)));
    expect(said).toMatchObject({ status: 403, message: 'Resource not accessible by integration' });
    expect(said.headers['x-accepted-github-permissions']).toBe('deployments=write');
    expect(await refusal(asApp(98).repos.get(secret))).toMatchObject({ status: 404 });
  });

  test('can narrow its token', async () => {
    const asked = { installation_id: 99, repositories: ['hello'], permissions: { deployments: 'read' as const } };
    const { token } = (await asApp().apps.createInstallationAccessToken(asked)).data;
    expect((await on.as(token).repos.listDeployments(on.hello)).status).toBe(200);
    expect(await refusal(create(on.as(token)))).toMatchObject({ status: 403 });
    expect(await refusal(on.as(token).repos.listDeployments(secret))).toMatchObject({ status: 404 });
    for (const beyond of [{ repositories: ['other'] }, { permissions: { issues: 'write' as const } }]) {
      const wanted = asApp().apps.createInstallationAccessToken({ installation_id: 99, ...beyond });
      expect(await refusal(wanted)).toMatchObject({ status: 422 });
    }
  });

  test('gets tokens that last an hour', async () => {
    const { token, expires_at } = (await asApp().apps.createInstallationAccessToken({ installation_id: 99 })).data;
    expect(token).toMatch(/^ghs_99_.{100,}/);
    expect((await on.as(token).repos.get(secret)).status).toBe(200);
    now = new Date(Date.parse(expires_at) + 1000);
    const late = await refusal(on.as(token).repos.get(secret)).finally(() => {
      now = undefined;
    });
    expect(late).toMatchObject({ status: 401, message: 'Bad credentials' });
  });

  function jwt(claims: object, header: object = { alg: 'RS256', typ: 'JWT' }) {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part(header)}.${part(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  }
  const seconds = () => Math.floor(Date.now() / 1000);
  const good = () => ({ iss: 17, iat: seconds() - 60, exp: seconds() + 540 });

  test('is known by its web token, signed and in time', async () => {
    const ask = (token: string) => on.as(token).apps.getAuthenticated();
    expect((await ask(jwt(good()))).status).toBe(200);
    const bad = {
      'runs too long': jwt({ ...good(), exp: seconds() + 3600 }),
      'has run out': jwt({ ...good(), exp: seconds() - 1 }),
      'is from the future': jwt({ ...good(), iat: seconds() + 300 }),
      'is not RS256': jwt(good(), { alg: 'HS256' }),
      'was changed': jwt(good()).replace(/.{8}$/, 'AAAAAAAA'),
      'is no token': 'a.b.c',
    };
    for (const [what, token] of Object.entries(bad))
      expect([what, await refusal(ask(token))]).toMatchObject([what, { status: 401 }]);
    expect(await refusal(ask(jwt({ ...good(), iss: 18 })))).toMatchObject({ status: 404 });
    expect(await refusal(on.octokit.apps.getAuthenticated())).toMatchObject({ status: 401 });
  });
});
