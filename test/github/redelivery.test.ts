import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../src/deploy/ports.ts';
import type { GitHubOptions } from '../../src/github/client.ts';
import type { AppOptions, WebhookTarget } from '../../src/sandbox/github/server.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { client, fastClock, serving } from './fixture.ts';
import { listening } from './webhook-target.ts';

const minute = 60_000;
/** Time runs as everywhere, and leaps when a test says so. */
let leaptMs = 0;
const clock: Clock = {
  now: () => new Date(Date.now() + leaptMs),
  at: (at, call) => fastClock.at(new Date(at.getTime() - leaptMs), call),
};
const world = useGitHub({ now: clock.now });
const hello = { fullName: 'acme/hello' };
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** A bot that has remembered nothing yet, as after a start. */
const bot = (options: Partial<GitHubOptions> = {}) => client(world.github.url, { clock, ...options });

/** The bot's end, and the hook that leads to it for as long as the test runs. */
async function hooked(change: Partial<WebhookTarget> = {}) {
  const end = await listening();
  const target = { url: end.url, secret: 'new secret', events: ['deployment_status', 'workflow_run'], ...change };
  onTestFinished(() => {
    Object.assign(target, { active: false });
  });
  return { ...end, target };
}
async function withHook(change: Partial<WebhookTarget> = {}) {
  const end = await hooked(change);
  world.github.addWebhook(end.target);
  world.github.setLevel('acme/hello', 'sandbox-user', 'admin');
  return end;
}

/** Statuses whose webhooks fail. Answers their ids. */
async function missed(count = 1, repository = 'acme/hello'): Promise<number[]> {
  const undo = world.github.dropWebhooks((event) => event === 'deployment_status');
  const [owner = '', repo = ''] = repository.split('/');
  const asked = { owner, repo, ref: 'main', auto_merge: false, environment: 'staging' };
  const { data } = await world.octokit.rest.repos.createDeployment(asked);
  const deployment = (data as { id: number }).id;
  const ids = Array.from({ length: count }, () => {
    return world.github.addStatus(repository, deployment, { state: 'in_progress' }).id;
  });
  await world.github.idle();
  undo();
  return ids;
}

/** What was asked of GitHub since the last look. */
function asked(): string[] {
  const ours = world.github.requests.filter(({ path }) => /hook/.test(path));
  const lines = ours.map(({ method, path, query, status }) => {
    const short = path.replace(/\d+/g, 'N').replace('/repos/acme/hello', '');
    return [method, short, query.status, status].filter(Boolean).join(' ');
  });
  seen.push(...world.github.requests.splice(0));
  return lines;
}
const seen: typeof world.github.requests = [];

