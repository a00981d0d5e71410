import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createHttp } from '../../src/http.ts';

const root = path.resolve(import.meta.dirname, '../..');
const text = (name: string) => readFileSync(path.join(root, name), 'utf8');

/** The instructions of a stage, continued lines joined. */
function stagesOf(dockerfile: string): { word: string; rest: string }[][] {
  const lines = dockerfile
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter(Boolean);
  const stages: { word: string; rest: string }[][] = [];
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') stages.push([]);
    stages.at(-1)?.push({ word, rest });
  }
  return stages;
}

const stages = stagesOf(text('Dockerfile'));
const last = stages.at(-1) ?? [];
const only = (word: string) => last.filter((line) => line.word === word).map(({ rest }) => rest);
const listIn = (rest = '') => JSON.parse(rest.slice(rest.indexOf('['))) as string[];
const environment = Object.fromEntries(only('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('='))));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'packaging-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the image', () => {
  test('is Node 24 in all its stages, runs as a user, and stops as the bot wants to be stopped', () => {
    for (const [from] of stages) expect(from?.rest).toMatch(/^node:24-[\w-]+( AS \w+)?$/);
    expect(only('USER')).toEqual(['node']);
    expect(last.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ word }) => word === 'RUN'),
    );
    expect(only('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(only('VOLUME')).toEqual([environment.DATA_DIR]);
    expect(listIn(only('CMD')[0])).toEqual(['node', 'dist/src/main.js']);
  });

  test('copies nothing that .dockerignore keeps outside, and nothing that is not there', () => {
    const lines = text('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const inside = lines.slice(1).map((line) => line.replace(/^!/, ''));
    const copied = stages.flat().filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'));
    const sources = new Set(copied.flatMap(({ rest }) => rest.split(' ').slice(0, -1)));
    expect(sources).toEqual(new Set(inside));
    for (const source of sources) expect(existsSync(path.join(root, source))).toBe(true);
  });

  test('the health check asks the bot, and says no when it is gone', async () => {
    const [program = '', ...args] = listIn(only('HEALTHCHECK')[0]);
    expect(program).toBe('node');
    const log = pino({ level: 'silent' });
    const bot = createHttp({ webhooks() {}, readiness: async () => ({ ready: false, parts: {} }), log });
    await new Promise<void>((resolve) => bot.server.listen(0, '127.0.0.1', resolve));
    const env = { PORT: String((bot.server.address() as AddressInfo).port) };
    const ask = () => ended(process.execPath, args, env);
    expect(await ask()).toBe(0);
    await bot.close();
    expect(await ask()).toBe(1);

    const broken = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => broken.listen(Number(env.PORT), '127.0.0.1', resolve));
    expect(await ask()).toBe(1);
    await new Promise((resolve) => broken.close(resolve));
  });

  test('has all that the bot imports', () => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--project', root, '--outDir', path.join(folder, 'dist'), '--noEmit', 'false', '--noCheck'];
    expect(spawnSync(process.execPath, [tsc, ...options]).status).toBe(0);
    cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
    // What `npm ci --omit=dev` leaves out is not there.
    const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
    for (const [name, { dev }] of Object.entries(lock.packages)) {
      if (dev || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) || !existsSync(path.join(root, name))) continue;
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      symlinkSync(path.join(root, name), path.join(folder, name));
    }
    const started = spawnSync(process.execPath, ['dist/src/main.js'], { cwd: folder, env: {}, encoding: 'utf8' });
    expect(started.stderr).toContain('SLACK_BOT_TOKEN');
    expect(started.stderr).not.toContain('Cannot find');
    expect(started.status).toBe(1);
  });
});

interface Service {
  environment?: Record<string, string>;
  volumes: string[];
  ports?: string[];
  command?: string[];
  profiles?: string[];
  tmpfs?: string[];
  read_only?: boolean;
}

describe('compose.yaml', () => {
  const { services, volumes } = parse(text('compose.yaml')) as {
    services: Record<'deckhand' | 'redis', Service>;
    volumes: Record<string, unknown>;
  };

  test('gives nobody more than they need', () => {
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
      });
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test('mounts what the image looks for, and every volume that it names', () => {
    const { deckhand, redis } = services;
    const mounted = deckhand.volumes.map((volume) => volume.split(':')[1]);
    expect(mounted).toEqual([environment.DATA_DIR, path.dirname(environment.APPS_FILE ?? '')]);
    expect(deckhand.ports).toEqual([`127.0.0.1:3000:${only('EXPOSE')[0]}`]);
    expect(Object.keys(volumes).sort()).toEqual(
      [deckhand, redis].map(({ volumes: [first] }) => first?.split(':')[0]).sort(),
    );
  });

  test('its Redis keeps what it was given', () => {
    expect(services.redis.command?.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
    expect(services.redis.profiles).toEqual(['redis']);
  });
});

describe('deckhand.service', () => {
  const lines = text('examples/deckhand.service').split('\n');
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));

  test('starts what npm start starts, and may write its state alone', () => {
    expect(JSON.parse(text('package.json')).scripts.start).toBe('node dist/src/main.js');
    expect(values('ExecStart')).toEqual(['/usr/bin/node dist/src/main.js']);
    expect(values('Environment').join(' ')).toContain(`DATA_DIR=/var/lib/${values('StateDirectory')[0]}`);
    expect(values('DynamicUser')).toEqual(['yes']);
    expect(values('ProtectSystem')).toEqual(['strict']);
    // V8 compiles while it runs.
    expect(values('MemoryDenyWriteExecute')).toEqual([]);
  });

  test('whoever stops the bot waits longer than it takes', () => {
    const [, ms = ''] = /stopWithinMs = ([\d_]+)/.exec(text('src/main.ts')) ?? [];
    const seconds = Number(ms.replaceAll('_', '')) / 1000;
    expect(seconds).toBeGreaterThan(0);
    expect(Number(values('TimeoutStopSec')[0])).toBeGreaterThan(seconds);
    expect(Number.parseInt(parse(text('compose.yaml')).services.deckhand.stop_grace_period, 10)).toBeGreaterThan(
      seconds,
    );
  });
});

test('the file of variables names none that the bot does not read', () => {
  const named = [...text('examples/deckhand.env').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(4);
  for (const name of named) expect(text('README.md')).toContain(`\`${name}\``);
});

function ended(program: string, args: string[], env: Record<string, string>): Promise<number | null> {
  const child = spawn(program, args, { env, stdio: 'ignore' });
  return new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
}
