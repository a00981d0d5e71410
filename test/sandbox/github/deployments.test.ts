import { describe, expect, test } from 'vitest';
import { refusal, useGitHub } from './fixture.ts';

const on = useGitHub();

/** A deployment that nothing stands in the way of. */
const ahead = { ref: 'ahead', required_contexts: [] };

describe('creating a deployment', () => {
  test('takes the documented defaults', async () => {
    const { status, data, headers } = await on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead' });
    expect(status).toBe(201);
    expect(data).toMatchObject({
      ref: 'ahead',
      sha: on.sha('ahead'),
      task: 'deploy',
      environment: 'production',
      original_environment: 'production',
      description: null,
      payload: '',
      transient_environment: false,
      production_environment: true,
      creator: { login: 'sandbox-user' },
    });
    expect(headers.location).toBe((data as { url: string }).url);
  });

  test('takes every parameter', async () => {
    const asked = {
      ...ahead,
      task: 'deploy:migrations',
      auto_merge: false,
      payload: { user: 'atmos', deep: { list: [1, null, true] } },
      environment: 'review/pr-12',
      description: 'from chat',
      transient_environment: true,
      production_environment: true,
    };
    const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ...asked });
    const { auto_merge, required_contexts, ...shown } = asked;
    expect(data).toMatchObject(shown);
    expect(on.github.deployments('acme/hello')).toMatchObject([shown]);
  });

  test('is for production only where that is said or the environment is production', async () => {
    const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ...ahead, environment: 'staging' });
    expect(data).toMatchObject({ production_environment: false });
  });

  test.each([
    ['a branch with a slash', 'feature/abc', 'feature/abc'],
    ['a tag', 'v1.0.0', 'v1.0.0'],
    ['a full name', 'refs/heads/topic-branch', 'topic-branch'],
  ])('finds %s', async (_, ref, same) => {
    const asked = { ...on.hello, ref, auto_merge: false, required_contexts: [] };
    const { data } = await on.octokit.repos.createDeployment(asked);
    expect(data).toMatchObject({ ref, sha: on.sha(same) });
  });

  test('finds a SHA, in full and short', async () => {
    const sha = on.sha('topic-branch');
    for (const ref of [sha, sha.slice(0, 8)]) {
      const asked = { ...on.hello, ref, auto_merge: false, required_contexts: [] };
      expect((await on.octokit.repos.createDeployment(asked)).data).toMatchObject({ ref, sha });
    }
  });

  test.each(['nowhere', 'main~1', 'main@{0}', '../main', '-main', '', 'a'.repeat(40), 'main^{tree}'])(
    'finds no ref %j',
    async (ref) => {
      const said = await refusal(on.octokit.repos.createDeployment({ ...on.hello, ...ahead, ref }));
      expect(said).toMatchObject({ status: 422, message: `No ref found for: ${ref}` });
      expect(on.github.deployments('acme/hello')).toEqual([]);
    },
  );

  test('names every field that is wrong', async () => {
    const body = { task: 7, auto_merge: 'yes', required_contexts: [1], payload: [1], environment: null };
    const said = await refusal(on.octokit.request({ method: 'POST', url: '/repos/acme/hello/deployments', ...body }));
    expect(said).toMatchObject({ status: 422, message: 'Validation Failed' });
    expect(said.errors?.map(({ field, code }) => [field, code])).toEqual([
      ['ref', 'missing_field'],
      ['environment', 'invalid'],
      ['task', 'invalid'],
      ['auto_merge', 'invalid'],
      ['required_contexts', 'invalid'],
      ['payload', 'invalid'],
    ]);
  });

  test.each([
    ['{"ref":', 'Problems parsing JSON'],
    ['["ref"]', 'Body should be a JSON object'],
  ])('refuses the body %s', async (body, message) => {
    const answer = await fetch(`${on.github.url}/repos/acme/hello/deployments`, {
      method: 'POST',
      headers: { authorization: `token ${on.github.token}` },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { message }]);
  });
});

