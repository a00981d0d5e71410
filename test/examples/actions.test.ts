import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { type RunOptions, readWorkflow, runWorkflow, type Workflow } from './workflow.ts';

const root = path.resolve(import.meta.dirname, '../..');
const deploy = readWorkflow(path.join(root, 'examples/actions/deploy.yml'));
const migrations = readWorkflow(path.join(root, 'examples/actions/migrations.yml'));
const ci = readWorkflow(path.join(root, '.github/workflows/ci.yml'));

/** GitHub Actions, "Workflow syntax": the keys of a workflow, a job and a step. */
const keys = {
  workflow: ['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'],
  job: [
    ...['name', 'permissions', 'needs', 'if', 'runs-on', 'environment', 'concurrency', 'outputs', 'env', 'defaults'],
    ...[
      'steps',
      'timeout-minutes',
      'strategy',
      'continue-on-error',
      'container',
      'services',
      'uses',
      'with',
      'secrets',
    ],
  ],
  step: ['id', 'if', 'name', 'uses', 'run', 'working-directory', 'shell', 'with', 'env', 'continue-on-error'],
  concurrency: ['group', 'cancel-in-progress', 'queue'],
  environment: ['name', 'url', 'deployment'],
};
const contexts = [
  'github',
  'env',
  'vars',
  'job',
  'steps',
  'runner',
  'secrets',
  'strategy',
  'matrix',
  'needs',
  'inputs',
];

describe.each([
  ['deploy.yml', deploy],
  ['migrations.yml', migrations],
  ['ci.yml', ci],
])('%s', (_, workflow: Workflow) => {
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps);

  test('has the keys that Actions knows', () => {
    expect(keys.workflow).toEqual(expect.arrayContaining(Object.keys(workflow)));
    for (const job of jobs) {
      expect(keys.job).toEqual(expect.arrayContaining(Object.keys(job)));
      expect(job).toMatchObject({ 'runs-on': expect.any(String), 'timeout-minutes': expect.any(Number) });
      expect(keys.concurrency).toEqual(expect.arrayContaining(Object.keys(job.concurrency ?? {})));
      expect(keys.environment).toEqual(expect.arrayContaining(Object.keys(job.environment ?? {})));
      if (job.needs) expect(Object.keys(workflow.jobs)).toContain(job.needs);
    }
    for (const step of steps) {
      expect(keys.step).toEqual(expect.arrayContaining(Object.keys(step)));
      expect([step.run, step.uses].filter(Boolean)).toHaveLength(1);
    }
  });

  test('has scripts that bash can read, and nothing is put into them', () => {
    for (const { run = '' } of steps) {
      expect(run).not.toContain('${{');
      execFileSync('bash', ['-n', '-c', run]);
    }
  });

  test('uses nobody’s actions but GitHub’s, each pinned', () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    for (const action of used) expect(action).toMatch(/^actions\/\w+@v\d+$/);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const { with: options } of checkouts) expect(options).toMatchObject({ 'persist-credentials': false });
  });

  test('may do no more than it has to', () => {
    const asked = [workflow.permissions ?? 'all', ...jobs.map(({ permissions }) => permissions ?? {})];
    expect(new Set(asked.flatMap((permissions) => Object.entries(permissions)).map(([what, how]) => `${what}: ${how}`)))
      // Writing what it reports, reading what it deploys.
      .toEqual(new Set(workflow === ci ? ['contents: read'] : ['contents: read', 'deployments: write']));
    expect(workflow.permissions).toEqual(workflow === ci ? { contents: 'read' } : {});
  });

  test('reads only contexts that there are', () => {
    const expressions = JSON.stringify(workflow).match(/\$\{\{.*?\}\}/g) ?? [];
    for (const expression of expressions) {
      expect(contexts).toContain(/^\$\{\{ (\w+)\.[\w.-]+ \}\}$/.exec(expression)?.[1]);
    }
  });
});

describe.each([
  ['deploy.yml', deploy, 'deploy', 'deploy'],
  ['migrations.yml', migrations, 'deploy:migrations', 'migrate'],
] as const)('%s', (_, workflow, task, main) => {
  test('looks at the task first, makes no second deployment, and waits in line', () => {
    expect(workflow.on).toBe('deployment');
    for (const [name, job] of Object.entries(workflow.jobs)) {
      if (name !== main) expect(job.if).toContain(`github.event.deployment.task == '${task}'`);
    }
    const job = workflow.jobs[main];
    expect(job).toMatchObject({ needs: 'queued', environment: { deployment: false }, concurrency: { queue: 'max' } });
    expect(job?.concurrency?.group).toBe(deploy.jobs.deploy?.concurrency?.group);
    expect(workflow.jobs.ended?.if).toMatch(/^always\(\)/);
  });
});

