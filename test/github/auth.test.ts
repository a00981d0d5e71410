import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { testClock } from '../clock.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { answering, client, create, refusalOf } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let lastApp = 0;
/** A client as a fresh GitHub App. */
function asApp(
  options: { repositories?: string[]; permissions?: Record<string, 'read' | 'write'>; key?: string } = {},
) {
  const id = ++lastApp;
  const { repositories = ['acme/hello'], permissions, key = privateKey } = options;
  world.github.addApp({
    id,
    publicKey,
    slug: `deckhand-${id}`,
    installations: [{ id: 100 + id, repositories, permissions }],
  });
  return client(world.github.url, { auth: { kind: 'app', id: String(id), privateKey: key } });
}

const tokensMade = () => world.github.requests.filter(({ path }) => path.endsWith('/access_tokens')).length;

test('an App deploys as itself, with one token for many requests', async () => {
  const bot = asApp();
  await Promise.all([bot.resolve(hello, 'main'), bot.resolve(hello, 'ahead')]);
  await bot.create(hello, create());
  expect(tokensMade()).toBe(1);
  expect(world.github.requests.filter(({ path }) => path.endsWith('/installation')).length).toBeLessThanOrEqual(2);
  expect(world.github.deployments('acme/hello')[0]?.creator.login).toBe(`deckhand-${lastApp}[bot]`);
});

test('a token that was revoked is replaced once, also for a creation', async () => {
  const bot = asApp();
  await bot.resolve(hello, 'main');
  world.github.faults.add(
    { method: 'POST', path: /deployments$/ },
    { kind: 'status', status: 401, body: { message: 'Bad credentials' } },
  );
  expect(await bot.create(hello, create())).toMatchObject({ kind: 'created' });
  expect(tokensMade()).toBe(2);
  world.github.faults.add(
    { method: 'POST', path: /deployments$/, times: 2 },
    { kind: 'status', status: 401, body: { message: 'Bad credentials' } },
  );
  expect(await bot.create(hello, create())).toMatchObject({ kind: 'refused', code: 'github-token-refused' });
});

test('a token is replaced before its hour is over', async () => {
  const id = ++lastApp;
  world.github.addApp({ id, publicKey, installations: [{ id: 100 + id, repositories: ['acme/hello'] }] });
  const clock = testClock(new Date());
  const bot = client(world.github.url, { auth: { kind: 'app', id: String(id), privateKey }, clock });
  await bot.resolve(hello, 'main');
  await clock.advance(50 * 60_000);
  await bot.resolve(hello, 'main');
  expect(tokensMade()).toBe(1);
  await clock.advance(6 * 60_000);
  await bot.resolve(hello, 'main');
  expect(tokensMade()).toBe(2);
});

test('an App that was installed anew is found again', async () => {
  const bot = asApp();
  await bot.resolve(hello, 'main');
  world.github.faults.add(
    { path: /hello\/git\/ref/ },
    { kind: 'status', status: 401, body: { message: 'Bad credentials' } },
  );
  world.github.faults.add({ path: /access_tokens$/ }, { kind: 'status', status: 404, body: { message: 'Not Found' } });
  expect(await bot.resolve(hello, 'main')).toEqual({ sha: world.sha('main') });
});

test('an App that is not installed on the repository is told from one that is', async () => {
  await world.github.addRepository({ owner: 'acme', name: 'other' });
  const refusal = await refusalOf(asApp().resolve({ fullName: 'acme/other' }, 'main'));
  expect(refusal.code).toBe('app-not-installed');
  expect(refusal.message).toContain('acme/other');
});

test('a permission that an App lacks is named', async () => {
  const bot = asApp({ permissions: { contents: 'read', metadata: 'read', deployments: 'read' } });
  const result = await bot.create(hello, create());
  expect(result).toMatchObject({ kind: 'refused', code: 'not-permitted' });
  expect(JSON.stringify(result)).toContain('deployments: write');
});

test('a key that is not the App’s is told, and shown to nobody', async () => {
  const { privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const bot = asApp({ key });
  const refusal = await refusalOf(bot.resolve(hello, 'main'));
  expect(refusal.code).toBe('app-key-refused');
  expect(refusal.message + bot.logged()).not.toMatch(/PRIVATE KEY|eyJ/);
});

test('while no token can be had, nothing was created', async () => {
  const bot = asApp();
  world.github.faults.add({ path: /access_tokens$/ }, { kind: 'status', status: 502 });
  expect(await bot.create(hello, create())).toMatchObject({ kind: 'refused', code: 'github-unreachable' });
  world.github.faults.add({ path: /access_tokens$/ }, { kind: 'status', status: 502 });
  expect(await bot.resolve(hello, 'main')).toEqual({ sha: world.sha('main') });
});

test('a token goes to the host it was given for, and nowhere else', async () => {
  const elsewhere = await answering(200, { default_branch: 'trunk' });
  const bot = client(world.github.url, {
    tokenFor: ({ fullName, apiUrl }) =>
      fullName === 'acme/ours' && apiUrl === elsewhere.url ? 'ghp_theirs' : undefined,
  });
  const refusal = await refusalOf(bot.defaultBranch({ fullName: 'acme/hello', apiUrl: elsewhere.url }));
  expect(refusal.code).toBe('no-token-for-host');
  expect(elsewhere.seen).toEqual([]);
  expect(await bot.create({ fullName: 'acme/hello', apiUrl: elsewhere.url }, create())).toMatchObject({
    kind: 'refused',
  });
  expect(elsewhere.seen).toEqual([]);
  expect(await bot.defaultBranch({ fullName: 'acme/ours', apiUrl: elsewhere.url })).toBe('trunk');
  expect(world.github.requests).toEqual([]);
});

test('a redirect does not carry a token to another host', async () => {
  const thief = await answering(200, { default_branch: 'x' });
  const moved = await answering(301, {}, { location: `${thief.url}/repos/acme/hello` });
  expect((await refusalOf(client(moved.url).defaultBranch(hello))).code).toBe('repository-moved');
  expect(thief.seen).toEqual([]);
});

test('no token is ever logged', async () => {
  const bot = client(world.github.url);
  world.github.faults.add({ path: /./, times: 2 }, { kind: 'reset' });
  await bot.resolve(hello, 'main');
  await bot.create(hello, create());
  expect(bot.logged()).not.toBe('');
  expect(bot.logged()).not.toContain('ghp_sandbox');
});
