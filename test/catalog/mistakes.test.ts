import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog.ts';
import { folder, fromTheReadme, mistakesOf } from './written.ts';

/** An app with these lines in it, each line two steps in; its first line is the file's third. */
const app = (...lines: string[]) => ['apps:', '  hello:', ...lines.map((line) => `    ${line}`), ''].join('\n');
const sound = 'repository: acme/hello';

describe('a mistake is reported where it was made', () => {
  test.each<[what: string, text: string, where: string, words: RegExp]>([
    [
      'a misspelt key',
      app(sound, 'enviroments: {}'),
      'apps.yml:4:5 apps.hello.enviroments',
      /unknown key.*environments\?/,
    ],
    ['a misspelt key at the top', `ownr: acme\n${app(sound)}`, 'apps.yml:1:1 ownr', /owner\?/],
    ['a key of nobody’s', app(sound, 'zzzzzz: 1'), 'apps.yml:4:5 apps.hello.zzzzzz', /there may be repository,/],
    [
      'a misspelt key of an environment',
      app(sound, 'environments:', '  staging: { alias: [stg] }'),
      'apps.yml:5:18 apps.hello.environments.staging.alias',
      /aliases\?/,
    ],
    [
      'a misspelt key of allow',
      app(sound, 'allow: { guest: true }'),
      'apps.yml:4:14 apps.hello.allow.guest',
      /guests\?/,
    ],
    ['no repository', app('task: deploy'), 'apps.yml:2:3 apps.hello.repository', /missing/],
    ['an empty app', 'apps:\n  hello:\n', 'apps.yml:2:3 apps.hello', /empty/],
    ['a number for text', app(sound, 'task: 12'), 'apps.yml:4:11 apps.hello.task', /quotes/],
    ['text for true', app(sound, 'auto_merge: "yes"'), 'apps.yml:4:17 apps.hello.auto_merge', /true or false/],
    [
      'an empty list',
      app(sound, 'required_contexts:', 'task: x'),
      'apps.yml:4:5 apps.hello.required_contexts',
      /empty.*list/,
    ],
    ['text for a list', app(sound, 'allowed_rooms: "#ops"'), 'apps.yml:4:20 apps.hello.allowed_rooms', /list/],
    [
      'a list for a mapping',
      app(sound, 'environments: [staging]'),
      'apps.yml:4:19 apps.hello.environments',
      /mapping.*not a list/,
    ],
    ['a repository of three parts', app('repository: a/b/c'), 'apps.yml:3:17 apps.hello.repository', /owner\/name/],
    ['a bare repository without an owner', app('repository: hello'), 'apps.yml:3:17 apps.hello.repository', /owner/],
    [
      'a duration in words',
      app(sound, 'no_deployer_after: 2 minutes'),
      'apps.yml:4:24 apps.hello.no_deployer_after',
      /45s/,
    ],
    [
      'a bare number for a duration',
      app(sound, 'no_deployer_after: 120'),
      'apps.yml:4:24 apps.hello.no_deployer_after',
      /45s/,
    ],
    [
      'a duration without end',
      app(sound, 'in_flight_timeout: 999d'),
      'apps.yml:4:24 apps.hello.in_flight_timeout',
      /30d/,
    ],
    ['a bare room name', app(sound, 'allowed_rooms: [ops]'), 'apps.yml:4:21 apps.hello.allowed_rooms[0]', /"#ops"/],
    ['an announce name', `announce: "#ops"\n${app(sound)}`, 'apps.yml:1:11 announce', /id/],
    [
      'an announce name in a mapping',
      `announce: { room: "#ops" }\n${app(sound)}`,
      'apps.yml:1:19 announce.room',
      /channel’s id/,
    ],
    ['announce: true', `announce: true\n${app(sound)}`, 'apps.yml:1:11 announce', /channel’s id.*or false/],
    ['an announcement without a room', app(sound, 'announce: {}'), 'apps.yml:4:5 apps.hello.announce.room', /id/],
    [
      'a misspelt key of announce',
      app(sound, 'announce: { room: C1, state: [failure] }'),
      'apps.yml:4:27 apps.hello.announce.state',
      /states\?/,
    ],
    [
      'a state that GitHub does not have',
      app(sound, 'announce: { room: C1, states: [failed] }'),
      'apps.yml:4:36 apps.hello.announce.states[0]',
      /one of queued,.*failure/,
    ],
    [
      'an announcement of nothing',
      app(sound, 'announce: { room: C1, tasks: [] }'),
      'apps.yml:4:34 apps.hello.announce.tasks',
      /announce: false/,
    ],
    [
      'an announcement of an environment that the app lacks',
      app(sound, 'announce: { room: C1, environments: [stagin] }', 'environments: { staging: }'),
      'apps.yml:4:42 apps.hello.announce.environments[0]',
      /staging\?/,
    ],
    [
      'environments within an environment',
      app(sound, 'environments:', '  staging: { announce: { room: C1, environments: [staging] } }'),
      'apps.yml:5:40 apps.hello.environments.staging.announce.environments',
      /there may be/,
    ],
    ['unlisted without an owner', `unlisted: true\n${app(sound)}`, 'apps.yml:1:11 unlisted', /owner/],
    [
      'the payload’s own key',
      app(sound, 'payload: { notify: {} }'),
      'apps.yml:4:16 apps.hello.payload.notify',
      /another key/,
    ],
    [
      'a number that JSON lacks',
      app(sound, 'payload: { config: { n: .inf } }'),
      'apps.yml:4:29 apps.hello.payload.config.n',
      /quotes/,
    ],
    ['a command’s name', `apps:\n  Status: { ${sound} }\n`, 'apps.yml:2:3 apps.Status', /command/],
    [
      'a name that nobody can type',
      `apps:\n  my app: { ${sound} }\n`,
      'apps.yml:2:3 apps.my app',
      /no name for an app/,
    ],
    ['a name with a slash', `apps:\n  a/b: { ${sound} }\n`, 'apps.yml:2:3 apps.a/b', /no name for an app/],
    ['a name in two cases', `apps:\n  a: { ${sound} }\n  A: { ${sound} }\n`, 'apps.yml:3:3 apps.A', /case/],
    [
      'an environment that nobody can type',
      app(sound, 'environments: { "sta ging": {} }'),
      'apps.yml:4:21 apps.hello.environments.sta ging',
      /no name for an environment/,
    ],
    [
      'an environment in two cases',
      app(sound, 'environments: { a: {}, A: {} }'),
      'apps.yml:4:28 apps.hello.environments.A',
      /case/,
    ],
    [
      'an alias of two',
      app(sound, 'environments:', '  a: { aliases: [x] }', '  b: { aliases: [X] }'),
      'apps.yml:6:22 apps.hello.environments.b.aliases[0]',
      /means a/,
    ],
    [
      'an alias that is a name',
      app(sound, 'environments:', '  a: { aliases: [B] }', '  b: {}'),
      'apps.yml:5:22 apps.hello.environments.a.aliases[0]',
      /means b/,
    ],
    [
      'a misspelt default environment',
      app(sound, 'default_environment: stagin', 'environments: { staging: {} }'),
      'apps.yml:4:26 apps.hello.default_environment',
      /staging\?/,
    ],
    ['a key that is there twice', app(sound, sound), 'apps.yml:4:5 repository', /twice/],
    [
      '__proto__',
      'apps:\n  __proto__: { repository: o/a }\n  a: { repository: o/a }\n',
      'apps.yml:2:3 __proto__',
      /choose another/,
    ],
    ['an unclosed bracket', app('repository: [a', 'task: b'), 'apps.yml:4:5', /can’t be read/],
    ['a tag', app('repository: !secret acme/hello'), 'apps.yml:3:17', /tag/],
    ['two documents', `${app(sound)}---\na: 1\n`, 'apps.yml:4:1', /one document/],
    ['an anchor that is not there', app('repository: *nothing'), 'apps.yml:1:1', /anchors/],
    ['an anchor that holds itself', app(sound, 'payload: &p { config: *p }'), 'apps.yml:1:1', /anchors/],
    ['nothing', '', 'apps.yml:1:1', /names no app/],
    ['a list', '- a\n', 'apps.yml:1:1', /mapping/],
  ])('%s', (_, text, where, words) => {
    const mistakes = mistakesOf(text);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(words);
    expect(mistakes[0]?.startsWith(where), mistakes[0]).toBe(true);
  });
});

