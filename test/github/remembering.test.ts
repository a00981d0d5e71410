import { describe, expect, test } from 'vitest';
import { createAnswers } from '../../src/github/answers.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { client, create, serving } from './fixture.ts';

const world = useGitHub();
const hello = { fullName: 'acme/hello' };

async function deployment(): Promise<number> {
  const made = await client(world.github.url).create(hello, create());
  if (made.kind !== 'created') throw new Error(made.kind);
  world.github.requests.length = 0;
  return made.id;
}
const answered = () => world.github.requests.splice(0).map(({ status }) => status);

describe('statuses that are asked for again and again', () => {
  test('are sent when they have changed, and cost nothing otherwise', async () => {
    const id = await deployment();
    const github = client(world.github.url);
    const left: number[] = [];
    const counting = client(world.github.url, { observeRate: (_, remaining) => left.push(remaining) });
    for (const state of ['queued', 'in_progress', 'success']) {
      world.github.addStatus('acme/hello', id, { state });
      const first = await github.statuses(hello, id);
      expect(first.at(-1)).toMatchObject({ state });
      expect(await github.statuses(hello, id)).toEqual(first);
      expect(answered()).toEqual([200, 304]);
    }
    await counting.statuses(hello, id);
    await counting.statuses(hello, id);
    expect(left[1]).toBe(left[0]);
  });

  test('are whole on several pages, however often they are asked for', async () => {
    const id = await deployment();
    const github = client(world.github.url);
    for (let i = 0; i < 99; i++) world.github.addStatus('acme/hello', id, { state: 'in_progress' });
    expect(await github.statuses(hello, id)).toHaveLength(99);
    for (const count of [100, 101, 102]) {
      world.github.addStatus('acme/hello', id, { state: 'in_progress', description: `step ${count}` });
      const statuses = await github.statuses(hello, id);
      expect(statuses).toHaveLength(count);
      expect(statuses.at(-1)).toMatchObject({ description: `step ${count}` });
      expect(await github.statuses(hello, id)).toEqual(statuses);
    }
  });

  test('are asked for anew with another token, which the ETag is not for', async () => {
    const id = await deployment();
    world.github.addStatus('acme/hello', id, { state: 'queued' });
    world.github.addUser('ann', 'ghp_ann', ['repo_deployment', 'repo']);
    let token = 'ghp_ann';
    const github = client(world.github.url, { tokenFor: () => token });
    await github.statuses(hello, id);
    token = 'ghp_sandbox';
    expect(await github.statuses(hello, id)).toHaveLength(1);
    expect(world.github.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
  });

  test('an answer that was cut off is not remembered', async () => {
    let asked = 0;
    const { url } = await serving((request, response) => {
      const isCut = ++asked <= 3;
      const known = request.headers['if-none-match'] === '"one"';
      response.writeHead(known ? 304 : 200, { etag: '"one"', 'content-type': 'application/json' });
      response.end(
        known ? undefined : isCut ? '[{"id' : '[{"id":1,"state":"queued","created_at":"2026-11-20T12:00:00Z"}]',
      );
    });
    const github = client(url);
    await expect(github.statuses(hello, 7)).rejects.toMatchObject({ code: 'github-unreachable' });
    expect(await github.statuses(hello, 7)).toHaveLength(1);
  });

  test('a 304 that has more pages is followed', async () => {
    const status = (id: number) => ({ id, state: 'queued', created_at: '2026-11-20T12:00:00Z' });
    const { url, seen } = await serving((request, response) => {
      if (request.url?.includes('page=2')) {
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify([status(2)]));
      }
      const known = request.headers['if-none-match'] === '"one"';
      const link = `<${url}/repositories/1/statuses?page=2>; rel="next"`;
      response.writeHead(known ? 304 : 200, {
        etag: '"one"',
        'content-type': 'application/json',
        ...(known && { link }),
      });
      response.end(known ? undefined : JSON.stringify([status(1)]));
    });
    const github = client(url);
    expect(await github.statuses(hello, 7)).toHaveLength(1);
    expect(await github.statuses(hello, 7)).toHaveLength(2);
    expect(seen).toHaveLength(3);
  });
});

describe('what is remembered', () => {
  const answer = (entries: number, headers = {}) => ({
    status: 200,
    headers: { etag: '"x"', ...headers },
    data: Array.from({ length: entries }, () => ({})),
  });

  test('is bounded in lists and in entries; what was used last stays', () => {
    const answers = createAnswers();
    for (let i = 0; i < 500; i++) answers.learn('t', `list ${i}`, answer(1));
    expect(answers.recall('t', 'list 0')).toBeDefined();
    answers.learn('t', 'one more', answer(1));
    expect(answers.recall('t', 'list 0')).toBeDefined();
    expect(answers.recall('t', 'list 1')).toBeUndefined();
    for (let i = 0; i < 50; i++) answers.learn('t', `long ${i}`, answer(99));
    expect(answers.recall('t', 'long 0')).toBeDefined();
    answers.learn('t', 'last', answer(100));
    expect(answers.recall('t', 'long 1')).toBeUndefined();
    expect(answers.recall('t', 'long 0')).toBeDefined();
  });

  test('is forgotten when a list has grown to several pages, or has no ETag any more', () => {
    const answers = createAnswers();
    for (const headers of [{ link: '<https://x/?page=2>; rel="next"' }, { etag: undefined }]) {
      answers.learn('t', 'list', answer(1));
      answers.learn('t', 'list', answer(100, headers));
      expect(answers.recall('t', 'list')).toBeUndefined();
    }
  });
});

describe('what is left of the rate limit', () => {
  test('is told by host, for every answer', async () => {
    const seen: unknown[][] = [];
    const github = client(world.github.url, { observeRate: (...what) => seen.push(what) });
    await github.defaultBranch(hello);
    await github.create(hello, create({ ref: 'nowhere' }));
    const host = new URL(world.github.url).host;
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen[0]).toEqual([host, expect.any(Number), 5_000]);
    expect(Number(seen[1]?.[1])).toBeLessThan(Number(seen[0]?.[1]));
  });

  test('is not told where a server has none', async () => {
    const seen: unknown[] = [];
    const { url } = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"default_branch":"main"}');
    });
    await client(url, { observeRate: (host) => seen.push(host) }).defaultBranch(hello);
    expect(seen).toEqual([]);
  });
});
