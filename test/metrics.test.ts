import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMetrics, type Metrics } from '../src/metrics.ts';
import { freePort } from '../src/sandbox/free-port.ts';

let metrics: Metrics;
let stop: () => Promise<void>;
let url: string;
let waiting: { due: number; later: number };

beforeEach(async () => {
  metrics = createMetrics({ commands: ['deploy'] });
  const port = await freePort();
  url = `http://127.0.0.1:${port}/metrics`;
  waiting = { due: 3, later: 7 };
  stop = await metrics.listen('127.0.0.1', port, async () => waiting);
});
afterEach(() => stop());

/** The lines of one metric, its labels with it. */
async function shown(name: string): Promise<string[]> {
  const text = await (await fetch(url)).text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('the lag is counted from the first line, also before anybody looked', async () => {
  for (const lagMs of [20, 80, 700, 4_000_000]) metrics.told('success', lagMs);
  const lines = await shown('deckhand_thread_lag_seconds');
  expect(lines).toContain('deckhand_thread_lag_seconds_bucket{le="0.05"} 1');
  expect(lines).toContain('deckhand_thread_lag_seconds_bucket{le="1"} 3');
  expect(lines).toContain('deckhand_thread_lag_seconds_bucket{le="+Inf"} 4');
  expect(lines).toContain('deckhand_thread_lag_seconds_count 4');
  expect(lines).toContain('deckhand_thread_lag_seconds_sum 4000.8');
  metrics.told('failure', 10);
  expect(await shown('deckhand_thread_lag_seconds_count')).toEqual(['deckhand_thread_lag_seconds_count 5']);
});

test('what can be foreseen is there at 0 before it has happened', async () => {
  const lines = await shown('deckhand_');
  for (const line of [
    'deckhand_commands_total{command="deploy",result="failed"} 0',
    'deckhand_webhooks_total{event="deployment_status",result="lost"} 0',
    'deckhand_webhooks_total{event="none",result="unsigned"} 0',
    'deckhand_deployment_events_total{event="doubtful"} 0',
    'deckhand_lines_told_total{state="failure"} 0',
    'deckhand_jobs_failed_total{kind="deployment"} 0',
    'deckhand_slack_rate_limited_total{method="chat.postMessage"} 0',
  ]) {
    expect(lines).toContain(line);
  }
});

test('everything that is counted can be read', async () => {
  metrics.command('deploy', 'refused');
  metrics.webhook('deployment_status', 'lost');
  metrics.happened('found-told');
  metrics.told('invented_by_github');
  metrics.jobGivenUp('deployment');
  metrics.slackLimited('chat.update');
  metrics.githubRate('api.github.com', 4_711);
  const lines = await shown('deckhand_');
  for (const line of [
    'deckhand_commands_total{command="deploy",result="refused"} 1',
    'deckhand_webhooks_total{event="deployment_status",result="lost"} 1',
    'deckhand_deployment_events_total{event="found-told"} 1',
    'deckhand_lines_told_total{state="other"} 1',
    'deckhand_jobs_failed_total{kind="deployment"} 1',
    'deckhand_slack_rate_limited_total{method="chat.update"} 1',
    'deckhand_github_rate_remaining{host="api.github.com"} 4711',
    'deckhand_jobs{state="due"} 3',
    'deckhand_jobs{state="later"} 7',
  ]) {
    expect(lines).toContain(line);
  }
});

test('figures that can’t be shown end nothing, and are there again with the next look', async () => {
  waiting = { due: 'three' as never, later: 7 };
  expect((await fetch(url, { signal: AbortSignal.timeout(2_000) })).status).toBe(500);
  waiting = { due: 4, later: 7 };
  expect(await shown('deckhand_jobs{')).toContain('deckhand_jobs{state="due"} 4');
});