test('all mistakes are reported, in the order of the file, and one app’s do not hide another’s', () => {
  const mistakes = mistakesOf(`ownr: acme
apps:
  one: { repository: a/b/c, tsak: x }
  two: { repository: acme/two, default_environment: prod, environments: { production: {} } }
  status: { repository: acme/three }
`);
  expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual([
    'apps.yml:1:1',
    'apps.yml:3:22',
    'apps.yml:3:29',
    'apps.yml:4:53',
    'apps.yml:5:3',
  ]);
});

test('the catalogue of the README has none', () => {
  expect(mistakesOf(fromTheReadme)).toEqual([]);
});

test('aliases that multiply are refused quickly', () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) =>
      `x${n}: &x${n} [${Array(9)
        .fill(n ? `*x${n - 1}` : '1')
        .join(', ')}]`,
  );
  const before = performance.now();
  expect(mistakesOf(`${levels.join('\n')}\n${app(sound)}`).join('\n')).toMatch(/anchors/);
  expect(performance.now() - before).toBeLessThan(2_000);
});

describe('another host', () => {
  const elsewhere = 'github_api: https://ghe.example.com/api/v3';
  const env = { GITHUB_TOKEN: 'ghp_own', GHES_TOKEN: 'ghp_ghes', OTHER_TOKEN: 'ghp_other' };

  test.each<[what: string, lines: string[], words: RegExp]>([
    ['has no token', [elsewhere], /github_token_env/],
    ['gets the bot’s own token', [elsewhere, 'github_token_env: GITHUB_TOKEN'], /of its own/],
    ['names a variable that is not set', [elsewhere, 'github_token_env: NOBODYS_TOKEN'], /NOBODYS_TOKEN is not set/],
    ['is not named', ['github_token_env: GHES_TOKEN'], /github_api/],
    [
      'is named without encryption',
      ['github_api: http://ghe.example.com/api/v3', 'github_token_env: GHES_TOKEN'],
      /https/,
    ],
    ['is the web site', ['github_api: https://github.com', 'github_token_env: GHES_TOKEN'], /api\.github\.com/],
    ['is a bare host', ['github_api: https://ghe.example.com', 'github_token_env: GHES_TOKEN'], /api\/v3/],
    [
      'has a password',
      ['github_api: https://me:hunter2@ghe.example.com/api/v3', 'github_token_env: GHES_TOKEN'],
      /password/,
    ],
    [
      'has the token instead of its variable',
      [elsewhere, 'github_token_env: ghp_verysecret'],
      /never the token itself/,
    ],
    [
      'has the token in the wrong key',
      [elsewhere, 'github_token: ghp_verysecret', 'github_token_env: GHES_TOKEN'],
      /github_token_env\?/,
    ],
  ])('%s', (_, lines, words) => {
    const mistakes = mistakesOf(app(sound, ...lines), { env });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(words);
    expect(mistakes[0]).not.toMatch(/verysecret|hunter2|ghp_/);
  });

  test('has one token for a repository', () => {
    const one = (name: string, variable: string) =>
      `  ${name}: { ${sound}, ${elsewhere}, github_token_env: ${variable} }\n`;
    expect(mistakesOf(`apps:\n${one('a', 'GHES_TOKEN')}${one('b', 'GHES_TOKEN')}`, { env })).toEqual([]);
    expect(mistakesOf(`apps:\n${one('a', 'GHES_TOKEN')}${one('b', 'OTHER_TOKEN')}`, { env })[0]).toMatch(
      /^apps.yml:3:.*another token/,
    );
  });
});

test('a file that is not there is a mistake too', () => {
  expect(() => loadCatalog(`${folder()}/apps.yml`, { reserved: [], shownAs: 'apps.yml' })).toThrow(
    /apps\.yml: is not there/,
  );
  expect(() => loadCatalog(folder(), { reserved: [], shownAs: 'apps' })).toThrow(/folder/);
});
