import { describe, expect, test } from 'vitest';
import { again, askedToCreate, over, released, withoutBranch } from './again.ts';
import { answered } from './asking.ts';
import { deploys, type Flow, gus } from './flow.ts';
import { asked, creations, flows, passes, press, until } from './seen.ts';
import { createdElsewhere, lines, linesOf, parent, replies, shows } from './story.ts';

const { begin } = flows();
const repository = 'acme/hello';

describe('promote', () => {
  test('deploys the commit that is live, whatever its branch is by now', async () => {
    const flow = await begin();
    const live = await released(flow);
    await flow.github.push(repository, 'work');
    withoutBranch(flow, 'work');
    const { story, created } = await again(flow, 'promote hello from staging to production!');
    expect(created).toMatchObject({ sha: live.sha, environment: 'production', production_environment: true });
    expect(askedToCreate(flow)).toMatchObject({ ref: live.sha, auto_merge: false });
    await shows(flow, story, /promoting hello\/work to production/);
    expect(parent(flow, story).shown).toContain(`#${live.id}`);
    await flow.report(story.id, 'success');
    await shows(flow, story, /promoted hello\/work to production/);
  });

  test('says what comes and goes, and the two threads point at each other', async () => {
    const flow = await begin();
    const there = await over(flow, 'hello/main to production!');
    const live = await released(flow);
    const { story } = await again(flow, 'promote hello to production! from staging');
    const [told = ''] = await linesOf(flow, story, 1);
    expect(told).toContain('From staging');
    expect(told).toContain('1 commit comes');
    expect(told).toContain(live.sha.slice(0, 7));
    for (const { id } of [there, live]) expect(told).toContain(`#${id}`);
    await until(flow, () => lines(flow, live).length === 2);
    expect(replies(flow, live)[1]?.shown).toMatch(/promoted to production/i);
    expect(replies(flow, live)[1]?.shown).toContain(`p${story.ts.replace('.', '')}`);
    expect(lines(flow, there)).toHaveLength(1);
  });

  test('goes on from the thread of a deployment, to hosts, and says why', async () => {
    const flow = await begin();
    const live = await released(flow);
    const before = flow.github.deployments(repository).length;
    const text = '@deckhand promote to production/fe1,fe2! --description "all green"';
    await flow.slack.mention({ user: 'U0BOB', channel: deploys, thread: live.ts, text });
    await until(flow, () => flow.github.deployments(repository).length > before);
    expect(askedToCreate(flow)).toMatchObject({ ref: live.sha, environment: 'production', description: 'all green' });
    expect(askedToCreate(flow).payload).toMatchObject({ hosts: 'fe1,fe2' });
  });

  test('asks where to when that would be production, and the button goes there', async () => {
    const flow = await begin();
    const live = await released(flow);
    const before = creations(flow).length;
    expect(await answered(flow, 'promote hello from staging --force')).toContain(
      'promote hello from staging to production',
    );
    expect(creations(flow)).toHaveLength(before);
    flow.github.setStatus(repository, live.sha, { context: 'ci/janky', state: 'success' });
    await press(flow, /production/i);
    await until(flow, () => creations(flow).length > before);
    expect(askedToCreate(flow)).toMatchObject({ ref: live.sha, environment: 'production' });
  });

  test('what is live in both already is refused, with the way to deploy it again', async () => {
    const flow = await begin();
    const there = await over(flow, 'hello/main to production!');
    await over(flow, 'hello/main to staging!');
    const before = creations(flow).length;
    expect(await answered(flow, 'promote hello from staging to production')).toContain(`redeploy hello ${there.id}`);
    expect(creations(flow)).toHaveLength(before);
  });

  test('takes what somebody else deployed, too', async () => {
    const flow = await begin();
    const { id, sha } = await createdElsewhere(flow, { ref: 'topic-branch', environment: 'staging' });
    await flow.report(id, 'success');
    const { story, created } = await again(flow, 'promote hello from staging to review');
    expect(created.sha).toBe(sha);
    await shows(flow, story, /hello\/topic-branch to review/);
  });

  test.each([
    ['promote hello from staging to production', /nothing .*live/i],
    ['promote hello from staging to staging', /both/],
    ['promote hello from staging to lab', /promote hello from staging to production/],
    ['promote hello from lab to production', /promote hello from staging to production/],
    ['promote hello from staging/fe1 to production', /fe1/],
    ['promote hello from staging to', /missing/],
    ['promote hello from staging from review', /twice/],
    ['promote hello', /from staging to production/],
    ['promote hello/main from staging to production', /takes no branch/],
    ['promote hello from staging to production --auto-merge', /no option/],
    ['promote nothing from staging to production', /no app/],
  ])('%s is refused, and nothing is created', async (line, why) => {
    const flow = await begin();
    expect(await answered(flow, line)).toMatch(why);
    expect(creations(flow)).toEqual([]);
  });

  test('needs the right to deploy there', async () => {
    const flow = await begin();
    const before = asked(flow).length;
    expect(await answered(flow, 'promote hello from staging to production', gus)).toMatch(/guests/i);
    expect(asked(flow)).toHaveLength(before);
  });
});

