import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { withoutBranch } from './again.ts';
import type { Flow } from './flow.ts';
import {
  calm,
  creations,
  flows,
  parentOf,
  passes,
  posted,
  press,
  refusal,
  refused,
  threadText,
  until,
} from './seen.ts';

const { begin } = flows();

const always = Number.POSITIVE_INFINITY;
const reads = { method: 'GET', path: /.*/, times: always };
const creates = { method: 'POST', path: /\/deployments$/, times: always };

function error(status: number, message: string, headers?: Record<string, string>): Fault {
  const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) };
  return { kind: 'status', status, body, headers };
}

/** Between reading and creating: when the parent is posted, and GitHub has not been asked for the deployment. */
const onceItIsPosted = (flow: Flow, happens: () => void) =>
  flow.slack.on('message', ({ thread_ts }) => {
    if (!thread_ts) happens();
  });

const slowDown = /limit|allows|slow down/i;

/** Nobody wants to read any of this in a chat. */
const machinery = /stack|TypeError|HttpError|at .*\.[jt]s:\d|undefined|\[object|null\b/;

describe('GitHub says no while only being read: that person is told, and nothing is posted', () => {
  const answers: [name: string, fault: Fault, says: RegExp][] = [
    ['401', error(401, 'Bad credentials'), /token|credentials|GITHUB_TOKEN/i],
    ['403 of a token', error(403, 'Resource not accessible by personal access token'), /permission|access|may not/i],
    ['403 of an App', error(403, 'Resource not accessible by integration'), /permission|access|may not/i],
    ['404', error(404, 'Not Found'), /acme\/hello/],
    ['500', error(500, 'Server Error'), /GitHub.*(again|later|reach|trouble)/is],
    [
      '502 of a proxy',
      { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' },
      /GitHub.*(again|later|reach|trouble)/is,
    ],
    ['503', error(503, 'Service Unavailable'), /GitHub.*(again|later|reach|trouble)/is],
    ['a cut connection', { kind: 'reset' }, /GitHub.*(again|later|reach|trouble)/is],
    ['no answer at all', { kind: 'hang' }, /GitHub.*(again|later|reach|trouble)/is],
    ['451', error(451, 'Repository access blocked'), /GitHub/],
    ['nonsense with status 200', { kind: 'status', status: 200, body: 'Welcome to the captive portal' }, /GitHub/],
    [
      'a moved repository',
      {
        kind: 'status',
        status: 301,
        headers: { location: 'https://elsewhere.example/repositories/1' },
        body: { message: 'Moved Permanently' },
      },
      /GitHub|acme\/hello/,
    ],
  ];
  test.each(answers)('%s', async (_, fault, says) => {
    const flow = await begin();
    flow.github.faults.add(reads, fault);
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(says);
    expect(told.shown).not.toMatch(machinery);
  });

  test('trouble that passes by itself is waited out', async () => {
    const flow = await begin();
    flow.github.faults.add({ ...reads, times: 1 }, error(502, 'Bad Gateway'));
    flow.github.faults.add({ ...reads, times: 1 }, { kind: 'reset' });
    await flow.type('hello/topic-branch to staging');
    await until(flow, () => creations(flow).length === 1);
    expect(flow.told()).toEqual([]);
  });

  test('the wrong token', async () => {
    const flow = await begin({ env: { GITHUB_TOKEN: 'ghp_this_is_no_token' } });
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(/token/i);
    expect(told.shown + flow.log.join()).not.toContain('ghp_this_is_no_token');
  });

  test('the hour’s requests are used up: says when to ask again', async () => {
    const flow = await begin();
    flow.github.rateLimits.exhaust({ seconds: 20 * 60 });
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(slowDown);
    expect(told.shown).toMatch(/\b(19|20|21) minutes/);
  });

  test.each([403, 429] as const)('a secondary limit by %i', async (status) => {
    const flow = await begin();
    flow.github.rateLimits.secondary({ status, retryAfter: 42, times: 100 });
    const told = await refused(flow, 'hello/topic-branch to staging');
    expect(told.shown).toMatch(slowDown);
    expect(told.shown).toMatch(/42 seconds|minute/);
  });

  test('a secondary limit that does not say how long', async () => {
    const flow = await begin();
    flow.github.rateLimits.secondary({ status: 429, retryAfter: null, times: 100 });
    expect((await refused(flow, 'hello/topic-branch to staging')).shown).toMatch(slowDown);
  });
});

describe('GitHub refuses the creation: the parent says so, the thread says why, and nothing is sent again', () => {
  /** Types it, and answers what the parent and its thread say once GitHub has refused. */
  async function notDeployed(flow: Flow, line = 'hello/topic-branch to staging') {
    await flow.type(line);
    await until(flow, async () => /not deployed/i.test((await parentOf(flow)).shown));
    await passes(flow, 60_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    expect(posted(flow).filter(({ thread_ts }) => !thread_ts)).toHaveLength(1);
    const parent = await parentOf(flow);
    expect(parent.text).toMatch(/not deployed/i);
    expect(`${parent.shown}\n${threadText(flow)}`).not.toMatch(machinery);
    return { parent: parent.shown, thread: threadText(flow) };
  }

  const answers: [name: string, fault: Fault, says: RegExp][] = [
    ['401', error(401, 'Bad credentials'), /token|credentials/i],
    ['403', error(403, 'Resource not accessible by integration'), /permission|access|may not/i],
    ['404', error(404, 'Not Found'), /acme\/hello/],
    [
      '422 of spam',
      {
        kind: 'status',
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [{ resource: 'Deployment', code: 'abuse', field: 'base', message: 'was submitted too quickly' }],
          documentation_url: 'https://docs.github.com',
          status: '422',
        },
      },
      /spam|too quickly/i,
    ],
    [
      '422 of a description',
      {
        kind: 'status',
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [
            {
              resource: 'Deployment',
              code: 'custom',
              field: 'description',
              message: 'description is too long (maximum is 140 characters)',
            },
          ],
          documentation_url: 'https://docs.github.com',
          status: '422',
        },
      },
      /description/i,
    ],
    ['422 with only a message', error(422, 'The owner of this repository has been suspended.'), /suspended/i],
    ['400', error(400, 'Problems parsing JSON'), /GitHub/],
    ['410', error(410, 'Gone'), /GitHub/],
    [
      '429 with its own time',
      error(429, 'You have exceeded a secondary rate limit.', { 'retry-after': '30' }),
      slowDown,
    ],
    [
      '403 of a secondary limit',
      error(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
      slowDown,
    ],
    [
      'a redirect',
      {
        kind: 'status',
        status: 307,
        headers: { location: 'https://elsewhere.example/deployments' },
        body: { message: 'Moved' },
      },
      /GitHub|acme\/hello/,
    ],
  ];
  test.each(answers)('%s', async (_, fault, says) => {
    const flow = await begin();
    flow.github.faults.add(creates, fault);
    const { parent, thread } = await notDeployed(flow);
    expect(`${parent}\n${thread}`).toMatch(says);
    expect(thread).not.toBe('');
  });

  test('the hour’s requests are used up between reading and creating', async () => {
    const flow = await begin();
    flow.slack.on('message', () => flow.github.rateLimits.exhaust({ seconds: 600 }));
    const { parent, thread } = await notDeployed(flow);
    expect(parent + thread).toMatch(slowDown);
    expect(parent + thread).toMatch(/\b(9|10|11) minutes/);
  });

  test('the branch was deleted between reading and creating', async () => {
    const flow = await begin();
    onceItIsPosted(flow, () => withoutBranch(flow, 'topic-branch'));
    const { parent, thread } = await notDeployed(flow);
    expect(parent + thread).toMatch(/topic-branch/);
    expect(parent + thread).toMatch(/no branch|no longer|gone|deleted/i);
  });

  test('a merge conflict names both branches and the way around', async () => {
    const flow = await begin();
    const { parent, thread } = await notDeployed(flow, 'hello/conflict to staging --auto-merge');
    expect(parent + thread).toMatch(/conflict/);
    expect(thread).toMatch(/main/);
    expect(thread).toMatch(/--no-auto-merge/);
    expect(flow.github.deployments('acme/hello')).toEqual([]);
  });

  test('the line that goes around a merge conflict works', async () => {
    const flow = await begin();
    const { thread } = await notDeployed(flow, 'hello/conflict to staging --auto-merge');
    const line = /\/deploy (\S.*--no-auto-merge)/.exec(thread)?.[1] ?? '';
    await flow.type(line);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(flow.github.deployments('acme/hello')[0]).toMatchObject({ ref: 'conflict', environment: 'staging' });
  });

  test('failing checks are listed with state and link, and can be forced by a button', async () => {
    const flow = await begin();
    const { red } = flow.commits;
    flow.github.setStatus('acme/hello', red, {
      context: 'ci/janky',
      state: 'failure',
      target_url: 'https://ci.example/42',
    });
    flow.github.setCheckRun('acme/hello', red, {
      name: 'lint',
      status: 'in_progress',
      details_url: 'https://ci.example/lint',
    });
    const { parent, thread } = await notDeployed(flow, 'hello/red to staging');
    expect(parent).toMatch(/check/i);
    expect(thread).toMatch(/ci\/janky.*fail/i);
    expect(thread).toContain('https://ci.example/42');
    expect(thread).toMatch(/lint.*(running|progress|pending)/i);
    expect(thread).toContain('https://ci.example/lint');
    expect(thread).not.toMatch(/brakeman.*(fail|missing)/i);

    await press(flow, /force/i);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(creations(flow)[1]?.body).toMatchObject({ ref: 'red', required_contexts: [], auto_merge: false });
  });

  test('force pressed twice at once deploys once', async () => {
    const flow = await begin();
    await notDeployed(flow, 'hello/red to staging');
    await Promise.all([press(flow, /force/i), press(flow, /force/i)]);
    await until(flow, () => flow.github.deployments('acme/hello').length > 0);
    await passes(flow, 5_000);
    expect(creations(flow)).toHaveLength(2);
  });

  test('checks that have never reported are listed as missing', async () => {
    const flow = await begin();
    const { thread } = await notDeployed(flow, 'hello/topic-branch to staging --require ci/never,ci/janky');
    expect(thread).toMatch(/ci\/never.*(never|missing)/i);
    expect(thread).not.toMatch(/ci\/janky.*(never|missing|fail)/i);
  });

  test('an old server’s 409 without a list of checks is still about the checks', async () => {
    const flow = await begin();
    flow.github.faults.add(creates, error(409, 'Conflict: Commit status checks failed for red.'));
    const { parent, thread } = await notDeployed(flow, 'hello/red to staging');
    expect(parent + thread).toMatch(/check/i);
    expect(thread).toMatch(/ci\/janky.*fail/i);
  });

  test('“Try again” types the same line again', async () => {
    const flow = await begin();
    flow.github.faults.add({ ...creates, times: 1 }, error(403, 'Resource not accessible by integration'));
    await notDeployed(flow, 'hello/topic-branch to staging/fe1 --set "a=two words"');
    await press(flow, /again/i);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    const [first, second] = creations(flow).map(({ body }) => body);
    const { notify: _n, deckhand: _d, ...payload } = first.payload;
    expect(second).toMatchObject({ ...first, payload });
    expect(second.payload.deckhand.request).not.toBe(first.payload.deckhand.request);
  });

  test('a guest who presses force is refused, and uses it up for nobody', async () => {
    const flow = await begin();
    await notDeployed(flow, 'hello/red to staging');
    await press(flow, /force/i, 'U0GUS');
    await until(flow, () => flow.told('U0GUS').length === 1);
    await calm(flow);
    expect(creations(flow)).toHaveLength(1);
    await press(flow, /force/i);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
  });

  test('force that GitHub’s outage kept from working can be pressed again', async () => {
    const flow = await begin();
    await notDeployed(flow, 'hello/red to staging');
    const mend = flow.github.faults.add({ path: /.*/, times: always }, error(503, 'Service Unavailable'));
    await press(flow, /force/i);
    await until(flow, () => flow.told().length === 1);
    mend();
    await press(flow, /force/i);
    await until(flow, () => flow.github.deployments('acme/hello').length === 1);
    expect(creations(flow)).toHaveLength(2);
  });
});

test('GitHub answers nothing to a reading question, and then the same line works', async () => {
  const flow = await begin();
  const back = flow.github.faults.add(reads, { kind: 'hang' });
  await flow.type('hello/topic-branch to staging');
  await until(flow, () => flow.told().length === 1);
  await refusal(flow);
  back();
  await flow.type('hello/topic-branch to staging');
  await until(flow, () => flow.github.deployments('acme/hello').length === 1);
});

test('a branch that was pushed to between reading and creating: the other commit is told', async () => {
  const flow = await begin();
  const { 'topic-branch': shown, main: created } = flow.commits;
  const update = ['update-ref', 'refs/heads/topic-branch', created];
  onceItIsPosted(flow, () => execFileSync('git', ['--git-dir', flow.repositoryFolder, ...update]));
  await flow.type('hello/topic-branch to staging');
  await until(flow, () => threadText(flow) !== '');
  expect(threadText(flow)).toContain(created.slice(0, 7));
  expect(threadText(flow)).toContain(shown.slice(0, 7));
  expect((await parentOf(flow)).shown).toContain(created.slice(0, 7));
  expect((await flow.deployment()).sha).toBe(created);
});
