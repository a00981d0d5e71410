import { describe, expect, test } from 'vitest';
import type { Ports } from '../../src/deploy/ports.ts';
import { flows, passes, until } from './seen.ts';
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
    expect(flow.log.some((line) => line.includes('a bug in the bot') && line.includes(story.request))).toBe(true);
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
