import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, deploys, type Flow, gus } from './flow.ts';
import { answered, askedFor, refusedAs, withPast } from './questions.ts';
import { asked, button, flows, parentOf, passes, press, until } from './seen.ts';
import { deployed } from './story.ts';

const start = flows();

const entries = (shown: string): string[] => shown.split('\n').filter((line) => /#\d/.test(line));

/** A page as ann was shown it. */
const onPage = (flow: Flow, page: number) => flow.told().find((text) => new RegExp(`, page ${page}$`, 'm').test(text));

describe('history', () => {
  test('lists the newest ten with one request, and the next ten by a button', async () => {
    const flow = await start.begin();
    await withPast(flow, 23);
    const { shown, requests } = await askedFor(flow, 'history hello');
    expect(requests).toHaveLength(1);
    expect(entries(shown)).toHaveLength(10);
    expect(entries(shown)[0]).toMatch(/\b1 h ago/);
    expect(entries(shown)[9]).toMatch(/\b10 h ago/);

    await press(flow, /Older/);
    await until(flow, () => onPage(flow, 2) !== undefined);
    expect(onPage(flow, 2)).toMatch(/\b11 h ago[\s\S]*\b20 h ago/);
    await press(flow, /Older/);
    await until(flow, () => onPage(flow, 3) !== undefined);
    expect(onPage(flow, 3)).toMatch(/\b23 h ago/);
    expect(button(flow, /Newer/).button.value).toBe('history hello --page 2');
    expect(() => button(flow, /Older/)).toThrow();
  });

  test('is asked of GitHub a second time for nothing when nothing has changed', async () => {
    const flow = await start.begin();
    await withPast(flow, 3);
    await answered(flow, 'history hello');
    const { requests } = await askedFor(flow, 'history hello');
    expect(requests.map(({ status }) => status)).toEqual([304]);
  });

  test('says how those went of which it was told, and links their logs', async () => {
    const flow = await start.begin();
    await flow.type('hello/topic-branch to staging');
    const { id } = await flow.deployment();
    await flow.report(id, 'failure', { log_url: 'https://ci.example/9' });
    await parentOf(flow);
    await passes(flow, 5_000);
    const { shown, requests } = await askedFor(flow, 'deploys hello');
    expect(shown).toMatch(/failure.*topic-branch.*staging.*by ann/);
    expect(shown).toContain('https://ci.example/9');
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['history hello/topic-branch', /^topic-branch|: topic-branch|• topic-branch/, 3, 1],
    ['history hello in prod', /to production/, 6, 1],
    ['history hello staging', /to staging/, 6, 1],
    ['history hello --task deploy:migrations', /deploy:migrations/, 2, 1],
    ['history hello --by OCTOCAT', /octocat/, 4, 1],
    ['history hello --by @ann', /Ann \(/, 3, 1],
    ['history hello --by me', /Ann \(/, 3, 1],
    ['history hello/main in staging --by hubot -n 1', /main .* staging.*hubot/, 1, 1],
  ])('%s', async (line, every, count, cost) => {
    const flow = await start.begin();
    await withPast(flow, 12);
    const { shown, requests } = await askedFor(flow, line);
    expect(entries(shown)).toHaveLength(count);
    for (const entry of entries(shown)) expect(entry).toMatch(every);
    expect(requests).toHaveLength(cost);
  });

  test('of a commit, by its whole SHA or the beginning of it', async () => {
    const flow = await start.begin();
    await withPast(flow, 12);
    const sha = flow.commits['topic-branch'];
    for (const typed of [sha, sha.slice(0, 7).toUpperCase()]) {
      const { shown } = await answered(flow, `history hello --sha ${typed}`);
      expect(entries(shown)).toHaveLength(3);
    }
  });

  test('looks through three hundred for one person, and says that there are more', async () => {
    const flow = await start.begin();
    await withPast(flow, 310);
    const { shown, requests } = await askedFor(flow, 'history hello --by nobody');
    expect(requests).toHaveLength(3);
    expect(entries(shown)).toEqual([]);
    expect(shown).toContain('300');
    const paged = await askedFor(flow, 'history hello --by octocat');
    expect(paged.requests).toHaveLength(1);
    expect(entries(paged.shown)).toHaveLength(10);
    await press(flow, /Older/);
    await until(flow, () => onPage(flow, 2) !== undefined);
    expect(button(flow, /Newer/).button.value).toBe('history hello --by octocat');
  });

  test('of one of two apps in a repository is about its own environments', async () => {
    const flow = await start.begin({
      catalogue: `owner: acme
apps:
  web: { repository: acme/hello, environments: { staging: {} } }
  api: { repository: acme/hello, environments: { live: { github_environment: production } } }
`,
    });
    await withPast(flow, 6);
    const { shown } = await answered(flow, 'history api');
    expect(entries(shown)).toHaveLength(3);
    for (const entry of entries(shown)) expect(entry).toContain('to live');
  });

  test('of somebody who is mentioned, whose name a message does not hold', async () => {
    const flow = await start.begin();
    await withPast(flow, 3);
    const { id } = await deployed(flow, 'hello to staging', { user: 'U0BOB' });
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand history hello --by <@U0BOB>' });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(new RegExp(`by bob\\n.*by bob \\(#${id}\\)$`));
  });

  test('in a deployment’s thread is about its app', async () => {
    const flow = await start.begin({ catalogue: `${catalogueOfHello}  other: { repository: acme/other }\n` });
    await flow.type('hello to staging');
    await flow.deployment();
    const { ts, channel } = await parentOf(flow);
    await flow.slack.mention({ user: ann, channel, text: '@deckhand history', thread: ts });
    await until(flow, () => flow.told().some((text) => /main.*staging.*by ann/.test(text)));
  });

  test.each([
    ['history helo', 'unknown-app', /history hello/],
    ['history hello in stagin', 'unknown-environment', /history hello in staging/],
    ['history hello to staging extra', 'extra-words', /history hello/],
    ['history hello!', 'extra-words', /history/],
    ['history hello#3', 'extra-words', /pull request/],
    ['history hello in staging/fe1', 'extra-words', /hosts/],
    ['history hello --limit 0', 'bad-number', /1 to 50/],
    ['history hello --limit 51', 'bad-number', /1 to 50/],
    ['history hello --limit ten', 'bad-number', /--limit/],
    ['history hello --page -1', 'option-needs-value', /--page/],
    ['history hello --sha topic', 'bad-sha', /--sha/],
    ['history hello --lmit 3', 'unknown-option', /--limit/],
    ['history ""', 'no-target', /history hello/],
  ])('%s is refused: %s', async (line, reason, mentions) => {
    const flow = await start.begin();
    const message = await answered(flow, line);
    expect(refusedAs(message)).toBe(reason);
    expect(message.shown).toMatch(mentions);
    expect(asked(flow)).toEqual([]);
  });

  test('is not for guests, who may not deploy either', async () => {
    const flow = await start.begin();
    const message = await answered(flow, 'history hello', { user: gus });
    expect(refusedAs(message)).toBe('outsider');
    expect(asked(flow)).toEqual([]);
  });

  test.each([
    [{ kind: 'status', status: 404 } as const, 'no-repository', /no repository/],
    [{ kind: 'status', status: 403 } as const, 'not-permitted', /forbids/],
    [{ kind: 'status', status: 422, body: { message: 'Validation Failed' } } as const, 'github-refused', /422/],
    [{ kind: 'status', status: 502 } as const, 'github-unreachable', /502/],
    [{ kind: 'status', status: 200, body: '<html>' } as const, 'github-unreachable', /./],
    [{ kind: 'status', status: 429, headers: { 'retry-after': '30' } } as const, 'rate-limited', /30 seconds/],
    [{ kind: 'hang' } as const, 'github-unreachable', /10 s/],
  ])('where GitHub answers %j is refused: %s', async (fault, reason, mentions) => {
    const flow = await start.begin();
    flow.github.faults.add({ path: /\/deployments$/, times: Number.POSITIVE_INFINITY }, fault);
    const message = await answered(flow, 'history hello');
    expect(refusedAs(message)).toBe(reason);
    expect(message.shown).toMatch(mentions);
  });
});
