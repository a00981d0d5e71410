import { describe, expect, test } from 'vitest';
import { loaded, mistakesOf } from './written.ts';

/** In the form of hubot-deploy's docs/config-file.md, with every attribute it names. */
const hubots = {
  hubot: {
    provider: 'heroku',
    auto_merge: false,
    repository: 'MyOrg/my-org-hubot',
    environments: ['production'],
    heroku_production_name: 'my-orgs-hubot',
  },
  dotcom: {
    provider: 'heroku',
    repository: 'MyOrg/www',
    environments: ['production', 'staging'],
    required_contexts: ['ci/janky', 'security/brakeman'],
    allowed_rooms: ['C0123DEPLOYS', 'danger'],
    heroku_staging_name: 'my-org-www-staging',
    nested: { anything: [1, 'two', null] },
  },
  bare: { provider: 'capistrano', repository: 'MyOrg/bare' },
};

const json = (apps: object, options = {}) => loaded(JSON.stringify(apps, null, 2), options, 'apps.json');
const mistakes = (apps: object, options = {}) => mistakesOf(JSON.stringify(apps, null, 2), options, 'apps.json');

describe('hubot-deploy’s apps.json', () => {
  const catalog = json(hubots);

  test('has hubot-deploy’s defaults', () => {
    expect(catalog.find('bare')).toMatchObject({ autoMerge: true, task: 'deploy' });
    expect(catalog.find('bare')?.environments).toEqual([
      { name: 'production', aliases: ['prod'], githubEnvironment: 'production' },
    ]);
    expect(catalog.find('bare')?.requiredContexts).toBeUndefined();
    expect(catalog.find('bare')?.allowedRooms).toBeUndefined();
    expect(catalog.find('hubot')?.autoMerge).toBe(false);
  });

  test('says what it says', () => {
    const dotcom = catalog.find('dotcom');
    expect(dotcom).toMatchObject({
      repository: 'MyOrg/www',
      requiredContexts: ['ci/janky', 'security/brakeman'],
      allowedRooms: ['C0123DEPLOYS', '#danger'],
    });
    expect(dotcom?.environments.map(({ name, aliases }) => [name, ...aliases])).toEqual([
      ['production', 'prod'],
      ['staging', 'stg'],
    ]);
  });

  test('travels as the payload’s config, as Heaven expects', () => {
    expect(catalog.find('dotcom')?.payload).toEqual({ config: hubots.dotcom });
  });

  test('may describe its environments', () => {
    const environments = [
      { name: 'live', production: true, provider_env_name: 'x' },
      { name: 'test', transient: true },
    ];
    const app = json({ a: { repository: 'o/a', environments } }).find('a');
    expect(app?.environments).toMatchObject([
      { name: 'live', production: true },
      { name: 'test', transient: true },
    ]);
    expect(app?.payload).toMatchObject({ config: { environments } });
  });

  test('may hold an app called “apps”', () => {
    expect(json({ apps: { repository: 'o/apps' } }).find('apps')?.autoMerge).toBe(true);
  });

  test('leaves out what is null', () => {
    const app = json({ a: { repository: 'o/a', auto_merge: null, required_contexts: null, environments: null } }).find(
      'a',
    );
    expect(app).toMatchObject({ autoMerge: true, environments: [{ name: 'production' }] });
  });
});

describe('its tokens', () => {
  const github_api = 'https://ghe.example.com/api/v3';
  const secret = 'ghp_inthefile';

  test('go to their own host alone, and into no payload and no print-out', () => {
    const catalog = json({ a: { repository: 'corp/a', github_api, github_token: secret, provider: 'x' } });
    expect(catalog.find('a')).toMatchObject({
      apiUrl: github_api,
      payload: { config: { repository: 'corp/a', provider: 'x' } },
    });
    expect(catalog.tokenFor({ fullName: 'corp/a', apiUrl: github_api })).toBe(secret);
    expect(catalog.tokenFor({ fullName: 'corp/a' })).toBeUndefined();
    expect(JSON.stringify([catalog, catalog.all(), catalog.hosts()])).not.toContain(secret);
  });

  test('without a host are for that repository on the bot’s own', () => {
    const catalog = json({ a: { repository: 'corp/a', github_token: secret }, b: { repository: 'corp/b' } });
    expect(catalog.find('a')?.apiUrl).toBeUndefined();
    expect(catalog.tokenFor({ fullName: 'corp/a' })).toBe(secret);
    expect(catalog.tokenFor({ fullName: 'corp/b' })).toBeUndefined();
  });

  test('are needed for another host, from the file or a variable', () => {
    expect(mistakes({ a: { repository: 'corp/a', github_api } })[0]).toMatch(
      /^apps\.json:4:.* a\.github_api: .*github_token_env/,
    );
    const env = { GHES_TOKEN: 'ghp_fromtheenvironment' };
    const catalog = json({ a: { repository: 'corp/a', github_api, github_token_env: 'GHES_TOKEN' } }, { env });
    expect(catalog.tokenFor({ fullName: 'corp/a', apiUrl: github_api })).toBe('ghp_fromtheenvironment');
    expect(catalog.find('a')?.payload).toEqual({ config: { repository: 'corp/a' } });
  });

  test('are not needed for GitHub’s own host, spelled out', () => {
    expect(json({ a: { repository: 'o/a', github_api: 'https://api.github.com' } }).find('a')?.apiUrl).toBeUndefined();
  });

  test('are in no mistake', () => {
    const wrong = mistakes({
      a: { github_token: secret, environments: 'production' },
      b: { repository: 1, github_token: [secret] },
    });
    expect(wrong.length).toBeGreaterThan(2);
    expect(wrong.join('\n')).not.toContain(secret);
  });
});

test.each<[what: string, apps: object, where: string, words: RegExp]>([
  ['no repository', { a: { provider: 'heroku' } }, 'apps.json:2:3 a.repository', /missing/],
  ['a command’s name', { deploy: { repository: 'o/a' } }, 'apps.json:2:3 deploy', /command/],
  ['a name in two cases', { a: { repository: 'o/a' }, A: { repository: 'o/a' } }, 'apps.json:5:3 A', /case/],
  ['a name that nobody can type', { 'a b': { repository: 'o/a' } }, 'apps.json:2:3 a b', /no name for an app/],
  ['environments as text', { a: { repository: 'o/a', environments: 'x' } }, 'apps.json:4:21 a.environments', /list/],
  [
    'an environment that is a number',
    { a: { repository: 'o/a', environments: [1] } },
    'apps.json:5:7 a.environments[0]',
    /mapping/,
  ],
  ['nothing', {}, 'apps.json:1:1', /names no app/],
])('%s is reported where it is', (_, apps, where, words) => {
  const [mistake, ...others] = mistakes(apps);
  expect(others).toEqual([]);
  expect(mistake).toMatch(words);
  expect(mistake?.startsWith(where), mistake).toBe(true);
});
