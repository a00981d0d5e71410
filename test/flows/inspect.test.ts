import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, type Flow, gus } from './flow.ts';
import { answered, askedFor, refusedAs, withPast } from './questions.ts';
import { asked, button, flows, parentOf, passes, press, until } from './seen.ts';

const start = flows();

/** One that another tool made long ago, with two statuses. */
async function elsewhereMade(flow: Flow, payload: unknown = ''): Promise<number> {
  const [made] = await flow.github.addPast('acme/hello', [
    {
      ref: 'v1.0.0',
      environment: 'qa',
      description: 'look at it',
      by: 'erin',
      payload: payload as string,
      at: new Date(flow.clock.now().getTime() - 3_600_000),
      statuses: [
        { state: 'in_progress', logUrl: 'https://ci.example/1' },
        { state: 'success', description: 'Up', environmentUrl: 'https://qa.example/' },
      ],
    },
  ]);
  return made?.id ?? 0;
}

/** The JSON of an answer, which may have been split into paragraphs. */
const jsonIn = (shown: string): unknown => JSON.parse(shown.slice(shown.search(/^[[{]/m), shown.search(/^[\]}]/m) + 1));

describe('list', () => {
  test('is GitHub’s list, filtered by GitHub, one request a page', async () => {
    const flow = await start.begin();
    await withPast(flow, 12);
    const id = await elsewhereMade(flow);
    const { shown, requests } = await askedFor(flow, 'list hello');
    expect(requests).toHaveLength(1);
    expect(shown).toContain(String(id));
    await press(flow, /Older/);
    await until(flow, () => flow.told().some((text) => /, page 2$/m.test(text)));

    for (const line of [
      'list hello --environment qa',
      'list hello/v1.0.0',
      `list hello --sha ${flow.commits['v1.0.0']}`,
    ]) {
      expect((await answered(flow, line)).shown.split('\n').slice(1)).toEqual([
        expect.stringMatching(new RegExp(`${id}.*v1\\.0\\.0.*qa.*erin`)),
      ]);
    }
    expect((await answered(flow, 'list hello in staging')).shown).not.toMatch(/production|qa/);
    expect((await answered(flow, 'list hello --task nothing')).shown).toMatch(/no such/);
  });

  test('as JSON: whole objects with their payloads, as many as fit, and where to see all', async () => {
    const flow = await start.begin();
    await withPast(flow, 30);
    const few = await answered(flow, 'list hello -n 2 --json');
    expect(jsonIn(few.shown)).toMatchObject([{ creator: { login: 'hubot' } }, { payload: { user: 'Ann' } }]);
    const many = await answered(flow, 'list hello -n 30 --json');
    const shown = jsonIn(many.shown) as unknown[];
    expect(shown.length).toBeGreaterThan(5);
    expect(many.shown).toMatch(new RegExp(`${30 - shown.length} of 30 are left out`));
    expect(many.shown).toContain('gh api repos/acme/hello/deployments');
    const other = await answered(flow, 'list hello --environment staging -n 15 --page 1 --json');
    expect(other.shown).toContain('-X GET -f environment=staging -f per_page=15 -f page=1');
  });

  test.each([
    ['list hello --sha 1a2b3c4', 'bad-sha'],
    ['list hello in staging --environment qa', 'two-environments'],
    ['list hello --limit 0', 'bad-number'],
    ['list helo', 'unknown-app'],
    ['list hello --by ann', 'unknown-option'],
  ])('%s is refused: %s', async (line, reason) => {
    const flow = await start.begin();
    expect(refusedAs(await answered(flow, line))).toBe(reason);
    expect(asked(flow)).toEqual([]);
  });
});

