import { describe, expect, test } from 'vitest';
import { ann, catalogueOfHello, deploys, type Flow, gus } from './flow.ts';
import { asked, flows, refusal, refused, until } from './seen.ts';

const { begin } = flows();

/** Types it and answers what that person alone is told. */
async function answered(flow: Flow, line: string, as?: { user?: string; channel?: string }): Promise<string> {
  const before = flow.told(as?.user).length;
  await flow.type(line, as);
  await until(flow, () => flow.told(as?.user).length > before);
  return flow.told(as?.user).at(-1) ?? '';
}

describe('version', () => {
  test('names itself, Node, the store and GitHub, and asks nobody', async () => {
    const flow = await begin();
    await flow.clock.advance(3 * 60 * 60_000);
    const before = asked(flow).length;
    const told = await answered(flow, 'version');
    expect(told).toMatch(/Deckhand \d+\.\d+\.\d+/);
    expect(told).toContain(process.versions.node);
    expect(told).toMatch(/3 h ago/);
    expect(told).toMatch(/SQLite/);
    expect(told).toMatch(/127\.0\.0\.1/);
    expect(
      asked(flow)
        .slice(before)
        .filter(({ path }) => !path.includes('/deployments')),
    ).toEqual([]);
  });
});

describe('ping', () => {
  test('says how long a slash command took', async () => {
    const flow = await begin();
    expect(await answered(flow, 'ping')).toMatch(/\d+ ms/);
  });

  test('says of a message how long it took from being sent', async () => {
    const flow = await begin();
    await flow.slack.mention({ user: ann, channel: deploys, text: '@deckhand ping' });
    await until(flow, () => flow.told().length === 1);
    expect(flow.told()[0]).toMatch(/\d+ ms after you sent it/);
  });
});

describe('whoami', () => {
  test('a member may deploy everything', async () => {
    const flow = await begin();
    const told = await answered(flow, 'whoami');
    expect(told).toMatch(/ann/);
    expect(told).toMatch(/U0ANN/);
    expect(told).toMatch(/you may deploy `?hello`?\./);
    expect(told).not.toMatch(/Not/);
    expect(told).toContain((await whoTheTokenIs(flow)) as string);
  });

  test('where GitHub refuses to say who the bot is, no repository is blamed', async () => {
    const flow = await begin();
    const body = { message: 'Resource not accessible by integration' };
    flow.github.faults.add({ path: /^\/user$/ }, { kind: 'status', status: 403, body });
    const told = await answered(flow, 'whoami');
    expect(told).toMatch(/forbids this: /);
    expect(told).not.toMatch(/acme/);
  });

  test('a guest is told why not', async () => {
    const flow = await begin();
    const told = await answered(flow, 'whoami', { user: gus });
    expect(told).toMatch(/guest/);
    expect(told).toMatch(/nothing that you may deploy/);
    expect(told).toMatch(/allow: \{ guests: true \}/);
  });

  test('what is open elsewhere only is named with the room', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  ops: { repository: acme/ops, allowed_rooms: ["#random"] }\n`,
    });
    const here = await answered(flow, 'whoami');
    expect(here).toMatch(/Not `?ops`?: .*#random/);
    const there = await answered(flow, 'whoami', { channel: 'C0RANDOM' });
    expect(there).not.toMatch(/Not/);
  });

  test('an app that is closed in one of its environments is named with the others', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  strict: { repository: acme/hello, allowed_rooms: ["#random"], environments: { production: {} } }\n`,
    });
    const told = await answered(flow, 'whoami');
    expect(told).toMatch(/`?hello`? to `?staging`? and `?review/);
    expect(told).toMatch(/Not all of `?hello/);
  });

  test('says the rest while GitHub can’t be asked', async () => {
    const flow = await begin();
    flow.github.faults.add({ path: /\/user$/, times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 503 });
    const told = await answered(flow, 'whoami');
    expect(told).toMatch(/U0ANN/);
    expect(told).toMatch(/GitHub could not be reached/);
  });
});

test.each(['version now', 'ping pong', 'whoami ann'])('%s is a word too many', async (line) => {
  const flow = await begin();
  expect((await refused(flow, line)).shown).toMatch(/too many/);
  await refusal(flow);
});

/** The login behind the flow's token, asked of GitHub itself. */
async function whoTheTokenIs(flow: Flow): Promise<unknown> {
  const response = await fetch(`${flow.github.url}/user`, {
    headers: { authorization: `Bearer ${flow.github.token}` },
  });
  return ((await response.json()) as { login: string }).login;
}