describe('without an App', () => {
  test('a webhook that failed is sent again, and no more once it has arrived', async () => {
    const end = await withHook();
    const ids = await missed();
    const github = bot();
    expect(await github.redeliver([hello])).toBe(1);
    await world.github.idle();
    expect([...end.stored.keys()]).toEqual(ids);
    leaptMs += 6 * minute;
    expect([await github.redeliver([hello]), await bot().redeliver([hello])]).toEqual([0, 0]);
  });

  test('what was redelivered in vain is asked for three times in all, whoever asks', async () => {
    await withHook();
    const undo = world.github.dropWebhooks(() => true, { redeliveries: true });
    onTestFinished(undo);
    await missed();
    const results: number[] = [];
    for (const waitMs of [0, 0, 6, 6, 61, 0, 500, 1_000]) {
      leaptMs += waitMs * minute;
      results.push(await bot().redeliver([hello]));
      await world.github.idle();
    }
    expect(results).toEqual([1, 0, 1, 0, 1, 0, 0, 0]);
  });

  test('the oldest fifty come first, and the others in the next rounds', async () => {
    const end = await withHook();
    const ids = await missed(105);
    const github = bot();
    const results: number[] = [];
    for (let round = 0; round < 4; round++) {
      results.push(await github.redeliver([hello]));
      await world.github.idle();
      if (round === 0) expect([...end.stored.keys()]).toEqual(ids.slice(0, 50));
    }
    expect(results).toEqual([50, 50, 5, 0]);
    expect([...end.stored.keys()]).toEqual(ids);
  });

  test('nothing is asked for after three days', async () => {
    await withHook();
    await missed();
    leaptMs += 3 * 24 * 60 * minute;
    expect(await bot().redeliver([hello])).toBe(0);
  });

  test('when nothing has failed, a round costs one request, which counts for nothing', async () => {
    await withHook();
    const github = bot();
    await github.redeliver([hello]);
    expect(asked()).toEqual(['GET /hooks 200', 'GET /hooks/N/deliveries failure 200']);
    await github.redeliver([hello]);
    expect(asked()).toEqual(['GET /hooks/N/deliveries failure 304']);
  });

  test.each<[string, Partial<WebhookTarget>]>([
    ['leads elsewhere', { url: 'https://ci.example/hooks' }],
    ['brings other events', { events: ['push', 'workflow_run'] }],
    ['is switched off', { active: false }],
    ['is of another repository', { repositories: ['acme/other'] }],
  ])('a hook that %s is not looked into, and the hooks are looked at once an hour', async (_, change) => {
    await withHook(change);
    const github = bot();
    await github.redeliver([hello]);
    expect(asked()).toEqual(['GET /hooks 200']);
    leaptMs += 59 * minute;
    await github.redeliver([hello]);
    expect(asked()).toEqual([]);
    leaptMs += 2 * minute;
    await github.redeliver([hello]);
    expect(asked()).toHaveLength(1);
  });

  test('a token that may not look is said to be one, once, and looks again in an hour', async () => {
    world.github.addUser('carol', 'ghp_carol', ['repo_deployment']);
    await withHook();
    await missed();
    const github = bot({ auth: { kind: 'token', token: 'ghp_carol' } });
    asked();
    for (const [leap, requests] of [
      [0, 1],
      [59, 0],
      [2, 1],
    ] as const) {
      leaptMs += leap * minute;
      expect(await github.redeliver([hello])).toBe(0);
      expect(asked()).toHaveLength(requests);
    }
    const lines = github
      .logged()
      .split('\n')
      .filter((line) => line.includes('write:repo_hook'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ level: 30, of: ['acme/hello'] });
  });

  test('a token that may look and not ask leaves it at that', async () => {
    world.github.addUser('dave', 'ghp_dave', ['repo_deployment', 'read:repo_hook']);
    world.github.setLevel('acme/hello', 'dave', 'admin');
    await withHook();
    await missed(3);
    const github = bot({ auth: { kind: 'token', token: 'ghp_dave' } });
    asked();
    expect(await github.redeliver([hello])).toBe(0);
    expect(asked().filter((line) => line.startsWith('POST'))).toHaveLength(1);
    expect(await github.redeliver([hello])).toBe(0);
    expect(asked()).toEqual([]);
    expect(github.logged()).toContain('write:repo_hook');
  });

  test.each<[string, () => void]>([
    ['is down', () => world.github.faults.add({ path: /hooks/, times: 3 }, { kind: 'status', status: 502 })],
    ['breaks the connection', () => world.github.faults.add({ path: /hooks/, times: 3 }, { kind: 'reset' })],
    [
      'is down when it is asked to send',
      () => world.github.faults.add({ method: 'POST', path: /attempts$/ }, { kind: 'status', status: 500 }),
    ],
    ['allows no more', () => world.github.rateLimits.exhaust({ seconds: 5 * 60 })],
    ['wants it slower', () => world.github.rateLimits.secondary()],
  ])('when GitHub %s, nothing is thrown, and a later round does it', async (_, trouble) => {
    const end = await withHook();
    const ids = await missed();
    trouble();
    const github = bot();
    expect(await github.redeliver([hello, hello])).toBe(0);
    world.github.rateLimits.reset();
    leaptMs += 6 * minute;
    expect(await github.redeliver([hello])).toBe(1);
    await world.github.idle();
    expect([...end.stored.keys()]).toEqual(ids);
    expect(github.logged()).not.toContain('"level":50');
  });

  test('what GitHub can’t send again stands in nobody’s way', async () => {
    const end = await withHook();
    const [, second] = await missed(2);
    const no = { message: 'Delivery is too old', documentation_url: 'https://docs.github.com/rest', status: '422' };
    world.github.faults.add({ method: 'POST', path: /attempts$/ }, { kind: 'status', status: 422, body: no });
    const github = bot();
    expect(await github.redeliver([hello])).toBe(1);
    await world.github.idle();
    expect([...end.stored.keys()]).toEqual([second]);
    leaptMs += 6 * minute;
    expect(await github.redeliver([hello])).toBe(0);
  });

  test('one repository’s trouble is not another’s', async () => {
    const end = await withHook();
    await missed();
    const results = await bot().redeliver([{ fullName: 'acme/gone' }, hello]);
    await world.github.idle();
    expect([results, end.stored.size]).toEqual([1, 1]);
  });

  test('on another host it is the token for that host that asks', async () => {
    const end = await withHook();
    await missed();
    const apiUrl = `${world.github.url}/api/v3`;
    const elsewhere = await serving((_, response) => void response.writeHead(404).end('{}'));
    const tokenFor: GitHubOptions['tokenFor'] = (one) => (one.apiUrl === apiUrl ? 'ghp_sandbox' : undefined);
    const github = client(elsewhere.url, { clock, tokenFor, auth: { kind: 'token', token: 'ghp_other' } });
    expect(await github.redeliver([{ ...hello, apiUrl }])).toBe(1);
    await world.github.idle();
    expect(end.stored.size).toBe(1);
    expect(elsewhere.seen).toEqual([]);
  });

  test('hooks of fifty repositories are looked at in a round, and then those of others', async () => {
    const { url, seen: requests } = await listingServer(() => ({ list: [] }));
    const all = Array.from({ length: 70 }, (_, i) => ({ fullName: `acme/app-${i}` }));
    const github = client(url, { clock });
    const repositories = () => new Set(requests.map((line) => /app-\d+/.exec(line)?.[0])).size;
    await github.redeliver(all);
    expect(repositories()).toBe(50);
    leaptMs += minute;
    await github.redeliver(all);
    expect(repositories()).toBe(70);
  });

  test('ids that no number can hold are asked for to the digit', async () => {
    const id = 190_000_000_000_000_001n;
    const { url, seen: requests } = await listingServer((status) => ({
      list: status === 'failure' ? [failed(id, 1)] : [],
    }));
    expect(await client(url, { clock }).redeliver([hello])).toBe(1);
    expect(requests.at(-1)).toBe(`POST /repos/acme/hello/hooks/1/deliveries/${id}/attempts`);
  });

  test('what is older than three days is left alone, on servers that still name it', async () => {
    const day = 24 * 60;
    const list = [failed(2n, 3 * day), failed(1n, 4 * day)];
    const { url, seen: requests } = await listingServer(() => ({ list, next: 'x' }));
    expect(await client(url, { clock }).redeliver([hello])).toBe(0);
    expect(requests).toHaveLength(2);
  });

  test('where too much arrived since to look through, only what is sure to be lost is asked for', async () => {
    let page = 0;
    const { url, seen: requests } = await listingServer((status) => {
      if (status === 'failure') return { list: [failed(9n, 15), failed(8n, 300)] };
      // Each page goes two minutes further back, for ever.
      page++;
      return { list: [failed(BigInt(1_000 + page), 2 * page, 200)], next: `v1_${page}` };
    });
    expect(await client(url, { clock }).redeliver([hello])).toBe(1);
    expect(requests.at(-1)).toContain('/deliveries/9/attempts');
    expect(requests.filter((line) => line.includes('success'))).toHaveLength(10);
  });
});

