import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ports } from '../../src/deploy/ports.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { ann, deploys, type Flow } from './flow.ts';
import { creations, flows, passes, posted, until } from './seen.ts';

const { begin, expectErrors } = flows();

interface Losses {
  /** Commands that the store takes, and then fails, as where its answer is lost on the way. */
  commands?: number;
  /** Wakes for commands that fail. */
  wakes?: number;
  /** Ends of commands that fail. */
  ends?: number;
}

function losing({ commands = 0, wakes = 0, ends = 0 }: Losses) {
  const left = { commands, wakes, ends };
  const lost = (what: keyof Losses): void => {
    if (left[what]-- > 0) throw new Error('the answer was lost');
  };
  return (ports: Ports): Ports => ({
    ...ports,
    store: {
      ...ports.store,
      async acceptCommand(command) {
        const isNew = await ports.store.acceptCommand(command);
        lost('commands');
        return isNew;
      },
      async endCommand(...args) {
        lost('ends');
        return ports.store.endCommand(...args);
      },
    },
    jobs: {
      ...ports.jobs,
      async wake(job, at) {
        if (job.kind === 'command') lost('wakes');
        return ports.jobs.wake(job, at);
      },
    },
  });
}

const typed = { user: ann, channel: deploys, text: 'hello/topic-branch to staging' };

/** Types it, and is told that nothing will happen. */
async function typedInVain(flow: Flow): Promise<void> {
  const { body } = await (await flow.slack.command(typed)).acked;
  expect(JSON.stringify(body)).toMatch(/could not store/);
}

describe('a command', () => {
  test('that is stored, though nobody can be woken for it at once, is done soon and once', async () => {
    const flow = await begin({ env: { RECONCILE_SECONDS: '600' }, around: losing({ wakes: 3 }) });
    await flow.type(typed.text);
    await until(flow, () => creations(flow).length === 1, { withinMs: 10_000 });
    await passes(flow, 11 * 60_000, 10_000);
    expect(creations(flow)).toHaveLength(1);
    expect(flow.told()).toEqual([]);
  });

  test('that is stored is acknowledged, however long it takes to wake somebody for it', async () => {
    let end = () => {};
    const long = new Promise<void>((resolve) => {
      end = resolve;
    });
    const flow = await begin({
      around: (ports) => ({
        ...ports,
        jobs: {
          ...ports.jobs,
          async wake(job, at) {
            if (job.kind === 'command') await long;
            return ports.jobs.wake(job, at);
          },
        },
      }),
    });
    await flow.type(typed.text);
    expect(creations(flow)).toEqual([]);
    end();
    await until(flow, () => creations(flow).length === 1, { withinMs: 10_000 });
  });

  test.each([
    ['at once', 0],
    ['after a while', 90],
  ])('that the person was told to type again is taken back, %s, and done once it is typed again', async (_, ends) => {
    expectErrors(/a command could not be stored/);
    const flow = await begin({ around: losing({ commands: 1, wakes: 1, ends }) });
    await typedInVain(flow);
    await passes(flow, 3 * 60_000, 1_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
    await flow.type(typed.text);
    await passes(flow, 60_000, 5_000);
    expect(creations(flow)).toHaveLength(1);
  });
});

describeWithRedis('a command on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.end());

  test('that the person was told to type again is taken back before another bot finds it', async () => {
    expectErrors(/a command could not be stored/);
    const flow = await begin({
      env: { REDIS_URL: server.url, DECKHAND_SECRET: 'a secret of this test alone' },
      around: losing({ commands: 1 }),
    });
    await typedInVain(flow);
    await flow.restart();
    await passes(flow, 10_000, 1_000);
    expect(creations(flow)).toEqual([]);
    expect(posted(flow)).toEqual([]);
  });
});
