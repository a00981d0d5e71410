import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { git } from '../../src/sandbox/local-git.ts';
import { startWorld, type World, type WorldOptions } from '../../src/sandbox/world.ts';

let folder: string;
let world: World | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'world-test-'));
});
afterEach(async () => {
  await world?.stop();
  world = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(more: Partial<WorldOptions> = {}): Promise<World> {
  world = await startWorld({ folder: path.join(folder, 'world'), stepMs: 0, ...more });
  return world;
}

/** Creates a deployment as the bot would. */
async function deploy({ github, repository }: World, body: Record<string, unknown>) {
  const answer = await fetch(`${github.url}/repos/${repository.fullName}/deployments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${github.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ auto_merge: false, required_contexts: [], ...body }),
  });
  return { status: answer.status, body: (await answer.json()) as { id: number; message?: string } };
}

async function ended(world: World): Promise<void> {
  await expect.poll(() => world.github.deliveries.length).toBeGreaterThan(0);
  await expect.poll(() => world.github.deliveries[0]?.response).toBe(202);
  await world.deployer.idle();
}

test('a deployment goes through GitHub and the deployer to a page, and back', async () => {
  const world = await start();
  const created = await deploy(world, { ref: 'topic-branch', environment: 'staging', payload: { name: 'hello' } });
  expect(created.status).toBe(201);
  await ended(world);
  const statuses = world.github.statuses('acme/hello', created.body.id).toReversed();
  expect(statuses.map((status) => status.state)).toEqual(['queued', 'in_progress', 'success']);
  expect(statuses.at(-1)?.creator?.login).toBe('sandbox-deployer');
  expect(await (await fetch(String(statuses.at(-1)?.environment_url))).text()).toContain('topic-branch');
  expect(await (await fetch(String(statuses.at(-1)?.log_url))).text()).toContain('Ended: success');
});

test('the branches do what they are there for', async () => {
  const world = await start();
  const gated = { required_contexts: undefined };
  expect((await deploy(world, { ref: 'red', ...gated })).status).toBe(409);
  expect((await deploy(world, { ref: 'conflict', auto_merge: true, ...gated })).status).toBe(409);
  expect((await deploy(world, { ref: 'v1.0.0', ...gated })).status).toBe(201);
  expect((await deploy(world, { ref: 'main', ...gated })).status).toBe(201);
  expect((await deploy(world, { ref: 'topic-branch', auto_merge: true, ...gated })).status).toBe(202);
  const broken = await deploy(world, { ref: 'broken', ...gated });
  expect(broken.status).toBe(201);
  await ended(world);
  await expect.poll(() => world.github.statuses('acme/hello', broken.body.id)[0]?.state).toBe('failure');
});

test('there are pull requests, and somebody has deployed before', async () => {
  const { github } = await start();
  const headers = { authorization: `Bearer ${github.token}` };
  const ask = async (path: string) => (await fetch(`${github.url}/repos/acme/hello/${path}`, { headers })).json();
  const pulls = (await ask('pulls?state=all')) as {
    number: number;
    merged_at: string | null;
    head: { label: string };
  }[];
  expect(pulls.map(({ number, merged_at, head }) => [number, merged_at !== null, head.label])).toEqual([
    [4, false, 'erin:kinder-404'],
    [3, false, 'acme:evening-colors'],
    [2, true, 'acme:where-from'],
    [1, true, 'acme:which-branch'],
  ]);
  expect(await ask('deployments')).toMatchObject([{ environment: 'production', creator: { login: 'carol' } }]);
  const compared = (await ask('compare/v1.0.0...main')) as { commits: { author: { login: string } | null }[] };
  expect(compared.commits.map(({ author }) => author?.login)).toEqual(['bob', 'ann', 'ann']);
  expect(await ask('pulls/3')).toMatchObject({ mergeable: true });
});

test('the open pull request can be deployed, and its checks are green', async () => {
  const world = await start();
  const gated = { required_contexts: undefined, auto_merge: true };
  expect((await deploy(world, { ref: 'evening-colors', ...gated })).status).toBe(201);
});

test('people, rooms and the catalogue are there', async () => {
  const { slack, people, channels, appsFile, webhookSecret, botPort, github } = await start();
  expect(channels.deploys.id).toBe('C0DEPLOYS');
  const heard = async (channel: string) =>
    (await slack.mention({ user: people.ann.id, channel, text: '@deckhand hello' })).eventId !== undefined;
  expect([await heard(channels.deploys.id), await heard(channels.random.id)]).toEqual([true, true]);
  expect(await heard(channels.elsewhere.id)).toBe(false);
  const catalogue = parse(await readFile(appsFile, 'utf8'));
  expect(Object.keys(catalogue.apps.hello.environments)).toEqual(['staging', 'production', 'review']);
  expect(catalogue.apps.handbook.default_environment).toBeUndefined();
  expect(webhookSecret).not.toBe('');
  await deploy({ github, repository: { fullName: 'acme/hello' } } as World, { ref: 'main' });
  await expect
    .poll(() => github.deliveries.map((delivery) => delivery.url))
    .toContain(`http://127.0.0.1:${botPort}/github/webhooks`);
});

test('a repository of this machine is cloned and served, and none of its scripts runs', async () => {
  const source = path.join(folder, 'on');
  const trap = path.join(folder, 'trap');
  await mkdir(path.join(source, '.git/hooks'), { recursive: true });
  await git(['init', '--quiet', '--template=', '--initial-branch=trunk', source]);
  const setTrap = `#!/bin/sh\ntouch "${trap}"\n`;
  await writeFile(path.join(source, 'deploy.sh'), setTrap, { mode: 0o755 });
  await writeFile(path.join(source, 'page.txt'), 'from the folder\n');
  await writeFile(path.join(source, '.gitattributes'), '*.txt filter=trap\n');
  await git(['-C', source, 'add', '.']);
  await git(['-C', source, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '--quiet', '-m', 'a']);
  await git(['-C', source, 'config', 'filter.trap.smudge', `touch ${trap}; cat`]);
  await mkdir(path.join(source, '.git/hooks'), { recursive: true });
  for (const hook of ['post-checkout', 'post-update', 'reference-transaction']) {
    await writeFile(path.join(source, '.git/hooks', hook), setTrap, { mode: 0o755 });
  }

  const world = await start({ repo: source });
  expect(world.repository).toEqual({ owner: 'acme', name: 'on', fullName: 'acme/on', defaultBranch: 'trunk' });
  const created = await deploy(world, { ref: 'trunk', environment: 'staging' });
  await ended(world);
  const [last] = world.github.statuses('acme/on', created.body.id);
  expect(last?.state).toBe('success');
  expect(await (await fetch(String(last?.environment_url))).text()).toContain('page.txt');
  expect(await (await fetch(`${last?.environment_url}page.txt`)).text()).toBe('from the folder\n');
  await expect(access(trap)).rejects.toThrow();
  const catalogue = parse(await readFile(world.appsFile, 'utf8'));
  expect(Object.keys(catalogue.apps)).toEqual(['on']);
});

test.each([
  ['a folder that is not there', 'missing', /no such folder/],
  ['a folder that is no repository', 'plain', /not a git repository/],
  ['a repository without a commit', 'empty', /no branch/],
])('%s is told in plain words', async (_what, name, words) => {
  await mkdir(path.join(folder, 'plain'));
  await git(['init', '--quiet', '--template=', path.join(folder, 'empty')]);
  await expect(start({ repo: path.join(folder, name) })).rejects.toThrow(words);
});
