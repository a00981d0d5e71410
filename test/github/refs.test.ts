import { describe, expect, test } from 'vitest';
import { plain } from '../../src/deploy/words.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { client, nowhere, refusalOf, serving } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };
const github = () => client(world.github.url);
const paths = () => world.github.requests.map(({ path }) => path);

describe('a ref', () => {
  test.each(['main', 'topic-branch', 'feature/abc'])('%s is a branch, found with one request', async (ref) => {
    expect(await github().resolve(hello, ref)).toEqual({ sha: world.sha(`refs/heads/${ref}`) });
    expect(paths()).toHaveLength(1);
  });

  test('is a branch rather than a tag of the same name', async () => {
    world.git('tag', 'ahead', 'main');
    expect(await github().resolve(hello, 'ahead')).toEqual({ sha: world.sha('refs/heads/ahead') });
    world.git('tag', '-d', 'ahead');
  });

  test('may be a tag, also an annotated one', async () => {
    world.git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'tag', '-a', '-m', 'x', 'v2.0.0', 'main');
    expect(await github().resolve(hello, 'v1.0.0')).toEqual({ sha: world.sha('v1.0.0') });
    expect(await github().resolve(hello, 'v2.0.0')).toEqual({ sha: world.sha('main') });
    world.git('tag', '-d', 'v2.0.0');
  });

  test.each(['fix/#1', 'a%2fb', 'ünï', 'dependabot/npm/@types/node'])('%s is sent as it is written', async (ref) => {
    world.git('branch', '--', ref, 'main');
    expect(await github().resolve(hello, ref)).toEqual({ sha: world.sha('main') });
    world.git('branch', '-D', '--', ref);
  });

  test('that nobody knows is refused, with the nearest branch', async () => {
    const refusal = await refusalOf(github().resolve(hello, 'topic-brnach'));
    expect(refusal.code).toBe('no-such-ref');
    expect(refusal.message).toContain('topic-branch');
  });

  test('that is near to nothing is refused, with the default branch', async () => {
    const refusal = await refusalOf(github().resolve(hello, 'something-else-entirely'));
    expect(refusal.code).toBe('no-such-ref');
    expect(refusal.message).toContain('main');
  });

  test('in a repository that is not shown: that is what is said', async () => {
    const refusal = await refusalOf(github().resolve({ fullName: 'acme/helo' }, 'main'));
    expect(refusal.code).toBe('no-repository');
    expect(refusal.message).toContain('acme/helo');
  });

  test('in an empty repository is refused', async () => {
    await world.github.addRepository({ owner: 'acme', name: 'empty' });
    expect((await refusalOf(github().resolve({ fullName: 'acme/empty' }, 'main'))).code).toBe('no-such-ref');
  });
});

describe('a bare commit', () => {
  test.each(['main', 'v1.0.0', 'topic-branch', 'ahead'])('of %s is deployed', async (ref) => {
    const sha = world.sha(ref);
    expect(await github().resolve(hello, sha)).toEqual({ sha });
    expect(await github().resolve(hello, sha.slice(0, 10))).toEqual({ sha });
  });

  test('inside a branch that was not merged is deployed', async () => {
    const sha = child('topic-branch');
    world.git('branch', 'longer', child(sha));
    expect(await github().resolve(hello, sha)).toEqual({ sha });
    world.git('branch', '-D', 'longer');
  });

  test('that only a tag holds is deployed', async () => {
    const sha = child('main');
    world.git('tag', 'hotfix', child(sha));
    expect(await github().resolve(hello, sha)).toEqual({ sha });
    world.git('tag', '-d', 'hotfix');
  });

  test('that is on no branch and no tag, as those of forks, is refused', async () => {
    const refusal = await refusalOf(github().resolve(hello, child('main')));
    expect(refusal.code).toBe('unreachable-commit');
    expect(refusal.message).toContain('fork');
  });

  test('that does not exist is refused', async () => {
    expect((await refusalOf(github().resolve(hello, 'b'.repeat(40)))).code).toBe('no-such-ref');
  });
});

