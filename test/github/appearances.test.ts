import { expect, test } from 'vitest';
import type { Status } from '../../src/deploy/deployment.ts';
import type { Appearance } from '../../src/deploy/elsewhere.ts';
import type { WebhookOptions } from '../../src/github/webhooks.ts';
import { listening, post } from './webhook-target.ts';

/** A bot that wants to hear of others' deployments of acme/hello, and keeps those it is told of. */
async function waiting(options: Partial<WebhookOptions> = {}) {
  const appeared: Appearance[] = [];
  const statuses: Status[] = [];
  const end = await listening({
    isWanted: (repository) => repository === 'acme/hello',
    async appeared(deed) {
      appeared.push(deed);
      return true;
    },
    async record(status) {
      statuses.push({ ...status });
      return { isNew: true, isStrangers: false };
    },
    ...options,
  });
  const send = (event: string, sent: object) => post(end.url, JSON.stringify(sent), { 'x-github-event': event });
  return { ...end, appeared, statuses, send };
}

const begun = (deployment: object = {}, more: object = {}) => ({
  action: 'created',
  deployment: { id: 7, environment: 'production', task: 'deploy', payload: '', ...deployment },
  workflow_run: null,
  repository: { full_name: 'acme/hello' },
  ...more,
});

test('somebody else’s deployment is told of, before GitHub is answered', async () => {
  const bot = await waiting();
  expect(await bot.send('deployment', begun())).toMatchObject({ status: 200 });
  expect(bot.appeared).toEqual([
    { repository: 'acme/hello', deployment: 7, environment: 'production', task: 'deploy' },
  ]);
  expect(bot.counted).toEqual(['deployment recorded']);
});

test.each([
  ['one of ours, or of another Deckhand’s', begun({ payload: { deckhand: { request: '01A' } } })],
  ['what a job made', begun({}, { workflow_run: { id: 31 } })],
  ['one of a repository that nobody listens to', begun({}, { repository: { full_name: 'acme/other' } })],
  ['another action', begun({}, { action: 'deleted' })],
])('%s is no news', async (_what, sent) => {
  const bot = await waiting();
  expect(await bot.send('deployment', sent)).toMatchObject({ status: 200 });
  expect(bot.appeared).toEqual([]);
  expect(bot.counted).toEqual(['deployment useless']);
});

test('what makes no sense is taken, and let be', async () => {
  const bot = await waiting();
  expect(await bot.send('deployment', begun({ id: 'seven' }))).toMatchObject({ status: 200 });
  expect(await bot.send('deployment', {})).toMatchObject({ status: 200 });
  expect(bot.counted).toEqual(['deployment malformed', 'deployment malformed']);
});

test('where it can’t be stored GitHub is told so, and can be asked to send it again', async () => {
  const bot = await waiting({ appeared: () => Promise.reject(new Error('the disk is full')) });
  expect(await bot.send('deployment', begun())).toMatchObject({ status: 503 });
});

test('a stranger’s status is wanted where somebody listens, and only there', async () => {
  const bot = await waiting();
  const status = { id: 9, state: 'success', created_at: '2026-11-20T12:00:00Z', creator: { login: 'carol' } };
  await bot.send('deployment_status', begun({}, { deployment_status: status }));
  await bot.send(
    'deployment_status',
    begun({}, { deployment_status: status, repository: { full_name: 'acme/other' } }),
  );
  await bot.send(
    'deployment_status',
    begun({ payload: { deckhand: { request: '01A' } } }, { deployment_status: status }),
  );
  expect(bot.statuses.map(({ foreign, wanted }) => [foreign, wanted])).toEqual([
    [true, true],
    [true, undefined],
    [undefined, undefined],
  ]);
});
