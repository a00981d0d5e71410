import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { exampleCatalog } from '../src/config/apps.ts';
import { type Config, ConfigError, ownSecret, readConfig } from '../src/config.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'deckhand-config-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(path.join(cwd, 'apps.yml'), 'apps: { hello: { repository: acme/hello } }\n');
});

const socket = {
  SLACK_BOT_TOKEN: 'xoxb-1-bot',
  SLACK_APP_TOKEN: 'xapp-1-app',
  GITHUB_TOKEN: 'ghp_token',
  GITHUB_WEBHOOK_SECRET: 'hook-secret',
};
const { SLACK_APP_TOKEN: _, ...withoutAppToken } = socket;
const http = { ...withoutAppToken, SLACK_SIGNING_SECRET: 'signing-secret' };

type Env = Record<string, string | undefined>;
const read = (env: Env): Config => readConfig({ ...socket, ...env }, cwd);

function mistakesOf(env: Env): readonly string[] {
  try {
    readConfig(env, cwd);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}
const mistakesWith = (env: Env) => mistakesOf({ ...socket, ...env });

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const asApp = (key: string | undefined, id: string | undefined = '12345') => ({
  GITHUB_TOKEN: undefined,
  GITHUB_APP_ID: id,
  GITHUB_APP_PRIVATE_KEY: key,
});

describe('what is enough', () => {
  test('with the defaults, in Socket Mode', () => {
    const config = readConfig(socket, cwd);
    expect(config).toMatchObject({
      slack: { mode: 'socket', botToken: 'xoxb-1-bot', appToken: 'xapp-1-app', apiUrl: undefined },
      github: {
        apiUrl: 'https://api.github.com',
        auth: { kind: 'token', token: 'ghp_token' },
        webhookSecrets: ['hook-secret'],
      },
      store: { kind: 'embedded', dataDir: path.join(cwd, 'data') },
      secrets: undefined,
      commandsDir: undefined,
      http: { host: '0.0.0.0', port: 3000 },
      metrics: { host: '127.0.0.1', port: 9464 },
      keep: { recordsMs: 90 * 86_400_000, keysMs: 7 * 86_400_000 },
      reconcileMs: 60_000,
      log: { level: 'info' },
    });
    expect(config.apps.file).toBe(path.join(cwd, 'apps.yml'));
    expect(config.apps.catalog.find('hello')?.repository).toBe('acme/hello');
  });

  test('over HTTP', () => {
    expect(readConfig(http, cwd).slack).toMatchObject({ mode: 'http', signingSecret: 'signing-secret' });
  });

  test('with everything set, and white space around it', () => {
    const config = read({
      SLACK_API_URL: 'http://127.0.0.1:4000/api',
      GITHUB_API_URL: 'https://ghe.example.com/api/v3/',
      GITHUB_APP_CLIENT_ID: 'Iv23abc',
      GITHUB_WEBHOOK_SECRET: ' new , old \n',
      DECKHAND_SECRET: 'current,previous',
      DATA_DIR: '/var/lib/deckhand',
      RECORDS_KEPT_DAYS: '30',
      DELIVERIES_KEPT_DAYS: '3',
      HOST: '::1',
      PORT: ' 8080\n',
      METRICS_HOST: 'localhost',
      METRICS_PORT: '0',
      RECONCILE_SECONDS: '0.5',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      slack: { apiUrl: 'http://127.0.0.1:4000/api/' },
      github: { apiUrl: 'https://ghe.example.com/api/v3', clientId: 'Iv23abc', webhookSecrets: ['new', 'old'] },
      store: { dataDir: '/var/lib/deckhand' },
      keep: { recordsMs: 30 * 86_400_000, keysMs: 3 * 86_400_000 },
      secrets: ['current', 'previous'],
      http: { host: '::1', port: 8080 },
      metrics: undefined,
      reconcileMs: 500,
      log: { level: 'debug' },
    });
  });

  test.each([
    ['as it is', pkcs1],
    ['with its line ends escaped', pkcs1.replaceAll('\n', '\\n')],
    ['with the quotes of an .env file', `"${pkcs1.trim().replaceAll('\n', '\\n')}"`],
    ['as PKCS #8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('with a GitHub App, its key %s', (_, key) => {
    const { auth } = read(asApp(key)).github;
    expect(auth).toMatchObject({ kind: 'app', id: '12345' });
    expect(auth.kind === 'app' && createPrivateKey(auth.privateKey).equals(privateKey)).toBe(true);
  });

  test('with the catalogue in another file, and commands in another folder', () => {
    mkdirSync(path.join(cwd, 'more'));
    writeFileSync(path.join(cwd, 'more', 'apps.json'), '{"old": {"repository": "acme/old"}}');
    const config = read({ APPS_FILE: 'more/apps.json', COMMANDS_DIR: 'more' });
    expect(config.apps.catalog.find('old')?.autoMerge).toBe(true);
    expect(config.commandsDir).toBe(path.join(cwd, 'more'));
  });

  test('with apps.json where there is no apps.yml', () => {
    rmSync(path.join(cwd, 'apps.yml'));
    writeFileSync(path.join(cwd, 'apps.json'), '{"old": {"repository": "acme/old"}}');
    expect(read({}).apps.catalog.find('old')).toBeDefined();
  });

  test('in a place where GitHub Actions and others have set variables of their own', () => {
    const others = {
      GITHUB_RUN_ID: '1',
      GITHUB_ACTOR: 'x',
      GITHUB_ACTION: 'y',
      REDIS_URI: 'r',
      POST: '1',
      HOSTNAME: 'h',
      SLACK_API_TOKEN: 't',
    };
    expect(mistakesWith(others)).toEqual([]);
  });
});

describe('what is wrong', () => {
  test('is all named at once, a line each', () => {
    rmSync(path.join(cwd, 'apps.yml'));
    writeFileSync(path.join(cwd, 'apps.yml'), 'apps:\n  hello: { repositry: acme/hello }\n');
    const mistakes = mistakesOf({ PORT: 'abc', LOG_LEVEL: 'verbose', DATA_DIR: 'apps.yml' });
    for (const named of [
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'GITHUB_TOKEN',
      'GITHUB_WEBHOOK_SECRET',
      'PORT',
      'LOG_LEVEL',
      'DATA_DIR',
    ]) {
      expect(
        mistakes.filter((mistake) => mistake.startsWith(`${named} `)),
        named,
      ).toHaveLength(1);
    }
    expect(mistakes.filter((mistake) => mistake.startsWith('apps.yml:2:'))).toHaveLength(2);
    expect(mistakes.join('')).not.toContain('\n');
  });

  test.each<[what: string, env: Env, words: RegExp]>([
    ['an empty token', { SLACK_BOT_TOKEN: '' }, /^SLACK_BOT_TOKEN is missing/],
    ['a person’s token', { SLACK_BOT_TOKEN: 'xoxp-1' }, /^SLACK_BOT_TOKEN .*person/],
    ['the app token as bot token', { SLACK_BOT_TOKEN: 'xapp-1' }, /^SLACK_BOT_TOKEN .*SLACK_APP_TOKEN/],
    ['a rotating token', { SLACK_BOT_TOKEN: 'xoxe.xoxb-1' }, /^SLACK_BOT_TOKEN .*rotat/],
    ['something else as bot token', { SLACK_BOT_TOKEN: 'hunter2' }, /^SLACK_BOT_TOKEN .*xoxb-/],
    ['the bot token as app token', { SLACK_APP_TOKEN: 'xoxb-1' }, /^SLACK_APP_TOKEN .*SLACK_BOT_TOKEN/],
    ['neither Slack mode', { SLACK_APP_TOKEN: '' }, /^SLACK_SIGNING_SECRET is missing.*SLACK_APP_TOKEN/],
    ['a Slack API without /api/', { SLACK_API_URL: 'https://slack.com' }, /^SLACK_API_URL .*\/api\//],
    ['a Slack API without encryption', { SLACK_API_URL: 'http://slack.example.com/api/' }, /^SLACK_API_URL .*https/],
    ['a Slack API that is no URL', { SLACK_API_URL: 'slack' }, /^SLACK_API_URL .*URL/],
    ['no way into GitHub', { GITHUB_TOKEN: '' }, /^GITHUB_TOKEN is missing.*GITHUB_APP_ID/],
    ['a token with a space', { GITHUB_TOKEN: 'ghp_a b' }, /^GITHUB_TOKEN .*white space/],
    ['two ways into GitHub', { ...asApp(pkcs1), GITHUB_TOKEN: 'ghp_x' }, /^GITHUB_TOKEN and a GitHub App/],
    ['an app without key', asApp(undefined), /^GITHUB_APP_PRIVATE_KEY is missing/],
    ['a key without app', asApp(pkcs1, ''), /^GITHUB_APP_ID is missing/],
    ['an app’s name', asApp(pkcs1, 'my-app'), /^GITHUB_APP_ID .*number/],
    ['a key’s file name', asApp('./key.pem'), /^GITHUB_APP_PRIVATE_KEY .*not its name/],
    ['half a key', asApp(pkcs1.slice(0, 400)), /^GITHUB_APP_PRIVATE_KEY .*whole/],
    [
      'a key of another kind',
      asApp(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      /^GITHUB_APP_PRIVATE_KEY .*RSA/,
    ],
    ['the web site for the API', { GITHUB_API_URL: 'https://github.com' }, /^GITHUB_API_URL .*api\.github\.com/],
    ['an API without encryption', { GITHUB_API_URL: 'http://ghe.example.com/api/v3' }, /^GITHUB_API_URL .*https/],
    [
      'an API with a password',
      { GITHUB_API_URL: 'https://me:hunter2@ghe.example.com/api/v3' },
      /^GITHUB_API_URL .*password/,
    ],
    ['no webhook secret', { GITHUB_WEBHOOK_SECRET: ' ' }, /^GITHUB_WEBHOOK_SECRET is missing/],
    ['an empty part in a list', { GITHUB_WEBHOOK_SECRET: 'hunter2,' }, /^GITHUB_WEBHOOK_SECRET .*empty part/],
    ['an empty part in another', { DECKHAND_SECRET: 'hunter2,,x' }, /^DECKHAND_SECRET .*empty part/],
    ['a port in words', { PORT: 'abc' }, /^PORT is "abc": a whole number from 0 to 65535/],
    ['a port that is too high', { PORT: '65536' }, /^PORT /],
    ['half a port', { PORT: '80.5' }, /^PORT /],
    ['a port in hex', { METRICS_PORT: '0x10' }, /^METRICS_PORT /],
    ['one port for two', { PORT: '9464' }, /^METRICS_PORT and PORT/],
    ['a URL for a host', { HOST: 'http://localhost' }, /^HOST .*http:\/\//],
    ['no time at all', { RECONCILE_SECONDS: '0' }, /^RECONCILE_SECONDS is "0"/],
    ['time in words', { RECONCILE_SECONDS: '1m' }, /^RECONCILE_SECONDS /],
    ['records kept for no time', { RECORDS_KEPT_DAYS: '0' }, /^RECORDS_KEPT_DAYS is "0": a whole number from 1/],
    ['a misspelt level', { LOG_LEVEL: 'inof' }, /^LOG_LEVEL .*did you mean info/],
    ['a secret in the wrong place', { LOG_LEVEL: 'ghp_hunter2' }, /^LOG_LEVEL .*secret/],
    ['a catalogue that is not there', { APPS_FILE: 'ops.yml' }, /^APPS_FILE is "ops.yml".*apps: \{/],
    ['a folder of commands that is not there', { COMMANDS_DIR: 'ops' }, /^COMMANDS_DIR is "ops"/],
    ['a file for a folder of commands', { COMMANDS_DIR: 'apps.yml' }, /^COMMANDS_DIR /],
    ['a file for a folder', { DATA_DIR: 'apps.yml' }, /^DATA_DIR .*file/],
    ['a folder below a file', { DATA_DIR: 'apps.yml/data/here' }, /^DATA_DIR .*below a file.*apps\.yml/],
    ['a misspelt optional variable', { GITHUB_API_ULR: 'x' }, /^GITHUB_API_ULR .*GITHUB_API_URL\?/],
    ['a variable without its underscore', { DATADIR: 'x' }, /^DATADIR .*DATA_DIR\?/],
  ])('%s', (_, env, words) => {
    const mistakes = mistakesWith(env);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(words);
    expect(mistakes[0]).not.toMatch(/hunter2|ghp_/);
  });

  test('names the variable that a misspelt one was meant to be', () => {
    const { GITHUB_WEBHOOK_SECRET: __, ...rest } = socket;
    const mistakes = mistakesOf({ ...rest, GITHUB_WEBOOK_SECRET: 'hunter2' });
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join('\n')).toMatch(/GITHUB_WEBOOK_SECRET .*did you mean GITHUB_WEBHOOK_SECRET\?/);
    expect(mistakes.join('\n')).not.toContain('hunter2');
  });

  test('shows what to write where there is no catalogue, and that is valid', () => {
    rmSync(path.join(cwd, 'apps.yml'));
    const [mistake] = mistakesWith({});
    expect(mistake).toMatch(/^apps\.yml is missing/);
    expect(mistake).toContain(exampleCatalog);
    writeFileSync(path.join(cwd, 'apps.yml'), exampleCatalog);
    expect(mistakesWith({})).toEqual([]);
  });

  test('notices apps.yaml', () => {
    rmSync(path.join(cwd, 'apps.yml'));
    writeFileSync(path.join(cwd, 'apps.yaml'), exampleCatalog);
    expect(mistakesWith({})[0]).toMatch(/APPS_FILE=apps\.yaml/);
  });

  test('is an app that is called like a command, the bot’s or one’s own', () => {
    mkdirSync(path.join(cwd, 'own'));
    writeFileSync(path.join(cwd, 'own', 'greet.ts'), '');
    writeFileSync(path.join(cwd, 'apps.yml'), 'apps:\n  deploy: { repository: a/b }\n  Greet: { repository: a/c }\n');
    expect(mistakesWith({ COMMANDS_DIR: 'own' }).map((mistake) => mistake.split(' ')[0])).toEqual([
      'apps.yml:2:3',
      'apps.yml:3:3',
    ]);
    expect(mistakesWith({})).toHaveLength(1);
    expect(() => readConfig(socket, cwd, ['greet'])).toThrow(/apps\.yml:3:3 .*command/);
  });

  test('is a token variable of the catalogue that is not set', () => {
    const app = 'repository: a/b, github_api: "https://ghe.example.com/api/v3", github_token_env: GHES_TOKEN';
    writeFileSync(path.join(cwd, 'apps.yml'), `apps: { a: { ${app} } }`);
    expect(mistakesWith({})[0]).toMatch(/GHES_TOKEN is not set/);
    const { catalog } = read({ GHES_TOKEN: 'ghp_ghes' }).apps;
    expect(catalog.tokenFor({ fullName: 'a/b', apiUrl: 'https://ghe.example.com/api/v3' })).toBe('ghp_ghes');
    // The bot's own host needs no second token, whatever else is missing.
    const mistakes = mistakesWith({
      GITHUB_API_URL: 'https://ghe.example.com/api/v3',
      GITHUB_TOKEN: '',
      GHES_TOKEN: 'x',
    });
    expect(mistakes).toHaveLength(1);
  });
});

describe('Redis', () => {
  const redisAt = (url: string): unknown => {
    const { store } = read({ REDIS_URL: url, DECKHAND_SECRET: 'x' });
    return store.kind === 'redis' ? store.redis : undefined;
  };

  test.each<[url: string, access: object]>([
    ['redis://localhost', { hosts: [{ host: 'localhost', port: 6379 }], db: 0, prefix: 'deckhand:' }],
    ['rediss://r.test:6380/3', { hosts: [{ host: 'r.test', port: 6380 }], db: 3, tls: {} }],
    ['redis://[::1]:7000/', { hosts: [{ host: '::1', port: 7000 }], db: 0 }],
    ['redis://:p%40ss%2F+%25@h', { password: 'p@ss/+%' }],
    ['redis://deck:a:b@h', { username: 'deck', password: 'a:b' }],
    ['redis://h?prefix=ops%3Adeckhand%3A', { prefix: 'ops:deckhand:' }],
    ['REDIS://h/1?prefix=d', { db: 1, prefix: 'd' }],
    [
      'redis+sentinel://u:p@h1,h2:26380/main',
      { hosts: [{ port: 26379 }, { host: 'h2', port: 26380 }], username: 'u', sentinel: { master: 'main' }, db: 0 },
    ],
    [
      'rediss+sentinel://h1/main/2?sentinel_user=s&sentinel_password=p%26q&prefix=x:',
      { tls: {}, db: 2, prefix: 'x:', sentinel: { master: 'main', username: 's', password: 'p&q' } },
    ],
  ])('%s', (url, access) => {
    expect(redisAt(url)).toMatchObject(access);
  });

  test.each<[url: string, words: RegExp]>([
    ['localhost:6379', /begin with redis:\/\//],
    ['https://hunter2@h', /begin with redis:\/\//],
    ['redis://', /no host/],
    ['redis://:hunter2@', /no host/],
    ['redis://:hunter2/x@h', /percent-encoded/],
    ['redis://:x?hunter2=y@h', /percent-encoded/],
    ['redis://:x#hunter2@h', /percent-encoded/],
    ['redis://:hunter2%zz@h', /two hex digits/],
    ['redis://hunter2@h', /no password.*:PASSWORD@/],
    ['redis://h:0', /host or port/],
    ['redis://h:hunter2', /host or port/],
    ['redis://h1,h2', /several hosts.*redis\+sentinel/],
    ['redis://h/hunter2', /number of a database.*prefix/],
    ['redis://h?prefx=x', /did you mean prefix\?/],
    ['redis://h?password=hunter2', /known here: prefix$/],
    ['redis://h?sentinel_user=x', /not known/],
    ['redis://h?prefix=', /prefix/],
    ['redis://h?prefix=a&prefix=b', /twice/],
    ['redis+sentinel://h', /what the Sentinels call/],
    ['redis+sentinel://h/main/0/hunter2', /what the Sentinels call/],
    ['redis+sentinel://h/main?sentinel_pasword=hunter2', /did you mean sentinel_password\?/],
  ])('is not at %s', (url, words) => {
    const mistakes = mistakesWith({ REDIS_URL: url, DECKHAND_SECRET: 'x' });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^REDIS_URL /);
    expect(mistakes[0]).toMatch(words);
    expect(mistakes[0]).not.toContain('hunter2');
  });

  test('needs a secret that all instances share', () => {
    const mistakes = mistakesWith({ REDIS_URL: 'redis://localhost' });
    expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual(['DECKHAND_SECRET']);
  });
});

describe('the embedded store’s own secret', () => {
  test('is made once, for its owner’s eyes alone', () => {
    const dataDir = path.join(cwd, 'made', 'data');
    const secret = ownSecret(dataDir);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(ownSecret(dataDir)).toBe(secret);
    const file = path.join(dataDir, 'deckhand.secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim()).toBe(secret);
    expect(readdirSync(dataDir)).toEqual(['deckhand.secret']);
    expect(ownSecret(path.join(cwd, 'other'))).not.toBe(secret);
  });

  test('is not made up anew where it is damaged', () => {
    writeFileSync(path.join(cwd, 'deckhand.secret'), '\n');
    expect(() => ownSecret(cwd)).toThrow(/deckhand\.secret is damaged/);
  });

  test('says where it can’t be written', () => {
    expect(() => ownSecret(path.join(cwd, 'apps.yml'))).toThrow(/can’t be/);
  });
});