describe('a pull request', () => {
  const pull = (change: object) => ({
    state: 'open',
    number: 7,
    head: { ref: 'topic', sha: 'c'.repeat(40), repo: { full_name: 'Acme/hello' } },
    ...change,
  });
  const facts = { number: 7, title: '', author: 'ghost', isMerged: false, isFork: false, ref: 'topic' };
  const having = (pulls: Record<string, object>) =>
    serving((request, response) => {
      const found =
        request.url === '/repos/acme/hello'
          ? { default_branch: 'main' }
          : request.url === '/repos/acme/hello/git/ref/heads/topic'
            ? { object: { type: 'commit', sha: 'd'.repeat(40) } }
            : pulls[request.url ?? ''];
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? { message: 'Not Found' }));
    });

  test('is its branch and head', async () => {
    const { url } = await having({ '/repos/acme/hello/pulls/7': pull({}) });
    expect(await client(url).pullRequest(hello, 7)).toEqual({ ...facts, isOpen: true, sha: 'c'.repeat(40) });
  });

  test('that is closed is what its branch is now', async () => {
    const { url } = await having({ '/repos/acme/hello/pulls/7': pull({ state: 'closed' }) });
    expect(await client(url).pullRequest(hello, 7)).toEqual({ ...facts, isOpen: false, sha: 'd'.repeat(40) });
  });

  test.each([
    ['a fork', { full_name: 'mallory/hello' }],
    ['a fork that is gone', null],
  ])('of %s is refused', async (_, repo) => {
    const { url } = await having({
      '/repos/acme/hello/pulls/7': pull({ head: { ref: 'x', sha: 'c'.repeat(40), repo } }),
    });
    expect((await refusalOf(client(url).pullRequest(hello, 7))).code).toBe('pull-request-of-fork');
  });

  test('that does not exist is refused', async () => {
    const { url } = await having({});
    expect((await refusalOf(client(url).pullRequest(hello, 8))).code).toBe('no-such-pull-request');
  });
});

describe('reading', () => {
  test('the default branch is asked of GitHub', async () => {
    expect(await github().defaultBranch(hello)).toBe('main');
  });

  test.each([
    ['502', { kind: 'status', status: 502 }],
    ['cut connection', { kind: 'reset' }],
    [
      'half answer',
      { kind: 'status', status: 200, body: '{"default_bra', headers: { 'content-type': 'application/json' } },
    ],
  ] as const)('outlives a %s or two', async (_, fault) => {
    world.github.faults.add({ path: /hello$/, times: 2 }, fault);
    const bot = github();
    expect(await bot.defaultBranch(hello)).toBe('main');
    expect(paths()).toHaveLength(3);
    expect(bot.state()).toBe('ok');
  });

  test('gives up after the third, and says so', async () => {
    world.github.faults.add({ path: /hello$/, times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 503 });
    const bot = github();
    expect(bot.state()).toBe('not asked yet');
    expect((await refusalOf(bot.defaultBranch(hello))).code).toBe('github-unreachable');
    expect(paths()).toHaveLength(3);
    expect(bot.state()).toMatch(/^unreachable since 20\d\d-.*503/);
    world.github.faults.clear();
    await bot.defaultBranch(hello);
    expect(bot.state()).toBe('ok');
  });

  test('waits ten seconds for an answer, and does not ask again after that', async () => {
    world.github.faults.add({ path: /hello$/ }, { kind: 'hang' });
    const refusal = await refusalOf(github().defaultBranch(hello));
    expect(refusal.message).toContain('10 seconds');
    expect(paths()).toHaveLength(1);
  });

  test('says when nobody listens', async () => {
    expect((await refusalOf(client(await nowhere()).resolve(hello, 'main'))).message).toContain('ECONNREFUSED');
  });

  test('tells a rate limit from a missing permission', async () => {
    world.github.rateLimits.exhaust({ seconds: 1200 });
    const refusal = await refusalOf(github().resolve(hello, 'main'));
    expect(refusal.code).toBe('rate-limited');
    expect(plain(refusal.words)).toContain('20 minutes');
  });

  test('below /api/v3, as GitHub Enterprise Server wants it', async () => {
    const bot = client(`${world.github.url}/api/v3/`);
    expect(await bot.resolve(hello, 'main')).toEqual({ sha: world.sha('main') });
  });
});

/** A commit after another, on no branch. */
const child = (parent: string): string =>
  world.git(
    '-c',
    'user.name=Ann',
    '-c',
    'user.email=a@example.com',
    'commit-tree',
    '-p',
    parent,
    '-m',
    `after ${parent}`,
    `${parent}^{tree}`,
  );
