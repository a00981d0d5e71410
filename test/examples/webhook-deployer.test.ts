import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../src/sandbox/free-port.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';

const root = path.resolve(import.meta.dirname, '../..');
const secret = 'the deployer’s secret';
const on = useGitHub();

let folder: string;
let address: string;
let child: ChildProcess;

/** What a deploy of a user's would be: says what it was told, waits where a test wants it to, and ends as REF says. */
const script = `#!/bin/sh
echo "$TASK of $REPOSITORY $REF to $ENVIRONMENT with $PAYLOAD, the secrets: $GITHUB_TOKEN$WEBHOOK_SECRET"
while [ -e "$WAIT_FOR" ]; do sleep 0.05; done
[ "$REF" != conflict ] || exit 3
echo "https://$ENVIRONMENT.example.com/"
`;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'webhook-deployer-'));
  const command = path.join(folder, 'deploy');
  writeFileSync(command, script);
  chmodSync(command, 0o755);
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  const strict = [
    '--ignoreConfig',
    '--strict',
    '--erasableSyntaxOnly',
    '--noUncheckedIndexedAccess',
    '--types',
    'node',
  ];
  const target = ['--target', 'es2023', '--module', 'nodenext', '--outDir', folder];
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, ...strict, ...target, 'examples/webhook-deployer.ts'], { cwd: root });

  const port = await freePort();
  address = `http://127.0.0.1:${port}/`;
  child = spawn(process.execPath, [path.join(folder, 'webhook-deployer.js')], {
    stdio: 'inherit',
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      WEBHOOK_SECRET: secret,
      GITHUB_TOKEN: on.github.token,
      GITHUB_API_URL: on.github.url,
      DEPLOY_COMMAND: command,
      LOG_FOLDER: folder,
      LOG_URL: 'https://logs.example.com',
      WAIT_FOR: path.join(folder, 'wait'),
    },
  });
  await vi.waitFor(() => fetch(address), { timeout: 20_000, interval: 50 });
  on.github.addWebhook({ url: address, secret, events: ['*'] });
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
});
afterEach(() => rmSync(path.join(folder, 'wait'), { force: true }));

async function deployment(ref: string, environment: string): Promise<number> {
  const asked = { ...on.hello, ref, environment, required_contexts: [], auto_merge: false, payload: { hosts: 'fe1' } };
  return ((await on.octokit.repos.createDeployment(asked)).data as { id: number }).id;
}
/** Oldest first. */
const statuses = (id: number) => on.github.statuses('acme/hello', id).toReversed();
const states = (id: number) => statuses(id).map(({ state }) => state);
const soon = { timeout: 20_000 };
const log = (id: number) => readFileSync(path.join(folder, `${id}.txt`), 'utf8');
const hold = () => writeFileSync(path.join(folder, 'wait'), '');
const letGo = () => rmSync(path.join(folder, 'wait'));

test('a deploy is reported from the queue to the page that it ended on, with its log', async () => {
  const id = await deployment('ahead', 'staging');
  await expect.poll(() => states(id), soon).toEqual(['queued', 'in_progress', 'success']);
  const log_url = `https://logs.example.com/${id}.txt`;
  expect(statuses(id).map((status) => [status.log_url, status.environment_url])).toEqual([
    ['', ''],
    [log_url, ''],
    [log_url, 'https://staging.example.com/'],
  ]);
  expect(log(id)).toContain('deploy of acme/hello ahead to staging with {"hosts":"fe1"}, the secrets: \n');
});

test('a command that fails is a failure', async () => {
  const id = await deployment('conflict', 'staging');
  await expect.poll(() => states(id), soon).toEqual(['queued', 'in_progress', 'failure']);
  expect(statuses(id).at(-1)).toMatchObject({ description: expect.stringContaining('3'), environment_url: '' });
});

test('a deploy that breaks here is told, and holds up nobody', async () => {
  hold();
  const id = await deployment('ahead', 'staging');
  await expect.poll(() => existsSync(path.join(folder, `${id}.txt`)), soon).toBe(true);
  rmSync(path.join(folder, `${id}.txt`));
  letGo();
  await expect.poll(() => states(id), soon).toEqual(['queued', 'in_progress', 'error']);
  const after = await deployment('main', 'staging');
  await expect.poll(() => states(after).at(-1), soon).toBe('success');
});

test('one after the other in an environment, at the same time in two', async () => {
  hold();
  const first = await deployment('ahead', 'staging');
  await expect.poll(() => states(first), soon).toEqual(['queued', 'in_progress']);
  const second = await deployment('main', 'staging');
  const elsewhere = await deployment('main', 'review');
  await expect.poll(() => states(elsewhere), soon).toEqual(['queued', 'in_progress']);
  expect(states(second)).toEqual(['queued']);
  letGo();
  await expect.poll(() => states(second).at(-1), soon).toBe('success');
  const [begun] = statuses(second).filter(({ state }) => state === 'in_progress');
  const [ended] = statuses(first).filter(({ state }) => state === 'success');
  expect(begun?.id).toBeGreaterThan(ended?.id ?? Number.POSITIVE_INFINITY);
  await expect.poll(() => states(elsewhere).at(-1), soon).toBe('success');
});

test('a delivery that comes again deploys nothing again', async () => {
  const id = await deployment('ahead', 'production');
  await expect.poll(() => states(id).at(-1), soon).toBe('success');
  await on.github.idle();
  const guid = on.github.deliveries.find(({ event }) => event === 'deployment')?.guid ?? '';
  await on.github.redeliver(guid);
  const next = await deployment('main', 'production');
  await expect.poll(() => states(next).at(-1), soon).toBe('success');
  expect(states(id)).toEqual(['queued', 'in_progress', 'success']);
});

const body = JSON.stringify({
  action: 'created',
  deployment: { id: 1, sha: 'a'.repeat(40), ref: 'main', task: 'deploy', environment: 'forged', payload: {} },
  repository: { full_name: 'acme/hello' },
});
const signed = (text: string, key: string) => `sha256=${createHmac('sha256', key).update(text).digest('hex')}`;

test.each([
  ['without a signature', body, undefined, 401],
  ['signed with another secret', body, signed(body, 'guessed'), 401],
  ['signed over another body', body.replace('main', 'evil'), signed(body, secret), 401],
  ['signed, and no JSON', 'payload=1', signed('payload=1', secret), 400],
])('a request %s is refused, and nothing is run', async (_, text, signature, status) => {
  const headers = { 'x-github-event': 'deployment', ...(signature && { 'x-hub-signature-256': signature }) };
  expect((await fetch(address, { method: 'POST', body: text, headers })).status).toBe(status);
  expect(on.github.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  expect(existsSync(path.join(folder, '1.txt'))).toBe(false);
});
