import { describe, expect, test } from 'vitest';
import type { WorkflowRun } from '../../src/deploy/deployment.ts';
import type { WebhookOptions } from '../../src/github/webhooks.ts';
import { testClock } from '../clock.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { client, create } from './fixture.ts';
import { listening, post } from './webhook-target.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };

/** A bot that keeps the runs it is told of; those of the event `deployment` are its concern. */
async function waiting(options: Partial<WebhookOptions> = {}) {
  const runs: WorkflowRun[] = [];
  const end = await listening({
    async runEnded(run) {
      runs.push(run);
      return run.event === 'deployment';
    },
    ...options,
  });
  return {
    ...end,
    runs,
    send: (sent: object) => post(end.url, JSON.stringify(sent), { 'x-github-event': 'workflow_run' }),
  };
}

const ended = (change: { action?: string; run?: object; repository?: object } = {}) => ({
  action: change.action ?? 'completed',
  workflow_run: {
    id: 31,
    run_attempt: 2,
    name: 'Deploy',
    event: 'deployment',
    head_sha: 'a'.repeat(40),
    status: 'completed',
    conclusion: 'failure',
    html_url: 'https://github.com/acme/hello/actions/runs/31',
    ...change.run,
  },
  repository: { full_name: 'acme/hello', ...change.repository },
});

describe('a run that ended without success', () => {
  test('is told as GitHub sends it, before GitHub is answered', async () => {
    const bot = await waiting();
    expect(await bot.send(ended())).toMatchObject({ status: 200 });
    expect(bot.runs).toEqual([
      {
        repository: 'acme/hello',
        id: 31,
        attempt: 2,
        name: 'Deploy',
        event: 'deployment',
        sha: 'a'.repeat(40),
        conclusion: 'failure',
        url: 'https://github.com/acme/hello/actions/runs/31',
      },
    ]);
    expect(bot.counted).toEqual(['workflow_run recorded']);
    expect(bot.logged()).toContain('guid-1');
  });

  test.each(['failure', 'cancelled', 'timed_out', 'startup_failure', 'action_required', 'stale', 'exploded'])(
    'may have the conclusion %s',
    async (conclusion) => {
      const bot = await waiting();
      await bot.send(ended({ run: { conclusion } }));
      expect(bot.runs).toMatchObject([{ conclusion }]);
    },
  );

  test('is not stored when nobody waits for it', async () => {
    const bot = await waiting();
    expect(await bot.send(ended({ run: { event: 'push' } }))).toMatchObject({ status: 200 });
    expect(bot.counted).toEqual(['workflow_run useless']);
  });

  test('that can’t be stored is no success', async () => {
    const bot = await waiting({ runEnded: () => Promise.reject(new Error('disk full')) });
    expect(await bot.send(ended())).toMatchObject({ status: 503 });
    expect(bot.counted).toEqual(['workflow_run lost']);
    expect(bot.logged()).toContain('disk full');
  });

  test('that a store hangs on is refused in time', async () => {
    const clock = testClock();
    let isAsked = () => {};
    const called = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const hangs = () => {
      isAsked();
      return new Promise<boolean>(() => {});
    };
    const bot = await waiting({ clock, runEnded: hangs });
    const answer = bot.send(ended());
    await called;
    await clock.advance(5_000);
    expect(await answer).toMatchObject({ status: 503 });
    expect(clock.pending).toBe(0);
  });

  test('what others wrote in it is held to what may be shown', async () => {
    const bot = await waiting();
    const run = {
      name: `a\nb${'x'.repeat(500)}`,
      conclusion: 'z'.repeat(90),
      html_url: 'javascript:alert(1)',
      run_attempt: null,
    };
    await bot.send(ended({ run }));
    const [seen] = bot.runs;
    expect(seen).toMatchObject({ attempt: 1, name: expect.stringMatching(/^a bx+…$/) });
    expect([seen?.name.length, seen?.conclusion.length]).toEqual([255, 40]);
    expect(seen).not.toHaveProperty('url');
  });

  test('without a name goes by its file', async () => {
    const bot = await waiting();
    await bot.send(ended({ run: { name: null, path: '.github/workflows/deploy.yml' } }));
    expect(bot.runs).toMatchObject([{ name: '.github/workflows/deploy.yml' }]);
  });
});

describe('no news', () => {
  test.each<[string, object]>([
    ['succeeded', ended({ run: { conclusion: 'success' } })],
    ['was neutral', ended({ run: { conclusion: 'neutral' } })],
    ['was skipped', ended({ run: { conclusion: 'skipped' } })],
    ['has begun', ended({ action: 'in_progress', run: { conclusion: null } })],
    ['was requested', ended({ action: 'requested', run: { conclusion: null } })],
  ])('is a run that %s', async (_, sent) => {
    const bot = await waiting();
    expect(await bot.send(sent)).toMatchObject({ status: 200 });
    expect(bot.runs).toEqual([]);
    expect(bot.counted).toEqual(['workflow_run useless']);
  });

  test.each<[string, object]>([
    ['no run', { ...ended(), workflow_run: null }],
    ['no id', ended({ run: { id: undefined } })],
    ['a commit that is none', ended({ run: { head_sha: 'main' } })],
    ['no conclusion', ended({ run: { conclusion: null } })],
    ['a repository that is none', ended({ repository: { full_name: '<!channel>' } })],
    ['no action', { ...ended(), action: undefined }],
    ['nothing at all', {}],
  ])('is an event with %s, which is logged', async (_, sent) => {
    const bot = await waiting();
    expect(await bot.send(sent)).toMatchObject({ status: 200 });
    expect(bot.runs).toEqual([]);
    expect(bot.counted).toEqual(['workflow_run malformed']);
    expect(bot.logged()).toContain('guid-1');
  });
});

describe('from GitHub itself', () => {
  async function began() {
    const bot = await waiting();
    world.github.addWebhook({ url: bot.url, secret: 'new secret', events: ['deployment_status', 'workflow_run'] });
    const github = client(world.github.url);
    const made = await github.create(hello, create());
    if (made.kind !== 'created') throw new Error(made.kind);
    const run = await world.github.addRun('acme/hello', { deploymentId: made.id });
    return { bot, github, deployment: made.id, run, sha: made.sha };
  }

  test('a run that is cancelled arrives, each attempt of it', async () => {
    const { bot, run, sha } = await began();
    world.github.moveRun('acme/hello', run.id, { conclusion: 'cancelled' });
    world.github.rerun('acme/hello', run.id);
    world.github.moveRun('acme/hello', run.id, { conclusion: 'failure' });
    await world.github.idle();
    expect(bot.runs).toMatchObject([
      { id: run.id, attempt: 1, conclusion: 'cancelled', event: 'deployment', sha },
      { id: run.id, attempt: 2, conclusion: 'failure' },
    ]);
  });

  test('a status that a run set names the run, by webhook and when GitHub is asked', async () => {
    const { bot, github, deployment, run } = await began();
    const { id } = world.github.addStatus('acme/hello', deployment, { state: 'in_progress', run: run.id });
    world.github.addStatus('acme/hello', deployment, { state: 'success', logUrl: 'https://ci.example/actions/runs/5' });
    await world.github.idle();
    expect(bot.stored.get(id)).toMatchObject({ run: run.id });
    const statuses = await github.statuses(hello, deployment);
    expect(statuses.map((status) => status.run)).toEqual([run.id, undefined]);
    expect(statuses.some((status) => 'receivedAt' in status)).toBe(false);
  });
});
