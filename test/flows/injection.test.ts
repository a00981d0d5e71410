import { describe, expect, test } from 'vitest';
import type { SlackMessage } from '../../src/sandbox/slack/server.ts';
import type { Flow } from './flow.ts';
import { flows, posted } from './seen.ts';
import { deliver, deployed, lines, linesOf, parent, replies, reportAs, shows, statusPayload } from './story.ts';

const { begin } = flows();

/** What others can put into a status, and what must not come of it. */
const nasty: [string, string][] = [
  ['a call for the channel', 'deployed <!channel> now'],
  ['a call for everybody', '<!everyone> <!here> <!here|here>'],
  ['a person', 'thanks <@U0BOB> and <@W0BOB|bob>'],
  ['a group', '<!subteam^S0GROUP|@ops>'],
  ['a room', 'see <#C0RANDOM|random>'],
  ['a link that lies', '<https://evil.example/|https://github.com/acme>'],
  ['escaped once already', '&lt;!channel&gt; &amp;lt;!channel&amp;gt;'],
  ['half a link', '<https://evil.example|'],
  ['the end of a link', '|x> <!channel>'],
  ['a date', '<!date^0^{date}|never>'],
  ['bare words that ring', '@channel @here @everyone @bob #random'],
  ['backticks', '`code` ```block``` `'],
  ['stars and the like', '*bold* _it_ ~gone~ > quote'],
  ['bidi overrides', 'safe \u202Egnp.exe\u202C \u2066x\u2069'],
  ['control characters', 'a\u0000b\u0007c\u001b[31md\u007f'],
  ['lines', 'one\ntwo\r\nthree\u2028four'],
  ['140 emoji', '🚀'.repeat(140)],
  ['140 families', '👨‍👩‍👧‍👦'.repeat(20)],
  ['half a character', 'x\uD83D'],
  ['nothing that is seen', '\u200B\u200B'],
  ['spaces', '   '],
  ['140 ampersands', '&'.repeat(140)],
  ['140 brackets', '<'.repeat(140)],
];

/** What rings, links or hides in a message, by what Slack makes of it. */
function liveIn({ shown, text, blocks }: SlackMessage): string[] {
  const raw = JSON.stringify([text, blocks]);
  return [
    ...(shown.match(/@(channel|here|everyone)!|@\w+!/g) ?? []),
    ...(raw.match(/<[@#!](?!U0ANN>|date\^\d{10}\^)[^>]*>?/g) ?? []),
    ...(raw.match(/<https?:\/\/(?!ci\.example|staging\.example|127\.0\.0\.1)[^>]*>?/g) ?? []),
    ...(raw.match(/<(?!https?:|@U0ANN|!date)[^>]*>/g) ?? []),
    ...(raw.match(/[\u202A-\u202E\u2066-\u2069]/g) ?? []),
    ...(raw.match(/\\u00(?:0[0-8bcef]|1[0-9a-f]|7f)/g) ?? []),
  ];
}

function expectNothingLive(flow: Flow, what = 'this'): void {
  expect([what, ...posted(flow).flatMap(liveIn)]).toEqual([what]);
  // Slack would make a link of a bare address, in mrkdwn that is not verbatim.
  for (const { blocks } of posted(flow)) {
    expect(textsIn(blocks).filter(({ type, verbatim }) => type === 'mrkdwn' && !verbatim)).toEqual([]);
  }
}

type Text = { type?: string; verbatim?: boolean };

function textsIn(value: unknown): Text[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as Text).type === 'mrkdwn' ? [value as Text] : [];
  return [...own, ...Object.values(value).flatMap(textsIn)];
}

describe('a description of', () => {
  test('anything rings nobody, links nowhere, and is always posted', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [index, [what, description]] of nasty.entries()) {
      await deliver(flow, statusPayload(flow, story, { state: 'in_progress', description }));
      await deliver(flow, statusPayload(flow, story, { state: 'failure', description }));
      await linesOf(flow, story, 2 * index + 2);
      expectNothingLive(flow, what);
    }
    await shows(flow, story, /fail/i);
  });

  test('140 emoji is shown whole', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success', { description: '🚀'.repeat(140) });
    const [line] = await linesOf(flow, story, 1);
    expect([...(line ?? '')].filter((point) => point === '🚀').length).toBe(140);
  });

  test('brackets and ampersands is read as it was written', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success', { description: 'a < b && c > d &amp; e' });
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('a < b && c > d &amp; e');
  });

  test('a megabyte is cut, and the status told', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await deliver(flow, statusPayload(flow, story, { state: 'success', description: 'ä'.repeat(1_000_000) }));
    const [line] = await linesOf(flow, story, 1);
    expect(line?.length).toBeLessThan(4_000);
  });
});

