import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, deploys, elsewhere, type Flow, random } from './flow.ts';
import { answered, refusedAs, withPast } from './questions.ts';
import { asSoonAs, calm, flows, parentOf, passes, posted, press, until } from './seen.ts';

const start = flows();

const said = (flow: Flow) => posted(flow).map(({ shown }) => shown);
const posts = (flow: Flow) => flow.slack.calls.filter(({ method }) => method === 'chat.postMessage');

describe('--show', () => {
  test('answers in the room, once, and says who asked what', async () => {
    const flow = await start.begin();
    await withPast(flow, 12);
    await flow.type('history hello --show');
    await until(flow, () => posted(flow).length > 0);
    await calm(flow);
    expect(said(flow)).toHaveLength(1);
    expect(posted(flow)[0]).toMatchObject({ channel: deploys });
    expect(said(flow)[0]).toMatch(/@ann typed.*history hello --show[\s\S]*main.*production/);
    expect(flow.told()).toEqual([]);
  });

  test('and without it to that person alone', async () => {
    const flow = await start.begin();
    await withPast(flow, 2);
    await answered(flow, 'history hello');
    expect(said(flow)).toEqual([]);
  });

  test('its buttons answer whoever presses, each of them, as often as they are pressed', async () => {
    const flow = await start.begin();
    await withPast(flow, 12);
    await flow.type('history hello --show');
    await until(flow, () => posted(flow).length > 0);
    for (const user of [ann, 'U0BOB', ann]) {
      const before = flow.told(user).length;
      await press(flow, /Older/, user);
      await until(flow, () => flow.told(user).length > before);
      await calm(flow);
      expect(flow.told(user).at(-1)).toMatch(/page 2/);
    }
    expect(said(flow)).toHaveLength(1);
  });

  test('goes to the thread where it was typed', async () => {
    const flow = await start.begin();
    await flow.type('hello to staging');
    await flow.deployment();
    const { ts, channel } = await parentOf(flow);
    await flow.slack.mention({ user: ann, channel, text: '@deckhand history --show', thread: ts });
    await until(flow, () => posted(flow).some(({ thread_ts, shown }) => thread_ts === ts && /history/.test(shown)));
  });

  test('a refusal stays private', async () => {
    const flow = await start.begin();
    const message = await answered(flow, 'history helo --show');
    expect(refusedAs(message)).toBe('unknown-app');
    expect(said(flow)).toEqual([]);
  });

  test('is held to the rooms of the app, and says what goes without it', async () => {
    const flow = await start.begin({
      catalogue: catalogueOfHello.replace(
        '    default_environment',
        `    allowed_rooms: [${deploys}]\n    default_environment`,
      ),
    });
    await withPast(flow, 2);
    const message = await answered(flow, 'history hello --show', { channel: random });
    expect(refusedAs(message)).toBe('wrong-room');
    expect(message.shown).toMatch(/--show/);
    expect((await answered(flow, 'history hello', { channel: random })).shown).toMatch(/production/);
    expect(said(flow)).toEqual([]);
  });

  test('is held to who reads the room: what another organization may not ask for it is not shown', async () => {
    const flow = await start.begin();
    flow.slack.addUser({ id: 'U0EVE', name: 'eve', team: 'T0OTHER' });
    flow.slack.invite(random, 'U0EVE');
    await withPast(flow, 2);
    for (const line of ['history hello --show', 'where hello --show', 'list hello --json --show']) {
      const message = await answered(flow, line, { channel: random });
      expect(refusedAs(message)).toBe('shared-room');
      expect(message.shown).toMatch(/other organi[sz]ations.*Without --show/s);
    }
    expect((await answered(flow, 'history hello', { channel: random })).shown).toMatch(/production/);
    expect(said(flow)).toEqual([]);
  });

  test('where the bot is no member it is told alone, with how to invite it', async () => {
    const flow = await start.begin();
    await withPast(flow, 2);
    const { shown } = await answered(flow, 'history hello --show', { channel: elsewhere });
    expect(shown).toMatch(/invite[\s\S]*main.*production/);
  });

  test('waits as long as Slack says', async () => {
    const flow = await start.begin();
    await withPast(flow, 2);
    flow.slack.faults.add(
      { path: /chat\.postMessage$/ },
      { kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: { ok: false, error: 'ratelimited' } },
    );
    await flow.type('history hello --show');
    await until(flow, () => posts(flow).length === 1);
    await passes(flow, 5_000);
    expect(said(flow)).toEqual([]);
    await until(flow, () => posted(flow).length === 1);
    expect(flow.told()).toEqual([]);
  });

  test.each([
    ['done, then the line is cut', { kind: 'done-then-reset' } as const, 1],
    ['cut before', { kind: 'reset' } as const, 0],
  ])('a post that nobody knows of is not repeated: %s', async (_, fault, inTheRoom) => {
    const flow = await start.begin();
    await withPast(flow, 2);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, fault);
    const { shown } = await answered(flow, 'history hello --show');
    expect(shown).toMatch(/--show[\s\S]*main.*production/);
    await passes(flow, 30_000);
    expect(said(flow)).toHaveLength(inTheRoom);
    expect(flow.told()).toHaveLength(1);
  });

  test('a crash while it is posted does not post it again', async () => {
    const flow = await start.begin();
    await withPast(flow, 2);
    flow.slack.faults.add({ path: /chat\.postMessage$/ }, { kind: 'done-then-hang' });
    await flow.type('history hello --show');
    await asSoonAs(flow, () => posted(flow).length === 1);
    await flow.crash();
    await until(flow, () => flow.told().length > 0);
    await passes(flow, 10_000);
    expect(said(flow)).toHaveLength(1);
    expect(flow.told()).toHaveLength(1);
  });
});
