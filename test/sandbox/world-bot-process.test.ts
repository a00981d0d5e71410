import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BotProcessOptions, startBot } from '../../src/sandbox/bot-process.ts';
import { freePort } from '../../src/sandbox/free-port.ts';

let folder: string;
let world: BotProcessOptions['world'];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bot-process-test-'));
  world = {
    folder,
    appsFile: path.join(folder, 'apps.yml'),
    botPort: await freePort(),
    webhookSecret: 'hook',
    slack: {
      url: 'http://127.0.0.1:9/api/',
      botToken: 'xoxb-1',
      appToken: 'xapp-1',
      signingSecret: 'sign',
      connections: () => 1,
    },
    github: { url: 'http://127.0.0.1:9', token: 'ghp_1' },
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program in the bot's place. */
async function program(text: string): Promise<string> {
  const file = path.join(folder, 'bot.mjs');
  await writeFile(file, `import { createServer } from 'node:http';\n${text}`);
  return file;
}

const isReady = `createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1');`;

test('it starts with only the variables that the bot needs, and ends when told', async () => {
  process.env.BOT_PROCESS_TEST_SECRET = 'leak';
  const bot = await startBot({
    world,
    program: await program(`console.log('ENV ' + JSON.stringify(process.env)); ${isReady}`),
  });
  delete process.env.BOT_PROCESS_TEST_SECRET;
  expect(bot.ended()).toBeUndefined();
  await bot.stop();
  expect(bot.ended()).toBe('by SIGTERM');
  const log = await readFile(path.join(folder, 'bot.log'), 'utf8');
  const environment = JSON.parse(/^ENV (.*)$/m.exec(log)?.[1] ?? '{}');
  expect(Object.keys(environment).sort()).toEqual(
    [
      ...['APPS_FILE', 'DATA_DIR', 'GITHUB_API_URL', 'GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET', 'HOME', 'HOST'],
      ...['LOG_LEVEL', 'METRICS_PORT', 'PATH', 'PORT', 'SLACK_API_URL', 'SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'],
      'SLACK_SIGNING_SECRET',
    ].sort(),
  );
  expect(environment).toMatchObject({ HOST: '127.0.0.1', METRICS_PORT: '0', SLACK_BOT_TOKEN: 'xoxb-1' });
});

test('a bot that ends at once is told with its last words', async () => {
  const mute = await program(`console.error('SLACK_BOT_TOKEN is missing'); process.exitCode = 1;`);
  await expect(startBot({ world, program: mute })).rejects.toThrow(/exit code 1[\s\S]*SLACK_BOT_TOKEN is missing/);
});

test('a bot that never gets ready is told, and gone', async () => {
  const shown: string[] = [];
  const deaf = await program(`console.log('pid ' + process.pid); setInterval(() => {}, 1000);`);
  const start = startBot({ world, program: deaf, deadline: 400, show: (text) => shown.push(text) });
  await expect(start).rejects.toThrow(/readyz/);
  const pid = Number(/pid (\d+)/.exec(shown.join(''))?.[1]);
  expect(() => process.kill(pid, 0)).toThrow();
});

test('a bot that does not connect to Slack is told', async () => {
  const alone = { ...world, slack: { ...world.slack, connections: () => 0 } };
  await expect(startBot({ world: alone, program: await program(isReady), deadline: 600 })).rejects.toThrow(/Slack/);
});