describe('an environment, a creator, a state called', () => {
  test('anything rings nobody, links nowhere, and is always posted', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [index, [what, name]] of nasty.entries()) {
      const event = statusPayload(flow, story, { state: 'in_progress', environment: name });
      event.deployment_status.creator = { ...event.deployment_status.creator, login: name };
      event.deployment.environment = name;
      await deliver(flow, event);
      await linesOf(flow, story, index + 1);
      expectNothingLive(flow, what);
    }
  });

  test('a login as GitHub would let it through', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    flow.github.addUser('<!channel>', 'ghp_nasty', ['repo_deployment']);
    await reportAs(flow, 'ghp_nasty', story.id, 'success');
    await linesOf(flow, story, 1);
    expectNothingLive(flow);
  });
});

describe('an address of', () => {
  const addresses: [string, string][] = [
    ['javascript', 'javascript:alert(1)'],
    ['JavaScript in disguise', ' JaVaScRiPt:alert(1)//https://ci.example'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['a file', 'file:///etc/passwd'],
    ['Slack itself', 'slack://channel?id=C0RANDOM'],
    ['no scheme', '//evil.example/x'],
    ['no address at all', 'see the log'],
    ['a login in it', 'https://github.com@evil.example/'],
    ['a password in it', 'https://user:hunter2@ci.example/'],
    ['a pipe and a bracket', 'https://ci.example/|click> <!channel>'],
    ['quotes', 'https://ci.example/"><!here>'],
    ['lines', 'https://ci.example/\n<!channel>'],
    ['an ampersand', 'https://ci.example/?a=1&b=2'],
    ['a bracketed host', 'http://[::1'],
    ['ten thousand letters', `https://ci.example/${'x'.repeat(10_000)}`],
  ];

  test('anything leads nowhere but to the web, and the status is always posted', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    for (const [index, [what, address]] of addresses.entries()) {
      const links = { log_url: address, environment_url: address, target_url: address };
      await deliver(flow, statusPayload(flow, story, { state: 'in_progress', ...links }));
      await deliver(flow, statusPayload(flow, story, { state: 'success', ...links }));
      await linesOf(flow, story, 2 * index + 2);
      expectNothingLive(flow, what);
      const raw = JSON.stringify([...replies(flow, story), parent(flow, story)].map((m) => [m.text, m.blocks]));
      expect(raw).not.toMatch(/javascript:|data:text|file:\/\/|slack:\/\/|hunter2|evil\.example/i);
    }
  });

  test('an ampersand leads where it should', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await flow.report(story.id, 'success', { log_url: 'https://ci.example/?a=1&b=2#l3' });
    await linesOf(flow, story, 1);
    expect(JSON.stringify(replies(flow, story)[0]?.blocks)).toContain('<https://ci.example/?a=1&amp;b=2#l3|');
  });

  test('a good log link and a bad environment link: the good one stays', async () => {
    const flow = await begin();
    const story = await deployed(flow);
    await deliver(
      flow,
      statusPayload(flow, story, {
        state: 'success',
        log_url: 'https://ci.example/ok',
        environment_url: 'javascript:alert(1)',
      }),
    );
    const [line] = await linesOf(flow, story, 1);
    expect(line).toContain('https://ci.example/ok');
  });
});

test('everything at once and at its longest is posted', async () => {
  const flow = await begin();
  const story = await deployed(flow);
  const long = '<&>*_`~'.repeat(40);
  const event = statusPayload(flow, story, {
    state: 'failure',
    description: long.slice(0, 140),
    environment: long.slice(0, 255),
    log_url: `https://ci.example/${'&'.repeat(1_900)}`,
    environment_url: `https://staging.example/${'&'.repeat(1_900)}`,
  });
  event.deployment_status.creator.login = long.slice(0, 255);
  await deliver(flow, event);
  await linesOf(flow, story, 1);
  expectNothingLive(flow);
  expect(lines(flow, story)[0]).toMatch(/fail/i);
});
