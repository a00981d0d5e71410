import { describe, expect, test } from 'vitest';
import { githubFindings } from '../../src/check/github-findings.ts';
import { freePort } from '../../src/sandbox/free-port.ts';
import type { AppOptions } from '../../src/sandbox/github/server.ts';
import { amiss, hookSecret, keyPair, startWorld, type World } from './world.ts';

const wrong = (pattern: string) => expect.stringMatching(new RegExp(`^wrong .*${pattern}`));
const warning = (pattern: string) => expect.stringMatching(new RegExp(`^warning .*${pattern}`));

test.each([
  [1, /one more repository of the catalogue was not/],
  [7, /7 more repositories of the catalogue were not/],
])('of many repositories %i is left out, which is said', (leftOut, expected) => {
  const self = { kind: 'token', token: 'ghp_x', user: { kind: 'silent', cause: 'ECONNREFUSED' } } as const;
  const around = { now: new Date(), apiUrl: 'https://api.github.com', reconcileSeconds: 60 };
  const found = githubFindings({ self, repositories: [], leftOut }, around);
  expect(found.at(-1)?.what).toMatch(expected);
});

describe('a token', () => {
  test('is said to be whose, and of what kind', async () => {
    const world = await startWorld();
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub: .*classic token of sandbox-user/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub acme\/hello: .*default branch is main/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub acme\/hello: the webhook .*202/));
    expect(world.github.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
  });

  test('that GitHub refuses is wrong, once', async () => {
    const world = await startWorld();
    world.env.GITHUB_TOKEN = 'ghp_another';
    expect(amiss(await world.check())).toEqual([wrong('GITHUB_TOKEN.*401')]);
  });

  test('that has no requests left this hour is not called a bad one', async () => {
    const world = await startWorld();
    world.github.rateLimits.exhaust();
    const [line] = amiss(await world.check());
    expect(line).toEqual(wrong('403.*rate limit'));
    expect(line).not.toMatch(/accept|Personal access/);
  });

  test('of an installation ends too soon', async () => {
    const world = await startWorld();
    world.env.GITHUB_TOKEN = 'ghs_another';
    expect(amiss(await world.check())).toContainEqual(wrong('within the hour'));
  });

  test('that soon expires is warned of', async () => {
    const world = await startWorld();
    const end = new Date(Date.now() + 3 * 86_400_000).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
    world.github.faults.add(
      { path: /^\/user$/ },
      {
        kind: 'status',
        status: 200,
        body: { login: 'ann' },
        headers: { 'github-authentication-token-expiration': end },
      },
    );
    expect(amiss(await world.check())).toEqual([warning(`expires on ${end.slice(0, 10)}`)]);
  });

  test('without the scopes to deploy, or to merge', async () => {
    const world = await startWorld();
    world.github.addUser('ann', 'ghp_ann', ['read:org']);
    world.github.addUser('bob', 'ghp_bob', ['repo_deployment']);
    world.env.GITHUB_TOKEN = 'ghp_ann';
    expect(amiss(await world.check())).toContainEqual(wrong('repo_deployment'));
    world.env.GITHUB_TOKEN = 'ghp_bob';
    expect(amiss(await world.check()).filter((line) => line.startsWith('wrong'))).toEqual([]);
    world.writeCatalogue('apps: { hello: { repository: acme/hello, auto_merge: true } }');
    expect(amiss(await world.check())).toContainEqual(wrong('auto_merge'));
  });

  test('GitHub out of reach is said once, and no repository is waited for', async () => {
    const world = await startWorld();
    world.env.GITHUB_API_URL = `http://127.0.0.1:${await freePort()}`;
    expect(amiss(await world.check())).toEqual([wrong(`${world.env.GITHUB_API_URL} .*ECONNREFUSED`)]);
  });
});

