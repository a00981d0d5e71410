import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Deployer, type DeployerOptions, startDeployer } from '../../src/sandbox/deployer.ts';
import { type SeededCommits, seedHello } from '../../src/sandbox/seed.ts';
import { commit, isAlive, rawGet, startReportTaker } from './deployer-bench.ts';

const secret = 'a secret';
let folder: string;
let hello: string;
let tips: SeededCommits;
let deployer: Deployer;
let github: Awaited<ReturnType<typeof startReportTaker>>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'deployer-test-'));
  hello = path.join(folder, 'acme/hello.git');
  tips = await seedHello(folder);
  github = await startReportTaker();
  deployer = await start();
});
afterEach(async () => {
  await deployer.stop();
  await github.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a signed deployment is checked out, run, published and reported', async () => {
  expect(await announce({ id: 1, ref: 'topic-branch', sha: tips['topic-branch'] })).toBe(202);
  await deployer.idle();
  expect(github.states(1)).toEqual(['queued', 'in_progress', 'success']);
  const [, inProgress, success] = github.reports;
  expect(success?.body).toMatchObject({ environment_url: `${deployer.home}hello/staging/` });
  expect(success?.headers.authorization).toBe('Bearer ghp_deployer');
  const page = await fetch(success?.body.environment_url as string);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('<p class="branch">topic-branch</p>');
  expect((await fetch(`${deployer.home}hello/staging/style.css`)).headers.get('content-type')).toContain('text/css');
  const log = await (await fetch(inProgress?.body.log_url as string)).text();
  expect(log).toContain('hosts: all');
  expect(log).toContain('Ended: success');
});

test('task, hosts, environment, ref and commit reach deploy.sh, and nothing else of ours does', async () => {
  process.env.DEPLOYER_TEST_SECRET = 'leak';
  const sha = await commit(hello, 'env', { 'deploy.sh': 'env\n' });
  await announce({
    id: 2,
    ref: 'env',
    sha,
    task: 'deploy:migrations',
    payload: JSON.stringify({ name: 'shop', hosts: 'fe1,fe2' }),
  });
  await deployer.idle();
  delete process.env.DEPLOYER_TEST_SECRET;
  const lines = await logOf(2);
  expect(lines).toEqual(
    expect.arrayContaining([
      'TASK=deploy:migrations',
      'HOSTS=fe1,fe2',
      'ENVIRONMENT=staging',
      'REF=env',
      `SHA=${sha}`,
      'LANG=C.UTF-8',
    ]),
  );
  const names = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('=')[0]);
  // What the shell itself sets.
  const own = names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name as string)).sort();
  expect(own).toEqual(['ENVIRONMENT', 'HOME', 'HOSTS', 'LANG', 'PATH', 'REF', 'SHA', 'TASK']);
  expect((await fetch(`${deployer.home}shop/staging/`)).status).toBe(200);
});

test('the seeded script tells the hosts, and runs migrations for their task', async () => {
  await announce({ id: 3, sha: tips.main, task: 'deploy:migrations', payload: { hosts: 'fe1,fe2' } });
  await deployer.idle();
  const lines = await logOf(3);
  expect(lines.filter((line) => /^fe\d: /.test(line))).toHaveLength(2);
  expect(lines.some((line) => line.startsWith('migration'))).toBe(true);
});

test('a script that fails is a failure, and what was live stays', async () => {
  await announce({ id: 4, sha: tips.main, ref: 'main' });
  await announce({ id: 5, sha: tips.broken, ref: 'broken' });
  await deployer.idle();
  expect(github.states(5)).toEqual(['queued', 'in_progress', 'failure']);
  expect(github.reports.at(-1)?.body.description).toContain('exit code 1');
  expect(await logOf(5)).toContain('smoke test failed, giving up');
  expect(await (await fetch(`${deployer.home}hello/staging/`)).text()).toContain('<p class="branch">main</p>');
});

test('a commit that is not there is an error with a short description', async () => {
  await announce({ id: 6, sha: 'f'.repeat(40), environment: 'e'.repeat(300) });
  await deployer.idle();
  expect(github.states(6)).toEqual(['queued', 'in_progress', 'error']);
  for (const report of github.reports) expect([...String(report.body.description)].length).toBeLessThanOrEqual(140);
});

