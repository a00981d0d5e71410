import { expect, test } from 'vitest';
import type { Status } from '../../src/deploy/deployment.ts';
import type { GitHubDeployment } from '../../src/deploy/github.ts';
import { createLately } from '../../src/deploy/lately.ts';
import { testClock } from '../clock.ts';

const hello = { fullName: 'acme/hello' };
const deployment = (given: Partial<GitHubDeployment> = {}): GitHubDeployment => ({
  id: 7,
  ref: 'main',
  sha: 'a'.repeat(40),
  task: 'deploy',
  environment: 'staging',
  originalEnvironment: 'staging',
  description: '',
  creator: 'carol',
  createdAt: '2024-06-10T11:00:00Z',
  updatedAt: '2024-06-10T11:05:00Z',
  transient: false,
  production: false,
  ...given,
});
const status: Status = {
  id: 1,
  deployment: 7,
  repository: 'acme/hello',
  state: 'success',
  description: '',
  creator: 'carol',
  createdAt: '2024-06-10T11:05:00Z',
};

/** A memory that knows one deployment. */
function knowing(one: GitHubDeployment, now = '2024-06-10T12:00:00Z') {
  const clock = testClock(new Date(now));
  const lately = createLately(clock);
  lately.learnStatuses(hello, one, [status]);
  return { clock, lately };
}

test('statuses are known while the deployment says that nothing changed, for ten minutes', async () => {
  const { clock, lately } = knowing(deployment());
  expect(lately.statuses({ fullName: 'Acme/Hello' }, deployment())).toEqual([status]);
  expect(lately.statuses(hello, deployment({ updatedAt: '2024-06-10T11:59:00Z' }))).toBeUndefined();
  await clock.advance(9 * 60_000);
  expect(lately.statuses(hello, deployment())).toEqual([status]);
  await clock.advance(61_000);
  expect(lately.statuses(hello, deployment())).toBeUndefined();
});

test.each([
  ['a server that does not say when a deployment changed', deployment({ updatedAt: undefined })],
  ['a deployment that changed only now', deployment({ updatedAt: '2024-06-10T11:59:58Z' })],
])('of %s they are known for 15 seconds', async (_, one) => {
  const { clock, lately } = knowing(one);
  await clock.advance(14_000);
  expect(lately.statuses(hello, one)).toEqual([status]);
  await clock.advance(2_000);
  expect(lately.statuses(hello, one)).toBeUndefined();
});

test('a webhook makes them forgotten', () => {
  const { lately } = knowing(deployment());
  lately.forget('acme/hello', 8);
  expect(lately.statuses(hello, deployment())).toEqual([status]);
  lately.forget('ACME/hello', 7);
  expect(lately.statuses(hello, deployment())).toBeUndefined();
});

test('those of another host are others, though the repository and the id are the same', () => {
  const { lately } = knowing(deployment());
  expect(lately.statuses({ ...hello, apiUrl: 'https://git.acme.example/api/v3' }, deployment())).toBeUndefined();
});

test('so many are known at most: the ones learned first go', () => {
  const { lately } = knowing(deployment());
  for (let id = 100; id < 1_100; id++) lately.learnStatuses(hello, deployment({ id }), []);
  expect(lately.statuses(hello, deployment())).toBeUndefined();
  expect(lately.statuses(hello, deployment({ id: 100 }))).toEqual([]);
});
