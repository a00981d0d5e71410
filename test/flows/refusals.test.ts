import { describe, expect, test } from 'vitest';
import { catalogueOfHello } from './flow.ts';
import { flows, namedLines, press, refused, until } from './seen.ts';

const { begin } = flows();

/** What was typed, what the answer must name, and what it must offer to type. */
const mistyped: [line: string, names: RegExp[], offers?: string][] = [
  ['helo/topic-branch to staging', [/no app/i, /helo/], '/deploy hello/topic-branch to staging'],
  ['shop/main to staging', [/shop/, /hello/], '/deploy hello to staging'],
  ['hello/topic-branch to stagin', [/environment/i, /stagin\b/], '/deploy hello/topic-branch to staging'],
  ['hello to qa', [/environment/i, /qa/, /staging/, /production/, /review/]],
  ['hello/topic-branch staging', [/staging/], '/deploy hello/topic-branch to staging'],
  ['hello/topic-branch to staging --forc', [/--forc\b/, /--force/], '/deploy hello/topic-branch to staging --force'],
  ['hello to staging --environment=production', [/--environment/, /help deploy/]],
  ['hello/topic-branch to staging right now', [/right/, /now/], '/deploy hello/topic-branch to staging'],
  ['hello to staging to production', [/production/]],
  ['hello to', [/environment/i], '/deploy hello to staging'],
  ['hello/ to staging', [/missing/i], '/deploy hello to staging'],
  ['hello/a..b to staging', [/a\.\.b/], '/deploy hello to staging'],
  ['hello/topic-branch! to staging --require ci/janky', [/force/i, /--require/]],
  ['hello/topic-branch to staging --force --auto-merge', [/force/i, /--auto-merge/]],
  ['hello --production --no-production', [/--production/, /--no-production/]],
  ['hello --description "half a quote', [/"/, /clos/i]],
  ['hello --payload {oops', [/--payload/, /JSON/]],
  ['hello --payload \'["a","list"]\'', [/--payload/, /object/i]],
  ['hello --set user=mallory', [/user/, /--set/]],
  ['hello --payload \'{"notify":{"room":"C0RANDOM"}}\'', [/notify/]],
  ['hello --payload \'{"deckhand":{"request":"mine"}}\'', [/deckhand/]],
  ['hello --set novalue', [/--set/, /=/]],
  ['hello --host "a b"', [/host/i, /a b/]],
  ['deploy:migrations hello --task deploy:assets', [/task/i, /migrations/]],
  ['deploy: hello', [/task/i]],
  ['deploy', [/what to deploy/i], '/deploy hello to staging'],
];

describe('what can’t be understood is answered to who typed it, and to nobody else', () => {
  test.each(mistyped)('%s', async (line, names, offers) => {
    const flow = await begin();
    const told = await refused(flow, line);
    for (const name of names) expect(told.shown).toMatch(name);
    if (offers) {
      expect(namedLines(told)).toContain(offers);
      await flow.type(offers.replace('/deploy ', ''));
      await flow.deployment();
    }
  });

  test('with the nearest branch for one that does not exist, as a line that works', async () => {
    const flow = await begin();
    const told = await refused(flow, 'hello/topic-brnch to staging');
    expect(told.shown).toMatch(/topic-brnch/);
    expect(namedLines(told)).toContain('/deploy hello/topic-branch to staging');
  });

  test('with something to type for a branch that is nowhere near', async () => {
    const flow = await begin();
    const told = await refused(flow, 'hello/nowhere-near to staging');
    expect(told.shown).toMatch(/nowhere-near/);
    expect(namedLines(told).join()).toMatch(/\/deploy hello(\/main)? to staging/);
  });

  test('a slip in the very first word keeps the rest of the line', async () => {
    const flow = await begin();
    const told = await refused(flow, 'delpoy hello/topic-branch to staging');
    expect(told.shown).toMatch(/delpoy/);
    expect(namedLines(told).join()).toMatch(/hello\/topic-branch to staging/);
  });

  test('an unfinished list of hosts names what is unfinished', async () => {
    const flow = await begin();
    const told = await refused(flow, 'hello/topic-branch to staging/');
    expect(told.shown).toMatch(/staging\//);
  });

  test('a pull request that does not exist', async () => {
    const flow = await begin();
    const told = await refused(flow, 'hello#7 to staging');
    expect(told.shown).toMatch(/#7/);
    expect(told.shown).toMatch(/pull request/i);
  });

  test('two readings: both are offered, and the one pressed is deployed', async () => {
    const flow = await begin({
      catalogue: `${catalogueOfHello}  acme: { repository: acme/other, default_environment: staging }\n`,
    });
    const told = await refused(flow, 'acme/hello to staging');
    const lines = namedLines(told);
    expect(lines).toContain('/deploy acme@hello to staging');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    const other = told.buttons.find(({ value }) => value && !value.startsWith('acme@hello'));
    await press(flow, new RegExp(`^${other?.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
    expect(await flow.deployment()).toMatchObject({ ref: 'main', environment: 'staging' });
  });

  test('a button for the nearest spelling types the whole line', async () => {
    const flow = await begin();
    await refused(flow, 'helo/topic-branch! to staging/fe1 --set a=b');
    await press(flow, /hello/);
    const deployment = await flow.deployment();
    expect(deployment).toMatchObject({ ref: 'topic-branch', payload: { hosts: 'fe1', a: 'b' } });
    const [creation] = flow.github.requests.filter(({ method }) => method === 'POST');
    expect(creation?.body).toMatchObject({ required_contexts: [] });
  });

  test('an empty line and a plea for help show what can be typed', async () => {
    const flow = await begin();
    await refused(flow, '');
    await flow.type('--help');
    await until(flow, () => flow.told().length === 2);
    for (const help of flow.told()) expect(help).toMatch(/\/deploy hello/);
  });

  test('mark-up in what was typed stays text', async () => {
    const flow = await begin();
    await refused(flow, 'hello/<!channel> to <https://evil.example|staging>');
    const { text, blocks } = flow.slack.ephemerals('U0ANN')[0] ?? {};
    expect(JSON.stringify([text, blocks])).not.toMatch(/<!channel>|<https:\/\/evil/);
  });

  test('a very long line is answered too', async () => {
    const flow = await begin();
    await refused(flow, `hello/${'x'.repeat(7_000)} to staging`);
  });
});
