import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/deploy/deployment.ts';
import type { Chat, Posted } from '../../src/deploy/ports.ts';
import type { SandboxSlack } from '../../src/sandbox/slack/server.ts';
import { type TestClock, testClock } from '../clock.ts';
import { type CountedBudget, countedBudget } from './budget.ts';
import { at, type Chatting, startChatting } from './chatting.ts';
import { deployment, plainly, status, statusLine, view } from './deployments.ts';
import { ann, ops } from './scene.ts';

const other = 'C0OTHER';

let clock: TestClock;
let slack: SandboxSlack;
let chat: Chat;
let chatWith: Chatting['chatWith'];
let limited: string[];
let budget: CountedBudget;

beforeEach(async () => {
  clock = testClock();
  ({ slack, chatWith, limited } = await startChatting({ limits: true, now: () => clock.now() }));
  slack.addChannel({ id: other, name: 'other', members: [ann] });
  budget = countedBudget(clock);
  chat = chatWith(clock, { budget });
});
afterEach(() => slack.stop());

const tooMany = (seconds: number) =>
  ({ kind: 'status', status: 429, headers: { 'retry-after': String(seconds) } }) as const;

/** Something to be said to Slack, in order, each as soon as it may be; as a narrator does. */
type Story = (() => Promise<Posted>)[];

/** Tells stories until all are told. Answers how often each thing was tried, and when the last was said, in ms from now. */
async function tellAll(stories: readonly Story[]): Promise<{ tries: number; tookMs: number[] }> {
  const began = clock.now().getTime();
  const left = stories.map((story, index) => ({ story: [...story], due: began, index }));
  const tookMs: number[] = [];
  let tries = 0;
  for (;;) {
    const [next] = left.filter(({ story }) => story.length > 0).sort((a, b) => a.due - b.due || a.index - b.index);
    if (!next) return { tries, tookMs };
    await clock.advance(Math.max(0, next.due - clock.now().getTime()));
    const posted = await next.story[0]?.();
    tries += 1;
    if (posted?.kind === 'later') next.due = clock.now().getTime() + posted.afterMs;
    else {
      expect(posted).toMatchObject({ kind: 'posted' });
      next.story.shift();
      tookMs[next.index] = clock.now().getTime() - began;
    }
    if (tries > 5_000) throw new Error('It is never told.');
  }
}

async function opened(request: string, room: string): Promise<Deployment> {
  const one = deployment({ request, place: at(room), askedAt: clock.now().toISOString() });
  let ts = '';
  const open = async () => {
    const posted = await chat.open(view({ deployment: one }));
    if (posted.kind === 'posted') ts = posted.ts;
    return posted;
  };
  await tellAll([[open]]);
  return { ...one, thread: ts };
}

const line = (one: Deployment, id: number) => () =>
  chat.reply(one, statusLine(status('in_progress', { id, description: `step ${id}.` })), plainly);

const lines = (one: Deployment, count: number): Story =>
  Array.from({ length: count }, (_, index) => line(one, index + 1));

const steps = (one: Deployment) =>
  slack.thread(one.place.room, one.thread ?? '').map(({ shown }) => Number(/step (\d+)\./.exec(shown)?.[1]));

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('lines', () => {
  test('twenty into one room and twenty into another: in order, and Slack never says too often', async () => {
    const one = await opened('01J-ONE', ops);
    const two = await opened('01J-TWO', other);
    const before = budget.reserved;
    const { tries, tookMs } = await tellAll([lines(one, 20), lines(two, 20)]);
    expect(limited).toEqual([]);
    expect(steps(one)).toEqual(upTo(20));
    expect(steps(two)).toEqual(upTo(20));
    expect(Math.max(...tookMs)).toBeLessThan(25_000);
    // Nobody asks again before it is their turn, and a turn is taken once.
    expect(budget.reserved - before).toBe(40);
    expect(tries).toBeLessThanOrEqual(80);
  });

  test('of twenty deployments in one room keep the order in which they came', async () => {
    const all = upTo(20).map((id) => deployment({ request: `01J-${id}`, place: at(ops) }));
    const { thread } = await opened('01J-ONE', ops);
    const said: string[] = [];
    slack.on('message', ({ shown }) => void said.push(shown));
    await tellAll(all.map((one, index) => [line({ ...one, thread }, index + 1)]));
    expect(limited).toEqual([]);
    expect(said.map((shown) => Number(/step (\d+)\./.exec(shown)?.[1]))).toEqual(upTo(20));
  });

  test('a turn of one who does not come back is not kept for ever', async () => {
    const one = await opened('01J-ONE', ops);
    await tellAll([lines(one, 5)]);
    const late = line(one, 6);
    const posted = await late();
    expect(posted).toMatchObject({ kind: 'later' });
    await clock.advance(posted.kind === 'later' ? posted.afterMs + 120_000 : 0);
    const before = budget.reserved;
    expect(await late()).toMatchObject({ kind: 'posted' });
    expect(budget.reserved - before).toBe(1);
  });
});