test('a script beyond its time is killed with everything it started', async () => {
  await restart({ scriptTimeLimit: 300 });
  const slow = await commit(hello, 'slow', { 'deploy.sh': 'echo started\nsleep 60 &\necho "child $!"\nwait\n' });
  await announce({ id: 7, sha: slow });
  await deployer.idle();
  expect(github.states(7).at(-1)).toBe('failure');
  const child = Number((await logOf(7)).find((line) => line.startsWith('child '))?.split(' ')[1]);
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('what a script leaves in the background does not hold up its deployment', async () => {
  const daemon = await commit(hello, 'daemon', { 'deploy.sh': 'sleep 60 &\necho "child $!"\n' });
  await announce({ id: 8, sha: daemon });
  await deployer.idle();
  expect(github.states(8).at(-1)).toBe('success');
  const child = Number((await logOf(8)).find((line) => line.startsWith('child '))?.split(' ')[1]);
  await expect.poll(() => isAlive(child)).toBe(false);
});

describe('called off by somebody else’s error', () => {
  const waits = { 'deploy.sh': 'touch "$HOME/../begun"\nwhile [ ! -e "$HOME/../go" ]; do sleep 0.02; done\n' };
  const file = (name: string) => path.join(folder, 'work/trees/acme/hello', name);
  const go = () => writeFile(file('go'), '');
  const live = () => fetch(`${deployer.home}hello/staging/`).then(({ status }) => status);

  async function callOffWhileRunning(id: number) {
    await announce({ id, sha: await commit(hello, 'slow', waits) });
    await expect.poll(() => existsSync(file('begun'))).toBe(true);
    github.callOff(id);
    await go();
    await deployer.idle();
  }

  test('it stops at its next step and reports nothing more', async () => {
    await callOffWhileRunning(20);
    expect(github.states(20)).toEqual(['queued', 'in_progress']);
    expect(await live()).toBe(404);
    expect((await logOf(20)).some((line) => line.includes('called this off'))).toBe(true);
  });

  test('before it has begun it does not begin', async () => {
    github.callOff(21);
    await announce({ id: 21, sha: tips.main });
    await deployer.idle();
    expect(github.states(21)).toEqual(['queued']);
  });

  test('a deployer that does not heed it goes on', async () => {
    deployer.heedsCalls = false;
    await callOffWhileRunning(22);
    expect(github.states(22)).toEqual(['queued', 'in_progress', 'success']);
    expect(await live()).toBe(200);
  });
});

test('one deployment at a time in an environment, others beside it', async () => {
  const slow = await commit(hello, 'slow', { 'deploy.sh': 'while [ ! -e "$HOME/../go" ]; do sleep 0.02; done\n' });
  await announce({ id: 10, sha: slow });
  await announce({ id: 11, sha: tips.main });
  await announce({ id: 12, sha: tips.main, environment: 'production' });
  await expect.poll(() => github.states(12).at(-1)).toBe('success');
  expect(github.states(10)).toEqual(['queued', 'in_progress']);
  expect(github.states(11)).toEqual(['queued']);
  await writeFile(path.join(folder, 'work/trees/acme/hello/go'), '');
  await deployer.idle();
  expect(github.states(11).at(-1)).toBe('success');
});

test('the log can be followed while it grows, and is not markup', async () => {
  const talk = await commit(hello, 'talk', {
    'deploy.sh': 'echo "<b>first</b>"\nwhile [ ! -e "$HOME/../go" ]; do sleep 0.02; done\necho last\n',
  });
  await announce({ id: 13, sha: talk });
  await expect.poll(() => github.states(13)).toContain('in_progress');
  const page = await fetch(`${deployer.home}~logs/acme/hello/13`);
  const reader = (page.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('first')) text += (await reader.read()).value ?? '';
  expect(text).toContain('&lt;b&gt;first');
  expect(text).not.toContain('last');
  await writeFile(path.join(folder, 'work/trees/acme/hello/go'), '');
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  expect(text).toContain('last');
});

test('unsigned, forged and other webhooks deploy nothing; a redelivery deploys nothing again', async () => {
  expect(await announce({ id: 14, sha: tips.main }, { signature: undefined })).toBe(401);
  expect(await announce({ id: 14, sha: tips.main }, { signature: `sha256=${'0'.repeat(64)}` })).toBe(401);
  expect(await announce({ id: 14, sha: tips.main }, { event: 'deployment_status' })).toBe(202);
  expect(await announce({ id: 15, sha: tips.main, repository: '../../etc' })).toBe(202);
  expect(await announce({ id: 16, sha: '--upload-pack=x' })).toBe(202);
  await deployer.idle();
  expect(github.reports).toEqual([]);
  await announce({ id: 14, sha: tips.main });
  await announce({ id: 14, sha: tips.main });
  await deployer.idle();
  expect(github.states(14)).toEqual(['queued', 'in_progress', 'success']);
});

test('with scripts off the files are served and nothing is run', async () => {
  await restart({ runScripts: false });
  await announce({ id: 17, sha: tips.broken, environment: 'review/pr-12' });
  await deployer.idle();
  expect(github.states(17).at(-1)).toBe('success');
  const url = github.reports.at(-1)?.body.environment_url as string;
  expect(url).toBe(`${deployer.home}hello/review%2Fpr-12/`);
  expect(await (await fetch(url)).text()).toContain('broken');
  expect((await logOf(17)).some((line) => line.startsWith('smoke'))).toBe(false);
});

test('nobody gets out of the deployed files', async () => {
  const links = await commit(
    hello,
    'links',
    { 'deploy.sh': 'true\n', 'docs/a <b>.txt': 'hi\n' },
    { 'out.txt': '/etc/passwd', up: '../..' },
  );
  await announce({ id: 18, sha: links });
  await deployer.idle();
  const { port } = new URL(deployer.home);
  const statusOf = (place: string) => rawGet(port, `/hello/staging/${place}`);
  expect((await statusOf('docs/a%20%3Cb%3E.txt')).status).toBe(200);
  for (const place of ['out.txt', 'up/', '../../etc/passwd', '%2e%2e/%2e%2e/', '..%2f..%2f', 'a%00b', '%zz', '..']) {
    expect((await statusOf(place)).status, place).toBe(404);
  }
  const listing = await statusOf('docs/');
  expect(listing.body).toContain('a &lt;b&gt;.txt');
  expect((await statusOf('docs')).status).toBe(308);
  expect((await rawGet(port, '/hello/staging/', { host: 'evil.example' })).status).toBe(421);
});

async function start(more: Partial<DeployerOptions> = {}): Promise<Deployer> {
  return startDeployer({
    github: { url: github.url, token: 'ghp_deployer' },
    webhookSecret: secret,
    gitFolder: folder,
    folder: path.join(folder, 'work'),
    runScripts: true,
    stepMs: 0,
    ...more,
  });
}

async function restart(more: Partial<DeployerOptions>): Promise<void> {
  await deployer.stop();
  deployer = await start(more);
}

/** Posts a `deployment` webhook as GitHub would; resolves with the HTTP status of the answer. */
async function announce(
  what: {
    id: number;
    sha: string;
    ref?: string;
    task?: string;
    environment?: string;
    payload?: unknown;
    repository?: string;
  },
  wire: { signature?: string | undefined; event?: string } = { signature: 'good' },
): Promise<number> {
  const { repository = 'acme/hello', ...deployment } = what;
  const defaults = { ref: 'main', task: 'deploy', environment: 'staging', payload: {} };
  const body = JSON.stringify({
    action: 'created',
    deployment: { ...defaults, ...deployment },
    repository: { full_name: repository },
  });
  const good = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const signature = wire.signature === 'good' || wire.event ? good : wire.signature;
  const answer = await fetch(deployer.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': wire.event ?? 'deployment',
      ...(signature && { 'x-hub-signature-256': signature }),
    },
  });
  return answer.status;
}

async function logOf(id: number): Promise<string[]> {
  return (await (await fetch(`${deployer.home}~logs/acme/hello/${id}.txt`)).text()).split('\n');
}
