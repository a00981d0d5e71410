import { execFileSync } from 'node:child_process';
import { Octokit } from '@octokit/rest';
import { describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';

const on = useGitHub();

describe('the repository', () => {
  test('shows its default branch and what the caller may do', async () => {
    const { data } = await on.octokit.repos.get({ owner: 'ACME', repo: 'HELLO' });
    expect(data).toMatchObject({
      full_name: 'acme/hello',
      default_branch: 'main',
      private: false,
      html_url: `${on.github.url}/acme/hello`,
      permissions: { admin: false, push: true, pull: true },
    });
  });

  test('keeps the default branch of the folder that it adopts', async () => {
    on.git('symbolic-ref', 'HEAD', 'refs/heads/ahead');
    const adopted = await on.github.addRepository({ owner: 'acme', name: 'hello' });
    expect(adopted.defaultBranch).toBe('ahead');
    await on.github.addRepository({ owner: 'acme', name: 'hello', defaultBranch: 'main' });
    expect(on.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  });

  test('is not found when there is none', async () => {
    expect(await refusal(on.octokit.repos.get({ owner: 'acme', repo: 'other' }))).toMatchObject({ status: 404 });
    expect((await fetch(`${on.github.url}/no/such/place`)).status).toBe(404);
  });
  test('is not found any more once it is deleted, nor is anything in it', async () => {
    const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts: [] });
    const deployment_id = (data as unknown as { id: number }).id;
    on.github.removeRepository('acme/hello');
    for (const asked of [
      on.octokit.repos.get(on.hello),
      on.octokit.repos.listDeployments(on.hello),
      on.octokit.repos.listDeploymentStatuses({ ...on.hello, deployment_id }),
      on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead' }),
    ])
      expect(await refusal(asked)).toMatchObject({ status: 404 });
  });

  test('is only read while it is archived', async () => {
    const create = () => on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts: [] });
    on.github.archive('acme/hello');
    expect((await on.octokit.repos.get(on.hello)).data.archived).toBe(true);
    expect(await refusal(create())).toMatchObject({ status: 403 });
    on.github.archive('acme/hello', false);
    expect((await create()).status).toBe(201);
  });
});

describe('a commit', () => {
  test.each(['topic-branch', 'feature/abc', 'v1.0.0', 'heads/topic-branch', 'HEAD'])('is found by %s', async (ref) => {
    const { data } = await on.octokit.repos.getCommit({ ...on.hello, ref });
    expect(data.sha).toBe(on.sha(ref));
  });

  test('is found with the slash of its branch in plain sight', async () => {
    const answer = await on.octokit.request(`GET /repos/acme/hello/commits/feature/abc`);
    expect(answer.data.sha).toBe(on.sha('feature/abc'));
  });

  test('tells who, when and what', async () => {
    const { data } = await on.octokit.repos.getCommit({ ...on.hello, ref: on.sha('main') });
    expect(data).toMatchObject({
      commit: { message: 'third', committer: { name: 'Ann', email: 'ann@example.com', date: '2023-11-14T22:16:40Z' } },
      parents: [{ sha: on.sha('main~1') }],
      html_url: `${on.github.url}/acme/hello/commit/${on.sha('main')}`,
    });
  });

  test('can be asked for its SHA alone', async () => {
    const { data } = await on.octokit.repos.getCommit({ ...on.hello, ref: 'main', mediaType: { format: 'sha' } });
    expect(data).toBe(on.sha('main'));
  });

  test.each(['nowhere', 'main~1', '0'.repeat(40)])('is not found by %s', async (ref) => {
    expect(await refusal(on.octokit.repos.getCommit({ ...on.hello, ref }))).toMatchObject({
      status: 422,
      message: `No commit found for SHA: ${ref}`,
    });
  });
});

test('the page of a commit, which messages link to, is for people and no traffic of the API', async () => {
  const { data } = await on.octokit.repos.getCommit({ ...on.hello, ref: 'topic-branch' });
  const page = await fetch(data.html_url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('+topic')]);
  expect((await fetch(`${on.github.url}/acme/hello/commit/nowhere`)).status).toBe(404);
  expect(on.github.requests).toHaveLength(1);
});