describe('parents', () => {
  test('do not wait behind the lines of their room', async () => {
    const one = await opened('01J-ONE', ops);
    const waiting = upTo(30).map((id) => ({ ...one, request: `01J-${id}` }));
    const open = () => chat.open(view({ deployment: deployment({ request: '01J-NEW', place: at(ops) }) }));
    const { tookMs } = await tellAll([...waiting.map((each) => [line(each, 1)]), [open]]);
    expect(tookMs[30]).toBeLessThanOrEqual(2_000);
    expect(tookMs[29]).toBeGreaterThan(20_000);
    expect(limited).toEqual([]);
  });
});

describe('edits', () => {
  test('of a hundred deployments at once stay within Slack’s fifty a minute, and each parent ends right', async () => {
    const all: Deployment[] = [];
    for (const id of upTo(100)) {
      const { id: room } = slack.addChannel({ id: `C0ROOM${id}`, name: `room-${id}`, members: [ann] });
      all.push(await opened(`01J-${id}`, room));
    }
    const state = new Map<string, string>();
    const edit = (one: Deployment) => () =>
      chat.edit(view({ deployment: one, status: status(state.get(one.request) ?? 'queued') }));
    // All are moved on while their edits wait.
    const storm = all.map((one): Story => [edit(one)]);
    const movesOn: Story = all.map((one) => async () => {
      state.set(one.request, 'success');
      return { kind: 'posted', ts: '' };
    });
    const { tries } = await tellAll([...storm, movesOn]);
    expect(limited).toEqual([]);
    expect(tries).toBeLessThanOrEqual(300);
    await tellAll(all.slice(0, 10).map((one): Story => [edit(one)]));
    expect(limited).toEqual([]);
    for (const { place } of all) expect(slack.messages(place.room)[0]?.shown).toContain('deployed');
  });
});

