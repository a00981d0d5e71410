import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { report } from '../../src/check/check.ts';
import { amiss, hookSecret, startWorld, type World } from './world.ts';

const root = path.resolve(import.meta.dirname, '../..');

beforeAll(() => void execFileSync(process.execPath, ['src/build.mjs'], { cwd: root, stdio: 'inherit' }), 120_000);

/** Runs the program as `npm run check-config` does. */
function checkConfig(world: World): Promise<{ status: number; out: string; err: string }> {
  const program = path.join(root, 'dist/src/main.js');
  const options = { cwd: world.folder, env: { PATH: process.env.PATH, ...world.env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, '--check-config'], options, (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** Whatever is secret in a world’s configuration. */
const secretsOf = ({ env }: World): string[] =>
  ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET'].map((name) => String(env[name]));

test('ends with 0 where nothing is wrong, in a fixed order, and says no secret', async () => {
  const world = await startWorld();
  const { status, out, err } = await checkConfig(world);
  expect(err).toBe('');
  expect(status).toBe(0);
  expect(amiss(out.split('\n'))).toEqual([]);
  const parts = [...out.matchAll(/^ok +(\w+)/gm)].map(([, part]) => part);
  expect([...new Set(parts)]).toEqual(['Configuration', 'Machine', 'Slack', 'GitHub', 'Store']);
  expect(out.trim().split('\n').at(-1)).toBe('Nothing is wrong.');
  expect(secretsOf(world)).toContain(hookSecret);
  for (const secret of secretsOf(world)) expect(out).not.toContain(secret);
});

test('ends with 0 where there are only warnings, with 1 where something is wrong, and still looks at the rest', async () => {
  const world = await startWorld();
  world.hook.url = 'https://ci.example.com/';
  expect(await checkConfig(world)).toMatchObject({ status: 0, out: expect.stringMatching(/One warning\.\n$/) });
  world.env.SLACK_BOT_TOKEN = 'xoxb-s3cret-of-another';
  world.env.GITHUB_TOKEN = 'ghp_s3cret_of_another';
  const { status, out, err } = await checkConfig(world);
  expect(status).toBe(1);
  expect(out + err).not.toMatch(/s3cret/);
  expect(out).toMatch(/^wrong +Slack: /m);
  expect(out).toMatch(/^wrong +GitHub: /m);
  expect(out).toMatch(/^ok +Store: /m);
});

test('what is missing is named before anything is asked', async () => {
  const world = await startWorld();
  world.env.SLACK_BOT_TOKEN = '';
  const { status, err } = await checkConfig(world);
  expect(status).toBe(1);
  expect(err).toMatch(/^SLACK_BOT_TOKEN is missing/);
  expect(world.slack.calls).toEqual([]);
});

test('a finding is one line, whatever others call their things', () => {
  const lines = report([{ mark: 'ok', about: 'Slack', what: 'in “a\nb\u001b[31m\u202e”' }]).split('\n');
  expect(lines).toHaveLength(3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's escape is what must not be there
  expect(lines[0]).not.toMatch(/[\u001b\u202e]/);
});