describe('get', () => {
  test('shows a deployment of anybody’s, found in the catalogue or in the app named', async () => {
    const flow = await start.begin();
    const id = await elsewhereMade(flow, { user: 'zoe' });
    for (const line of [`get ${id}`, `get #${id}`, `get hello ${id}`, `get acme/hello ${id}`]) {
      const { shown, requests } = await askedFor(flow, line);
      expect(shown).toMatch(/v1\.0\.0[\s\S]*qa[\s\S]*erin[\s\S]*zoe[\s\S]*look at it/);
      expect(requests).toHaveLength(1);
    }
    expect(button(flow, /Statuses/).button.value).toBe(`statuses hello ${id}`);
  });

  test('shows the payload in JSON alone, and the signature of a return address nowhere', async () => {
    const flow = await start.begin();
    await flow.type('hello to staging --set color=teal');
    const { id, payload } = await flow.deployment();
    await parentOf(flow);
    const { signature } = (payload as { deckhand: { signature: string } }).deckhand;
    const copy = await elsewhereMade(flow, JSON.stringify(payload));
    expect((await answered(flow, `get ${id}`)).shown).not.toContain('teal');
    for (const one of [id, copy]) {
      const { shown } = await answered(flow, `get ${one} --json`);
      expect(jsonIn(shown)).toMatchObject({ id: one });
      expect(shown).toContain('teal');
      expect(shown).not.toContain(signature);
    }
  });

  test('a payload that is too long is cut between lines, and that is said', async () => {
    const flow = await start.begin();
    const payload = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`key${index}`, 'x<&>'.repeat(8)]));
    const id = await elsewhereMade(flow, payload);
    const { shown } = await answered(flow, `get ${id} --json`);
    expect(shown).toMatch(/key0"/);
    expect(shown).toMatch(/\d+ lines are left out.*gh api repos\/acme\/hello\/deployments\/\d+/);
    // All four spaces: it is in fixed width.
    expect(shown).toMatch(/^ {4}"key1"/m);
  });

  test('in a deployment’s thread is that deployment', async () => {
    const flow = await start.begin();
    await flow.type('hello to staging');
    const { id } = await flow.deployment();
    const { ts, channel } = await parentOf(flow);
    await flow.slack.mention({ user: ann, channel, text: '@deckhand get', thread: ts });
    await until(flow, () => flow.told().some((text) => text.includes(`Deployment ${id}`)));
  });

  test.each([
    ['get', 'which-deployment'],
    ['get hello', 'which-deployment'],
    ['get nonsense', 'bad-id'],
    ['get 12 34', 'extra-words'],
    ['get helo 12', 'unknown-app'],
    ['get 01ARZ3NDEKTSV4RRFFQ69G5FAV', 'no-such-deployment'],
    ['get 1 --jsn', 'unknown-option'],
  ])('%s is refused: %s', async (line, reason) => {
    const flow = await start.begin();
    expect(refusedAs(await answered(flow, line))).toBe(reason);
    expect(asked(flow)).toEqual([]);
  });

  test('a deployment that is nowhere is refused after each repository was asked once', async () => {
    const flow = await start.begin({
      catalogue: `${catalogueOfHello}  again: { repository: ACME/hello }\n  other: { repository: acme/other }\n`,
    });
    await flow.github.addRepository({ owner: 'acme', name: 'other' });
    const before = asked(flow).length;
    expect(refusedAs(await answered(flow, 'get 77'))).toBe('no-such-deployment');
    expect(asked(flow)).toHaveLength(before + 2);
  });

  test('where one repository can’t be asked nobody says that there is none', async () => {
    const flow = await start.begin();
    flow.github.faults.add({ path: /\/deployments\/77$/, times: 3 }, { kind: 'status', status: 503 });
    expect(refusedAs(await answered(flow, 'get 77'))).toBe('github-unreachable');
  });

  test('more than ten repositories are not looked through: the app has to be named', async () => {
    const apps = Array.from({ length: 11 }, (_, index) => `  a${index}: { repository: acme/r${index} }\n`).join('');
    const flow = await start.begin({ catalogue: catalogueOfHello + apps });
    const id = await elsewhereMade(flow);
    const before = asked(flow).length;
    expect(refusedAs(await answered(flow, `get ${id}`))).toBe('which-app');
    expect(asked(flow)).toHaveLength(before);
    expect((await answered(flow, `get hello ${id}`)).shown).toContain('qa');
  });

  test('of a repository that nobody listed: one that is under way is known by its id, another by its name and id', async () => {
    const catalogue = 'owner: acme\nunlisted: true\napps: { other: { repository: acme/other } }\n';
    const flow = await start.begin({ catalogue });
    await flow.type('hello to staging');
    const { id } = await flow.deployment();
    await parentOf(flow);
    for (const line of [`status ${id}`, `get ${id}`]) {
      expect((await answered(flow, line)).shown).toMatch(new RegExp(String(id)));
      expect(refusedAs(await answered(flow, line))).toBeUndefined();
    }
    const message = await answered(flow, 'get 77');
    expect(refusedAs(message)).toBe('no-such-deployment');
    expect(message.shown).toMatch(/name before the id/);
    expect((await answered(flow, `cancel ${id}`)).shown).toMatch(/Cancelled/);
  });

  test('one of ours that somebody deleted on GitHub is refused as that', async () => {
    const flow = await start.begin();
    await flow.type('hello to staging');
    const { id } = await flow.deployment();
    await parentOf(flow);
    flow.github.faults.add({ path: new RegExp(`/deployments/${id}$`) }, { kind: 'status', status: 404 });
    const message = await answered(flow, `get ${id}`);
    expect(refusedAs(message)).toBe('no-such-deployment');
    expect(message.shown).toMatch(/deleted/);
  });

  test('one that GitHub has not created is refused with where it stands', async () => {
    const flow = await start.begin();
    flow.github.faults.add({ method: 'POST', path: /\/deployments$/ }, { kind: 'hang' });
    await flow.type('hello to staging');
    const { ts, channel } = await parentOf(flow);
    await flow.slack.mention({ user: ann, channel, text: '@deckhand get', thread: ts });
    await until(flow, () => flow.told().some((text) => /not on GitHub[\s\S]*status/.test(text)));
  });

  test('is not for guests, whoever made it', async () => {
    const flow = await start.begin();
    const id = await elsewhereMade(flow);
    for (const line of [`get ${id}`, `get hello ${id}`, `statuses ${id} --json`, 'list hello --json']) {
      expect(refusedAs(await answered(flow, line, { user: gus }))).toBe('outsider');
    }
    expect(asked(flow)).toEqual([]);
  });
});