describe('too often all the same', () => {
  const calls = (method: string) => slack.calls.filter((call) => call.method === method).length;

  test('in one room: it waits as long as it was told, in order; the other room goes on', async () => {
    const one = await opened('01J-ONE', ops);
    const two = await opened('01J-TWO', other);
    slack.faults.add({ path: /postMessage/, when: ({ channel }) => channel === ops }, tooMany(30));
    const waiting = upTo(10).map((id) => ({ ...one, request: `01J-${id}` }));
    const before = calls('chat.postMessage');
    const { tookMs } = await tellAll([...waiting.map((each, index) => [line(each, index + 1)]), lines(two, 5)]);
    expect(limited).toEqual(['chat.postMessage']);
    expect(calls('chat.postMessage') - before).toBe(16);
    expect(tookMs[10]).toBeLessThan(6_000);
    expect(tookMs[0]).toBe(30_000);
    expect(steps(one)).toEqual(upTo(10));
  });

  test('whoever has a turn by then takes a later one', async () => {
    const one = await opened('01J-ONE', ops);
    const waiting = upTo(12).map((id) => ({ ...one, request: `01J-${id}` }));
    const isTheSixth = ({ channel, text }: { channel: string; text: string }) =>
      channel === ops && /step 6\./.test(text);
    slack.faults.add({ path: /postMessage/, when: isTheSixth }, tooMany(30));
    const { tookMs } = await tellAll(waiting.map((each, index) => [line(each, index + 1)]));
    expect(limited).toEqual(['chat.postMessage']);
    expect(steps(one)).toEqual(upTo(12));
    expect(Math.min(...tookMs.slice(5))).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...tookMs)).toBeLessThan(45_000);
  });

  test('for edits: lines, parents and people are not held up', async () => {
    const one = await opened('01J-ONE', ops);
    slack.faults.add({ path: /chat\.update/ }, tooMany(20));
    const edit = () => chat.edit(view({ deployment: one, status: status('success') }));
    const began = clock.now().getTime();
    expect(await edit()).toEqual({ kind: 'later', afterMs: 20_000 });
    expect(await line(one, 1)()).toMatchObject({ kind: 'posted' });
    await opened('01J-TWO', ops);
    const to = { place: at(ops), user: ann, at: clock.now().toISOString() };
    expect(await chat.whisper(to, { words: ['Hello.'] })).toBe(true);
    await tellAll([[edit]]);
    expect(clock.now().getTime() - began).toBe(20_000);
    expect(slack.messages(ops)[0]?.shown).toContain('deployed');
  });

  test('for one message again and again: the others are edited meanwhile', async () => {
    const one = await opened('01J-ONE', ops);
    const two = await opened('01J-TWO', other);
    slack.faults.add({ path: /chat\.update/, times: 6, when: ({ channel }) => channel === ops }, tooMany(10));
    const edit = (each: Deployment) => () => chat.edit(view({ deployment: each, status: status('success') }));
    const { tookMs } = await tellAll([[edit(one)], [edit(two)]]);
    expect(tookMs[1]).toBeLessThan(30_000);
    expect(tookMs[0]).toBeGreaterThanOrEqual(60_000);
  });

  test('is known to everybody who shares the budget', async () => {
    const one = await opened('01J-ONE', ops);
    slack.faults.add({ path: /postMessage/ }, tooMany(30));
    await line(one, 1)();
    const elsewhereToo = chatWith(clock, { budget });
    const said = statusLine(status('queued', { id: 2 }));
    const posted = await elsewhereToo.reply(one, said, plainly);
    expect(posted.kind === 'later' && posted.afterMs).toBeGreaterThanOrEqual(30_000);
    const parent = await elsewhereToo.open(view({ deployment: deployment({ place: at(ops) }) }));
    expect(parent).toEqual({ kind: 'later', afterMs: 30_000 });
  });

  test('for reading back: the next look waits as well', async () => {
    const one = await opened('01J-ONE', ops);
    slack.faults.add({ path: /replies/ }, tooMany(7));
    expect(await chat.find(one, 'status:1')).toEqual({ laterMs: 7_000 });
    expect(await chat.find(one, 'status:2')).toMatchObject({ laterMs: expect.any(Number) });
    expect(calls('conversations.replies')).toBe(1);
    await clock.advance(10_000);
    expect(await chat.find(one, 'status:2')).toEqual({});
  });
});

describe('while nobody knows the budget', () => {
  test('nothing is said and nothing is lost', async () => {
    const one = await opened('01J-ONE', ops);
    const before = slack.calls.length;
    budget.isDown = true;
    const tries = [line(one, 1)(), chat.edit(view({ deployment: one })), chat.open(view())];
    for (const posted of await Promise.all(tries)) expect(posted).toEqual({ kind: 'later', afterMs: 1_000 });
    expect(await chat.find(one, 'parent')).toEqual({ laterMs: 1_000 });
    expect(slack.calls).toHaveLength(before);
    budget.isDown = false;
    await clock.advance(1_000);
    expect(await line(one, 1)()).toMatchObject({ kind: 'posted' });
  });

  test('a 429 is obeyed all the same', async () => {
    const one = await opened('01J-ONE', ops);
    slack.faults.add({ path: /postMessage/ }, tooMany(30));
    const { hold } = budget;
    budget.hold = async (lane, ms) => {
      budget.isDown = true;
      return hold(lane, ms);
    };
    expect(await line(one, 1)()).toEqual({ kind: 'later', afterMs: 30_000 });
    budget.isDown = false;
    const asked = slack.calls.length;
    expect(await line(one, 2)()).toEqual({ kind: 'later', afterMs: 30_000 });
    expect(slack.calls).toHaveLength(asked);
  });
});