describe('auto_merge', () => {
  test('merges the default branch into a branch that is behind, and creates nothing', async () => {
    const before = on.sha('topic-branch');
    const { status, data } = await on.octokit.repos.createDeployment({ ...on.hello, ref: 'topic-branch' });
    expect(status).toBe(202);
    expect(data).toEqual({ message: 'Auto-merged main into topic-branch on deployment.' });
    expect(on.git('log', '-1', '--format=%P', 'topic-branch').split(' ')).toEqual([before, on.sha('main')]);
    expect(on.git('ls-tree', '--name-only', 'topic-branch').split('\n')).toEqual([
      'other.txt',
      'page.txt',
      'topic.txt',
    ]);
    expect(on.github.deployments('acme/hello')).toEqual([]);

    const again = await on.octokit.repos.createDeployment({ ...on.hello, ref: 'topic-branch' });
    expect(again.status).toBe(201);
    expect(again.data).toMatchObject({ sha: on.sha('topic-branch') });
  });

  test('says what conflicts, and moves nothing', async () => {
    const before = on.sha('conflict');
    const said = await refusal(on.octokit.repos.createDeployment({ ...on.hello, ref: 'conflict' }));
    expect(said).toMatchObject({ status: 409, message: 'Conflict merging main into conflict.' });
    expect(said.errors).toBeUndefined();
    expect(on.sha('conflict')).toBe(before);
  });

  test('cannot move a SHA or a tag that is behind', async () => {
    const sha = on.sha('topic-branch');
    for (const ref of [sha, 'v1.0.0'])
      expect(await refusal(on.octokit.repos.createDeployment({ ...on.hello, ref }))).toMatchObject({
        status: 409,
        message: `Conflict merging main into ${ref}.`,
      });
  });

  test('has nothing to do for the default branch, or for a SHA that has all of it', async () => {
    for (const ref of ['main', on.sha('ahead')])
      expect((await on.octokit.repos.createDeployment({ ...on.hello, ref })).status).toBe(201);
  });

  test('merges once, however many ask at the same time', async () => {
    const ask = () => on.octokit.repos.createDeployment({ ...on.hello, ref: 'topic-branch' });
    const statuses = (await Promise.all([ask(), ask(), ask()])).map(({ status }) => status as number);
    expect(statuses.sort()).toEqual([201, 201, 202]);
    expect(on.git('rev-list', '--count', '--merges', 'topic-branch')).toBe('1');
  });
});

describe('required contexts', () => {
  const create = (required_contexts?: string[]) =>
    on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts });

  test('omitted: every context of the commit has to be a success', async () => {
    const sha = on.sha('ahead');
    on.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'success' });
    on.github.setCheckRun('acme/hello', sha, { name: 'build', status: 'in_progress' });
    const said = await refusal(create());
    expect(said).toMatchObject({ status: 409, message: 'Conflict: Commit status checks failed for ahead.' });
    expect(said.errors).toEqual([
      {
        resource: 'Deployment',
        field: 'required_contexts',
        code: 'invalid',
        contexts: [
          { context: 'build', state: 'pending' },
          { context: 'ci/janky', state: 'success' },
        ],
      },
    ]);
    on.github.setCheckRun('acme/hello', sha, { name: 'build', status: 'completed', conclusion: 'success' });
    expect((await create()).status).toBe(201);
  });

  test('listed: the others do not matter, and one that never reported is absent and blocks', async () => {
    const sha = on.sha('ahead');
    on.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'success' });
    on.github.setStatus('acme/hello', sha, { context: 'lint', state: 'failure' });
    expect((await create(['ci/janky'])).status).toBe(201);
    const said = await refusal(create(['ci/janky', 'security/brakeman']));
    expect(said.errors?.[0]?.contexts).toEqual([{ context: 'ci/janky', state: 'success' }]);
  });

  test('empty: nothing is looked at', async () => {
    on.github.setStatus('acme/hello', on.sha('ahead'), { context: 'ci/janky', state: 'error' });
    expect((await create([])).status).toBe(201);
  });

  test.each(['skipped', 'failure', 'neutral'])('a check that ended in %s blocks', async (conclusion) => {
    on.github.setCheckRun('acme/hello', on.sha('ahead'), { name: 'build', status: 'completed', conclusion });
    expect((await refusal(create())).errors?.[0]?.contexts).toEqual([{ context: 'build', state: conclusion }]);
  });

  test('the newest status of a context counts', async () => {
    const sha = on.sha('ahead');
    on.github.setStatus('acme/hello', sha, { context: 'ci', state: 'failure' });
    on.github.setStatus('acme/hello', sha, { context: 'ci', state: 'success' });
    expect((await create()).status).toBe(201);
  });
});

