import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createBot } from '../../src/bot.ts';
import { readConfig } from '../../src/config.ts';
import { flows } from './seen.ts';

const { begin } = flows();

test('a stop while Slack still keeps the start waiting lets go of what waits for that', async () => {
  const flow = await begin({ http: true });
  await flow.restart(async () => {
    flow.slack.faults.add({ path: /auth\.test/, times: Number.POSITIVE_INFINITY }, { kind: 'slow', ms: 2_000 });
    const bot = createBot(readConfig(flow.env, '.'), { log: pino({ level: 'silent' }) });
    const started = bot.start();
    const isUp = () =>
      fetch(`${flow.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isUp).toBe(true);
    const waiting = fetch(`${flow.url}/slack/events`, { method: 'POST' });
    expect(await isUp()).toBe(true);
    await bot.stop();
    expect((await waiting).status).toBe(503);
    await started;
    flow.slack.faults.clear();
  });
});
