import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Octokit } from '@octokit/rest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { git } from '../../src/sandbox/local-git.ts';
import { startWorld, type World } from '../../src/sandbox/world.ts';
import { checkDeliveries, checkRecorded } from './github/schema.ts';

const hello = { owner: 'acme', repo: 'hello' };
let folder: string;
let world: World;
let octokit: Octokit;
const inRepository = (args: string[], input?: string) =>
  git(['--git-dir', path.join(folder, 'git/acme/hello.git'), ...args], { input });

function asker(): Octokit {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return new Octokit({ auth: world.github.token, baseUrl: world.github.url, request: { retries: 0 }, log });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ci-test-'));
  world = await startWorld({ folder, stepMs: 0, ciStepMs: 30 });
  octokit = asker();
});
afterEach(async () => {
  checkRecorded(world.github.requests);
  checkDeliveries(world.github.deliveries);
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Asks for a deployment that GitHub merges for; the new head of the branch. */
async function merge(ref: string): Promise<string> {
  expect((await octokit.repos.createDeployment({ ...hello, ref })).status).toBe(202);
  return inRepository(['rev-parse', ref]);
}

async function checksOf(ref: string) {
  const { statuses } = (await octokit.repos.getCombinedStatusForRef({ ...hello, ref })).data;
  const { check_runs } = (await octokit.checks.listForRef({ ...hello, ref })).data;
  return { statuses, check_runs };
}

async function checked(): Promise<void> {
  await world.github.idle();
  await world.ci.idle();
}

/** What the continuous integration has said of each of its checks, oldest first. */
function said(): string[] {
  return world.github.requests
    .filter(({ headers, path: asked }) => headers['user-agent'] === 'sandbox-ci' && asked.startsWith('/repos/'))
    .map(({ method, body }) => `${method} ${body.conclusion ?? body.status ?? body.state}`);
}

test('a merge that GitHub makes is pushed, checked step by step, and can be deployed then', async () => {
  const sha = await merge('topic-branch');
  await checked();
  expect(said()).toEqual([...['POST pending', 'POST queued', 'PATCH in_progress', 'POST success', 'PATCH success']]);
  const { statuses, check_runs } = await checksOf(sha);
  expect(statuses).toMatchObject([{ context: 'ci/janky', state: 'success', description: '12 tests passed' }]);
  expect(check_runs).toMatchObject([
    { name: 'security/brakeman', status: 'completed', conclusion: 'success', app: { slug: 'sandbox-ci' } },
  ]);
  expect((await octokit.repos.createDeployment({ ...hello, ref: 'topic-branch' })).status).toBe(201);
  await world.deployer.idle();
});

test('until it is done the commit cannot be deployed', async () => {
  await world.stop();
  world = await startWorld({ folder: path.join(folder, 'slow'), stepMs: 0, ciStepMs: 60_000 });
  octokit = asker();
  expect((await octokit.repos.createDeployment({ ...hello, ref: 'topic-branch' })).status).toBe(202);
  await expect.poll(said).toEqual(['POST pending', 'POST queued']);
  expect(world.ci.isBusy()).toBe(true);
  const again = octokit.repos.createDeployment({ ...hello, ref: 'topic-branch' });
  await expect(again).rejects.toMatchObject({ status: 409 });
});

test('a commit with a file .ci-red fails, and says why', async () => {
  const fork = await inRepository(['merge-base', 'main', 'topic-branch']);
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}`;
  const commit = ['commit refs/heads/late', 'committer Ann <ann@example.com> 0 +0000', data('late'), `from ${fork}`];
  const file = `M 100644 inline .ci-red\n${data('2 of 12 tests failed\nand more\n')}`;
  await inRepository(['fast-import', '--quiet'], `${[...commit, file].join('\n')}\n`);
  const sha = await merge('late');
  await checked();
  const { statuses, check_runs } = await checksOf(sha);
  expect(statuses).toMatchObject([{ context: 'ci/janky', state: 'failure', description: '2 of 12 tests failed' }]);
  expect(check_runs).toMatchObject([{ conclusion: 'success' }]);
  const page = await (await fetch(String(statuses[0]?.target_url))).text();
  expect(page).toContain('ci/janky: failure (2 of 12 tests failed)');
});

test('what is seeded is left alone, and a commit is checked once', async () => {
  const before = await checksOf('main');
  await merge('topic-branch');
  await checked();
  const reports = said().length;
  const push = world.github.deliveries.find(({ event }) => event === 'push');
  await world.github.redeliver(String(push?.guid));
  await checked();
  expect(said()).toHaveLength(reports);
  expect(await checksOf('main')).toEqual(before);
});

test('only what is signed is believed', async () => {
  const body = JSON.stringify({
    after: 'a'.repeat(40),
    ref: 'refs/heads/main',
    repository: { full_name: 'acme/hello' },
  });
  const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
  expect((await fetch(world.ci.url, { method: 'POST', body, headers })).status).toBe(401);
  expect((await fetch(world.ci.url)).status).toBe(405);
  expect(world.ci.isBusy()).toBe(false);
  expect(said()).toEqual([]);
});

test('GitHub in trouble ends a build, and nothing else', async () => {
  world.github.faults.add({ method: 'POST', path: /\/check-runs$/ }, { kind: 'status', status: 502, body: 'oops' });
  const sha = await merge('topic-branch');
  await checked();
  const { statuses } = await checksOf(sha);
  expect(statuses).toMatchObject([{ state: 'pending' }]);
  expect(await (await fetch(String(statuses[0]?.target_url))).text()).toMatch(/given up: .*502/);
});
