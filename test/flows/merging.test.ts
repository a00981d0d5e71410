import { describe, expect, test, vi } from 'vitest';
import { git } from '../../src/sandbox/local-git.ts';
import type { Flow } from './flow.ts';
import { calm, creations, flows, parentOf, passes, posted, press, threadText, until } from './seen.ts';

// Minutes and hours pass in here, step by step.
vi.setConfig({ testTimeout: 60_000 });

const { begin } = flows();

const line = 'hello/topic-branch to staging --auto-merge';

/** Types it, waits for GitHub's 202, and answers the merged head. */
async function merged(flow: Flow, typed = line): Promise<string> {
  await flow.type(typed);
  await until(flow, () => creations(flow)[0]?.status === 202);
  await until(flow, () => /merge/i.test(threadText(flow)));
  return head(flow);
}

async function head(flow: Flow): Promise<string> {
  return (await git(['--git-dir', flow.repositoryFolder, 'rev-parse', 'refs/heads/topic-branch'])).trim();
}

function green(flow: Flow, sha: string, ...except: string[]): void {
  for (const context of ['ci/janky', 'security/brakeman'].filter((one) => !except.includes(one))) {
    flow.github.setStatus('acme/hello', sha, { context, state: 'success' });
  }
}

describe('GitHub merged the default branch into the topic branch', () => {
  test('is told, and nothing is sent while no check of the merged head is in', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    expect(threadText(flow)).toMatch(/main/);
    expect(threadText(flow)).toMatch(/topic-branch/);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await passes(flow, 5 * 60_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    expect((await parentOf(flow)).shown).toMatch(/check|wait/i);
  });

  test('once its checks are green GitHub is asked again, and the merged head is deployed', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await passes(flow, 60_000, 10_000);
    green(flow, sha);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(flow.github.deployments('acme/hello')[0]?.sha).toBe(sha);
    const [first, second, ...more] = creations(flow).map(({ body }) => body);
    expect(more).toEqual([]);
    expect(second).toEqual(first);
    await calm(flow);
    expect((await parentOf(flow)).shown).toContain(sha.slice(0, 7));
    expect(posted(flow).filter(({ thread_ts }) => !thread_ts)).toHaveLength(1);
    // The merged commit was announced: it is no surprise.
    expect(threadText(flow)).not.toMatch(/another commit|differs|instead of/i);
  });

  test('only the required ones are waited for', async () => {
    const flow = await begin();
    const sha = await merged(flow, 'hello/topic-branch to production --auto-merge');
    flow.github.setStatus('acme/hello', sha, { context: 'slow/fuzzing', state: 'pending' });
    await passes(flow, 30_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'success' });
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
  });

  test('a head without any checks is deployed after a while', async () => {
    const flow = await begin();
    await merged(flow);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1, { withinMs: 600_000, stepMs: 5_000 });
    expect(creations(flow)).toHaveLength(2);
  });

  test('when its checks fail that is told, and nothing is created', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, {
      context: 'ci/janky',
      state: 'failure',
      target_url: 'https://ci.example/7',
    });
    flow.github.setCheckRun('acme/hello', sha, {
      name: 'security/brakeman',
      status: 'completed',
      conclusion: 'success',
    });
    await until(flow, async () => /not deployed/i.test((await parentOf(flow)).shown), { withinMs: 120_000 });
    await passes(flow, 60_000, 10_000);
    expect(flow.github.deployments('acme/hello')).toEqual([]);
    expect(creations(flow).length).toBeLessThanOrEqual(2);
    expect(threadText(flow)).toMatch(/ci\/janky.*fail/i);
    expect(threadText(flow)).toContain('https://ci.example/7');
  });

  test('called off by its button, nothing is created, also when the checks turn green', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await press(flow, /call(ed)? off|cancel/i, 'U0BOB');
    await until(flow, async () => /not deployed|called off/i.test((await parentOf(flow)).shown));
    green(flow, sha);
    await passes(flow, 120_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    expect(threadText(flow)).toMatch(/bob/);
    expect(
      posted(flow)
        .flatMap(({ buttons }) => buttons)
        .filter(({ text }) => /off/i.test(text)),
    ).toEqual([]);
  });

  test('called off by a mention in its thread', async () => {
    const flow = await begin();
    await merged(flow);
    const { ts } = await parentOf(flow);
    await flow.slack.mention({ user: 'U0ANN', channel: 'C0DEPLOYS', thread: ts, text: '@deckhand cancel' });
    await until(flow, async () => /not deployed|called off/i.test((await parentOf(flow)).shown));
    await passes(flow, 120_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('called off by a guest: refused, and the wait goes on', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await press(flow, /call(ed)? off|cancel/i, 'U0GUS');
    await until(flow, () => flow.told('U0GUS').length === 1);
    green(flow, sha);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
  });

  test('twice at most: a default branch that keeps moving is told', async () => {
    const flow = await begin();
    const merges = {
      kind: 'status',
      status: 202,
      body: { message: 'Auto-merged main into topic-branch on deployment.' },
    } as const;
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/, times: 10 }, merges);
    await flow.type(line);
    await until(flow, async () => /not deployed/i.test((await parentOf(flow)).shown), {
      withinMs: 900_000,
      stepMs: 5_000,
    });
    await passes(flow, 120_000, 10_000);
    // The first question, and “asked again, twice at most”.
    expect(creations(flow)).toHaveLength(3);
    expect(flow.github.deployments('acme/hello')).toEqual([]);
  });

  test('checks that never end are not waited for for ever', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await until(flow, async () => /not deployed/i.test((await parentOf(flow)).shown), {
      withinMs: 2 * 3_600_000,
      stepMs: 60_000,
    });
    expect(creations(flow)).toHaveLength(1);
    expect(threadText(flow)).toMatch(/minutes|hour/i);
    green(flow, sha);
    await passes(flow, 120_000, 30_000);
    expect(creations(flow)).toHaveLength(1);
  });

  test('GitHub is down while the checks are waited for: the wait goes on after it', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    const mend = flow.github.faults.add({ path: /.*/, times: 1000 }, { kind: 'status', status: 503, body: {} });
    await passes(flow, 60_000, 5_000);
    green(flow, sha);
    mend();
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(creations(flow).filter(({ fault }) => !fault)).toHaveLength(2);
  });

  test('a restart in between goes on waiting', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await flow.crash();
    await passes(flow, 30_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    green(flow, sha);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(posted(flow).filter(({ thread_ts }) => !thread_ts)).toHaveLength(1);
  });

  test('somebody pushes to the branch meanwhile: what is created is told', async () => {
    const flow = await begin();
    const sha = await merged(flow);
    flow.github.setStatus('acme/hello', sha, { context: 'ci/janky', state: 'pending' });
    await passes(flow, 20_000, 10_000);
    const { red } = flow.commits;
    await git(['--git-dir', flow.repositoryFolder, 'update-ref', 'refs/heads/topic-branch', red]);
    flow.github.setStatus('acme/hello', red, { context: 'ci/janky', state: 'success' });
    green(flow, sha);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(flow.github.deployments('acme/hello')[0]?.sha).toBe(red);
    await until(flow, () => threadText(flow).includes(red.slice(0, 7)));
  });
});
