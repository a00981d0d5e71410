import { describe, expect, test } from 'vitest';
import { again } from './again.ts';
import { ago, answered, hour } from './asking.ts';
import type { Flow } from './flow.ts';
import { creations, flows, until } from './seen.ts';
import { lines } from './story.ts';

/** Deploying once more what somebody else has deployed: nobody here has looked at it. */

const { begin } = flows();
const repository = 'acme/hello';
const success = [{ state: 'success' }];

async function refusedAs(flow: Flow, line: string): Promise<string> {
  const text = await answered(flow, line);
  expect(creations(flow)).toEqual([]);
  return text;
}

describe('the code of a fork', () => {
  /** A pull request's check that made a deployment of it, as GitHub Actions does. */
  async function ofFork(flow: Flow, environment: string) {
    await flow.github.fork(repository, 'mallory');
    const sha = await flow.github.push('mallory/hello', 'evil');
    const pull = await flow.github.openPull(repository, { head: 'mallory:evil', title: 'Harmless' });
    const ref = `refs/pull/${pull.number}/merge`;
    const by = 'github-actions[bot]';
    const [made] = await flow.github.addPast(repository, [
      { at: ago(flow, hour), ref, sha, environment, by, statuses: success },
    ]);
    return { id: made?.id ?? 0, sha };
  }

  test.each(['redeploy', 'promote hello from review to production', 'rollback hello in review to'])(
    'does not get out by %s',
    async (verb) => {
      const flow = await begin();
      const { id } = await ofFork(flow, 'review');
      if (verb.startsWith('rollback')) {
        const at = ago(flow, hour / 2);
        await flow.github.addPast(repository, [{ at, environment: 'review', statuses: success }]);
      }
      const line = `${verb} ${verb.startsWith('promote') ? '' : id} --force`;
      expect(await refusedAs(flow, line)).toMatch(/on no branch or tag.*fork/);
      expect(await refusedAs(flow, `${line} --dry-run`)).toMatch(/on no branch or tag.*fork/);
    },
  );
});

test('what is on a branch goes out', async () => {
  const flow = await begin();
  const [made] = await flow.github.addPast(repository, [
    { at: ago(flow, hour), environment: 'review', by: 'carol', statuses: success },
  ]);
  expect((await again(flow, `redeploy ${made?.id}!`)).created.sha).toBe(flow.commits.main);
});

describe('what else their payload holds', () => {
  test('is left out by a redeploy, which says so', async () => {
    const flow = await begin();
    const payload = { user: 'erin', config: { a: 1 }, 'a`b': 2 };
    const [made] = await flow.github.addPast(repository, [
      { at: ago(flow, hour), environment: 'review', by: 'carol', payload, statuses: success },
    ]);
    expect(await answered(flow, `redeploy ${made?.id}! --dry-run`)).toMatch(/without the payload.*config/i);
    const { story, created } = await again(flow, `redeploy ${made?.id}!`);
    expect(created.payload).not.toHaveProperty('config');
    await until(flow, () => lines(flow, story).length === 1);
    expect(lines(flow, story)[0]).toMatch(/without the payload.*config/i);
  });

  test('is not mentioned where there is nothing', async () => {
    const flow = await begin();
    const [made] = await flow.github.addPast(repository, [
      { at: ago(flow, hour), environment: 'review', by: 'carol', payload: { user: 'erin' }, statuses: success },
    ]);
    expect(await answered(flow, `redeploy ${made?.id}! --dry-run`)).not.toMatch(/payload/i);
  });

  test('what went to some hosts alone goes nowhere until they are named', async () => {
    const flow = await begin();
    const [made] = await flow.github.addPast(repository, [
      { at: ago(flow, hour), environment: 'review', by: 'carol', payload: { hosts: 'fe1,fe2' }, statuses: success },
    ]);
    const text = await refusedAs(flow, `redeploy ${made?.id} --force --description why`);
    const [, offered = '', all = ''] = /\/deploy (redeploy [^.]+)\. For all hosts: \/deploy ([^.]+)\./.exec(text) ?? [];
    expect(all).toMatch(/^hello.[0-9a-f]{40} to review/);
    const { created } = await again(flow, offered);
    expect(created.payload).toMatchObject({ hosts: 'fe1,fe2' });
    expect(created.description).toBe('why');
    const everywhere = await again(flow, all);
    expect(everywhere.created.payload).not.toHaveProperty('hosts');
    expect(everywhere.created).toMatchObject({ sha: created.sha, environment: 'review' });
  });
});

test('goes to no other environment than it went to, whatever the catalogue calls that', async () => {
  const flow = await begin({
    catalogue: `owner: acme
apps:
  hello:
    repository: acme/hello
    environments: { production: { github_environment: hello-production } }
`,
  });
  const [made] = await flow.github.addPast(repository, [
    { at: ago(flow, hour), environment: 'production', by: 'carol', statuses: success },
  ]);
  const text = await refusedAs(flow, `redeploy ${made?.id} --dry-run`);
  expect(text).toMatch(/no environment of hello/);
  expect(text).not.toMatch(/Dry run/);
});
