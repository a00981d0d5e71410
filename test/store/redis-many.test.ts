import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { closeRedis, connectRedis, redisStore } from '../../src/store/redis.ts';
import { describeWithRedis, startRedis } from '../redis-server.ts';
import { aDeployment } from './contract.ts';

describeWithRedis('a Redis that gives little at a time', () => {
  test('says which of thousands are unfinished, of all and of one repository, in their order', async () => {
    const server = await startRedis({ config: { 'client-output-buffer-limit': 'normal 3mb 0 0' } });
    const log = pino({ level: 'silent' });
    const access = server.access();
    const redis = await connectRedis(access, log);
    const store = redisStore({ redis, access, clock: systemClock, log });
    onTestFinished(async () => {
      await store.close();
      await closeRedis(redis);
      await server.end();
    });
    const count = 3_000;
    const begin = Date.parse('2026-11-20T12:00:00Z');
    const requests = Array.from({ length: count }, (_, index) => `R${index}`);
    for (let from = 0; from < count; from += 500) {
      await Promise.all(
        requests.slice(from, from + 500).map((request, index) =>
          store.saveDeployment(
            aDeployment({
              request,
              stage: 'created',
              id: from + index + 1,
              askedAt: new Date(begin + from + index).toISOString(),
              said: 'x'.repeat(2_000),
            }),
          ),
        ),
      );
    }
    const ofAll = await store.unfinishedDeployments();
    expect(ofAll.map(({ request }) => request)).toEqual(requests);
    const ofOne = await store.unfinishedDeployments('acme/hello');
    expect(ofOne.map(({ request }) => request)).toEqual(requests);
  });
});
