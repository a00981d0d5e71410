import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { startBot } from '../../src/sandbox/bot-process.ts';
import { executeLine } from '../../src/sandbox/front/exec.ts';
import { createPaint } from '../../src/sandbox/front/paint.ts';
import { createTranscript } from '../../src/sandbox/front.ts';
import { git } from '../../src/sandbox/local-git.ts';
import { namesOf, type Person, type Place } from '../../src/sandbox/places.ts';
import { startWorld } from '../../src/sandbox/world.ts';
import { quick } from './front-bench.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

// Does nothing where the build is up to date, as it is below `npm test`.
beforeAll(() => void execFileSync(process.execPath, ['src/build.mjs'], { cwd: root, stdio: 'inherit' }), 120_000);

/** A folder that is gone when the test is over. */
async function temporaryFolder({ onTestFinished }: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'exec-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the built sandbox as `npm run sandbox -- …` does; `left` is what it left in its folder for temporary files. */
async function sandbox(test: TestContext, args: string[], onOutput: (soFar: string, pid: number) => void = () => {}) {
  const temporary = await temporaryFolder(test);
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
  const verdicts = output.split('\n').filter((line) => /^[✔✘]/.test(line));
  return { code, output, errors, verdicts, left: await readdir(temporary) };
}

// Side by side, for they mostly wait; with time for a busy machine.
describe.concurrent('npm run sandbox', { timeout: 60_000 }, () => {
  // First, for the bot looks after the checks of a merge every ten seconds only.
  test('a branch that is behind is merged, checked, and then deployed', async (test) => {
    const line = '/deploy hello/topic-branch to staging --auto-merge';
    const { code, output, verdicts } = await sandbox(test, ['--exec', line]);
    expect(output).toContain('Auto-merged main into topic-branch');
    expect(verdicts, output).toEqual(['✔ topic-branch to staging: success']);
    expect(code).toBe(0);
  });

  test('an answer for everybody is the end of the line', async (test) => {
    const args = ['--exec', '/deploy where hello --show', '--timeout', '20'];
    const { code, output, verdicts } = await sandbox(test, args);
    expect(verdicts, output).toEqual(['✔ answered']);
    expect(code).toBe(0);
  });

  test('the first line of the README succeeds, and its links lead somewhere', async (test) => {
    const pages = new Map<string, Promise<string>>();
    const line = '/deploy hello/topic-branch to staging';
    const link = /http:\/\/127\.0\.0\.1:\d+\/(?:hello\/staging\/|~logs\/acme\/hello\/\d+)(?=[\s)>|])/g;
    const { code, output, verdicts, left } = await sandbox(test, ['--exec', line], (soFar) => {
      for (const [url] of soFar.matchAll(link)) {
        if (pages.has(url)) continue;
        const page = fetch(url).then((answer) => answer.text(), String);
        pages.set(url, page);
      }
    });
    expect(output).toMatch(/Ready in \d/);
    expect(output).toContain(`ann types: ${line}`);
    expect(verdicts, output).toEqual(['✔ topic-branch to staging: success']);
    expect(code).toBe(0);
    const texts = (await Promise.all(pages.values())).join('\n');
    expect(texts, output).toContain('<p class="branch">topic-branch</p>');
    expect(texts, output).toContain('Checking out topic-branch');
    expect(left).toEqual([]);
  });

  test('a repository of this machine is deployed, its deploy.sh is not run; one line that fails makes it 1', async (test) => {
    const temporary = await temporaryFolder(test);
    const source = path.join(temporary, 'my-site');
    await mkdir(source);
    await git(['init', '--quiet', '--template=', '--initial-branch=trunk', source]);
    await writeFile(path.join(source, 'deploy.sh'), `touch ${path.join(temporary, 'trap')}\nexit 1\n`);
    await git(['-C', source, 'add', '.']);
    await git(['-C', source, '-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'a']);
    const lines = ['/deploy my-site/main', '@deckhand my-site to production'];
    const flags = ['--repo', source, '--as', 'bob', '--in', 'random'];
    const { code, output, verdicts } = await sandbox(test, [...flags, ...lines.flatMap((line) => ['--exec', line])]);
    const typed = output.split('\n').flatMap((line) => /^bob(?: types)?: (.*)$/.exec(line)?.[1] ?? []);
    expect(typed, output).toEqual(lines);
    expect(verdicts).toEqual(['✘ refused', '✔ trunk to production: success']);
    expect(code).toBe(1);
    expect(output).toContain('── #random ──');
    expect(await readdir(temporary)).toEqual(['my-site']);
  });

  test('without a line it stays up, and an interruption leaves nothing behind', async (test) => {
    let interrupted = false;
    const { code, output, left } = await sandbox(test, [], (soFar, pid) => {
      if (interrupted || !soFar.includes('/deploy help')) return;
      interrupted = true;
      process.kill(pid, 'SIGINT');
    });
    expect(code, output).toBe(0);
    expect(output).toContain('acme/hello');
    expect(left).toEqual([]);
  });

  test('a mistake on the command line is one sentence, and nothing is started', async (test) => {
    for (const args of [['--frobnicate'], ['--repo', '/no/such/folder']]) {
      const { code, output, errors, left } = await sandbox(test, args);
      expect({ code, output, left }).toEqual({ code: 1, output: '', left: [] });
      expect(errors.trim().split('\n')).toHaveLength(1);
    }
  });

  test('--help is help', async (test) => {
    const { code, output } = await sandbox(test, ['--help']);
    expect(code).toBe(0);
    expect(output).toContain('--exec');
  });

  test('how a line ends depends on what is typed, by whom and where', async (test) => {
    const folder = await temporaryFolder(test);
    const world = await startWorld({ folder, stepMs: 0 });
    test.onTestFinished(() => world.stop());
    const bot = await startBot({ world, program: path.join(root, 'dist/src/main.js') });
    test.onTestFinished(() => bot.stop());
    const printed: string[] = [];
    const print = (line: string) => void printed.push(line);
    const transcript = createTranscript({
      slack: world.slack,
      names: namesOf(world),
      print,
      paint: createPaint(false),
    });

    const scenes: {
      as?: Person;
      in?: Place;
      line: string;
      yes?: true;
      ends: 0 | 1;
      because: RegExp;
      withinMs?: number;
    }[] = [
      { line: '/deploy help', ends: 0, because: /answered/ },
      { line: '/deploy hello/red', ends: 1, because: /409/ },
      { line: '/deploy hello/red --force', ends: 0, because: /red to staging: success/ },
      { line: '/deploy hello/broken', ends: 1, because: /broken to staging: failure/ },
      { line: '/deploy helo', ends: 1, because: /refused/ },
      { line: '/deploy hello/no-such-branch', ends: 1, because: /refused/ },
      { line: '/deploy hello/conflict --auto-merge', ends: 1, because: /409/ },
      { line: '/deploy handbook', ends: 1, because: /button/ },
      { line: '/deploy handbook', yes: true, ends: 0, because: /main to production: success/ },
      { as: 'gus', line: '/deploy hello', ends: 1, because: /refused/ },
      { in: 'elsewhere', line: '/deploy hello', ends: 1, because: /refused/ },
      { in: 'elsewhere', line: '@deckhand hello', ends: 1, because: /#elsewhere/ },
      { in: 'dm', line: '/deploy hello/v1.0.0', ends: 0, because: /v1\.0\.0 to staging: success/ },
      // Told to the person, and in the thread.
      { in: 'dm', line: '/deploy mark NEWEST in_progress', ends: 0, because: /answered/, withinMs: 4_000 },
      { in: 'dm', line: '/deploy cancel NEWEST', ends: 0, because: /answered/, withinMs: 4_000 },
      { in: 'dm', line: '/deploy delete NEWEST', yes: true, ends: 0, because: /answered/, withinMs: 4_000 },
      { in: 'dm', line: '@deckhand hello', ends: 1, because: /direct message/ },
      { in: 'ann-bob', line: '/deploy hello', ends: 1, because: /refused/ },
      { as: 'bob', in: 'ann-bob', line: '/deploy help', ends: 0, because: /answered/ },
    ];
    for (const scene of scenes) {
      const { as: person = 'ann', in: place = 'deploys', yes = false, withinMs: timeout = 10_000 } = scene;
      const line = scene.line.replace('NEWEST', () => String(world.github.deployments('acme/hello')[0]?.id));
      const limits = { timeout, quiet: quick, botEnded: bot.ended, signal: test.signal };
      const { code, because } = await executeLine(world, transcript, { line, person, place }, { yes, ...limits });
      expect({ ...scene, ends: code }, `${printed.join('\n')}\n${because}`).toEqual(scene);
      expect(because, scene.line).toMatch(scene.because);
    }
    const rooms = new Set(printed.flatMap((line) => /^── (.*) ──$/.exec(line)?.[1] ?? []));
    const direct = ['direct message between ann and deckhand', 'direct message between ann and bob'];
    expect([...rooms]).toEqual(['#deploys', '#elsewhere', ...direct]);
    expect(world.slack.messages(world.directMessages['ann-bob'].id)).toEqual([]);
    const typed = world.github.deployments('acme/hello').filter(({ creator }) => creator.login !== 'carol');
    const deployed = typed.map(({ ref }) => ref);
    // The newest was deleted again.
    expect(deployed).toEqual(['broken', 'red']);
  });
});
