import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { git } from '../../src/sandbox/local-git.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let temporary: string;

// Does nothing where the build is up to date, as it is below `npm test`.
beforeAll(() => void execFileSync(process.execPath, ['src/build.mjs'], { cwd: root, stdio: 'inherit' }), 120_000);
beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'exec-test-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

/** Runs the built sandbox as `npm run sandbox -- …` does, with a temporary folder that the test can look into. */
async function sandbox(args: string[], onOutput: (soFar: string, pid: number) => void = () => {}) {
  const child = spawn(process.execPath, ['dist/src/sandbox/main.js', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: temporary, HOME: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onOutput(output, child.pid as number);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output, errors, left: (await readdir(temporary)).filter((name) => name.startsWith('deckhand')) };
}

test('the first line of the README succeeds, and its links lead somewhere', async () => {
  const pages = new Map<string, Promise<string>>();
  const line = '/deploy hello/topic-branch to staging';
  const { code, output, left } = await sandbox(['--exec', line], (soFar) => {
    for (const [url] of soFar.matchAll(
      /http:\/\/127\.0\.0\.1:\d+\/(?:hello\/staging\/|~logs\/acme\/hello\/\d+)(?=[\s)>|])/g,
    )) {
      if (!pages.has(url))
        pages.set(
          url,
          fetch(url).then((answer) => answer.text(), String),
        );
    }
  });
  expect(output).toContain(`ann types: ${line}`);
  expect(output).toMatch(/Ready in \d/);
  expect(code, output).toBe(0);
  const texts = await Promise.all(pages.values());
  expect(
    texts.some((text) => text.includes('<p class="branch">topic-branch</p>')),
    output,
  ).toBe(true);
  expect(
    texts.some((text) => text.includes('Checking out topic-branch')),
    output,
  ).toBe(true);
  expect(left).toEqual([]);
});

test('lines are typed in order, one that fails makes it 1', async () => {
  const { code, output } = await sandbox([
    ...['--exec', '/deploy hello/broken', '--exec', '/deploy hello to prod', '--exec', '/deploy help'],
  ]);
  expect(code, output).toBe(1);
  const verdicts = output.split('\n').filter((line) => /^[✔✘]/.test(line));
  expect(verdicts.map((line) => line[0])).toEqual(['✘', '✔', '✔']);
});

test.each([
  ['an answer', ['--exec', '/deploy help'], 0],
  ['a mention', ['--exec', '@deckhand hello/v1.0.0 to stg'], 0],
  ['a failing check', ['--exec', '/deploy hello/red'], 1],
  ['a failing check, forced', ['--exec', '/deploy hello/red --force'], 0],
  ['an app that nobody knows', ['--exec', '/deploy helo'], 1],
  ['a ref that is not there', ['--exec', '/deploy hello/no-such-branch'], 1],
  ['a guest', ['--as', 'gus', '--exec', '/deploy hello'], 1],
  ['a room that the bot is not in', ['--in', 'elsewhere', '--exec', '/deploy hello'], 1],
])('%s', async (_what, args, code) => {
  const ended = await sandbox(args);
  expect(ended.code, ended.output + ended.errors).toBe(code);
  expect(ended.left).toEqual([]);
});

test('a repository of this machine is deployed, its deploy.sh is not run', async () => {
  const source = path.join(temporary, 'my-site');
  await mkdir(source);
  await git(['init', '--quiet', '--template=', '--initial-branch=trunk', source]);
  await writeFile(path.join(source, 'deploy.sh'), `touch ${path.join(temporary, 'trap')}\nexit 1\n`);
  await git(['-C', source, 'add', '.']);
  await git(['-C', source, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '--quiet', '-m', 'a']);
  const { code, output } = await sandbox(['--repo', source, '--exec', '/deploy my-site to production']);
  expect(code, output).toBe(0);
  expect(await readdir(temporary)).not.toContain('trap');
});

test('a mistake on the command line is one sentence, and nothing is started', async () => {
  for (const args of [['--frobnicate'], ['--exec', 'hello'], ['--as', 'zoe'], ['--repo', path.join(temporary, 'no')]]) {
    const { code, output, errors, left } = await sandbox(args);
    expect({ code, output, left }).toEqual({ code: 1, output: '', left: [] });
    expect(errors.trim().split('\n')).toHaveLength(1);
  }
});

test('--help is help', async () => {
  const { code, output } = await sandbox(['--help']);
  expect(code).toBe(0);
  expect(output).toContain('--exec');
});

test('without a line it stays up, and an interruption leaves nothing behind', async () => {
  let interrupted = false;
  const { code, output, left } = await sandbox([], (soFar, pid) => {
    if (interrupted || !soFar.includes('/deploy help')) return;
    interrupted = true;
    process.kill(pid, 'SIGINT');
  });
  expect(code, output).toBe(0);
  expect(output).toContain('acme/hello');
  expect(left).toEqual([]);
});