describe('listing deployments', () => {
  test('newest first, by sha, ref, task and environment', async () => {
    for (const [ref, task, environment] of [
      ['ahead', 'deploy', 'staging'],
      ['main', 'deploy', 'staging'],
      ['ahead', 'migrate', 'production'],
    ] as const)
      await on.octokit.repos.createDeployment({ ...on.hello, ref, task, environment, required_contexts: [] });
    const list = async (filter: object) =>
      (await on.octokit.repos.listDeployments({ ...on.hello, ...filter })).data.map((one) => [one.ref, one.task]);
    expect(await list({})).toEqual([
      ['ahead', 'migrate'],
      ['main', 'deploy'],
      ['ahead', 'deploy'],
    ]);
    expect(await list({ ref: 'ahead' })).toHaveLength(2);
    expect(await list({ sha: on.sha('main') })).toEqual([['main', 'deploy']]);
    expect(await list({ task: 'migrate' })).toHaveLength(1);
    expect(await list({ environment: 'staging', ref: 'main' })).toHaveLength(1);
    expect(await list({ environment: 'nowhere' })).toEqual([]);
  });

  test('in pages, which Octokit follows', async () => {
    const made: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ...ahead, environment: 'staging' });
      made.unshift((data as { id: number }).id);
    }
    const asked = { ...on.hello, environment: 'staging', per_page: 3 };
    const all = await on.octokit.paginate(on.octokit.repos.listDeployments, asked);
    expect(all.map(({ id }) => id)).toEqual(made);
    const { headers } = await on.octokit.repos.listDeployments({ ...asked, page: 2 });
    const rels = [...(headers.link ?? '').matchAll(/[?&]page=(\d+)[^>]*>; rel="(\w+)"/g)].map(([, n, rel]) => [rel, n]);
    expect(Object.fromEntries(rels)).toEqual({ prev: '1', next: '3', last: '3', first: '1' });
    expect((await on.octokit.repos.listDeployments({ ...asked, page: 9 })).data).toEqual([]);
    expect((await on.octokit.repos.listDeployments(on.hello)).headers.link).toBeUndefined();
  });

  test('ids grow, and pass 2³¹', async () => {
    const one = await on.octokit.repos.createDeployment({ ...on.hello, ...ahead });
    const other = await on.octokit.repos.createDeployment({ ...on.hello, ...ahead });
    const ids = [one, other].map(({ data }) => (data as { id: number }).id);
    expect(ids[1]).toBeGreaterThan(ids[0] ?? 0);
    expect(ids[0]).toBeGreaterThan(2 ** 31);
  });
});

describe('one deployment', () => {
  async function make() {
    const { data } = await on.octokit.repos.createDeployment({ ...on.hello, ...ahead, environment: 'staging' });
    return (data as { id: number }).id;
  }

  test('is shown, in whatever case its repository is spelt', async () => {
    const deployment_id = await make();
    const { data } = await on.octokit.repos.getDeployment({ owner: 'ACME', repo: 'Hello', deployment_id });
    expect(data).toEqual(on.github.deployments('acme/hello')[0]);
  });

  test('is not found under another id', async () => {
    expect(await refusal(on.octokit.repos.getDeployment({ ...on.hello, deployment_id: 1 }))).toMatchObject({
      status: 404,
      message: 'Not Found',
    });
  });

  test('is deleted when it is the only one', async () => {
    const deployment_id = await make();
    expect((await on.octokit.repos.deleteDeployment({ ...on.hello, deployment_id })).status).toBe(204);
    expect(await refusal(on.octokit.repos.deleteDeployment({ ...on.hello, deployment_id }))).toMatchObject({
      status: 404,
    });
  });

  test('is deleted beside others only when it is inactive', async () => {
    const deployment_id = await make();
    await make();
    const remove = () => on.octokit.repos.deleteDeployment({ ...on.hello, deployment_id });
    const set = (state: 'success' | 'inactive') =>
      on.octokit.repos.createDeploymentStatus({ ...on.hello, deployment_id, state });
    expect(await refusal(remove())).toMatchObject({ status: 422 });
    await set('success');
    expect(await refusal(remove())).toMatchObject({
      status: 422,
      message: expect.stringContaining('active deployment'),
    });
    await set('inactive');
    expect((await remove()).status).toBe(204);
    expect(on.github.deployments('acme/hello')).toHaveLength(1);
  });
});
