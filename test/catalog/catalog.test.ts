import { describe, expect, test } from 'vitest';
import { liveCatalog } from '../../src/catalog.ts';
import { environmentNamed } from '../../src/deploy/apps.ts';
import { fromTheReadme, loaded } from './written.ts';

describe('the catalogue of the README', () => {
  const minute = 60_000;

  test('is read whole', () => {
    const catalog = loaded(fromTheReadme);
    expect(catalog).toMatchObject({ owner: 'acme', unlisted: false, announce: { room: 'C0123DEPLOYS' } });
    expect(catalog.all()).toHaveLength(1);
    expect(catalog.find('hello')).toMatchObject({
      name: 'hello',
      repository: 'acme/hello',
      defaultEnvironment: 'staging',
      task: 'deploy',
      autoMerge: false,
      requiredContexts: ['ci/janky', 'security/brakeman'],
      allowedRooms: ['C0123DEPLOYS', '#ops'],
      outsiders: { guests: false, external: false, bots: false },
      payload: { config: { provider: 'shell' } },
      noDeployerAfterMs: 2 * minute,
      inFlightTimeoutMs: 60 * minute,
    });
    expect(catalog.find('hello')?.environments).toEqual([
      { name: 'staging', aliases: ['stg'], githubEnvironment: 'staging' },
      {
        name: 'production',
        aliases: ['prod'],
        githubEnvironment: 'hello-production',
        production: true,
        requiredContexts: ['ci/janky'],
      },
      { name: 'review', aliases: [], githubEnvironment: 'review', transient: true },
    ]);
  });

  test('says where deployments of others are told: of all, of an app, of an environment', () => {
    const catalog = loaded(`announce: { room: C0ALL, states: [failure, error] }
apps:
  hello:
    repository: acme/hello
    announce: { room: C0HELLO, environments: [prod], tasks: [deploy] }
    environments:
      production: { aliases: [prod] }
      staging: { announce: false }
      review: { announce: C0REVIEW }
`);
    expect(catalog.announce).toEqual({ room: 'C0ALL', states: ['failure', 'error'] });
    const { announce, environments } = catalog.find('hello') ?? {};
    expect(announce).toEqual({ room: 'C0HELLO', environments: ['prod'], tasks: ['deploy'] });
    expect(environments?.map((one) => one.announce)).toEqual([undefined, false, { room: 'C0REVIEW' }]);
  });

  test('is looked up without regard to case', () => {
    const catalog = loaded(fromTheReadme);
    expect(catalog.find('HELLO')?.name).toBe('hello');
    expect(catalog.find('hallo')).toBeUndefined();
    expect(catalog.inRepository('Acme/Hello').map(({ name }) => name)).toEqual(['hello']);
    const hello = catalog.find('hello');
    expect(hello && environmentNamed(hello, 'PROD')?.name).toBe('production');
  });
});

test('one line is enough for an app, and everything else has a default', () => {
  const app = loaded('apps: { hello: { repository: acme/hello } }').find('hello');
  expect(app).toMatchObject({ task: 'deploy', autoMerge: false, payload: {}, environments: [] });
  expect(app).toMatchObject({ noDeployerAfterMs: 120_000, inFlightTimeoutMs: 3_600_000 });
  expect(app?.requiredContexts).toBeUndefined();
  expect(app?.allowedRooms).toBeUndefined();
  expect(app?.defaultEnvironment).toBeUndefined();
});

test('a bare repository is the owner’s, and an environment may be left empty', () => {
  const app = loaded(
    'owner: acme\napps:\n  hello:\n    repository: hello-world\n    environments:\n      staging:\n',
  ).find('hello');
  expect(app?.repository).toBe('acme/hello-world');
  expect(app?.environments.map(({ name }) => name)).toEqual(['staging']);
});

test('a default environment may be given by its alias', () => {
  const text =
    'apps: { a: { repository: o/a, default_environment: STG, environments: { staging: { aliases: [stg] } } } }';
  expect(loaded(text).find('a')?.defaultEnvironment).toBe('staging');
});

