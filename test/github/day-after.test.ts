import { describe, expect, test } from 'vitest';
import type { Mark } from '../../src/deploy/ports.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { answering, client, create, refusalOf } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };
const github = () => client(world.github.url);
const asked = () => world.github.requests.map(({ method, path }) => `${method} ${path}`);

async function deployed(change: Parameters<typeof create>[0] = {}): Promise<number> {
  const made = await github().create(hello, create(change));
  if (made.kind !== 'created') throw new Error(made.kind);
  return made.id;
}

/** Nothing was there before that anybody knew of. */
const none = new Set<number>();

describe('deployments of whomever', () => {
  test('come page by page, newest first, with who asked and what for', async () => {
    await deployed({ payload: { user: 'ann', deckhand: { request: '01JONE' } } });
    const other = await world.github.addDeployment('acme/hello', {
      environment: 'production',
      by: 'octocat',
      description: 'by\nhand',
    });
    const { deployments, more } = await github().deployments(hello, {}, { size: 1 });
    expect(more).toBe(true);
    expect(deployments).toMatchObject([
      { id: other.id, environment: 'production', creator: 'octocat', description: 'by hand', production: true },
    ]);
    const second = await github().deployments(hello, {}, { size: 1, number: 2 });
    expect(second.deployments).toMatchObject([{ user: 'ann', request: '01JONE', environment: 'staging' }]);
    expect(second.more).toBe(false);
  });

  test('are filtered by GitHub, and sent anew only when they have changed', async () => {
    const id = await deployed({ environment: 'production' });
    await deployed();
    const asking = github();
    for (let time = 0; time < 2; time++) {
      expect((await asking.deployments(hello, { environment: 'production' })).deployments.map((d) => d.id)).toEqual([
        id,
      ]);
    }
    expect(world.github.requests.at(-1)?.headers['if-none-match']).toBeDefined();
    await deployed({ environment: 'production' });
    expect((await asking.deployments(hello, { environment: 'production' })).deployments).toHaveLength(2);
  });

  test('one of them by its id; nothing where there is none', async () => {
    const id = await deployed();
    expect(await github().deployment(hello, id)).toMatchObject({ id, ref: 'topic-branch', task: 'deploy' });
    expect(await github().deployment(hello, 999_999_999)).toBeUndefined();
  });

  test('of an old server lack what is newer, and what is no deployment is left out', async () => {
    const old = { id: 7, ref: 'main', sha: 'a'.repeat(40), created_at: '2015-01-01T00:00:00Z', payload: '' };
    const { url } = await answering(200, [old, { id: 'x' }, null]);
    const { deployments } = await client(url).deployments(hello, {});
    expect(deployments).toEqual([
      {
        id: 7,
        ref: 'main',
        sha: 'a'.repeat(40),
        task: 'deploy',
        environment: 'production',
        originalEnvironment: 'production',
        description: '',
        creator: 'ghost',
        createdAt: '2015-01-01T00:00:00Z',
        transient: false,
        production: false,
      },
    ]);
  });
});

describe('a comparison', () => {
  test.each([
    ['main', 'ahead', 'ahead', ['ahead']],
    ['ahead', 'main', 'behind', []],
    ['main', 'topic-branch', 'diverged', ['topic']],
    ['main', 'main', 'identical', []],
  ])('%s...%s is %s', async (base, head, status, titles) => {
    const compared = await github().compare(hello, base, head);
    expect(compared).toMatchObject({ status, aheadBy: titles.length });
    expect(compared?.commits.map(({ title }) => title)).toEqual(titles);
  });

  test('of what nobody knows is nothing', async () => {
    expect(await github().compare(hello, 'main', 'f'.repeat(40))).toBeUndefined();
  });
});

describe('pull requests', () => {
  test('of this repository have a head, a title and an author; closed ones are listed', async () => {
    await world.github.push('acme/hello', 'feature/pull', { by: 'octocat' });
    const { number } = await world.github.openPull('acme/hello', {
      head: 'feature/pull',
      title: 'Front page',
      author: 'octocat',
    });
    expect(await github().pullRequest(hello, number)).toMatchObject({
      number,
      title: 'Front page',
      author: 'octocat',
      ref: 'feature/pull',
      sha: world.sha('refs/heads/feature/pull'),
      isOpen: true,
      isFork: false,
    });
    expect(await github().closedPullRequests(hello)).toEqual([]);
    await world.github.mergePull('acme/hello', number);
    const [merged] = await github().closedPullRequests(hello);
    expect(merged).toMatchObject({ number, isMerged: true, mergeSha: world.sha('refs/heads/main') });
  });
});