describe('redeploy', () => {
  test('deploys the same commit, task, hosts and payload to the same environment', async () => {
    const flow = await begin();
    const first = await over(flow, 'deploy:migrate hello/main to review/db1! --set version=7 --host db2');
    await flow.github.push(repository, 'main');
    const { story, created } = await again(flow, `redeploy ${first.id}`);
    expect(created).toMatchObject({
      sha: flow.commits.main,
      environment: 'review',
      task: 'deploy:migrate',
      transient_environment: true,
      payload: { version: '7', hosts: 'db1,db2' },
    });
    expect(askedToCreate(flow)).toMatchObject({ ref: flow.commits.main, auto_merge: false });
    await shows(flow, story, /redeploying hello\/main to review/);
    await until(flow, () => lines(flow, first).length === 2);
    expect(lines(flow, first)[1]).toContain(`#${story.id}`);
    expect((await linesOf(flow, story, 1))[0]).toContain(`#${first.id}`);
  });

  test('is that one in its own thread, and keeps its name however often it is deployed again', async () => {
    const flow = await begin();
    const first = await over(flow, 'hello/topic-branch to staging');
    const second = await again(flow, `redeploy hello #${first.id}`);
    const before = flow.github.deployments(repository).length;
    await flow.slack.mention({ user: 'U0BOB', channel: deploys, thread: second.story.ts, text: '@deckhand redeploy' });
    await until(flow, () => flow.github.deployments(repository).length > before);
    await passes(flow, 2_000);
    const third = flow.slack.messages(deploys).at(-1)?.shown ?? '';
    expect(`${third} ${lines(flow, second.story).join()}`).toContain('hello/topic-branch');
    expect(flow.github.deployments(repository)[0]?.sha).toBe(second.created.sha);
  });

  test('deploys what somebody else deployed, without their payload', async () => {
    const flow = await begin();
    const foreign = await createdElsewhere(flow, { ref: 'main', environment: 'staging', payload: { key: 'theirs' } });
    const { created } = await again(flow, `redeploy ${foreign.id}`);
    expect(created).toMatchObject({ sha: foreign.sha, environment: 'staging', task: 'deploy' });
    expect(created.payload).not.toHaveProperty('key');
  });

  async function refusal(flow: Flow, line: string, user?: string): Promise<string> {
    const before = creations(flow).length;
    const text = await answered(flow, line, user);
    expect(creations(flow)).toHaveLength(before);
    return text;
  }

  test('refuses what it can’t find, is too much, or may not be', async () => {
    const flow = await begin();
    const { id } = await over(flow, 'hello/main to staging');
    expect(await refusal(flow, 'redeploy 987654')).toMatch(/no deployment/);
    expect(await refusal(flow, 'redeploy')).toMatch(/which deployment/);
    expect(await refusal(flow, 'redeploy hello')).toMatch(/id/);
    expect(await refusal(flow, `redeploy ${id} now`)).toMatch(/one word too many/);
    expect(await refusal(flow, `redeploy ${id}`, gus)).toMatch(/guests/i);
    const elsewhere = await createdElsewhere(flow, { ref: 'main', environment: 'lab' });
    expect(await refusal(flow, `redeploy ${elsewhere.id}`)).toMatch(/no environment of hello/);
  });
});
