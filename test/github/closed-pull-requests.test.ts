import { describe, expect, test } from 'vitest';
import type { PullRequestClosed } from '../../src/deploy/pull-closed.ts';
import type { WebhookOptions } from '../../src/github/webhooks.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { listening, post } from './webhook-target.ts';

const world = useGitHub();

/** A bot that keeps the pull requests it is told of. */
async function waiting(options: Partial<WebhookOptions> = {}) {
  const closed: PullRequestClosed[] = [];
  const end = await listening({
    async pullRequestClosed(pull) {
      closed.push(pull);
      return true;
    },
    ...options,
  });
  const send = (sent: object) => post(end.url, JSON.stringify(sent), { 'x-github-event': 'pull_request' });
  return { ...end, closed, send };
}

const event = (change: { action?: string; pull?: object; repository?: object; sender?: object | null } = {}) => ({
  action: change.action ?? 'closed',
  number: 12,
  pull_request: {
    number: 12,
    merged: false,
    closed_at: '2026-11-20T12:00:00Z',
    head: { ref: 'evening', repo: { full_name: 'acme/hello' } },
    ...change.pull,
  },
  repository: { full_name: 'acme/hello', default_branch: 'main', ...change.repository },
  sender: change.sender === undefined ? { login: 'bob' } : change.sender,
});

describe('a pull request that was closed', () => {
  test('is told before GitHub is answered', async () => {
    const bot = await waiting();
    expect(await bot.send(event())).toMatchObject({ status: 200 });
    expect(bot.closed).toEqual([
      {
        repository: 'acme/hello',
        number: 12,
        branch: 'evening',
        isMerged: false,
        by: 'bob',
        closedAt: '2026-11-20T12:00:00Z',
      },
    ]);
    expect(bot.counted).toEqual(['pull_request recorded']);
    expect(bot.logged()).toContain('guid-1');
  });

  test('as GitHub sends it', async () => {
    const bot = await waiting();
    const { github } = world;
    github.addWebhook({ url: 'http://127.0.0.1:9/', secret: 'x', events: ['pull_request'] });
    await github.push('acme/hello', 'evening', { by: 'bob' });
    const { number } = await github.openPull('acme/hello', { head: 'evening', author: 'bob' });
    await github.mergePull('acme/hello', number, { by: 'ann' });
    await github.idle();
    for (const { payload } of github.deliveries.filter((one) => one.event === 'pull_request')) await bot.send(payload);
    expect(bot.closed).toMatchObject([{ number, branch: 'evening', isMerged: true, by: 'ann' }]);
  });

  test('that can’t be stored is no success', async () => {
    const bot = await waiting({ pullRequestClosed: () => Promise.reject(new Error('the disk is full')) });
    expect(await bot.send(event())).toMatchObject({ status: 503 });
    expect(bot.counted).toEqual(['pull_request lost']);
  });

  test('of a repository that is nobody’s here needs nothing', async () => {
    const bot = await waiting({ pullRequestClosed: async () => false });
    expect(await bot.send(event())).toMatchObject({ status: 200 });
    expect(bot.counted).toEqual(['pull_request useless']);
  });

  test.each([
    ['by nobody that GitHub names', { sender: null }, 'ghost'],
    ['by a name of many lines', { sender: { login: 'b\nob' } }, 'b ob'],
  ])('%s is told all the same', async (_, change, by) => {
    const bot = await waiting();
    await bot.send(event(change));
    expect(bot.closed).toMatchObject([{ by }]);
  });

  test.each([
    ['was only labeled', { action: 'labeled' }],
    ['comes from a fork', { pull: { head: { ref: 'evening', repo: { full_name: 'erin/hello' } } } }],
    ['comes from a fork that is gone', { pull: { head: { ref: 'evening', repo: null } } }],
    ['is of the default branch', { pull: { head: { ref: 'main', repo: { full_name: 'acme/hello' } } } }],
  ])('is of no use when it %s', async (_, change) => {
    const bot = await waiting();
    expect(await bot.send(event(change))).toMatchObject({ status: 200 });
    expect(bot.closed).toEqual([]);
    expect(bot.counted).toEqual(['pull_request useless']);
  });

  test.each([
    ['no action', { ...event(), action: undefined }],
    ['no pull request', { ...event(), pull_request: null }],
    ['no branch', event({ pull: { head: { ref: '', repo: null } } })],
    ['no time', event({ pull: { closed_at: null } })],
    ['a time that is none', event({ pull: { closed_at: 'soon' } })],
    ['no repository', { ...event(), repository: null }],
  ])('makes no sense with %s', async (_, sent) => {
    const bot = await waiting();
    expect(await bot.send(sent)).toMatchObject({ status: 200 });
    expect(bot.closed).toEqual([]);
    expect(bot.counted).toEqual(['pull_request malformed']);
  });
});