describe('a status by hand', () => {
  test('has every field that was given', async () => {
    const id = await deployed();
    const set = await github().mark(
      hello,
      id,
      {
        state: 'success',
        description: 'done by hand',
        logUrl: 'https://ci.example/1',
        environmentUrl: 'https://staging.example/',
        autoInactive: false,
      },
      none,
    );
    const [there] = world.github.statuses('acme/hello', id);
    expect(set).toMatchObject({ id: there?.id, state: 'success', description: 'done by hand' });
    expect(there).toMatchObject({ log_url: 'https://ci.example/1', environment_url: 'https://staging.example/' });
  });

  test.each(['done-then-reset', 'done-then-status'] as const)(
    'is set once where GitHub did it and did not say so (%s)',
    async (kind) => {
      const id = await deployed();
      const fault = kind === 'done-then-reset' ? { kind } : { kind, status: 502 };
      world.github.faults.add({ method: 'POST', path: /statuses$/ }, fault);
      expect(await github().mark(hello, id, { state: 'failure', description: 'x' }, none)).toMatchObject({
        state: 'failure',
      });
      expect(world.github.statuses('acme/hello', id)).toHaveLength(1);
    },
  );

  test('is told from one that was there before, and from one that says something else', async () => {
    const id = await deployed();
    const failure = { state: 'failure', description: 'x', logUrl: 'https://ci.example/1' };
    const first = await github().mark(hello, id, failure, none);
    const lost = async (mark: Mark, before: ReadonlySet<number>) => {
      world.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'reset' });
      return refusalOf(github().mark(hello, id, mark, before));
    };
    expect((await lost(failure, new Set([first.id]))).code).toBe('github-unclear');
    expect((await lost({ ...failure, logUrl: 'https://ci.example/2' }, none)).code).toBe('github-unclear');
    expect((await lost({ ...failure, environment: 'review' }, none)).code).toBe('github-unclear');
    expect(world.github.statuses('acme/hello', id)).toHaveLength(1);
  });

  test('that nobody knows of is said to be unclear, and not sent again', async () => {
    const id = await deployed();
    world.github.faults.add({ method: 'POST', path: /statuses$/ }, { kind: 'reset' });
    const refusal = await refusalOf(github().mark(hello, id, { state: 'failure' }, none));
    expect(refusal.code).toBe('github-unclear');
    expect(asked().filter((line) => /POST .*statuses$/.test(line))).toHaveLength(1);
  });

  test.each([
    [999_999_999, { state: 'success' }, 'no-such-deployment'],
    [undefined, { state: 'sucess' }, 'github-invalid'],
  ])('that can’t be set is refused: %s %j', async (id, mark, code) => {
    expect((await refusalOf(github().mark(hello, id ?? (await deployed()), mark, none))).code).toBe(code);
  });
});

describe('deleting', () => {
  test('works for the inactive, and is refused with the way out for the active', async () => {
    const [first, second] = [await deployed(), await deployed()];
    await github().mark(hello, first, { state: 'success' }, none);
    expect((await refusalOf(github().deleteDeployment(hello, first))).code).toBe('deployment-is-active');
    await github().mark(hello, first, { state: 'inactive' }, none);
    await github().deleteDeployment(hello, first);
    expect(world.github.deployments('acme/hello').map(({ id }) => id)).toEqual([second]);
    // Gone already is as good as deleted.
    await github().deleteDeployment(hello, first);
  });
});

describe('runs of GitHub Actions', () => {
  test('are found by commit and event, and cancelled once', async () => {
    const id = await deployed();
    const run = await world.github.addRun('acme/hello', { deploymentId: id, event: 'deployment', name: 'Deploy' });
    const sha = world.sha('refs/heads/topic-branch');
    expect(await github().runsOf(hello, sha, 'deployment')).toMatchObject([
      { id: run.id, isOver: false, name: 'Deploy' },
    ]);
    expect(await github().runsOf(hello, sha, 'push')).toEqual([]);
    expect(await github().cancelRun(hello, run.id)).toBe('asked');
    await expect.poll(async () => (await github().runsOf(hello, sha, 'deployment'))[0]?.isOver).toBe(true);
    expect(await github().cancelRun(hello, run.id)).toBe('over');
    expect((await refusalOf(github().cancelRun(hello, 1))).code).toBe('may-not-cancel-run');
  });
});

test('the bot knows what GitHub calls it', async () => {
  expect(await github().login(hello)).toBe('sandbox-user');
});