describe('a repository', () => {
  test('that is not there is wrong; alike ones are one line', async () => {
    const world = await startWorld();
    world.writeCatalogue('apps: { a: { repository: acme/gone }, b: { repository: acme/away } }');
    expect(amiss(await world.check())).toEqual([wrong('GitHub acme/gone, acme/away: ')]);
  });

  test('that may only be read, or is archived, is wrong', async () => {
    const world = await startWorld();
    world.github.setLevel('acme/hello', 'sandbox-user', 'pull');
    expect(amiss(await world.check())).toContainEqual(wrong('acme/hello: .*not write'));
    world.github.setLevel('acme/hello', 'sandbox-user', 'admin');
    world.github.archive('acme/hello');
    expect(amiss(await world.check())).toEqual([wrong('acme/hello: It is archived')]);
  });

  test('that was renamed is wrong', async () => {
    const world = await startWorld();
    const body = { full_name: 'acme/hi', default_branch: 'main', permissions: { push: true } };
    world.github.faults.add({ path: /^\/repos\/acme\/hello$/ }, { kind: 'status', status: 200, body });
    expect(amiss(await world.check())).toEqual([wrong('acme/hi in the catalogue')]);
  });

  test('without the environments of the catalogue gets a warning, transient ones aside', async () => {
    const world = await startWorld();
    world.writeCatalogue(`
apps:
  hello:
    repository: acme/hello
    environments: { stagin: {}, production: { github_environment: hello-production }, review: { transient_environment: true } }`);
    expect(amiss(await world.check())).toEqual([warning('acme/hello: It has no environment stagin, hello-production')]);
    await world.deploy('hello-production');
    expect(amiss(await world.check())).toEqual([warning('acme/hello: It has no environment stagin yet')]);
  });

  test('on a host of its own is looked at with its own token, which goes nowhere else', async () => {
    const [world, other] = [await startWorld(), await startWorld()];
    other.github.addUser('dee', 'ghp_of_the_other_host');
    other.github.setLevel('acme/hello', 'dee', 'admin');
    world.env.OTHER_TOKEN = 'ghp_of_the_other_host';
    const apps = { hello: { repository: 'acme/hello', environments: ['staging'], github_api: other.github.url } };
    world.env.APPS_FILE = `${world.folder}/apps.json`;
    world.writeCatalogue(
      JSON.stringify({
        hello: { provider: 'x', auto_merge: false, ...apps.hello, github_token: 'ghp_of_the_other_host' },
      }),
    );
    const lines = await world.check();
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub 127\.0\.0\.1:\d+\/acme\/hello: /));
    const used = (one: World) => new Set(one.github.requests.map(({ headers }) => headers.authorization));
    expect([...used(world)].join()).not.toContain('other_host');
    expect([...used(other)].filter((header) => header === `Bearer ${world.env.GITHUB_TOKEN}`)).toHaveLength(1);
  });
});

describe('the webhook', () => {
  test('that is not there, or leads elsewhere, gets a warning', async () => {
    const world = await startWorld();
    world.hook.url = 'https://ci.example.com/hook?token=t0p-s3cret';
    const lines = await world.check();
    expect(amiss(lines)).toEqual([warning('acme/hello: .*no webhook.*one leads elsewhere')]);
    expect(lines.join('\n')).not.toContain('t0p-s3cret');
  });

  test('whose address has something secret in it is shown without that', async () => {
    const world = await startWorld();
    world.hook.url = `${world.end.url}?token=t0p-s3cret`;
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringContaining('/github/webhooks arrives'));
    expect(lines.join('\n')).not.toContain('t0p-s3cret');
  });

  test('that is off, or does not send what is needed', async () => {
    const world = await startWorld();
    world.hook.active = false;
    expect(amiss(await world.check())).toEqual([wrong('acme/hello: .* is off')]);
    world.hook.active = true;
    world.hook.events = ['deployment'];
    expect(amiss(await world.check())).toEqual([
      wrong('deployment_status'),
      warning('workflow_run'),
      warning('pull_request'),
    ]);
    world.hook.events = ['*'];
    expect(amiss(await world.check())).toEqual([]);
  });

  test('that has delivered nothing is said to have', async () => {
    const world = await startWorld();
    world.github.addWebhook({ ...world.hook });
    world.hook.active = false;
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub acme\/hello: .*delivered nothing/));
  });

  test.each([
    [401, 'GITHUB_WEBHOOK_SECRET'],
    [404, 'Something else'],
    [500, 'log'],
    [503, 'could not store'],
  ])('whose last delivery was answered with %i is wrong, and says what to do', async (status, remedy) => {
    const world = await startWorld();
    world.end.answer = status;
    await world.deploy();
    expect(amiss(await world.check())).toEqual([wrong(`acme/hello: .*failed.*${status}.*${remedy}`)]);
    world.end.answer = 202;
    await world.deploy();
    expect(amiss(await world.check())).toEqual([]);
  });

  test('that reaches nobody is wrong', async () => {
    const world = await startWorld();
    world.hook.url = 'http://127.0.0.1:1/github/webhooks';
    await world.deploy();
    expect(amiss(await world.check())).toEqual([
      wrong('acme/hello: .*127.0.0.1:1/github/webhooks failed: .*502.*firewall'),
    ]);
  });

  test('that the token may not see gets a warning', async () => {
    const world = await startWorld();
    world.github.setLevel('acme/hello', 'sandbox-user', 'push');
    expect(amiss(await world.check())).toEqual([warning('acme/hello: .*not shown the webhooks.*404')]);
  });
});

