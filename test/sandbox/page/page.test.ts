import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type SandboxPage, startPage } from '../../../src/sandbox/page/page.ts';
import type { RefView } from '../../../src/sandbox/page/protocol.ts';
import { startWorld, type World } from '../../../src/sandbox/world.ts';
import { startScriptedBot } from '../front-bench.ts';
import { ask, type Visitor, visit } from './visitor.ts';

const ann = 'U0ANN';
const deploys = 'C0DEPLOYS';
const line = '/deploy hello/topic-branch to staging';

/** Polls until it is so, with time for a busy machine. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

let folder: string;
let world: World;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;
let page: SandboxPage;
let visitor: Visitor;
const typed: string[] = [];
const pressed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'page-test-'));
  world = await startWorld({ folder, stepMs: 1 });
  bot = await startScriptedBot(world, {
    command: (fields) => {
      typed.push(`${fields.get('user_name')} in ${fields.get('channel_name')}: ${fields.get('text')}`);
      return { text: `heard ${fields.get('text')}` };
    },
    press: ({ actions }) => void pressed.push(actions[0]?.action_id ?? ''),
  });
  page = await startPage(world, { beginWith: line });
  visitor = await visit(page);
});
afterEach(() => {
  typed.length = 0;
  pressed.length = 0;
});
afterAll(async () => {
  visitor.leave();
  await page.stop();
  await bot.stop();
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('who may ask', () => {
  const own = () => new URL(page.url).host;
  const withToken = () => ({ authorization: `Bearer ${page.token}` });
  const act = JSON.stringify({ do: 'repeat', twice: false });

  test('the page and its files are there for whoever is on this machine, under both of its names', async () => {
    const { status, headers, body } = await ask(page, '/', { headers: { host: own() } });
    expect(status).toBe(200);
    expect(body).toContain('<!doctype html>');
    expect(body).not.toContain(page.token);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const local = own().replace('127.0.0.1', 'localhost');
    expect((await ask(page, '/client/page.css', { headers: { host: local } })).status).toBe(200);
  });

  test('it listens on the loopback interface, and the link keeps its token in the fragment', () => {
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(new URL(page.link).hash).toBe(`#key=${page.token}`);
    expect(page.token.length).toBeGreaterThanOrEqual(32);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/client/page.css'],
    ['GET', '/api/stream'],
    ['POST', '/api/act'],
  ])('%s %s: another Host or another Origin is refused, with the token too', async (method, path) => {
    const { port } = new URL(page.url);
    const strangers = [
      { host: 'evil.test' },
      { host: `evil.test:${port}` },
      { host: `127.0.0.1.evil.test:${port}` },
      { host: '127.0.0.1' },
      { host: own(), origin: 'https://evil.test' },
      { host: own(), origin: 'null' },
      { host: own(), origin: `http://127.0.0.1:${Number(port) + 1}` },
      { host: own(), origin: `http://localhost:${port}` },
    ];
    for (const headers of strangers) {
      const { status } = await ask(page, path, { method, headers: { ...withToken(), ...headers }, body: act });
      expect(status, JSON.stringify(headers)).toBe(403);
    }
  });

  test.each([
    ['GET', '/api/stream'],
    ['POST', '/api/act'],
    ['GET', '/api/anything'],
  ])('%s %s: without the token of the link it is refused', async (method, path) => {
    const wrong = [{}, { authorization: 'Bearer wrong' }, { authorization: page.token }, { authorization: 'Bearer ' }];
    for (const headers of wrong) {
      const answered = await ask(page, path, { method, headers: { host: own(), ...headers }, body: act });
      expect(answered.status, JSON.stringify(headers)).toBe(401);
    }
    const inAddress = await ask(page, `${path}?key=${page.token}`, { method, headers: { host: own() }, body: act });
    expect(inAddress.status).toBe(401);
  });

  test('with both it is answered', async () => {
    const headers = { host: own(), origin: `http://${own()}`, ...withToken() };
    expect((await ask(page, '/api/stream', { headers })).status).toBe(200);
    expect((await ask(page, '/api/act', { method: 'POST', headers, body: act })).status).toBe(200);
  });

  test('no path leads out of the page’s own files', async () => {
    const paths = [
      '/page.js',
      '/page.ts',
      '/client/../page.js',
      '/client/%2e%2e/page.js',
      '/client/tsconfig.json',
      '//etc/passwd',
    ];
    for (const path of paths) {
      expect((await ask(page, path, { headers: { host: own() } })).status, path).toBe(404);
    }
  });

  test('what is no JSON, nothing that one can do, or too long is refused, and nothing falls over', async () => {
    const post = async (body: string) =>
      (await ask(page, '/api/act', { method: 'POST', headers: { host: own(), ...withToken() }, body })).status;
    expect(await post('{')).toBe(400);
    expect(await post('{"do":"format the disk"}')).toBe(400);
    expect(await post(JSON.stringify({ do: 'say', person: ann, room: deploys }))).toBe(400);
    expect(await post(JSON.stringify({ do: 'say', person: 'U9', room: deploys, text: 'x' }))).toBe(400);
    expect(await post('x'.repeat(100_000))).toBe(413);
    expect(await post(act)).toBe(200);
  });
});

describe('the chat', () => {
  test('the stream begins with everything: people, rooms, a line to begin with, the world', () => {
    const [first] = visitor.news;
    expect(first).toMatchObject({
      kind: 'state',
      chat: { beginWith: { line, room: deploys }, apps: ['hello', 'handbook'], bot: { name: 'deckhand' } },
      world: { deployer: { runs: true } },
    });
    if (first?.kind !== 'state') throw new Error('The state comes first.');
    expect(first.chat.people.map(({ name, guest }) => [name, guest])).toEqual([
      ['ann', false],
      ['bob', false],
      ['gus', true],
    ]);
    const between = first.chat.rooms.find(({ name }) => name === 'ann-bob');
    expect(between).toMatchObject({ hasBot: false, people: [ann, 'U0BOB'] });
  });

  test('a slash command reaches the bot; its answer is one person’s, and gone for whoever comes later', async () => {
    expect(
      await visitor.act({ do: 'say', person: 'U0BOB', room: deploys, text: ' /deploy  hello to staging ' }),
    ).toEqual({});
    await soon(() => typed).toEqual(['bob in deploys: hello to staging']);
    await soon(() => visitor.messages().find(({ text }) => text === 'heard hello to staging')).toMatchObject({
      onlyFor: 'U0BOB',
      byBot: true,
      room: deploys,
    });
    const later = await visit(page);
    expect(later.messages().filter(({ onlyFor }) => onlyFor !== undefined)).toEqual([]);
    later.leave();
  });

  test('messages, threads, replies that stand in the channel too, edits', async () => {
    await visitor.act({ do: 'say', person: ann, room: deploys, text: 'good <morning> @bob' });
    const message = () => visitor.messages().find(({ text }) => text.startsWith('good'));
    await soon(message).toMatchObject({ author: ann, text: 'good &lt;morning&gt; <@U0BOB>', byBot: false });
    const { ts = '' } = message() ?? {};
    await visitor.act({ do: 'say', person: 'U0BOB', room: deploys, thread: ts, text: 'and to you' });
    await bot.slack('chat.postMessage', { channel: deploys, thread_ts: ts, reply_broadcast: true, text: 'to all' });
    const posted = await bot.slack('chat.postMessage', { channel: deploys, text: 'first' });
    await bot.slack('chat.update', { channel: deploys, ts: posted.ts, text: 'second' });
    const later = await visit(page);
    const seen = (who: Visitor, text: string) => who.messages().find((one) => one.text === text);
    for (const who of [visitor, later]) {
      await soon(() => seen(who, 'and to you')).toMatchObject({ thread: ts, broadcast: false });
      expect(seen(who, 'to all')).toMatchObject({ thread: ts, broadcast: true, byBot: true });
      await soon(() => seen(who, 'second')).toMatchObject({ edited: true });
      expect(seen(who, 'first')).toBeUndefined();
    }
    later.leave();
  });

  test('a message that is too long is refused with the limit, and reaches nobody', async () => {
    const say = (length: number) =>
      visitor.act({ do: 'say', person: ann, room: deploys, text: `/deploy ${'x'.repeat(length)}` });
    expect((await say(4_000)).error).toMatch(/4008 characters.*4000/);
    expect(typed).toEqual([]);
    expect((await say(3_000)).error).toBeUndefined();
    expect((await say(70_000)).error).toMatch(/64 KB/);
  });

  test('a slash command in a thread reaches nobody, and is answered as Slack does', async () => {
    const { ts } = await bot.slack('chat.postMessage', { channel: deploys, text: 'parent' });
    const { remark } = await visitor.act({ do: 'say', person: ann, room: deploys, thread: ts, text: '/deploy hello' });
    expect(remark).toMatch(/\/deploy is not supported in threads/);
    expect((await visitor.act({ do: 'say', person: ann, room: deploys, text: '/giphy cat' })).remark).toMatch(/giphy/);
    expect(typed).toEqual([]);
  });

  test.each([
    ['C0ELSEWHERE', /not in #elsewhere/],
    ['D0ANN', /direct message/],
    ['D0ANNBOB', /not in this direct message/],
  ])('a mention that nobody hears in %s is said to be one', async (room, expected) => {
    expect((await visitor.act({ do: 'say', person: ann, room, text: '@deckhand hello' })).remark).toMatch(expected);
    expect((await visitor.act({ do: 'say', person: ann, room, text: 'just talk' })).remark).toBeUndefined();
  });

  test('nobody is where they can’t be', async () => {
    const { error } = await visitor.act({ do: 'say', person: 'U0GUS', room: 'D0ANNBOB', text: 'hello' });
    expect(error).toMatch(/gus is not in/);
  });

  test('a button is pressed, and one that is not there is not', async () => {
    const text = { type: 'plain_text', text: 'Go' };
    const elements = [{ type: 'button', action_id: 'say:0', text, value: 'hello' }];
    const { ts } = await bot.slack('chat.postMessage', {
      channel: deploys,
      text: 'x',
      blocks: [{ type: 'actions', elements }],
    });
    expect(await visitor.act({ do: 'press', person: ann, room: deploys, ts, action: 'say:0' })).toEqual({});
    expect(pressed).toEqual(['say:0']);
    const { error } = await visitor.act({ do: 'press', person: ann, room: deploys, ts, action: 'say:1' });
    expect(error).toMatch(/no button/);
  });
});

describe('the world', () => {
  const branch = (name: string): RefView | undefined =>
    visitor.world().repositories[0]?.refs.find((ref) => ref.name === name);
  const checks = (name: string) =>
    Object.fromEntries((branch(name)?.checks ?? []).map(({ name: check, state }) => [check, state]));
  const deliveries = () => visitor.world().deliveries;

  test('branches and tags with their checks', () => {
    expect(branch('main')).toMatchObject({ kind: 'branch', subject: 'Tell where the page comes from (#2)' });
    expect(branch('v1.0.0')).toMatchObject({ kind: 'tag', sha: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(checks('red')).toEqual({ 'ci/janky': 'failure', 'security/brakeman': 'success' });
    expect(visitor.world().repositories.map(({ name }) => name)).toEqual(['acme/hello', 'acme/handbook']);
  });

  test('a check is turned red and green again, and GitHub holds deployments to it', async () => {
    const { sha = '' } = branch('main') ?? {};
    const create = () => bot.deploy({ ref: 'main', required_contexts: undefined });
    for (const [name, kind] of [
      ['ci/janky', 'status'],
      ['security/brakeman', 'run'],
    ] as const) {
      const turn = () => visitor.act({ do: 'check', repository: 'acme/hello', sha, name, kind });
      await turn();
      await soon(() => checks('main')[name]).toBe('failure');
      expect(await create()).toBe(409);
      await turn();
      await soon(() => checks('main')[name]).toBe('success');
    }
    expect(await create()).toBe(201);
    const unknown = await visitor.act({ do: 'check', repository: 'acme/hello', sha, name: 'x', kind: 'status' });
    expect(unknown.error).toBeDefined();
  });

  test('a pushed commit is checked like any other', async () => {
    const before = branch('topic-branch')?.sha;
    await visitor.act({ do: 'push', repository: 'acme/hello', branch: 'topic-branch', person: ann });
    await soon(() => branch('topic-branch')?.sha).not.toBe(before);
    await soon(() => checks('topic-branch')).toEqual({ 'ci/janky': 'success', 'security/brakeman': 'success' });
    await visitor.act({ do: 'push', repository: 'acme/hello', branch: 'topic-branch', person: ann });
    expect(await visitor.act({ do: 'push', repository: 'acme/hello', branch: 'nowhere', person: ann })).toMatchObject({
      error: expect.any(String),
    });
  });

  test('a pull request is pushed to, and merged or closed', async () => {
    const pull = (number: number) => visitor.world().repositories[0]?.pulls.find((one) => one.number === number);
    expect(pull(3)).toMatchObject({ head: 'evening-colors', by: 'bob', state: 'open' });
    expect(pull(4)).toMatchObject({ head: 'erin:kinder-404', state: 'open' });
    const end = (number: number, how: 'merge' | 'close') =>
      visitor.act({ do: 'pull', repository: 'acme/hello', number, how, person: ann });
    await visitor.act({ do: 'push', repository: 'acme/hello', branch: 'evening-colors', person: ann });
    await soon(() => deliveries().some(({ about }) => about === 'synchronize · acme:evening-colors')).toBe(true);
    await end(4, 'close');
    await soon(() => pull(4)?.state).toBe('closed');
    await end(3, 'merge');
    await soon(() => pull(3)?.state).toBe('merged');
    await soon(() => branch('main')?.subject).toContain('Merge pull request #3');
    await soon(() => checks('main')).toEqual({ 'ci/janky': 'success', 'security/brakeman': 'success' });
    expect((await end(3, 'merge')).error).toMatch(/not open/);
    expect((await end(9, 'close')).error).toMatch(/#9/);
  });

  test('somebody deploys from elsewhere', async () => {
    await visitor.act({ do: 'deploy-elsewhere', repository: 'acme/hello' });
    const theirs = () => visitor.world().deployments.find(({ environment }) => environment === 'production');
    await soon(() => theirs()?.statuses[0]).toMatchObject({ state: 'success', by: 'sandbox-deployer' });
  });

  test('the deployer can be made to ignore that it is called off', async () => {
    await visitor.act({ do: 'heed-calls', heeds: false });
    await soon(() => visitor.world().deployer.heedsCalls).toBe(false);
    await visitor.act({ do: 'heed-calls', heeds: true });
    await soon(() => visitor.world().deployer.heedsCalls).toBe(true);
  });

  test('a deployment with its statuses, what is live, and what GitHub delivered to whom', async () => {
    await bot.deploy({ ref: 'main', environment: 'review' });
    const deployment = () => visitor.world().deployments.find(({ environment }) => environment === 'review');
    await soon(() => deployment()?.statuses.map(({ state }) => state)).toEqual(['success', 'in_progress', 'queued']);
    expect(deployment()).toMatchObject({ repository: 'acme/hello', ref: 'main', task: 'deploy' });
    await soon(() => visitor.world().environments.find(({ name }) => name === 'review')).toMatchObject({
      app: 'hello',
      ref: 'main',
    });
    const told = () => deliveries().filter(({ about }) => about.endsWith('review'));
    await soon(() =>
      told()
        .map(({ event, to, outcome }) => [event, to, outcome].join(' '))
        .sort(),
    ).toEqual([
      'deployment bot good',
      'deployment deployer good',
      ...['queued', 'in_progress', 'success'].map(() => 'deployment_status bot good'),
    ]);
    expect(told().map(({ about }) => about)).toContain('success · review');
    expect(new Set(told().map((one) => one.deployment))).toEqual(new Set([deployment()?.id]));
  });

  test('the deployer stops, hears nothing, starts, and is told again', async () => {
    await visitor.act({ do: 'deployer', runs: false });
    await soon(() => visitor.world().deployer.runs).toBe(false);
    await bot.deploy({ ref: 'main', environment: 'stopped' });
    const missed = () => deliveries().find(({ about, to }) => about === 'stopped' && to === 'deployer');
    await soon(() => missed()?.outcome).toBe('bad');
    const statuses = () =>
      visitor.world().deployments.find(({ environment }) => environment === 'stopped')?.statuses.length;
    expect(statuses()).toBe(0);
    await visitor.act({ do: 'deployer', runs: true });
    await visitor.act({ do: 'redeliver', guid: missed()?.guid ?? '' });
    await soon(statuses).toBe(3);
    expect(
      deliveries().some(({ about, to, redelivery }) => about === 'stopped' && to === 'deployer' && redelivery),
    ).toBe(true);
  });

  test('the next success is lost on its way to the bot, and only that', async () => {
    await visitor.act({ do: 'lose', which: 'next-success' });
    await soon(() => visitor.world().webhooks.loss).toBe('next-success');
    await bot.deploy({ ref: 'main', environment: 'lost' });
    const lost = () => deliveries().filter(({ about, outcome }) => about.endsWith('lost') && outcome === 'bad');
    await soon(() => lost().map(({ about }) => about)).toEqual(['success · lost']);
    await soon(() => visitor.world().webhooks.loss).toBe('none');
  });

  test('every status is lost until that ends', async () => {
    await visitor.act({ do: 'lose', which: 'all' });
    await bot.deploy({ ref: 'main', environment: 'mute' });
    const good = () =>
      deliveries().filter(
        ({ about, event, outcome }) => about.endsWith('mute') && event === 'deployment_status' && outcome === 'good',
      );
    await soon(
      () => visitor.world().deployments.find(({ environment }) => environment === 'mute')?.statuses.length,
    ).toBe(3);
    expect(good()).toEqual([]);
    await visitor.act({ do: 'lose', which: 'none' });
    await bot.deploy({ ref: 'main', environment: 'loud-and-not-mute' });
    await soon(() => good().length).toBe(3);
  });

  test('everything comes twice, until it does not', async () => {
    await visitor.act({ do: 'repeat', twice: true });
    await bot.deploy({ ref: 'main', environment: 'echo' });
    const queued = () => deliveries().filter(({ about }) => about === 'queued · echo').length;
    await soon(queued).toBe(2);
    await visitor.act({ do: 'repeat', twice: false });
    await soon(() => visitor.world().webhooks.twice).toBe(false);
  });

  test('the chat answers 429 for a while', async () => {
    const post = () =>
      fetch(`${world.slack.url}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.slack.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ channel: deploys, text: 'hello' }),
      });
    await visitor.act({ do: 'limit-slack', seconds: 30 });
    const refused = await post();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    await soon(() => visitor.world().slackLimitedUntil).toBeDefined();
    await visitor.act({ do: 'limit-slack', seconds: 0 });
    expect((await post()).status).toBe(200);
    await soon(() => visitor.world().slackLimitedUntil).toBeUndefined();
  });
});
