import { describe, expect, test } from 'vitest';
import { type Flow, gus } from './flow.ts';
import { answered, askedFor, refusedAs, withPulls } from './questions.ts';
import { asked, button, creations, flows, press, until } from './seen.ts';

const start = flows();

/** What is live where: of long ago, and so nothing of it is known here. */
async function live(flow: Flow, ...those: { ref: string; environment: string; state?: string; task?: string }[]) {
  const at = new Date(flow.clock.now().getTime() - 3_600_000);
  await flow.github.addPast(
    'acme/hello',
    those.map(({ ref, environment, task, state = 'success' }) => ({
      at,
      ref,
      environment,
      by: 'bob',
      ...(task && { task }),
      statuses: [{ state }],
    })),
  );
}

const bullets = (shown: string): string[] => shown.split('\n').filter((line) => line.startsWith('•'));

describe('diff', () => {
  test('shows what a deploy brings: commits and pull requests, newest first, with authors', async () => {
    const flow = await start.begin();
    await withPulls(flow);
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    const { shown, requests } = await askedFor(flow, 'diff hello');
    expect(shown).toMatch(/hello\/main to staging.*v1\.0\.0.*by bob/);
    expect(shown).toMatch(/bring 3 commits by ann and bob/);
    expect(bullets(shown)).toHaveLength(3);
    expect(bullets(shown)[0]).toMatch(/#2 .*Tell where the page comes from.*ann/);
    expect(bullets(shown)[1]).toMatch(/#1 .*\(bob\)/);
    expect(shown).toMatch(/\/compare\/[0-9a-f]{40}\.\.\.main/);
    expect(shown).not.toMatch(/take away/);
    expect(requests.map(({ path }) => path.replace(/^\/repos\/acme\/hello/, ''))).toHaveLength(5);
  });

  test('warns of what a deploy takes away', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'topic-branch', environment: 'staging' }, { ref: 'main', environment: 'review' });
    const diverged = await askedFor(flow, 'diff hello/main in staging');
    expect(diverged.shown).toMatch(/diverged/);
    expect(diverged.shown).toMatch(/bring 1 commit[\s\S]*take away 1 commit[\s\S]*A warmer welcome/);
    expect(diverged.requests.length).toBeLessThanOrEqual(5);
    const behind = await answered(flow, 'diff hello/v1.0.0 in review');
    expect(behind.shown).toMatch(/behind/);
    expect(behind.shown).not.toMatch(/bring/);
    expect(bullets(behind.shown)).toHaveLength(3);
  });

  test('says that nothing would change, and that nothing is live', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'main', environment: 'staging' }, { ref: 'main', environment: 'review', state: 'failure' });
    const same = await askedFor(flow, 'diff hello');
    expect(same.shown).toMatch(/change nothing/);
    expect(same.requests).toHaveLength(4);
    const nothing = await answered(flow, 'diff hello in review');
    expect(nothing.shown).toMatch(/[Nn]othing is live/);
    expect(nothing.buttons).toHaveLength(1);
  });

  test('is about the app’s own task: a migration does not replace what is live', async () => {
    const flow = await start.begin();
    await live(
      flow,
      { ref: 'v1.0.0', environment: 'staging' },
      { ref: 'main', environment: 'staging', task: 'deploy:migrations' },
    );
    expect((await answered(flow, 'diff hello')).shown).toMatch(/v1\.0\.0/);
  });

  test('shows so many each way, and says how many there are', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    const { shown } = await answered(flow, 'diff hello -n 1');
    expect(bullets(shown)).toHaveLength(1);
    expect(shown).toMatch(/2 more/);
  });

  test('of a pull request is of its head', async () => {
    const flow = await start.begin();
    await withPulls(flow);
    await live(flow, { ref: 'main', environment: 'review' });
    const { shown } = await answered(flow, 'diff hello#3 in review');
    expect(shown).toMatch(/hello#3 to review/);
    expect(bullets(shown)).toEqual([expect.stringMatching(/Evening colors/)]);
    const fork = await answered(flow, 'diff hello#4');
    expect(refusedAs(fork)).toBe('pull-request-of-fork');
  });

  test('its button deploys that, after a second look', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    await answered(flow, 'diff hello');
    expect(button(flow, /Deploy/).button.value).toBe('hello to staging');
    await press(flow, /Deploy/);
    await until(flow, () => creations(flow).length === 1);
  });

  test('does without the pull requests where the token may not read them', async () => {
    const flow = await start.begin();
    await withPulls(flow);
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    flow.github.faults.add({ path: /\/pulls$/ }, { kind: 'status', status: 403 });
    expect(bullets((await answered(flow, 'diff hello')).shown)).toHaveLength(3);
  });

  test('says that the default branch is merged in where the app is so', async () => {
    const flow = await start.begin({
      catalogue: `owner: acme\napps:\n  hello: { repository: acme/hello, auto_merge: true, environments: { staging: {} } }\n`,
    });
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    expect((await answered(flow, 'diff hello/topic-branch')).shown).toMatch(/auto_merge/);
  });

  test('asks which environment where an app has several and no default', async () => {
    const flow = await start.begin({
      catalogue: `owner: acme\napps:\n  hello: { repository: acme/hello, environments: { one: {}, two: {} } }\n`,
    });
    const message = await answered(flow, 'diff hello/main');
    expect(refusedAs(message)).toBe('no-environment');
    expect(message.buttons.map(({ value }) => value)).toEqual(['diff hello/main in one', 'diff hello/main in two']);
  });

  test('offers the nearest of a misspelt branch', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'main', environment: 'staging' });
    const message = await answered(flow, 'diff hello/topic-brnch');
    expect(refusedAs(message)).toBe('no-such-ref');
    expect(message.buttons.map(({ value }) => value)).toEqual(['diff hello/topic-branch in staging']);
  });

  test('does not take a branch for granted where nothing is live', async () => {
    const flow = await start.begin();
    const message = await answered(flow, 'diff hello/topic-brnch');
    expect(refusedAs(message)).toBe('no-such-ref');
    expect(message.buttons.map(({ value }) => value)).toEqual(['diff hello/topic-branch in staging']);
    expect((await answered(flow, 'diff hello/topic-branch')).shown).toMatch(/nothing is live/i);
  });

  test('says so where GitHub can’t compare', async () => {
    const flow = await start.begin();
    await live(flow, { ref: 'main', environment: 'staging' });
    flow.github.faults.add({ path: /\/compare\// }, { kind: 'status', status: 404 });
    const message = await answered(flow, 'diff hello');
    expect(refusedAs(message)).toBe('incomparable');
    expect(message.shown).toContain(flow.commits.main.slice(0, 7));
  });

  test.each([
    ['diff', undefined],
    ['diff helo', 'unknown-app'],
    ['diff hello main', 'extra-words'],
    ['diff hello in staging extra', 'extra-words'],
    ['diff hello!', 'extra-words'],
    ['diff hello in nowhere', 'unknown-environment'],
    ['diff hello --limit 99', 'bad-number'],
    ['diff hello --task x', 'unknown-option'],
  ])('%j is refused: %s', async (line, reason) => {
    const flow = await start.begin();
    const before = asked(flow).length;
    expect(refusedAs(await answered(flow, line))).toBe(reason);
    if (reason) expect(asked(flow)).toHaveLength(before);
  });

  test('is not for guests', async () => {
    const flow = await start.begin();
    expect(refusedAs(await answered(flow, 'diff hello', { user: gus }))).toBe('outsider');
    expect(asked(flow)).toEqual([]);
  });

  test.each([
    [/\/compare\//, { kind: 'status', status: 502 } as const, 'github-unreachable'],
    [/\/compare\//, { kind: 'status', status: 403, body: { message: 'No.' } } as const, 'not-permitted'],
    [/\/deployments$/, { kind: 'status', status: 404 } as const, 'no-repository'],
    [/\/hello$/, { kind: 'reset' } as const, 'github-unreachable'],
    [/\/compare\//, { kind: 'status', status: 429, headers: { 'retry-after': '9' } } as const, 'rate-limited'],
  ])('where %s is answered with %j: %s', async (path, fault, reason) => {
    const flow = await start.begin();
    await live(flow, { ref: 'v1.0.0', environment: 'staging' });
    flow.github.faults.add({ path, times: Number.POSITIVE_INFINITY }, fault);
    expect(refusedAs(await answered(flow, 'diff hello'))).toBe(reason);
  });
});
