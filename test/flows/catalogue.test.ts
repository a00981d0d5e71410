import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type SandboxGitHub, startGitHub } from '../../src/sandbox/github/server.ts';
import { reportChecks, seedHello } from '../../src/sandbox/seed.ts';
import { ann, catalogueOfHello, deploys, type Flow } from './flow.ts';
import { asked, calm, creations, flows, namedLines, parentOf, refused, threadText, until } from './seen.ts';

const folders: string[] = [];
const servers: SandboxGitHub[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

// After the clean-up above: the flow is stopped first.
const { begin, expectErrors } = flows();

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'deckhand-catalogue-'));
  folders.push(made);
  return made;
}

const made = (flow: Flow) => flow.github.deployments('acme/hello');

describe('a catalogue that changes while the bot runs', () => {
  async function changed(flow: Flow, text: string, logged: RegExp): Promise<void> {
    writeFileSync(flow.appsFile, text);
    await until(flow, () => flow.log.some((line) => logged.test(line)));
  }

  test('with a mistake: it is reported, and the old one stays', async () => {
    const flow = await begin();
    expectErrors(/mistake/);
    await changed(flow, catalogueOfHello.replace('repository:', 'repositroy:'), /repositroy.*repository/);
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
  });

  test('mended again, it is read', async () => {
    const flow = await begin();
    expectErrors(/mistake/);
    await changed(flow, 'apps: [', /mistake/);
    await changed(flow, catalogueOfHello.replaceAll('staging', 'canary'), /read again/);
    await flow.type('hello/topic-branch');
    expect((await flow.deployment()).environment).toBe('canary');
  });

  test('gone altogether: the old one stays', async () => {
    const flow = await begin();
    expectErrors(/mistake|ENOENT/);
    rmSync(flow.appsFile);
    await until(flow, () => flow.log.some((line) => /"level":50/.test(line)));
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
  });

  test('an app that was taken out: what is under way is still told', async () => {
    const flow = await begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await calm(flow);
    await changed(flow, 'owner: acme\napps:\n  other: { repository: acme/other }\n', /read again/);
    await flow.report(id, 'success', { environment_url: 'https://staging.example' });
    await until(flow, () => threadText(flow).includes('https://staging.example'));
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => flow.told().length === 1);
    expect(creations(flow)).toHaveLength(1);
  });
});

describe('hubot-deploy’s apps.json', () => {
  const entry = {
    provider: 'heroku',
    auto_merge: false,
    repository: 'acme/hello',
    environments: ['production', 'staging'],
    required_contexts: ['ci/janky'],
    allowed_rooms: ['deploys'],
    heroku_name: 'my-app',
    github_token: 'ghp_of_another_time',
  };

  async function withJson(apps: Record<string, unknown>): Promise<Flow> {
    const file = path.join(folder(), 'apps.json');
    writeFileSync(file, JSON.stringify(apps));
    const flow = await begin({ env: { APPS_FILE: file } });
    flow.github.addUser('hubot', entry.github_token);
    return flow;
  }

  test('as it is: its entry is the payload’s config, without its token', async () => {
    const flow = await withJson({ hello: entry });
    await flow.type('hello/topic-branch to staging');
    await flow.deployment();
    const [creation] = creations(flow);
    expect(creation?.body).toMatchObject({
      auto_merge: false,
      required_contexts: ['ci/janky'],
      payload: { name: 'hello', config: { provider: 'heroku', heroku_name: 'my-app', repository: 'acme/hello' } },
    });
    expect(JSON.stringify([creation?.body, flow.log])).not.toContain('ghp_of_another_time');
  });

  test('without auto_merge GitHub merges, as it did', async () => {
    const { auto_merge: _, ...merging } = entry;
    const flow = await withJson({ hello: merging });
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => creations(flow).length === 1);
    expect(creations(flow)[0]?.body).toMatchObject({ auto_merge: true });
  });

  test('its rooms hold', async () => {
    const flow = await withJson({ hello: entry });
    await refused(flow, 'hello/topic-branch to staging', { channel: 'C0RANDOM' });
  });
});