describe('an App', () => {
  const keys = keyPair();

  async function asApp(more: Partial<AppOptions> = {}, id = '4711', key = keys.privateKey): Promise<World> {
    const world = await startWorld();
    delete world.env.GITHUB_TOKEN;
    Object.assign(world.env, { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key });
    const webhook = {
      url: world.end.url,
      secret: hookSecret,
      events: ['deployment_status', 'workflow_run', 'pull_request'],
    };
    const installations = [{ id: 9, repositories: ['acme/hello'], permissions: enough }];
    world.github.addApp({ id: 4711, publicKey: keys.publicKey, installations, webhook, ...more });
    return world;
  }
  const enough = {
    deployments: 'write',
    metadata: 'read',
    contents: 'read',
    statuses: 'read',
    checks: 'read',
    actions: 'write',
    pull_requests: 'read',
  } as const;

  test('with all it needs is well; the repository’s own webhooks are not asked for', async () => {
    const world = await asApp();
    const lines = await world.check();
    expect(amiss(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +GitHub: the App is sandbox-app/));
    expect(world.github.requests.filter(({ path }) => /^\/repos\/.*\/hooks/.test(path))).toEqual([]);
  });

  test('whose key or number is another’s is wrong, once', async () => {
    const otherKey = await asApp({}, '4711', keyPair().privateKey);
    expect(amiss(await otherKey.check())).toEqual([wrong('GITHUB_APP_ID.*GITHUB_APP_PRIVATE_KEY')]);
    const otherId = await asApp({}, '4712');
    expect(amiss(await otherId.check())).toEqual([wrong('404.*GITHUB_APP_ID')]);
  });

  test('that is not installed there is wrong', async () => {
    const world = await asApp({ installations: [] });
    expect(amiss(await world.check())).toEqual([wrong('acme/hello: .*not installed')]);
  });

  test('that is suspended there is wrong', async () => {
    const world = await asApp();
    const body = { permissions: enough, suspended_at: '2026-01-01T00:00:00Z' };
    world.github.faults.add({ path: /\/installation$/ }, { kind: 'status', status: 200, body });
    expect(amiss(await world.check())).toEqual([wrong('acme/hello: .*suspended')]);
  });

  test('that lacks permissions: what nothing works without is wrong, the rest is a warning', async () => {
    const permissions = { deployments: 'read', metadata: 'read', contents: 'read', actions: 'read' } as const;
    const world = await asApp({ installations: [{ id: 9, repositories: ['acme/hello'], permissions }] });
    const lines = amiss(await world.check());
    expect(lines).toHaveLength(5);
    expect(lines).toContainEqual(wrong('acme/hello: .*Deployments: write'));
    expect(lines).toContainEqual(warning('acme/hello: .*Actions: write.*cancel'));
    for (const called of ['Commit statuses', 'Checks', 'Pull requests']) {
      expect(lines).toContainEqual(warning(`acme/hello: .*${called}: read`));
    }
  });

  test('needs to write contents where the catalogue says auto_merge', async () => {
    const world = await asApp();
    world.writeCatalogue('apps: { hello: { repository: acme/hello, auto_merge: true } }');
    expect(amiss(await world.check())).toEqual([wrong('acme/hello: .*Contents: write')]);
  });

  test('whose webhook leads elsewhere, or lacks the events', async () => {
    const elsewhere = { url: 'https://ci.example.com/hook', secret: hookSecret, events: ['deployment_status'] };
    expect(amiss(await (await asApp({ webhook: elsewhere })).check())).toEqual([warning('GitHub: .*no webhook')]);
    const webhook = { url: 'http://127.0.0.1:1/github/webhooks', secret: hookSecret, events: ['deployment'] };
    const world = await asApp({ webhook });
    await world.deploy();
    expect(amiss(await world.check())).toEqual([
      wrong('deployment_status'),
      warning('workflow_run'),
      warning('pull_request'),
      wrong('GitHub: .*last delivery.*502'),
    ]);
  });
});
