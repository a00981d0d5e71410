import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';
import { startTarget, type Target } from './target.ts';

const on = useGitHub();
const hello = 'acme/hello';
let target: Target;

beforeAll(async () => {
  target = await startTarget();
  on.github.addWebhook({ url: target.url, secret: 's', events: ['pull_request'] });
});

afterEach(() => {
  target.received.length = 0;
});

afterAll(() => target.stop());

const told = async () => {
  await on.github.idle();
  return target.received.map(({ body }) => JSON.parse(body));
};
const numbers = (pulls: { number: number }[]) => pulls.map(({ number }) => number);
const list = async (asked = {}) => numbers((await on.octokit.pulls.list({ ...on.hello, ...asked })).data);
const get = async (pull_number: number) => (await on.octokit.pulls.get({ ...on.hello, pull_number })).data;
const ofCommit = async (commit_sha: string) =>
  numbers((await on.octokit.repos.listPullRequestsAssociatedWithCommit({ ...on.hello, commit_sha })).data);
const parents = (ref: string) => on.git('show', '-s', '--format=%P', ref).split(' ');

describe('an open pull request', () => {
  test('says what it would merge into what', async () => {
    const { number } = await on.github.openPull(hello, { head: 'topic-branch', title: 'A topic', author: 'ann' });
    expect(await get(number)).toMatchObject({
      number: 1,
      state: 'open',
      title: 'A topic',
      user: { login: 'ann' },
      head: { label: 'acme:topic-branch', ref: 'topic-branch', sha: on.sha('topic-branch'), repo: { fork: false } },
      base: { ref: 'main', sha: on.sha('main'), repo: { full_name: hello } },
      html_url: `${on.github.url}/acme/hello/pull/1`,
      commits: 1,
      changed_files: 1,
      additions: 1,
      merged: false,
      merged_at: null,
      mergeable: true,
      mergeable_state: 'clean',
    });
    expect(on.sha('refs/pull/1/head')).toBe(on.sha('topic-branch'));
  });

  test('has a merge to try, unless there is a conflict', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    await on.github.openPull(hello, { head: 'conflict' });
    const { merge_commit_sha } = await get(1);
    expect(parents(merge_commit_sha as string)).toEqual([on.sha('main'), on.sha('topic-branch')]);
    expect(on.sha('refs/pull/1/merge')).toBe(merge_commit_sha);
    expect(await get(2)).toMatchObject({ mergeable: false, mergeable_state: 'dirty', merge_commit_sha: null });
  });

  test('follows its branch, whoever pushes', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    const before = on.sha('topic-branch');
    const after = await on.github.push(hello, 'topic-branch', { files: { 'a/b c.txt': 'x\n' }, by: 'bob' });
    expect(on.git('show', '-s', '--format=%an', 'topic-branch')).toBe('bob');
    expect(await get(1)).toMatchObject({ head: { sha: after }, commits: 2 });
    on.git('update-ref', 'refs/heads/topic-branch', before);
    expect(await get(1)).toMatchObject({ head: { sha: before } });
    expect(on.sha('refs/pull/1/head')).toBe(before);
    expect((await told()).map((event) => [event.action, event.before, event.after])).toEqual([
      ['opened', undefined, undefined],
      ['synchronize', before, after],
      ['synchronize', after, before],
    ]);
  });

  test('follows a merge of the default branch that a deployment asked for', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    await on.octokit.repos.createDeployment({ ...on.hello, ref: 'topic-branch' });
    expect((await told()).at(-1)).toMatchObject({ action: 'synchronize', after: on.sha('topic-branch') });
  });

  test('is closed when its branch is deleted, and keeps its head', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    const head = on.sha('topic-branch');
    on.git('update-ref', '-d', 'refs/heads/topic-branch');
    expect(await get(1)).toMatchObject({ state: 'closed', merged: false, head: { sha: head } });
    expect(on.sha('refs/pull/1/head')).toBe(head);
  });

  test('is not found by a number that nobody has', async () => {
    expect(await refusal(get(7))).toMatchObject({ status: 404 });
    await expect(on.github.openPull(hello, { head: 'nowhere' })).rejects.toThrow('nowhere');
  });
});

describe('ending one', () => {
  test('closing is told, with who did it', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    await on.github.closePull(hello, 1, 'bob');
    expect(await get(1)).toMatchObject({ state: 'closed', merged: false, merged_at: null, mergeable: null });
    expect((await told()).at(-1)).toMatchObject({
      action: 'closed',
      number: 1,
      pull_request: { merged: false, state: 'closed' },
      sender: { login: 'bob' },
    });
  });

  test('merging makes a commit of both', async () => {
    const main = on.sha('main');
    await on.github.openPull(hello, { head: 'topic-branch', title: 'A topic' });
    const { merge_commit_sha } = await on.github.mergePull(hello, 1, { by: 'bob' });
    expect(on.sha('main')).toBe(merge_commit_sha);
    expect(parents('main')).toEqual([main, on.sha('topic-branch')]);
    expect(on.git('show', '-s', '--format=%B', 'main')).toBe('Merge pull request #1 from acme/topic-branch\n\nA topic');
    expect(await get(1)).toMatchObject({ state: 'closed', merged: true, merged_by: { login: 'bob' }, commits: 1 });
    expect((await told()).at(-1)).toMatchObject({ action: 'closed', pull_request: { merged: true, merge_commit_sha } });
    await expect(on.github.mergePull(hello, 1)).rejects.toThrow('not open');
  });

  test('squashing makes one commit, its author the one who opened', async () => {
    const main = on.sha('main');
    await on.github.push(hello, 'topic-branch', { by: 'bob' });
    await on.github.openPull(hello, { head: 'topic-branch', title: 'A topic', author: 'ann' });
    await on.github.mergePull(hello, 1, { method: 'squash', by: 'bob' });
    expect(parents('main')).toEqual([main]);
    expect(on.git('show', '-s', '--format=%an %s', 'main')).toBe('ann A topic (#1)');
    expect(on.git('show', 'main:topic.txt')).toBe('topic');
  });

  test('a conflict is not merged', async () => {
    await on.github.openPull(hello, { head: 'conflict' });
    await expect(on.github.mergePull(hello, 1)).rejects.toThrow('conflicts');
    expect(await list()).toEqual([1]);
  });
});