describe('several apps in one repository', () => {
  const catalogue = `owner: acme
apps:
  web:
    repository: hello
    default_environment: staging
    environments: { staging: { github_environment: web-staging }, production: { github_environment: web-production } }
  api:
    repository: hello
    default_environment: staging
    environments: { staging: { github_environment: api-staging } }
`;

  test('GitHub gets each one’s environment, people read their own', async () => {
    const flow = await begin({ catalogue });
    await flow.type('web to staging');
    await until(flow, () => made(flow).length === 1);
    expect(made(flow)[0]).toMatchObject({ environment: 'web-staging', payload: { name: 'web' } });
    expect((await parentOf(flow)).shown).toMatch(/web.*\bstaging/);
    await flow.type('api');
    await until(flow, () => made(flow).length === 2);
    expect(made(flow)[0]).toMatchObject({ environment: 'api-staging', payload: { name: 'api' } });
  });

  test('production of GitHub’s default is only production where it is called so', async () => {
    const flow = await begin({ catalogue });
    await flow.type('web to production');
    await until(flow, () => made(flow).length === 1);
    expect(made(flow)[0]).toMatchObject({ environment: 'web-production' });
  });

  test('the repository’s own name is more than one reading: which app is asked', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'acme/hello@topic-branch to staging');
    expect(namedLines(told)).toEqual(
      expect.arrayContaining(['/deploy web/topic-branch to staging', '/deploy api/topic-branch to staging']),
    );
  });
});

describe('unlisted repositories', () => {
  const catalogue = 'owner: acme\nunlisted: true\napps: {}\n';

  test.each([
    'hello/topic-branch to staging',
    'acme/hello/topic-branch to staging',
    'acme/hello@topic-branch to staging',
  ])('%s is an app of its own name', async (line) => {
    const flow = await begin({ catalogue });
    await flow.type(line);
    const deployment = await flow.deployment();
    expect(deployment).toMatchObject({ ref: 'topic-branch', environment: 'staging', payload: { name: 'hello' } });
  });

  test('no environment: production only after the button', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'hello/topic-branch');
    expect(told.shown).toMatch(/production/);
  });

  test('one that the token can’t see', async () => {
    const flow = await begin({ catalogue });
    const told = await refused(flow, 'nowhere/main to staging');
    expect(told.shown).toMatch(/acme\/nowhere/);
  });

  test('another owner’s is not', async () => {
    const flow = await begin({ catalogue });
    await flow.github.addRepository({ owner: 'other', name: 'thing' });
    await refused(flow, 'other/thing@main to staging');
    expect(flow.github.deployments('other/thing')).toEqual([]);
  });
});

describe('an app on another API host', () => {
  async function enterprise(): Promise<{ flow: Flow; other: SandboxGitHub }> {
    const gitFolder = folder();
    const commits = await seedHello(gitFolder);
    const other = await startGitHub({ folder: gitFolder, token: 'ghp_enterprise_only' });
    servers.push(other);
    await other.addRepository({ owner: 'acme', name: 'hello' });
    reportChecks(other, commits);
    const catalogue = `${catalogueOfHello}  intern:
    repository: acme/hello
    github_api: ${other.url}/api/v3
    github_token_env: INTERN_TOKEN
    default_environment: staging
`;
    const flow = await begin({ catalogue, env: { INTERN_TOKEN: 'ghp_enterprise_only' } });
    return { flow, other };
  }

  test('is asked with its own token, which nobody else gets, and gets nobody else’s', async () => {
    const { flow, other } = await enterprise();
    await flow.type('intern/topic-branch to staging');
    await until(flow, () => other.deployments('acme/hello').length === 1);
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => made(flow).length === 1);
    const tokens = (server: SandboxGitHub) => [...new Set(server.requests.map(({ headers }) => headers.authorization))];
    expect(tokens(other).join()).toContain('ghp_enterprise_only');
    expect(tokens(other).join()).not.toContain(flow.github.token);
    expect(tokens(flow.github).join()).not.toContain('ghp_enterprise_only');
    expect(flow.log.join()).not.toContain('ghp_enterprise_only');
  });

  test('a redirect to another host takes no token along', async () => {
    const { flow, other } = await enterprise();
    other.faults.add(
      { method: 'GET', path: /\/git\/ref\// },
      { kind: 'status', status: 302, headers: { location: `${flow.github.url}/user` }, body: { message: 'Found' } },
    );
    await refused(flow, 'intern/topic-branch to staging');
    expect(asked(flow)).toEqual([]);
  });
});

describe('what people type may have another name', () => {
  test('a slash command of another name works, and examples begin with it', async () => {
    const flow = await begin();
    const typed = (text: string) => flow.slack.command({ user: ann, channel: deploys, command: '/ship', text });
    await (await typed('help')).acked;
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/\/ship hello/);
    await (await typed('helo/topic-branch to staging')).acked;
    await until(flow, () => flow.told().length === 2);
    expect(flow.told()[1]).toMatch(/\/ship hello\/topic-branch to staging/);
    await (await typed('hello/topic-branch to staging')).acked;
    await flow.deployment();
  });
});
