import { describe, expect, test } from 'vitest';
import { again, askedToCreate, over, released, withoutBranch } from './again.ts';
import { answered } from './asking.ts';
import { ann, deploys, type Flow, gus, random } from './flow.ts';
import { asked, asSoonAs, calm, creations, flows, passes, press, until } from './seen.ts';
import { createdElsewhere, deployed, lines, linesOf, parent, replies, shows, storyOf } from './story.ts';

const { begin } = flows();
const repository = 'acme/hello';

describe('goes back to', () => {
  test('the last good deployment of another commit, by its commit', async () => {
    const flow = await begin();
    const good = await released(flow);
    await released(flow, 'staging', 'failure');
    const live = await released(flow);
    await over(flow, 'hello/work to staging!');
    withoutBranch(flow, 'work');
    const { story, created } = await again(flow, 'rollback hello in staging');
    expect(created).toMatchObject({
      sha: good.sha,
      environment: 'staging',
      task: 'deploy',
      original_environment: 'staging',
    });
    expect(askedToCreate(flow)).toMatchObject({ ref: good.sha, auto_merge: false });
    expect(created.description).toContain(`#${good.id}`);
    expect(live.sha).not.toBe(good.sha);
    await flow.report(story.id, 'success');
    await shows(flow, story, /rolled staging back to hello\/work/);
  });

  test('so many good ones, an id with and without its sign, and a commit', async () => {
    const flow = await begin();
    const [first, second, third] = [await released(flow), await released(flow), await released(flow)];
    await released(flow);
    const shaAfter = async (line: string) => {
      const { story, created } = await again(flow, line);
      await flow.report(story.id, 'failure');
      await until(flow, () => lines(flow, story).length === 2);
      await flow.clock.advance(2_000);
      return created.sha;
    };
    expect(await shaAfter('rollback hello staging')).toBe(third.sha);
    expect(await shaAfter('rollback hello in staging to 2')).toBe(second.sha);
    expect(await shaAfter(`rollback hello in staging to #${first.id}`)).toBe(first.sha);
    expect(await shaAfter(`rollback hello in staging to ${second.id}`)).toBe(second.sha);
    expect(await shaAfter(`rollback hello in staging to ${first.sha.slice(0, 9).toUpperCase()}`)).toBe(first.sha);
    expect(await shaAfter(`rollback to 3`)).toBe(first.sha);
  });

  test('what is live where the newest has failed, and further only when that is said', async () => {
    const flow = await begin();
    const first = await released(flow);
    const live = await released(flow);
    const failed = await released(flow, 'staging', 'failure');
    const before = creations(flow).length;
    await flow.slack.mention({ user: ann, channel: deploys, thread: failed.ts, text: '@deckhand rollback --dry-run' });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toContain(`#${live.id}`);
    expect(creations(flow)).toHaveLength(before);

    const { story, created } = await again(flow, 'rollback hello in staging --host fe1');
    expect(created.sha).toBe(live.sha);
    expect(askedToCreate(flow).payload).toMatchObject({ hosts: 'fe1' });
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 2);
    await flow.clock.advance(2_000);
    // The failure has been taken back: from now on it is what was good before.
    expect((await again(flow, 'rollback hello in staging')).created.sha).toBe(first.sha);
  });

  test('what was good before that where somebody says how far', async () => {
    const flow = await begin();
    const first = await released(flow);
    const live = await released(flow);
    await released(flow, 'staging', 'failure');
    const { story, created } = await again(flow, `rollback hello in staging to #${live.id}`);
    expect(created.sha).toBe(live.sha);
    await flow.report(story.id, 'failure');
    await linesOf(flow, story, 2);
    await flow.clock.advance(2_000);
    expect((await again(flow, 'rollback hello in staging to 1')).created.sha).toBe(first.sha);
  });

  test('the same in the same words where a rollback has failed', async () => {
    const flow = await begin();
    const first = await released(flow);
    await released(flow);
    for (let tries = 0; tries < 2; tries++) {
      const { story, created } = await again(flow, 'rollback hello in staging');
      expect(created.sha).toBe(first.sha);
      await flow.report(story.id, 'failure');
      await linesOf(flow, story, 2);
      await flow.clock.advance(2_000);
    }
  });

  test('what was before what it went back to, the second time', async () => {
    const flow = await begin();
    const [first, second] = [await released(flow), await released(flow)];
    await released(flow);
    const { story, created } = await again(flow, 'rollback hello in staging');
    expect(created.sha).toBe(second.sha);
    await flow.report(story.id, 'success');
    await linesOf(flow, story, 2);
    await flow.clock.advance(2_000);
    const further = await again(flow, 'rollback hello in staging');
    expect(further.created.sha).toBe(first.sha);
  });

  test('what somebody else deployed, in the same environment and for the same task only', async () => {
    const page = () => 'https://github.test/acme/hello';
    const flow = await begin({ around: (ports) => ({ ...ports, github: { ...ports.github, page } }) });
    const { id, sha } = await createdElsewhere(flow, { ref: 'main', environment: 'staging' });
    await flow.report(id, 'success');
    for (const other of [
      { ref: 'main', environment: 'review' },
      { ref: 'topic-branch', environment: 'staging', task: 'deploy:migrate' },
    ]) {
      const { id: foreign } = await createdElsewhere(flow, other);
      await flow.report(foreign, 'success');
    }
    await flow.clock.advance(2_000);
    await released(flow);
    const { story, created } = await again(flow, 'rollback hello in staging');
    expect(created.sha).toBe(sha);
    expect((await linesOf(flow, story, 1))[0]).toContain(`#${id} (https://github.test/acme/hello/deployments)`);
  });

  test('where one is, in a deployment’s thread', async () => {
    const flow = await begin();
    const good = await released(flow);
    const live = await released(flow);
    const before = flow.github.deployments(repository).length;
    await flow.slack.mention({ user: 'U0BOB', channel: deploys, thread: live.ts, text: '@deckhand rollback' });
    await until(flow, () => flow.github.deployments(repository).length > before);
    expect(flow.github.deployments(repository)[0]).toMatchObject({ sha: good.sha, environment: 'staging' });
    await passes(flow, 10_000);
    const said = lines(flow, live).join('\n');
    expect(said).toMatch(/takes back/i);
    expect(said).not.toMatch(/taken back/i);
  });
});

