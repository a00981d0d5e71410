import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { InstallationOptions } from '../../src/sandbox/github/app.ts';
import type { Flow } from './flow.ts';
import { creations, flows, parentOf, passes, refused, threadText, until } from './seen.ts';

const { begin } = flows();

function keyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

const keys = keyPair();
const otherKeys = keyPair();

/** The bot as a GitHub App, with `\n` escapes in its key as environment files have them. */
async function asApp(installation: Partial<InstallationOptions> = {}, privateKey = keys.privateKey): Promise<Flow> {
  const flow = await begin({
    env: { GITHUB_TOKEN: '', GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') },
  });
  flow.github.addApp({
    id: 4711,
    publicKey: keys.publicKey,
    installations: [{ id: 9, repositories: ['acme/hello'], ...installation }],
  });
  return flow;
}

/** Tokens that GitHub gave out stand in no log. */
function expectNoTokens(flow: Flow): void {
  const tokens = flow.github.requests.map(({ headers }) => String(headers.authorization).replace(/^\S+ /, ''));
  expect(tokens.length).toBeGreaterThan(0);
  const log = flow.log.join('\n');
  for (const token of tokens) expect(log.includes(token)).toBe(false);
  expect(log).not.toContain('PRIVATE KEY');
}

describe('the bot as a GitHub App', () => {
  test('finds its installation by the repository and deploys as the App', async () => {
    const flow = await asApp();
    await flow.type('hello/topic-branch to staging');
    const deployment = await flow.deployment();
    expect(deployment.creator?.login).toMatch(/\[bot\]$/);
    expect(deployment.payload).toMatchObject({ user: 'ann' });
    await flow.report(deployment.id, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'));
    expectNoTokens(flow);
  });

  test('a token that GitHub no longer takes is replaced, and nothing is created twice', async () => {
    const flow = await asApp();
    const refusedToken = {
      kind: 'status',
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
    } as const;
    flow.github.faults.add({ method: 'GET', path: /topic-branch/ }, refusedToken);
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, refusedToken);
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    await passes(flow, 60_000, 10_000);
    expect(flow.github.deployments('acme/hello')).toHaveLength(1);
    const [first, second, ...more] = creations(flow);
    expect(more).toEqual([]);
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization);
    expect(flow.told()).toEqual([]);
    expectNoTokens(flow);
  });

  test('not installed there: that is said', async () => {
    const flow = await asApp({ repositories: ['acme/other'] });
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(/install/i);
    expect(told.shown).toMatch(/acme\/hello/);
    expectNoTokens(flow);
  });

  test('with a key of another App: that is said, and the key is not', async () => {
    const flow = await asApp({}, otherKeys.privateKey);
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(/key|GITHUB_APP/i);
    expectNoTokens(flow);
  });

  test('without the permission to write deployments: the missing one is named', async () => {
    const flow = await asApp({
      permissions: { deployments: 'read', contents: 'read', metadata: 'read', checks: 'read', statuses: 'read' },
    });
    await flow.type('hello/topic-branch to staging');
    await until(flow, async () => /not deployed/i.test((await parentOf(flow)).shown));
    await until(flow, () => threadText(flow) !== '');
    expect(threadText(flow)).toMatch(/permission|may not/i);
    expect(threadText(flow)).toMatch(/deployments.*write/i);
    expect(creations(flow)).toHaveLength(1);
  });

  test('GitHub gives out no token for a while: told, and the next line works', async () => {
    const flow = await asApp();
    const mend = flow.github.faults.add(
      { path: /access_tokens|installation/, times: Number.POSITIVE_INFINITY },
      { kind: 'status', status: 503, body: { message: 'Service Unavailable' } },
    );
    await refused(flow, 'hello/topic-branch to staging');
    mend();
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => creations(flow).length === 1);
  });
});