describe('listing them', () => {
  test('the open ones, newest first, unless asked otherwise', async () => {
    for (const head of ['topic-branch', 'conflict', 'ahead', 'feature/abc']) await on.github.openPull(hello, { head });
    await on.github.closePull(hello, 2);
    expect(await list()).toEqual([4, 3, 1]);
    expect(await list({ state: 'all', direction: 'asc' })).toEqual([1, 2, 3, 4]);
    expect(await list({ state: 'closed' })).toEqual([2]);
    expect(await list({ head: 'acme:feature/abc' })).toEqual([4]);
    expect(await list({ head: 'mallory:feature/abc' })).toEqual([]);
    expect(await list({ head: 'ahead' })).toEqual([4, 3, 1]);
    expect(await list({ base: 'nowhere' })).toEqual([]);
    expect(await list({ sort: 'updated' })).toEqual([1, 3, 4]);
  });

  test('in pages', async () => {
    for (const head of ['topic-branch', 'conflict', 'ahead']) await on.github.openPull(hello, { head });
    const all = await on.octokit.paginate(on.octokit.pulls.list, { ...on.hello, per_page: 2 });
    expect(numbers(all)).toEqual([3, 2, 1]);
    expect(on.github.requests).toHaveLength(2);
  });
});

describe('the pull requests of a commit', () => {
  test('of one on the default branch are those that brought it', async () => {
    const topic = on.sha('topic-branch');
    await on.github.openPull(hello, { head: 'topic-branch' });
    expect(await ofCommit(topic)).toEqual([1]);
    await on.github.openPull(hello, { head: 'feature/abc' });
    expect(await ofCommit(topic)).toEqual([1, 2]);
    await on.github.mergePull(hello, 1);
    expect(await ofCommit(topic)).toEqual([1]);
    expect(await ofCommit(on.sha('main'))).toEqual([1]);
    expect(await ofCommit(on.sha('v1.0.0'))).toEqual([]);
  });

  test('of a squash are the one that was squashed, and closed ones count for nothing', async () => {
    await on.github.openPull(hello, { head: 'topic-branch' });
    await on.github.openPull(hello, { head: 'ahead' });
    await on.github.mergePull(hello, 1, { method: 'squash' });
    await on.github.closePull(hello, 2);
    expect(await ofCommit(on.sha('main'))).toEqual([1]);
    expect(await ofCommit(on.sha('topic-branch'))).toEqual([1]);
    expect(await ofCommit(on.sha('ahead'))).toEqual([]);
  });

  test('of one that is not there are refused', async () => {
    expect(await refusal(ofCommit('0'.repeat(40)))).toMatchObject({ status: 422 });
  });
});

describe('from a fork', () => {
  async function fromFork() {
    await on.github.fork(hello, 'mallory');
    const sha = await on.github.push('mallory/hello', 'gift', { message: 'A gift', by: 'mallory' });
    await on.github.openPull(hello, { head: 'mallory:gift' });
    return sha;
  }

  test('its head is another repository’s', async () => {
    const sha = await fromFork();
    expect(await get(1)).toMatchObject({
      title: 'A gift',
      user: { login: 'mallory' },
      head: { label: 'mallory:gift', ref: 'gift', sha, repo: { full_name: 'mallory/hello', fork: true } },
      base: { repo: { full_name: hello, fork: false } },
    });
    expect(await list({ head: 'mallory:gift' })).toEqual([1]);
    expect(on.sha('refs/pull/1/head')).toBe(sha);
    expect(() => on.sha('refs/heads/gift')).toThrow();
  });

  test('its commit is found through the parent, as on GitHub', async () => {
    const sha = await fromFork();
    expect((await on.octokit.repos.getCommit({ ...on.hello, ref: sha })).data.sha).toBe(sha);
    expect((await on.octokit.repos.getCommit({ owner: 'mallory', repo: 'hello', ref: 'gift' })).data.sha).toBe(sha);
    expect(await refusal(on.octokit.repos.getCommit({ ...on.hello, ref: 'gift' }))).toMatchObject({ status: 422 });
  });

  test('it follows pushes to the fork, and can be merged', async () => {
    await fromFork();
    const after = await on.github.push('mallory/hello', 'gift', { by: 'mallory' });
    expect((await get(1)).head.sha).toBe(after);
    await on.github.mergePull(hello, 1);
    expect(on.git('show', '-s', '--format=%s', 'main')).toBe('Merge pull request #1 from mallory/gift');
    expect((await told()).map(({ action }) => action)).toEqual(['opened', 'synchronize', 'closed']);
  });

  test('it stays when the fork is deleted, without its repository', async () => {
    await fromFork();
    on.github.removeRepository('mallory/hello');
    expect((await get(1)).head).toMatchObject({ label: 'mallory:gift', repo: null });
  });
});