describe('in the thread of a deployment for another task', () => {
  test('the last good one for that task, unless the app is named', async () => {
    const flow = await begin();
    const good = await over(flow, 'deploy:migrations hello/topic-branch to staging!');
    await released(flow);
    const migration = await over(flow, 'deploy:migrations hello/main to staging!');
    const before = creations(flow).length;
    const dryRun = async (text: string) => {
      const count = flow.told().length;
      await flow.slack.mention({ user: ann, channel: deploys, thread: migration.ts, text });
      await until(flow, () => flow.told().length > count);
      return flow.told().at(-1);
    };
    expect(await dryRun('@deckhand rollback --dry-run')).toMatch(
      new RegExp(`task deploy:migrations.*rollback hello in staging to #${good.id} --task deploy:migrations`),
    );
    expect(await dryRun('@deckhand promote to production --dry-run')).toMatch(
      /main .*to production, task deploy:migrations/,
    );
    expect(await dryRun('@deckhand promote hello from staging to production --dry-run')).toMatch(/task deploy;/);
    expect(await dryRun('@deckhand rollback hello in staging --dry-run')).toMatch(/no other commit/);
    expect(creations(flow)).toHaveLength(before);
  });
});

describe('tells', () => {
  test('what goes, commit by commit; and the two threads point at each other', async () => {
    const flow = await begin();
    const good = await released(flow);
    await released(flow);
    const live = await released(flow);
    const { story } = await again(flow, `rollback hello in staging to #${good.id}`);
    const [told = ''] = await linesOf(flow, story, 1);
    expect(told).toContain(`#${live.id}`);
    expect(told).toContain(`p${live.ts.replace('.', '')}`);
    expect(told).toContain('2 commits go');
    expect(told.indexOf(live.sha.slice(0, 7))).toBeGreaterThan(0);
    expect(told).toContain('bob');
    expect(told).toContain(`/compare/${good.sha}...${live.sha}`);
    await until(flow, () => lines(flow, live).length === 2);
    const taken = replies(flow, live)[1]?.shown;
    expect(taken).toMatch(/taken back/i);
    expect(taken).toContain(`p${story.ts.replace('.', '')}`);
    expect(parent(flow, story).shown).toContain(`#${good.id}`);
    await passes(flow, 60_000, 5_000);
    expect([lines(flow, story), lines(flow, live)].map(({ length }) => length)).toEqual([1, 2]);
  });

  test('that before all that a deployer says, in the same second', async () => {
    let open = () => {};
    const gate = new Promise<undefined>((resolve) => {
      open = () => resolve(undefined);
    });
    let isMade = () => false;
    const permalink = async () => (isMade() ? gate : undefined);
    const flow = await begin({ around: (ports) => ({ ...ports, chat: { ...ports.chat, permalink } }) });
    await released(flow);
    await released(flow);
    isMade = () => flow.github.deployments(repository).length > 2;
    await flow.type('rollback hello in staging');
    await until(flow, isMade);
    const [made] = flow.github.deployments(repository);
    if (!made) throw new Error('Nothing was made.');
    await flow.report(made.id, 'queued');
    await flow.github.idle();
    open();
    const story = storyOf(made);
    const told = await linesOf(flow, story, 2);
    expect(told[0]).toMatch(/takes back/i);
  });

  test('no more than ten commits, and how many there are besides', async () => {
    const flow = await begin();
    const good = await released(flow);
    for (let more = 0; more < 12; more++) await flow.github.push(repository, 'work', { message: `Step ${more}` });
    await released(flow);
    const { story } = await again(flow, `rollback hello in staging to #${good.id}`);
    const [told = ''] = await linesOf(flow, story, 1);
    expect(told).toContain('13 commits go');
    expect(told.split('\n').filter((line) => line.startsWith('•'))).toHaveLength(10);
    expect(told).toContain('3 more');
  });

  test('what would go, and creates nothing, with --dry-run', async () => {
    const flow = await begin();
    const good = await released(flow);
    const live = await released(flow);
    const before = creations(flow).length;
    const text = await answered(flow, 'rollback hello in staging --dry-run');
    expect(text).toContain(good.sha.slice(0, 7));
    expect(text).toContain(`#${live.id}: 1 commit goes`);
    expect(text).toContain(`/deploy rollback hello in staging to #${good.id}`);
    expect(creations(flow)).toHaveLength(before);
  });

  test('nothing of commits that GitHub can’t compare, and goes back all the same', async () => {
    const flow = await begin();
    const good = await released(flow);
    await released(flow);
    flow.github.faults.add({ path: /\/compare\//, times: 9 }, { kind: 'status', status: 500, body: {} });
    const { story, created } = await again(flow, 'rollback hello in staging');
    expect(created.sha).toBe(good.sha);
    const [told = ''] = await linesOf(flow, story, 1);
    expect(told).not.toContain('commit');
  });

  test('that checks are red, with a way to force that goes back to the same', async () => {
    const flow = await begin();
    const good = await over(flow, 'hello/main to production!');
    await over(flow, 'hello/topic-branch to production!');
    flow.github.setStatus(repository, flow.commits.main, { context: 'ci/janky', state: 'failure' });
    await flow.type('rollback hello in production --host fe1 --description "too slow"');
    await until(flow, () => /Not deployed/.test(flow.slack.messages(deploys).at(-1)?.shown ?? ''));
    await calm(flow);
    const before = flow.github.deployments(repository).length;
    await press(flow, /force|anyway/i);
    await until(flow, () => flow.github.deployments(repository).length > before);
    expect(askedToCreate(flow)).toMatchObject({
      ref: flow.commits.main,
      required_contexts: [],
      description: 'too slow',
    });
    expect(askedToCreate(flow).payload).toMatchObject({ hosts: 'fe1' });
    expect(good.id).toBeGreaterThan(0);
  });
});

describe('refuses, and creates nothing:', () => {
  async function refusedAs(flow: Flow, line: string, as?: { user?: string; channel?: string }): Promise<string> {
    const before = creations(flow).length;
    const count = flow.told(as?.user).length;
    await flow.type(line, as);
    await until(flow, () => flow.told(as?.user).length > count);
    await calm(flow);
    expect(creations(flow)).toHaveLength(before);
    return flow.told(as?.user).at(-1) as string;
  }

  test('what makes no sense in staging', async () => {
    const flow = await begin();
    expect(await refusedAs(flow, 'rollback hello in staging')).toMatch(/nothing .*live/i);
    const elsewhere = await over(flow, 'hello/main to review!');
    const failed = await released(flow, 'staging', 'failure');
    const old = await over(flow, 'hello/main to staging!');
    const live = await over(flow, 'hello/main to staging!');
    expect(await refusedAs(flow, 'rollback hello in staging')).toMatch(/no other commit/);
    expect(await refusedAs(flow, `rollback hello in staging to #${live.id}`)).toContain(`redeploy hello ${live.id}`);
    expect(await refusedAs(flow, `rollback hello in staging to #${old.id}`)).toMatch(/live.*already/);
    expect(await refusedAs(flow, `rollback hello in staging to #${failed.id}`)).toMatch(/did not succeed/);
    expect(await refusedAs(flow, `rollback hello in staging to #${elsewhere.id}`)).toContain('review');
    expect(await refusedAs(flow, 'rollback hello in staging to #987654')).toMatch(/no deployment #987654/);
    expect(await refusedAs(flow, `rollback hello in staging to ${failed.sha.slice(0, 8)}`)).toMatch(
      /has not been live/,
    );
    expect(await refusedAs(flow, 'rollback hello to production')).toContain('rollback hello in production');
    expect(await refusedAs(flow, 'rollback hello in staging to #1 #2')).toMatch(/one word too many/);
    expect(await refusedAs(flow, 'rollback hello/main in staging')).toMatch(/takes no branch/);
    expect(await refusedAs(flow, 'rollback hello in staging --auto-merge')).toMatch(/no option/);
    expect(await refusedAs(flow, 'rollback hello in lab')).toContain('rollback hello');
  });

  test('who may not deploy, and where nobody may, before GitHub is asked', async () => {
    const catalogue = `apps: { hello: { repository: acme/hello, allowed_rooms: ["${deploys}"], environments: { staging: {} } } }\n`;
    const flow = await begin({ catalogue });
    const before = asked(flow).length;
    expect(await refusedAs(flow, 'rollback hello in staging', { user: gus })).toMatch(/guests/i);
    expect(await refusedAs(flow, 'rollback hello in staging', { channel: random })).toMatch(/not deployed from here/);
    expect(await refusedAs(flow, 'rollback hello')).toContain('rollback hello in staging');
    expect(asked(flow)).toHaveLength(before);
  });

  test.each([
    [{ kind: 'status', status: 403, body: { message: 'Resource not accessible' } }, /may not|access|permission/i],
    [{ kind: 'status', status: 404, body: { message: 'Not Found' } }, /acme\/hello/],
    [{ kind: 'status', status: 502, body: {} }, /GitHub/],
    [{ kind: 'reset' }, /GitHub/],
    [{ kind: 'status', status: 429, headers: { 'retry-after': '30' }, body: {} }, /GitHub/],
  ] as const)('when GitHub says %j instead of the list', async (fault, why) => {
    const flow = await begin();
    await released(flow);
    await released(flow);
    flow.github.faults.add({ path: /\/deployments$/, times: 9 }, fault);
    expect(await refusedAs(flow, 'rollback hello in staging')).toMatch(why);
  });
});

test('costs three requests: the list, the comparison, the creation', async () => {
  const flow = await begin();
  await released(flow);
  await released(flow);
  const before = asked(flow).length;
  await again(flow, 'rollback hello in staging');
  const methods = asked(flow)
    .slice(before)
    .map(({ method }) => method);
  expect(methods.slice(0, methods.indexOf('POST') + 1)).toEqual(['GET', 'GET', 'POST']);
});

test('a crash while it begins makes no second one', async () => {
  const flow = await begin();
  const good = await released(flow);
  await released(flow);
  const mended = flow.slack.faults.add(
    { path: /chat\.postMessage$/, times: Number.POSITIVE_INFINITY },
    { kind: 'hang' },
  );
  const before = flow.github.deployments(repository).length;
  await flow.type('rollback hello in staging');
  await asSoonAs(
    flow,
    () => flow.slack.calls.filter(({ method }) => method === 'chat.postMessage').at(-1)?.status === undefined,
  );
  await flow.crash(() => mended());
  await until(flow, () => flow.github.deployments(repository).length > before);
  await passes(flow, 60_000, 5_000);
  const made = flow.github.deployments(repository).slice(0, -2);
  expect(made.map(({ sha }) => sha)).toEqual([good.sha]);
});

test('one that is refused by GitHub leaves the other thread alone', async () => {
  const flow = await begin();
  await released(flow);
  const live = await released(flow);
  flow.github.faults.add(
    { method: 'POST', path: /\/deployments$/ },
    { kind: 'status', status: 422, body: { message: 'Validation Failed', errors: [] } },
  );
  await flow.type('rollback hello in staging');
  await until(flow, () => /Not deployed/.test(flow.slack.messages(deploys).at(-1)?.shown ?? ''));
  await passes(flow, 10_000);
  expect(lines(flow, live)).toHaveLength(1);
  expect(await deployed(flow, 'hello/main to staging')).toBeDefined();
});