/** A delivery as it goes over the wire, some minutes ago. */
const failed = (id: bigint, minutesAgo: number, code = 503) =>
  `{"id":${id},"guid":"guid-${id}","delivered_at":"${new Date(clock.now().getTime() - minutesAgo * minute).toISOString()}",
    "redelivery":false,"status":"","status_code":${code},"event":"deployment_status","action":"created","repository_id":1}`;

/** A GitHub each of whose repositories has a hook of ours, with the deliveries that a test says. */
const listingServer = (deliveries: (status: string | null) => { list: string[]; next?: string }) =>
  serving((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const json = { 'content-type': 'application/json' };
    if (request.method === 'POST') return void response.writeHead(202, json).end('{}');
    if (!pathname.endsWith('/deliveries')) {
      const hook = { id: 1, active: true, events: ['*'], config: { url: 'https://bot.example/github/webhooks' } };
      return void response.writeHead(200, json).end(JSON.stringify([hook]));
    }
    const { list, next } = deliveries(searchParams.get('status'));
    const link = `<https://api.example${pathname}?cursor=${next}&per_page=100>; rel="next"`;
    response.writeHead(200, { ...json, ...(next && { link }) }).end(`[${list.join()}]`);
  });

describe('with an App', () => {
  let lastApp = 900;
  async function asApp(repositories: string[], change: Partial<AppOptions> = {}, options: Partial<GitHubOptions> = {}) {
    leaptMs = 0;
    const id = ++lastApp;
    const end = await hooked();
    const installations = [{ id: 5_000 + id, repositories }];
    world.github.addApp({ id, publicKey, slug: `deckhand-${id}`, installations, webhook: end.target, ...change });
    const auth = { kind: 'app', id: String(id), privateKey } as const;
    return { end, github: bot({ auth, ...options }) };
  }

  test('the App’s own deliveries are looked through, and asked for again', async () => {
    const { end, github } = await asApp(['acme/hello']);
    const ids = await missed();
    asked();
    expect(await github.redeliver([hello])).toBe(1);
    await world.github.idle();
    expect([...end.stored.keys()]).toEqual(ids);
    expect(await github.redeliver([hello])).toBe(0);
    expect(asked()).toEqual([
      'GET /app/hook/deliveries failure 200',
      'GET /app/hook/deliveries success 200',
      'POST /app/hook/deliveries/N/attempts 202',
      'GET /app/hook/deliveries failure 200',
    ]);
  });

  test('only those of repositories in the catalogue', async () => {
    const { end, github } = await asApp(['acme/hello', 'acme/other']);
    await world.github.addRepository({ owner: 'acme', name: 'other' });
    const ids = await missed();
    expect(await github.redeliver([{ fullName: 'acme/other' }])).toBe(0);
    expect(await github.redeliver([{ fullName: 'acme/other' }, hello])).toBe(1);
    await world.github.idle();
    expect([...end.stored.keys()]).toEqual(ids);
  });

  test('a repository that the App is not installed on is no trouble', async () => {
    const { end, github } = await asApp(['acme/hello']);
    await missed();
    expect(await github.redeliver([{ fullName: 'acme/elsewhere' }, hello])).toBe(1);
    await world.github.idle();
    expect(end.stored.size).toBe(1);
  });

  test('where an app has a token of its own, that looks at the repository’s hooks', async () => {
    const tokenFor = () => 'ghp_sandbox';
    const { github } = await asApp([], {}, { tokenFor });
    const end = await withHook();
    await missed();
    asked();
    expect(await github.redeliver([hello])).toBe(1);
    await world.github.idle();
    expect(end.stored.size).toBe(1);
    expect(asked().some((line) => line.includes('/app/'))).toBe(false);
  });
});
