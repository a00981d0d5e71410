import { describe, expect, test } from 'vitest';
import type { Ports } from '../../src/deploy/ports.ts';
import { calm, creations, flows, passes, posted, until } from './seen.ts';
import { deployed, lines } from './story.ts';

const { begin, expectErrors } = flows();

/** A bug: whatever `broken` says fails each time. */
function withBug(isBroken: () => boolean, port: 'statuses' | 'command') {
  return (ports: Ports): Ports => {
    const lease: Ports['store']['lease'] = async (name) => {
      const held = await ports.store.lease(name);
      return held && { ...held, store: buggy(held.store), holdsFor: held.holdsFor, release: held.release };
    };
    const buggy = (store: Ports['store']): Ports['store'] => ({
      ...store,
      [port]: (...args: [never, never]) => {
        if (isBroken()) throw new Error('a bug in the bot');
        return store[port](...args);
      },
    });
    return { ...ports, store: { ...ports.store, lease } };
  };
}

/** A bug in posting the parent, and in looking for it. */
const withBugInOpening =
  (isBroken: () => boolean) =>
  (ports: Ports): Ports => {
    const { open, find } = ports.chat;
    const buggy =
      <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        if (isBroken()) throw new Error('a bug in the bot');
        return call(...args);
      };
    return { ...ports, chat: { ...ports.chat, open: buggy(open), find: buggy(find) } };
  };

const nothingIsTaken = {
  path: /chat\.postEphemeral|chat\.postMessage|\/response\//,
  times: Number.POSITIVE_INFINITY,
};

describe('a bug that comes again and again', () => {
  test('in telling a deployment: the thread gets a number to look for, once, and the story goes on when it is mended', async () => {
    expectErrors(/a bug in the bot/);
    let isBroken = false;
    const flow = await begin({ around: withBug(() => isBroken, 'statuses') });
    const story = await deployed(flow);
    isBroken = true;
    await flow.report(story.id, 'in_progress');
    await passes(flow, 30 * 60_000, 30_000);
    expect(lines(flow, story)).toHaveLength(1);
    expect(lines(flow, story)[0]).toContain(story.request);
    isBroken = false;
    await flow.report(story.id, 'success');
    await until(flow, () => lines(flow, story).length === 3);
    const failures = flow.log.filter((line) => line.includes('a bug in the bot')).map((line) => JSON.parse(line));
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure.request).toBe(story.request);
  });

  test('in telling a deployment, mended, and there once more: told again, once', async () => {
    expectErrors(/a bug in the bot/);
    let isBroken = false;
    const flow = await begin({ around: withBug(() => isBroken, 'statuses') });
    const story = await deployed(flow);
    const told = () => lines(flow, story).filter((line) => line.includes(story.request)).length;
    const failsWith = async (state: string): Promise<void> => {
      isBroken = true;
      await flow.report(story.id, state);
      await passes(flow, 60 * 60_000, 30_000);
      isBroken = false;
    };
    await failsWith('queued');
    expect(told()).toBe(1);
    await flow.report(story.id, 'in_progress');
    await until(flow, () => lines(flow, story).some((line) => /in progress/i.test(line)));
    await calm(flow);
    await failsWith('pending');
    expect(told()).toBe(2);
  });

  test('before the parent is there: the person gets a number, once, and nothing begins by surprise when it is mended', async () => {
    expectErrors(/a bug in the bot/);
    let isBroken = true;
    const flow = await begin({ around: withBugInOpening(() => isBroken) });
    await flow.type('hello/topic-branch to staging');
    await passes(flow, 60 * 60_000, 30_000);
    expect(flow.told()).toHaveLength(1);
    expect(flow.told()[0]).toMatch(/topic-branch.*[0-9A-HJKMNP-TV-Z]{26}/s);
    isBroken = false;
    await passes(flow, 5 * 60_000, 30_000);
    expect(flow.told()).toHaveLength(1);
    expect(posted(flow)).toEqual([]);
    expect(creations(flow)).toEqual([]);
  });

  test('before the parent is there, while Slack takes nothing: the person gets the number when it does', async () => {
    expectErrors(/a bug in the bot/);
    const flow = await begin({ around: withBugInOpening(() => true) });
    const mend = flow.slack.faults.add(nothingIsTaken, { kind: 'status', status: 503 });
    await flow.type('hello/topic-branch to staging');
    await passes(flow, 20 * 60_000, 30_000);
    expect(flow.told()).toEqual([]);
    mend();
    await until(flow, () => flow.told().length > 0, { withinMs: 30 * 60_000, stepMs: 30_000 });
    await passes(flow, 30 * 60_000, 30_000);
    expect(flow.told()).toHaveLength(1);
  });

  test('in running a command, while Slack takes nothing: the person gets a number when it does', async () => {
    expectErrors(/a bug in the bot/);
    let isBroken = true;
    const flow = await begin({ around: withBug(() => isBroken, 'command') });
    const mend = flow.slack.faults.add(nothingIsTaken, { kind: 'status', status: 503 });
    await flow.type('hello to staging');
    await passes(flow, 20 * 60_000, 30_000);
    isBroken = false;
    mend();
    await passes(flow, 20 * 60_000, 30_000);
    expect(flow.told()).toHaveLength(1);
    expect(flow.told()[0]).toMatch(/[0-9A-HJKMNP-TV-Z]{26}/);
    expect(creations(flow)).toEqual([]);
  });

  test('in running a command: the person gets a number', async () => {
    expectErrors(/a bug in the bot/);
    const flow = await begin({ around: withBug(() => true, 'command') });
    await flow.type('hello to staging');
    await passes(flow, 30 * 60_000, 30_000);
    expect(flow.told()).toHaveLength(1);
    expect(flow.told()[0]).toMatch(/[0-9A-HJKMNP-TV-Z]{26}/);
  });
});
