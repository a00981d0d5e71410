import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executeLine } from '../../src/sandbox/front/exec.ts';
import { createPaint } from '../../src/sandbox/front/paint.ts';
import { createPrompt } from '../../src/sandbox/front/prompt.ts';
import { createTranscript, type Transcript } from '../../src/sandbox/front.ts';
import { namesOf, type Place } from '../../src/sandbox/places.ts';
import { startWorld, type World } from '../../src/sandbox/world.ts';
import { quick, type Script, startScriptedBot } from './front-bench.ts';

const channel = 'C0DEPLOYS';
let folder: string;
let world: World;
let transcript: Transcript;
let printed: string[];
let script: Script;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'front-test-'));
  world = await startWorld({ folder, stepMs: 0 });
  printed = [];
  script = {};
  bot = await startScriptedBot(world, {
    command: (fields) => script.command?.(fields),
    press: (payload) => script.press?.(payload),
    status: (event) => script.status?.(event),
  });
  transcript = createTranscript({
    slack: world.slack,
    names: namesOf(world),
    print: (line) => printed.push(line),
    paint: createPaint(false),
  });
});
afterEach(async () => {
  transcript.stop();
  await bot.stop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

function execute(line: string, more: { yes?: boolean; timeout?: number; place?: Place } = {}) {
  const { yes = false, timeout = 10_000 } = more;
  return executeLine(
    world,
    transcript,
    { line, person: 'ann', place: more.place ?? 'deploys' },
    { yes, timeout, quiet: quick, botEnded: () => undefined, signal: AbortSignal.timeout(15_000) },
  );
}

/** A bot that opens a thread, deploys with it as the return address, and tells every status there. */
function deployAndTell(ref: string): void {
  let thread: string | undefined;
  script.command = async () => {
    thread = (await bot.slack('chat.postMessage', { channel, text: `deploying ${ref}` })).ts;
    const payload = { name: 'hello', notify: { room: channel, thread_id: thread, message_id: thread } };
    await bot.deploy({ ref, payload });
  };
  script.status = async ({ deployment_status: { state } }) => {
    await bot.slack('chat.postMessage', { channel, thread_ts: thread, text: `now ${state}` });
    await bot.slack('chat.update', { channel, ts: thread, text: `${ref} is ${state}` });
  };
}

const button = (id: string) => [
  { type: 'section', text: { type: 'plain_text', text: 'Sure?' } },
  {
    type: 'actions',
    elements: [{ type: 'button', action_id: id, value: 'v', text: { type: 'plain_text', text: 'Deploy' } }],
  },
];

test('a deployment is followed to its end, and the chat is printed while it changes', async () => {
  deployAndTell('topic-branch');
  const verdict = await execute('/deploy hello/topic-branch to staging');
  expect(verdict.code).toBe(0);
  expect(verdict.because).toContain('topic-branch to staging');
  expect(printed[0]).toContain('#deploys');
  expect(printed[1]).toContain('ann types: /deploy hello/topic-branch to staging');
  expect(printed).toContain('deckhand: deploying topic-branch');
  const replies = printed.filter((line) => /^\s+↳ deckhand: now/.test(line)).map((line) => line.split('now ')[1]);
  expect(replies).toEqual(['queued', 'in_progress', 'success']);
  expect(printed.at(-1)).toBe('deckhand (edited): topic-branch is success');
});

test('a deployment that fails is 1', async () => {
  deployAndTell('broken');
  expect(await execute('/deploy hello/broken')).toMatchObject({ code: 1 });
});

test('a deployment that the thread never tells is given up', async () => {
  deployAndTell('main');
  script.status = undefined;
  const verdict = await execute('/deploy hello', { timeout: 1_000 });
  expect(verdict.code).toBe(1);
  expect(verdict.because).toContain('thread');
});

test('what else the thread says does not stand for a status', async () => {
  deployAndTell('main');
  script.status = async ({ deployment: { payload } }) => {
    const { notify } = payload as { notify: { thread_id: string } };
    const metadata = { event_type: 'deckhand', event_payload: { request: '1', key: 'origin' } };
    await bot.slack('chat.postMessage', { channel, thread_ts: notify.thread_id, text: 'Goes back', metadata });
  };
  const verdict = await execute('/deploy hello', { timeout: 1_000 });
  expect(verdict).toMatchObject({ code: 1, because: expect.stringContaining('thread') });
});

test('a private answer is 0, and its look is printed', async () => {
  script.command = () => ({ text: 'What you can type: *nothing*' });
  expect(await execute('/deploy help')).toMatchObject({ code: 0 });
  expect(printed.at(-1)).toMatch(/deckhand \(only ann can see this\): What you can type/);
});

test('a refusal is 1', async () => {
  const text = { type: 'plain_text', text: 'There is no app of that name.' };
  script.command = () => ({ text: 'no', blocks: [{ type: 'section', block_id: 'refusal-1', text }] });
  expect(await execute('/deploy nothing')).toEqual({ code: 1, because: 'refused' });
});

test('a command that nobody takes is 1', async () => {
  world.slack.requestUrl = 'http://127.0.0.1:9/';
  expect(await execute('/deploy hello')).toEqual({ code: 1, because: 'refused' });
});

test('what GitHub refuses is 1', async () => {
  script.command = async () => {
    await bot.slack('chat.postMessage', { channel, text: 'deploying' });
    await bot.deploy({ ref: 'no-such-branch' });
  };
  const verdict = await execute('/deploy hello/no-such-branch');
  expect(verdict.code).toBe(1);
  expect(verdict.because).toContain('422');
});

test('a confirming button waits, and --yes presses it', async () => {
  script.command = () => ({ text: 'Sure?', blocks: button('confirm-environment') });
  expect((await execute('/deploy hello')).because).toContain('button');
  expect(printed.some((line) => line.includes('[1 Deploy]'))).toBe(true);
  script.press = async ({ response_url }) => {
    const body = JSON.stringify({ replace_original: true, text: 'Going ahead' });
    await fetch(response_url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  expect(await execute('/deploy hello', { yes: true })).toMatchObject({ code: 0 });
});

test('other buttons are nobody’s to press', async () => {
  script.command = () => ({ text: 'Sure?', blocks: button('undo') });
  expect(await execute('/deploy hello', { yes: true })).toMatchObject({ code: 0 });
});

test('a mention where the bot is not is told at once', async () => {
  const verdict = await execute('@deckhand hello', { place: 'elsewhere' });
  expect(verdict.code).toBe(1);
  expect(verdict.because).toContain('#elsewhere');
});

test('what a message says cannot paint the terminal', async () => {
  await bot.slack('chat.postMessage', { channel, text: 'evil \u001b[31mred\u001b]0;title\u0007 end' });
  expect(printed.join('\n')).toContain('end');
  expect(printed.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
});

test('of an edit only the first line and what is new is printed, and code is told from text', async () => {
  const { ts } = await bot.slack('chat.postMessage', { channel, text: 'deploying `main`\nasking\nfor ann' });
  await bot.slack('chat.update', { channel, ts, text: 'deploying `main`\nwaiting\nfor ann' });
  expect(printed.slice(-5)).toEqual([
    'deckhand: deploying `main`',
    '    asking',
    '    for ann',
    'deckhand (edited): deploying `main`',
    '    waiting',
  ]);
});

test('an edit that changes nothing to be read is not printed', async () => {
  const { ts } = await bot.slack('chat.postMessage', { channel, text: 'same' });
  const before = printed.length;
  await bot.slack('chat.update', { channel, ts, text: 'same' });
  expect(printed).toHaveLength(before);
});

test('the prompt types, goes elsewhere, presses and ends', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  let screen = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const prompt = createPrompt(output);
  transcript.stop();
  const names = namesOf(world);
  transcript = createTranscript({ slack: world.slack, names, print: prompt.print, paint: createPaint(false) });
  const pressed: string[] = [];
  script.command = (fields) => ({ text: `you are ${fields.get('user_name')}`, blocks: button('confirm-it') });
  script.press = ({ actions }) => pressed.push(actions[0]?.action_id ?? '');

  const { signal } = new AbortController();
  const done = prompt.run({ world, transcript, person: 'ann', place: 'deploys', input, output, signal });
  const type = (line: string) => input.write(`${line}\n`);
  type('/deploy help');
  await expect.poll(() => screen).toContain('[1 Deploy]');
  type(':press 1');
  await expect.poll(() => pressed).toEqual(['confirm-it']);
  type(':as bob');
  type(':in random');
  type('hello');
  await expect.poll(() => screen).toContain('bob #random> ');
  await expect.poll(() => screen).toContain('reaches nobody');
  type(':in dm');
  type('/deploy help');
  await expect.poll(() => screen).toContain('── direct message between bob and deckhand ──');
  await expect.poll(() => screen).toContain('bob → deckhand> ');
  type(':in ann-bob');
  type(':as gus');
  await expect.poll(() => screen).toContain('gus is not in it');
  await expect.poll(() => screen).toContain('bob → ann> ');
  type(':press 99');
  await expect.poll(() => screen).toContain('There is no button [99]');
  type(':jump');
  await expect.poll(() => screen).toContain(':help');
  type(':quit');
  await done;
});