describe('statuses', () => {
  test('lists all of them with their authors and links, oldest first, for two requests', async () => {
    const flow = await start.begin();
    const id = await elsewhereMade(flow);
    const { shown, requests } = await askedFor(flow, `statuses ${id}`);
    expect(shown).toMatch(/in_progress.*erin.*https:\/\/ci\.example\/1\)\n.*success.*Up.*https:\/\/qa\.example/);
    expect(requests).toHaveLength(2);
    const { shown: json } = await answered(flow, `statuses hello ${id} --json`);
    expect(jsonIn(json)).toMatchObject([{ state: 'success', description: 'Up' }, { state: 'in_progress' }]);
  });

  test('says where there is none', async () => {
    const flow = await start.begin();
    const { id } = await flow.github.addDeployment('acme/hello', { environment: 'qa' });
    await passes(flow, 1_000);
    expect((await answered(flow, `statuses ${id}`)).shown).toMatch(/no status/);
  });

  test('of many shows the newest, and how many there are besides', async () => {
    const flow = await start.begin();
    const at = flow.clock.now();
    const statuses = Array.from({ length: 33 }, (_, index) => ({
      state: 'in_progress',
      description: `step ${index}.`,
    }));
    const [made] = await flow.github.addPast('acme/hello', [{ at, statuses }]);
    const { shown } = await answered(flow, `statuses ${made?.id}`);
    expect(shown).toContain('13 older');
    expect(shown).toContain('step 32.');
    expect(shown).not.toContain('step 12.');
  });

  test('what others wrote is text', async () => {
    const flow = await start.begin();
    const statuses = [{ state: 'success', description: '<!channel> *bold* ```' }];
    const [made] = await flow.github.addPast('acme/hello', [{ at: flow.clock.now(), by: 'erin', statuses }]);
    for (const line of [`statuses ${made?.id}`, `statuses ${made?.id} --json`]) {
      expect((await answered(flow, line)).shown).not.toMatch(/@channel!/);
    }
  });
});

test.each(['get', 'statuses'])('%s --json of one that is deleted between two looks says so', async (verb) => {
  const flow = await start.begin();
  const id = await elsewhereMade(flow);
  let looks = 0;
  const when = () => verb === 'statuses' || ++looks > 1;
  const path = verb === 'get' ? new RegExp(`/${id}$`) : /\/statuses$/;
  flow.github.faults.add({ path, when, times: 9 }, { kind: 'status', status: 404 });
  const { shown } = await answered(flow, `${verb} hello ${id} --json`);
  expect(shown).toMatch(/no deployment.*deleted/);
});
