import { expect, test } from 'vitest';
import { machineFindings } from '../../src/check/machine-findings.ts';
import { amiss, startWorld } from './world.ts';

const minute = 60_000;

test.each([
  ['ahead of', -5 * minute],
  ['behind', 5 * minute],
])('a clock that is %s that of those who answer is wrong', async (which, ms) => {
  const world = await startWorld();
  const date = new Date(Date.now() + ms).toUTCString();
  const always = { times: Number.POSITIVE_INFINITY };
  const body = { ok: false, error: 'invalid_auth' };
  world.slack.faults.add({ path: /./, ...always }, { kind: 'status', status: 200, body, headers: { date } });
  const lines = amiss(await world.check());
  expect(lines[0]).toMatch(new RegExp(`^wrong +Machine: .*(29\\d|30\\d) s ${which} that of Slack.*NTP`));
});

test('a clock that is right, and Node', async () => {
  const world = await startWorld();
  const lines = await world.check();
  expect(lines).toContainEqual(expect.stringMatching(/^ok +Machine: .*Slack and GitHub/));
  expect(lines).toContainEqual(`ok       Machine: Node ${process.versions.node}.`);
});

test.each([
  ['18.20.4', 'wrong'],
  ['20.18.3', 'wrong'],
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
])('Node %s is %s', (node, mark) => {
  expect(machineFindings({ node, ahead: [] }).map((one) => one.mark)).toEqual([mark]);
});
