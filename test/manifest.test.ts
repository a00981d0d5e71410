import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '@slack/web-api/dist/types/request/manifest.js';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '..');
const own = readFileSync(path.join(root, 'manifest.yml'), 'utf8');

beforeAll(() => void execFileSync(process.execPath, ['src/build.mjs'], { cwd: root, stdio: 'inherit' }), 120_000);

/** Runs the program as `npm run manifest -- …` does. */
function print(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/manifest.js', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function printed(...args: string[]): Manifest {
  const { status, stdout, stderr } = print(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parse(stdout) as Manifest;
}

/** What Slack's own schema says against it. */
function against(manifest: unknown): unknown {
  const schema = JSON.parse(readFileSync(path.join(root, 'test/fixtures/slack/manifest.schema.json'), 'utf8'));
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  validate(manifest);
  return validate.errors;
}

describe('manifest.yml', () => {
  const manifest = parse(own) as Manifest;

  test('is one by Slack’s own schema', () => {
    expect(against(manifest)).toBe(null);
    expect(against({ ...manifest, features: { slash_commands: [] } })).not.toBe(null);
  });

  test('is for Socket Mode: no URL is in it', () => {
    expect(manifest.settings).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: true } });
    expect(JSON.stringify(manifest)).not.toContain('http');
  });

  test('what people type arrives as they typed it', () => {
    expect(manifest.features?.slash_commands).toMatchObject([{ command: '/deploy', should_escape: false }]);
    expect(manifest.features?.app_home).toMatchObject({
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: false,
    });
  });

  test('events have their scopes, and whoever installs it may leave histories out', () => {
    const { bot = [], bot_optional = [] } = manifest.oauth_config?.scopes ?? {};
    expect(manifest.settings?.event_subscriptions?.bot_events).toEqual(['app_mention']);
    expect(bot).toContain('app_mentions:read');
    expect(new Set(bot).size).toBe(bot.length);
    // Slack wants the optional ones in both lists: docs.slack.dev/reference/app-manifest.
    expect(bot).toEqual(expect.arrayContaining(bot_optional));
    for (const scope of bot.filter((one) => one.endsWith(':history'))) expect(bot_optional).toContain(scope);
  });
});

describe('npm run manifest', () => {
  test('without anything is manifest.yml', () => {
    expect(printed()).toEqual(parse(own));
  });

  test('--url: everything goes there, and Socket Mode is off', () => {
    const manifest = printed('--url', 'https://deckhand.example.com/');
    expect(against(manifest)).toBe(null);
    const url = 'https://deckhand.example.com/slack/events';
    expect(manifest.features?.slash_commands).toMatchObject([{ url, should_escape: false }]);
    expect(manifest.settings).toMatchObject({
      socket_mode_enabled: false,
      event_subscriptions: { request_url: url, bot_events: ['app_mention'] },
      interactivity: { is_enabled: true, request_url: url },
    });
    expect(manifest.oauth_config).toEqual((parse(own) as Manifest).oauth_config);
  });

  test('--url keeps the comments, but for those about Socket Mode', () => {
    const { stdout } = print('--url', 'https://deckhand.example.com/below');
    expect(stdout).toContain('https://deckhand.example.com/below/slack/events');
    expect(stdout).toContain('# the message and its thread');
    expect(stdout).toMatch(/^# Paste this/);
    expect(stdout).not.toContain('connections:write');
  });

  test('--command and --name, in either mode', () => {
    const manifest = printed('--command', '/ship', '--name', 'Ship it, please');
    expect(against(manifest)).toBe(null);
    expect(manifest.features?.slash_commands).toMatchObject([{ command: '/ship' }]);
    expect(manifest.display_information.name).toBe('Ship it, please');
    expect(manifest.features?.bot_user?.display_name).toBe('ship-it-please');
    expect(manifest.settings?.socket_mode_enabled).toBe(true);
    expect(printed('--name=no', '--url=https://x.example').display_information.name).toBe('no');
  });

  test.each([
    [['--url', 'http://deckhand.example.com'], '--url'],
    [['--url', 'deckhand.example.com'], '--url'],
    [['--url', 'https://ann:s3cret@deckhand.example.com'], '--url'],
    [['--url', 'https://deckhand.example.com/slack/events'], '--url'],
    [['--url', 'https://localhost'], '--url'],
    [['--url', `https://example.com/${'x'.repeat(3_000)}`], '--url'],
    [['--command', 'ship'], '--command'],
    [['--command', '/Ship it'], '--command'],
    [['--command', `/${'x'.repeat(32)}`], '--command'],
    [['--name', ''], '--name'],
    [['--name', 'x'.repeat(36)], '--name'],
    [['--name', '船'], '--name'],
    [['--url'], 'npm run manifest'],
    [['--port', '3000'], 'npm run manifest'],
    [['https://deckhand.example.com'], 'npm run manifest'],
  ])('%j gets one clear sentence', (args, word) => {
    const { status, stdout, stderr } = print(...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(word);
    expect(stderr).not.toContain('s3cret');
  });
});
