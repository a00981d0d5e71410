import { expect, test } from 'vitest';
import type { RecordedRequest } from '../../../src/sandbox/github/server.ts';
import { useGitHub } from './fixture.ts';
import { checkDeliveries, checkRecorded } from './schema.ts';

/** The check itself is checked: what it lets through is worth nothing if it lets everything through. */

const on = useGitHub({ webhooks: [{ url: 'http://127.0.0.1:1/', secret: 's', events: ['*'] }] });

async function aCreation(): Promise<RecordedRequest> {
  await on.octokit.repos.createDeployment({ ...on.hello, ref: 'ahead', required_contexts: [], payload: { a: 1 } });
  return on.github.requests.at(-1) as RecordedRequest;
}

test('a request and its answer pass as they are', async () => {
  expect(() => checkRecorded([])).not.toThrow();
  const good = await aCreation();
  expect(() => checkRecorded([good])).not.toThrow();
});

test('each thing that is not as GitHub describes it is found', async () => {
  const good = await aCreation();
  const wrong: Record<string, Partial<RecordedRequest>> = {
    'a body of the wrong type': { body: { ...good.body, auto_merge: 'yes' } },
    'a body without its ref': { body: { task: 'deploy' } },
    'an answer without its id': { answer: { ...good.answer, id: undefined } },
    'an answer with a bad date': { answer: { ...good.answer, created_at: 'yesterday' } },
    'an answer with a bad creator': { answer: { ...good.answer, creator: { login: 'ann' } } },
    'a status that is not described': { status: 206 },
    'an error without a message': { status: 404, answer: {} },
    'a path that is not described': { path: '/repos/acme/hello/deployment' },
    'a query that is not described': { query: { branch: 'main' } },
  };
  for (const [what, change] of Object.entries(wrong))
    expect(() => checkRecorded([{ ...good, ...change }]), what).toThrow(/GitHub describes/);
});

test('what a fault answered is the test’s own affair', async () => {
  const good = await aCreation();
  expect(() => checkRecorded([{ ...good, fault: 'status', status: 502, answer: 'oops' }])).not.toThrow();
});

test('webhooks too', async () => {
  await aCreation();
  await on.github.idle();
  const [good] = on.github.deliveries;
  if (!good) return expect.unreachable('nothing was delivered');
  const payload = { ...good.payload, deployment: { ...good.payload.deployment, sha: 7 } };
  expect(() => checkDeliveries([{ ...good, payload }])).toThrow(/sha/);
  expect(() => checkDeliveries([{ ...good, event: 'push' }])).toThrow(/push/);
  expect(() => checkDeliveries([{ ...good, event: 'no_such_event' }])).toThrow(/describes no such event/);
});

test('those of workflow runs, whose descriptions refer to others', async () => {
  const { id } = await on.github.addRun('acme/hello', { ref: 'main' });
  on.github.moveRun('acme/hello', id, { conclusion: 'unheard of' });
  await on.github.idle();
  const good = on.github.deliveries.at(-1);
  if (!good) return expect.unreachable('nothing was delivered');
  expect(() => checkDeliveries([good])).not.toThrow();
  const wrong = (change: object) => ({ ...good, payload: { ...good.payload, ...change } });
  const { workflow_run, repository, workflow } = good.payload;
  for (const change of [
    { workflow_run: { ...workflow_run, id: 'text' } },
    { workflow_run: { ...workflow_run, conclusion: 7 } },
    { repository: { ...repository, owner: { login: 'acme' } } },
    { workflow: { ...workflow, path: undefined } },
    { action: 'begun' },
  ])
    expect(() => checkDeliveries([wrong(change)])).toThrow(/GitHub describes/);
});