describe('on a runner', () => {
  const on = useGitHub();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'actions-'));
    mkdirSync(path.join(folder, 'bin'));
    cpSync(path.join(import.meta.dirname, 'gh.mjs'), path.join(folder, 'bin/gh'));
    chmodSync(path.join(folder, 'bin/gh'), 0o755);
    return () => rmSync(folder, { recursive: true });
  });

  const says = '#!/bin/sh\n[ "$REF" != conflict ] && echo "$@" >> "$SAID_IN"\n';
  let runs = 0;

  async function run(
    workflow: Workflow,
    asked: { task: string; ref?: string; environment?: string; payload?: Record<string, unknown> },
    { page = '', cancel }: { page?: string; cancel?: RunOptions['cancel'] } = {},
  ) {
    const all = {
      ...on.hello,
      ref: 'ahead',
      environment: 'staging',
      required_contexts: [],
      auto_merge: false,
      ...asked,
    };
    const created = (await on.octokit.repos.createDeployment(all)).data as { id: number };
    const deployment = on.github.deployments('acme/hello').find(({ id }) => id === created.id);
    const said = path.join(folder, `said-${runs++}`);
    const github = {
      token: on.github.token,
      repository: 'acme/hello',
      server_url: 'https://github.com',
      run_id: 7,
      event: { deployment },
    };
    const results = await runWorkflow(workflow, {
      context: { github, vars: { PAGE: page } },
      // What a variable holds is not run a second time.
      env: { PATH: `${folder}/bin:${process.env.PATH}`, GH_API: on.github.url, SAID_IN: said },
      folder,
      files: { 'script/deploy': says, 'script/migrate': says },
      cancel,
    });
    const statuses = on.github.statuses('acme/hello', created.id).toReversed();
    const lines = execFileSync('sh', ['-c', 'cat "$0" 2>/dev/null || :', said], { encoding: 'utf8' }).split('\n');
    return { results, statuses, states: statuses.map(({ state }) => state), said: lines.filter(Boolean) };
  }

  const logUrl = 'https://github.com/acme/hello/actions/runs/7';

  test('a deploy is reported from the queue to its page', async () => {
    const { states, statuses, said } = await run(deploy, { task: 'deploy' }, { page: 'https://hello.example.com' });
    expect(states).toEqual(['queued', 'in_progress', 'success']);
    expect(said).toEqual(['staging']);
    expect(statuses.map(({ log_url, environment_url }) => [log_url, environment_url])).toEqual([
      ['', ''],
      [logUrl, ''],
      [logUrl, 'https://hello.example.com'],
    ]);
  });

  test('without a page there is no link to it', async () => {
    const { states, statuses } = await run(deploy, { task: 'deploy' });
    expect(states.at(-1)).toBe('success');
    expect(statuses.at(-1)).toMatchObject({ environment_url: '' });
    const [, , ended] = on.github.requests.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/statuses'),
    );
    expect(Object.keys(ended?.body)).not.toContain('environment_url');
  });

  test('a deploy that fails is a failure', async () => {
    const { states, statuses } = await run(deploy, { task: 'deploy', ref: 'conflict' });
    expect(states).toEqual(['queued', 'in_progress', 'failure']);
    expect(statuses.at(-1)?.log_url).toBe(logUrl);
  });

  test.each([
    ['while it waited', undefined, ['queued', 'error']],
    ['while it ran', 'Deploy', ['queued', 'in_progress', 'error']],
  ])('a deploy that is cancelled %s says so', async (_, before, states) => {
    const ran = await run(deploy, { task: 'deploy' }, { cancel: { job: 'deploy', before } });
    expect(ran.states).toEqual(states);
    expect(ran.statuses.at(-1)?.description).toMatch(/cancelled/i);
    expect(ran.said).toEqual([]);
  });

  test('a deploy that was cancelled before it was queued says so', async () => {
    const { states } = await run(deploy, { task: 'deploy' }, { cancel: { job: 'queued' } });
    expect(states).toEqual(['error']);
  });

  test('GitHub not taking the first words does not hold up a deploy', async () => {
    on.github.faults.add({ method: 'POST', path: /\/statuses$/, times: 2 }, { kind: 'status', status: 502 });
    const { states, said } = await run(deploy, { task: 'deploy' });
    expect(states).toEqual(['success']);
    expect(said).toEqual(['staging']);
  });

  test('migrations run on the named hosts, one after the other', async () => {
    const payload = { hosts: 'db1,db2.internal' };
    const { states, said } = await run(migrations, { task: 'deploy:migrations', environment: 'production', payload });
    expect(states).toEqual(['queued', 'in_progress', 'success']);
    expect(said).toEqual(['production db1', 'production db2.internal']);
  });

  test('migrations without hosts are the script’s to place', async () => {
    expect((await run(migrations, { task: 'deploy:migrations' })).said).toEqual(['staging']);
  });

  test.each(['db1,$(touch pwned)', 'db1,-rf', 'db1,,db2', 'db1;id'])('hosts %j touch nothing', async (hosts) => {
    const { states, said } = await run(migrations, { task: 'deploy:migrations', payload: { hosts } });
    expect(states.at(-1)).toBe('failure');
    expect(said).toEqual([]);
  });

  test.each([
    ['deploy.yml', deploy, 'deploy:migrations'],
    ['migrations.yml', migrations, 'deploy'],
  ] as const)('%s leaves the other’s task alone', async (_, workflow, task) => {
    const { results, states } = await run(workflow, { task });
    expect(new Set(Object.values(results))).toEqual(new Set(['skipped']));
    expect(states).toEqual([]);
  });

  test('what a person chose is never run', async () => {
    const environment = '$(echo pwned >> "$SAID_IN")"; echo pwned >> "$SAID_IN"; "';
    const { said } = await run(deploy, { task: 'deploy', environment });
    expect(said).toEqual([environment]);
  });
});