test('a pull request and a comparison have pages too', async () => {
  const { html_url } = await on.github.openPull('acme/hello', { head: 'ahead', title: 'Go <on>' });
  const pull = await fetch(html_url);
  expect(pull.headers.get('content-type')).toContain('text/plain');
  expect(await pull.text()).toMatch(/Go <on> #1[\s\S]*open[\s\S]*ahead \(/);
  expect(await (await fetch(`${on.github.url}/acme/hello/compare/v1.0.0...main`)).text()).toMatch(/second[\s\S]*third/);
  for (const missing of ['pull/7', 'compare/main...nowhere', 'compare/main'])
    expect((await fetch(`${on.github.url}/acme/hello/${missing}`)).status).toBe(404);
});

describe('what is said of a commit', () => {
  const combined = async (ref: string, page = {}) =>
    (await on.octokit.repos.getCombinedStatusForRef({ ...on.hello, ref, ...page })).data;

  test('combines the newest status of each context', async () => {
    const sha = on.sha('feature/abc');
    expect(await combined('feature/abc')).toMatchObject({ state: 'pending', total_count: 0, sha });
    const say = (context: string, state: 'success' | 'failure' | 'pending') =>
      on.octokit.repos.createCommitStatus({ ...on.hello, sha, context, state, target_url: 'http://127.0.0.1/1' });
    await say('ci/janky', 'failure');
    await say('lint', 'success');
    expect(await combined('feature/abc')).toMatchObject({ state: 'failure', total_count: 2 });
    await say('ci/janky', 'pending');
    expect(await combined('feature/abc')).toMatchObject({ state: 'pending', total_count: 2 });
    await say('ci/janky', 'success');
    const { statuses, state } = await combined('feature/abc', { per_page: 1, page: 2 });
    expect([state, statuses.map(({ context }) => context)]).toEqual(['success', ['lint']]);
  });

  test('refuses a status for a commit that is not there, and a state that is none', async () => {
    const say = (sha: string, state: string) =>
      on.octokit.repos.createCommitStatus({ ...on.hello, sha, state: state as 'success' });
    expect(await refusal(say('0'.repeat(40), 'success'))).toMatchObject({ status: 422 });
    expect(await refusal(say(on.sha('main'), 'fine'))).toMatchObject({ status: 422, errors: [{ field: 'state' }] });
  });

  test('lists the newest check run of each name', async () => {
    const sha = on.sha('ahead');
    on.github.setCheckRun('acme/hello', sha, { name: 'build', status: 'completed', conclusion: 'failure' });
    on.github.setCheckRun('acme/hello', sha, { name: 'test', status: 'queued' });
    on.github.setCheckRun('acme/hello', sha, { name: 'build', status: 'completed', conclusion: 'success' });
    const list = async (asked = {}) =>
      (await on.octokit.checks.listForRef({ ...on.hello, ref: 'ahead', ...asked })).data;
    expect(await list()).toMatchObject({ total_count: 2, check_runs: [{ name: 'build', conclusion: 'success' }, {}] });
    expect((await list({ filter: 'all' })).check_runs.map(({ name }) => name)).toEqual(['build', 'test', 'build']);
    expect((await list({ check_name: 'test' })).check_runs).toMatchObject([{ status: 'queued', conclusion: null }]);
    expect(await list({ per_page: 1, page: 2 })).toMatchObject({ total_count: 2, check_runs: [{ name: 'test' }] });
  });

  test('check runs are for Apps only', async () => {
    const create = on.octokit.checks.create({ ...on.hello, name: 'build', head_sha: on.sha('main') });
    expect(await refusal(create)).toMatchObject({ status: 403 });
  });
});

describe('refs', () => {
  test('branches come in pages', async () => {
    const all = await on.octokit.paginate(on.octokit.repos.listBranches, { ...on.hello, per_page: 2 });
    expect(all.map(({ name }) => name)).toEqual(['ahead', 'conflict', 'feature/abc', 'main', 'topic-branch']);
    expect(all[3]?.commit.sha).toBe(on.sha('main'));
  });

  test('match by the beginning of their names', async () => {
    const matching = async (ref: string) =>
      (await on.octokit.git.listMatchingRefs({ ...on.hello, ref })).data.map((one) => one.ref);
    expect(await matching('heads/feature')).toEqual(['refs/heads/feature/abc']);
    expect(await matching('tags/v')).toEqual(['refs/tags/v1.0.0']);
    expect(await matching('heads/none')).toEqual([]);
  });

  test('are got by their whole name', async () => {
    const { data } = await on.octokit.git.getRef({ ...on.hello, ref: 'heads/feature/abc' });
    expect(data.object).toMatchObject({ type: 'commit', sha: on.sha('feature/abc') });
    expect(await refusal(on.octokit.git.getRef({ ...on.hello, ref: 'heads/feature' }))).toMatchObject({ status: 404 });
  });
});

describe('comparing', () => {
  const compare = async (base: string, head: string, page = {}) =>
    (await on.octokit.repos.compareCommitsWithBasehead({ ...on.hello, basehead: `${base}...${head}`, ...page })).data;

  test.each([
    ['main', 'ahead', 'ahead', 1, 0],
    ['main', 'feature/abc', 'diverged', 1, 2],
    ['main', 'v1.0.0', 'behind', 0, 2],
    ['main', 'main', 'identical', 0, 0],
    ['acme:main', 'acme:ahead', 'ahead', 1, 0],
  ])('%s...%s is %s', async (base, head, status, ahead_by, behind_by) => {
    expect(await compare(base, head)).toMatchObject({ status, ahead_by, behind_by, total_commits: ahead_by });
  });

  test('lists what came after, oldest first, in pages when asked', async () => {
    const messages = ({ commits }: Awaited<ReturnType<typeof compare>>) => commits.map(({ commit }) => commit.message);
    expect(messages(await compare('v1.0.0', 'ahead'))).toEqual(['second', 'third', 'ahead']);
    expect(messages(await compare('v1.0.0', 'ahead', { per_page: 2, page: 2 }))).toEqual(['ahead']);
    expect((await compare('main', 'topic-branch')).merge_base_commit.sha).toBe(on.sha('v1.0.0'));
  });

  test('says which user wrote what, where GitHub knows the address', async () => {
    on.github.addEmail('bob', 'bob@example.com');
    await on.github.push('acme/hello', 'ahead', { by: 'ann' });
    await on.github.push('acme/hello', 'ahead', { by: 'ann', email: 'ann@laptop.local' });
    const { commits, base_commit } = await compare('main', 'ahead');
    expect(commits.map(({ author, committer }) => [author?.login, committer?.login])).toEqual([
      ['bob', 'bob'],
      ['ann', 'ann'],
      [undefined, undefined],
    ]);
    expect(commits.at(-1)).toMatchObject({ author: null, commit: { author: { name: 'ann' } } });
    expect(base_commit.author).toBeNull();
    const { data } = await on.octokit.repos.getCommit({ ...on.hello, ref: 'topic-branch' });
    expect(data.author?.login).toBe('bob');
  });

  test('goes to the branches of forks and not to strangers', async () => {
    await on.github.fork('acme/hello', 'mallory');
    await on.github.push('mallory/hello', 'gift', { by: 'mallory' });
    expect(await compare('main', 'mallory:gift')).toMatchObject({ status: 'ahead', ahead_by: 1 });
    expect(await refusal(compare('main', 'mallory:nowhere'))).toMatchObject({ status: 404 });
    expect(await refusal(compare('main', 'nobody:main'))).toMatchObject({ status: 404 });
    on.github.removeRepository('mallory/hello');
  });

  test('of more than 250 commits shows the newest, and all in pages', async () => {
    const commit = (n: number) => `commit refs/heads/long\ncommitter Ann <a@b.c> ${n} +0000\ndata 4\n${1000 + n}\n`;
    const input = [...Array(260).keys()].map((n) => commit(n) + (n === 0 ? `from ${on.sha('main')}\n` : ''));
    execFileSync('git', ['--git-dir', on.folder, 'fast-import', '--quiet'], { input: input.join('') });
    const { commits, total_commits } = await compare('main', 'long');
    expect([total_commits, commits.length, commits.at(-1)?.sha]).toEqual([260, 250, on.sha('long')]);
    const paged = { ...on.hello, basehead: 'main...long', per_page: 100, page: 3 };
    const last = await on.octokit.repos.compareCommitsWithBasehead(paged);
    expect(last.data.commits.map(({ commit }) => commit.message)).toHaveLength(60);
    expect(last.headers.link).toMatch(/page=2[^>]*>; rel="prev"/);
    const first = await on.octokit.repos.compareCommitsWithBasehead({ ...paged, page: 1 });
    expect(first.data.commits[0]?.commit.message).toBe('1000');
    expect(first.headers.link).toMatch(/page=3[^>]*>; rel="last"/);
  });

  test('finds nothing for what is not there', async () => {
    expect(await refusal(compare('nowhere', 'main'))).toMatchObject({ status: 404 });
    expect(await refusal(compare('main', 'nowhere'))).toMatchObject({ status: 404 });
  });
});

test('environments are those that were deployed to', async () => {
  for (const environment of ['staging', 'review/pr-12', 'staging'])
    await on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', environment, required_contexts: [] });
  const { data } = await on.octokit.repos.getAllEnvironments(on.hello);
  expect(data.total_count).toBe(2);
  expect(data.environments?.map(({ name }) => name).sort()).toEqual(['review/pr-12', 'staging']);
});

test('users are found by their login, whoever asks', async () => {
  on.github.addEmail('Zoe', 'zoe@example.com');
  const user = async (username: string, octokit = on.octokit) => (await octokit.users.getByUsername({ username })).data;
  expect(await user('zoe')).toMatchObject({ login: 'Zoe', type: 'User' });
  expect(await user('acme', on.as(undefined))).toMatchObject({ type: 'Organization' });
  expect(await refusal(user('nobody'))).toMatchObject({ status: 404 });
});

test('below /api/v3 it is GitHub Enterprise Server, links included', async () => {
  const baseUrl = `${on.github.url}/api/v3`;
  const octokit = new Octokit({ auth: on.github.token, baseUrl, request: { retries: 0 } });
  expect((await octokit.meta.get()).data).toMatchObject({ installed_version: expect.any(String) });
  const { data, headers } = await octokit.repos.get(on.hello);
  expect(data.url).toBe(`${baseUrl}/repos/acme/hello`);
  expect(headers['x-github-enterprise-version']).toBeDefined();
  const branches = await octokit.paginate(octokit.repos.listBranches, { ...on.hello, per_page: 2 });
  expect(branches).toHaveLength(5);
  expect(on.github.requests.at(-1)?.path).toBe('/repos/acme/hello/branches');
  expect((await on.octokit.meta.get()).data).not.toHaveProperty('installed_version');
});