test.each([
  ['45s', 45_000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
])('%s is %d ms', (text, ms) => {
  expect(loaded(`apps: { a: { repository: o/a, no_deployer_after: ${text} } }`).find('a')?.noDeployerAfterMs).toBe(ms);
});

test('several apps may live in one repository', () => {
  const catalog = loaded(`apps:
  shop: { repository: acme/mono, environments: { production: { github_environment: shop-production } } }
  blog: { repository: Acme/Mono, environments: { production: { github_environment: blog-production } } }
  other: { repository: acme/other }
`);
  expect(catalog.inRepository('acme/mono').map(({ name }) => name)).toEqual(['shop', 'blog']);
  expect(catalog.find('blog')?.environments[0]?.githubEnvironment).toBe('blog-production');
});

test('who may deploy beside members is said for all, and by an app for itself', () => {
  const catalog = loaded(`allow: { guests: true }
apps:
  open: { repository: o/open, allow: { bots: true } }
  shut: { repository: o/shut, allow: { guests: false } }
  plain: { repository: o/plain }
`);
  expect(catalog.find('open')?.outsiders).toEqual({ guests: true, external: false, bots: true });
  expect(catalog.find('shut')?.outsiders).toEqual({ guests: false, external: false, bots: false });
  expect(catalog.find('plain')?.outsiders).toEqual({ guests: true, external: false, bots: false });
  expect(catalog.unlistedApp('o/new').outsiders.guests).toBe(true);
});

describe('unlisted repositories', () => {
  const catalog = loaded('owner: acme\nunlisted: true\napps: { hello: { repository: acme/greeter } }\n');

  test.each([
    ['acme/site', 'site'],
    ['Acme/site', 'site'],
    ['other/site', 'other/site'],
    // Typed alone these would be the app and the command.
    ['acme/hello', 'acme/hello'],
    ['acme/status', 'acme/status'],
  ])('%s is called %s', (repository, name) => {
    expect(catalog.unlistedApp(repository)).toMatchObject({
      name,
      repository,
      task: 'deploy',
      autoMerge: false,
      environments: [],
    });
  });

  test('need no list at all', () => {
    expect(loaded('owner: acme\nunlisted: true\n').all()).toEqual([]);
  });
});

describe('apps on another host', () => {
  const ghes = 'https://ghe.example.com/api/v3';
  const text = `apps:
  inside: { repository: corp/inside, github_api: ${ghes}/, github_token_env: GHES_TOKEN }
  outside: { repository: acme/outside }
`;

  test('bring a token for that host and that repository alone', () => {
    const catalog = loaded(text, { env: { GHES_TOKEN: 'ghp_inside' } });
    expect(catalog.find('inside')?.apiUrl).toBe(ghes);
    expect(catalog.find('outside')?.apiUrl).toBeUndefined();
    expect(catalog.hosts()).toEqual([{ apiUrl: ghes, tokenVariable: 'GHES_TOKEN', repository: 'corp/inside' }]);
    expect(catalog.tokenFor({ fullName: 'Corp/Inside', apiUrl: ghes })).toBe('ghp_inside');
    expect(catalog.tokenFor({ fullName: 'corp/inside' })).toBeUndefined();
    expect(catalog.tokenFor({ fullName: 'acme/outside' })).toBeUndefined();
    expect(catalog.tokenFor({ fullName: 'corp/inside', apiUrl: 'https://evil.example.com/api/v3' })).toBeUndefined();
  });

  test('are on no other host where that is the bot’s own', () => {
    const catalog = loaded(`apps: { a: { repository: o/a, github_api: ${ghes} } }`, {
      apiUrl: 'https://GHE.example.com/api/v3',
    });
    expect(catalog.find('a')?.apiUrl).toBeUndefined();
  });
});

test('a catalogue of Deckhand’s own kind may be JSON too, indented with tabs', () => {
  const text = '{\n\t"owner": "acme",\n\t"apps": {\n\t\t"hello": {\n\t\t\t"repository": "hello"\n\t\t}\n\t}\n}\n';
  expect(loaded(text, {}, 'apps.json').find('hello')).toMatchObject({ repository: 'acme/hello', autoMerge: false });
});

test('anchors and merge keys work', () => {
  const catalog = loaded('apps:\n  a: &a { repository: o/a, task: migrate }\n  b: { <<: *a, repository: o/b }\n');
  expect(catalog.find('b')).toMatchObject({ repository: 'o/b', task: 'migrate' });
});

test('who holds the live catalogue sees the one that replaced it', () => {
  const live = liveCatalog(loaded('owner: acme\napps: { old: { repository: acme/old } }'));
  live.replace(loaded('owner: corp\nunlisted: true\nannounce: C0NEW\napps: { new: { repository: corp/new } }'));
  expect(live).toMatchObject({ owner: 'corp', unlisted: true, announce: { room: 'C0NEW' } });
  expect(live.find('old')).toBeUndefined();
  expect(live.find('new')?.repository).toBe('corp/new');
  expect(live.all()).toHaveLength(1);
  expect(live.inRepository('corp/new')).toHaveLength(1);
  expect(live.unlistedApp('corp/x').name).toBe('x');
});
