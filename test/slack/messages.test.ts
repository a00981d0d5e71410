import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deployment, Note, Stage, Status } from '../../src/deploy/deployment.ts';
import type { Manner } from '../../src/deploy/ports.ts';
import type { ParentView } from '../../src/deploy/story.ts';
import { bold, code, link, list, type Piece, person, room, say, type Words } from '../../src/deploy/words.ts';
import { type SandboxSlack, startSlack } from '../../src/sandbox/slack/server.ts';
import { webClient } from '../../src/slack/client.ts';
import { limits } from '../../src/slack/limits.ts';
import { answerMessage, lineMessage, type Message, parentMessage } from '../../src/slack/messages.ts';
import {
  deployment,
  noteLine,
  notes,
  otherSha,
  plainly,
  sha,
  states,
  status,
  statusLine,
  view,
} from './deployments.ts';
import { ann, ops, quiet } from './scene.ts';

let slack: SandboxSlack;

beforeAll(async () => {
  slack = await startSlack();
  slack.addUser({ id: ann, name: 'ann' });
  slack.addChannel({ id: ops, name: 'ops', members: [ann] });
});
afterAll(() => slack.stop());

/** Posts it for real: rejects if Slack would not take it. Answers what a person reads. */
async function shown(message: Message): Promise<string> {
  const client = webClient({ botToken: slack.botToken, apiUrl: slack.url }, quiet());
  const { ts } = await client.chat.postMessage({ channel: ops, ...message });
  await client.chat.update({ channel: ops, ts: ts ?? '', ...message });
  return slack.messages(ops).find((posted) => posted.ts === ts)?.shown ?? '';
}

/** All text in it that Slack reads for mark-up. */
const marked = ({ text, blocks }: Message): string[] => [text, ...deepTexts(blocks)];

function deepTexts(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(deepTexts);
}

const stages: Stage[] = ['opening', 'creating', 'settling', 'merging', 'created', 'ended', 'refused', 'unknown'];

describe('every message is one that Slack takes', () => {
  test.each(stages)('the parent in stage %s', async (stage) => {
    const refusal = { code: 'no', words: say`Branch ${code('topic-branch')} conflicts with ${code('main')}.` };
    const text = await shown(parentMessage(view({ deployment: deployment({ stage, refusal }) })));
    expect(text).toContain('ann');
    expect(text).toContain('hello/topic-branch to staging');
    expect(text).toContain(sha.slice(0, 7));
    if (stage === 'refused') expect(text).toMatch(/Not deployed: .*conflicts with main/);
  });

  test.each(states)('the parent and the line of %s', async (state) => {
    const one = status(state, {
      description: 'half way',
      logUrl: 'https://ci.test/1?a=1&b=2',
      environmentUrl: 'https://staging.test',
    });
    const { logUrl, environmentUrl } = one;
    const parent = await shown(parentMessage(view({ status: one, tookMs: 65_000, logUrl, environmentUrl })));
    expect(parent).toContain('Log (https://ci.test/1?a=1&b=2)');
    expect(parent).toContain('Open staging (https://staging.test/)');
    const line = await shown(lineMessage(deployment(), statusLine(one), plainly));
    expect(line).toContain('half way');
    expect(line).toContain('heaven');
    expect(line).toContain('Log (');
    expect(line).not.toContain('@ann');
  });

  test('states look different, and an unknown one is named', () => {
    const headlines = states.map((state) => parentMessage(view({ status: status(state) })).blocks[1]);
    expect(new Set(headlines.map((block) => JSON.stringify(block))).size).toBe(states.length);
    expect(JSON.stringify(lineMessage(deployment(), statusLine(status('a_state_of_2031')), plainly))).toContain(
      'A state of 2031',
    );
  });

  test.each(notes.map((note): [string, Note] => [note.kind, note]))('the note %s', async (kind, note) => {
    const refusal = {
      code: 'checks-failed',
      words: say`Checks of ${code('topic-branch')} are not green.`,
      details: [
        say`${code('ci/janky')} failed: ${link('see it', 'https://ci.test/2')}`,
        say`${code('ci/lint')} is missing`,
      ],
      buttons: [{ label: 'Force', line: 'hello/topic-branch! to staging', danger: true }],
    };
    const message = lineMessage(deployment({ refusal }), noteLine(note), plainly);
    const text = await shown(message);
    if (kind === 'refused') {
      expect(text).toMatch(/ci\/janky failed: see it \(https:\/\/ci\.test\/2\)\n.*ci\/lint is missing/);
      expect(JSON.stringify(message)).toContain('hello/topic-branch! to staging');
    }
    if (kind === 'merged' || kind === 'checks-slow')
      expect(JSON.stringify(message)).toContain(`cancel ${deployment().request}`);
    if (kind === 'sha-differs') expect(text).toContain(otherSha.slice(0, 7));
  });

  test('an ending names the deployment, how long it took, and who asked; a late one its own time', async () => {
    const manner: Manner = { loud: true, mention: true, late: true, tookMs: 3_725_000 };
    const text = await shown(lineMessage(deployment(), statusLine(status('failure')), manner));
    expect(text).toContain('@ann');
    expect(text).toContain('hello/topic-branch to staging');
    expect(text).toContain('1 h 2 min');
    expect(text).toContain('2024-06-10 12:00:00 UTC');
  });

  test('what is special about a deployment stands in the parent', async () => {
    const { create } = deployment();
    const one = deployment({
      force: true,
      hosts: ['fe1', 'fe2'],
      create: { ...create, task: 'deploy:migrations', description: 'Fixes the *fire*' },
      url: 'https://github.com/acme/hello/deployments/42',
    });
    const text = await shown(parentMessage(view({ deployment: one, superseded: { by: 43 } })));
    for (const word of ['Forced', 'deploy:migrations', 'fe1, fe2', 'Fixes the', 'replaced by deployment 43', '#42']) {
      expect(text).toContain(word);
    }
    expect(text).toContain(`https://github.com/acme/hello/commit/${sha}`);
  });

  test.each([
    ['https://ghe.acme.test/api/v3', `https://ghe.acme.test/acme/hello/commit/${sha}`],
    ['https://api.acme.ghe.com', `https://acme.ghe.com/acme/hello/commit/${sha}`],
    ['http://127.0.0.1:4000', undefined],
  ])('commits of %s', (apiUrl, page) => {
    const text = JSON.stringify(parentMessage(view({ deployment: deployment({ apiUrl }) })));
    expect(text.includes('/commit/')).toBe(page !== undefined);
    if (page) expect(text).toContain(page);
  });

  test('a confirming button and a plain one are told apart', () => {
    const buttons = [
      { label: 'Deploy to production', line: 'hello to production', confirming: true, danger: true },
      { label: 'To staging', line: 'hello to staging' },
      { label: 'Too long', line: 'x'.repeat(2001) },
    ];
    const { blocks } = answerMessage({ words: ['Where to?'], buttons });
    expect(blocks.at(-1)).toMatchObject({
      elements: [
        { action_id: 'confirm:0', value: 'hello to production', style: 'danger' },
        { action_id: 'say:1', value: 'hello to staging' },
      ],
    });
  });

  test('a long answer becomes several paragraphs, and one that is too long is cut', async () => {
    const help = Array.from(
      { length: 120 },
      (_, n) => say`${code(`/deploy number ${n}`)} does ${'x'.repeat(60)}\n`,
    ).flat();
    const message = answerMessage({ words: help });
    expect(message.blocks.length).toBeGreaterThan(1);
    expect(await shown(message)).toContain('/deploy number 100 does');
    const endless = answerMessage({ words: Array.from({ length: 9 }, () => help).flat() });
    expect(await shown(endless)).toMatch(/…\s*$/);
  });
});

const nasty = fc.constantFrom(
  '<!channel>',
  '<!here|here>',
  '<!everyone>',
  '<@U0BOB>',
  '<#C0OPS>',
  '<!subteam^S1>',
  '<!date^0^{date}|x>',
  '<https://evil.test|Log>',
  '&lt;!channel&gt;',
  '&amp;',
  '*bold*',
  '_it_',
  '~gone~',
  '`code`',
  '```\ncode\n```',
  ':tada:',
  '\n> quote',
  '\u202Egnp.exe',
  '\u0000\u0007\u200B',
  '\uD800',
  '𝒳🎉',
  '|',
  '>',
  '<',
  ' ',
);
const hostile = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('x'.repeat(900))), { maxLength: 12 })
  .map((parts) => parts.join(''));
const url = fc.oneof(
  hostile,
  hostile.map((text) => `https://evil.test/${text}`),
  hostile.map((text) => `https://u:p@evil.test/?q=${text}#${text}`),
  fc.constantFrom(
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://x.test/a|b>c<d',
    'HTTP://X',
  ),
);
const lines = fc.array(hostile, { maxLength: 3 });
const ms = fc.integer({ min: 0, max: 1e10 });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  hostile,
  hostile.map(code),
  hostile.map(bold),
  fc.tuple(hostile, url).map(([label, to]) => link(label, to)),
  hostile.map(person),
  hostile.map(room),
);
const words: fc.Arbitrary<Words> = fc.array(piece, { maxLength: 8 });
const button = fc.record({ label: hostile, line: hostile, confirming: fc.boolean(), danger: fc.boolean() });
const buttons = fc.array(button, { maxLength: 30 });
const anyState = fc.oneof(fc.constantFrom(...states), hostile);

const anyDeployment: fc.Arbitrary<Deployment> = fc
  .record({
    app: hostile,
    environment: hostile,
    ref: hostile,
    task: hostile,
    description: hostile,
    name: hostile,
    hosts: lines,
    stage: fc.constantFrom(...stages),
    force: fc.boolean(),
    url,
    repository: hostile,
    line: hostile,
    refusal: fc.record({ code: hostile, words, details: fc.array(words, { maxLength: 40 }), buttons }),
  })
  .map(({ ref, task, description, name, ...more }) => {
    const { create } = deployment();
    return deployment({ ...more, asker: { id: ann, name }, create: { ...create, ref, task, description } });
  });
const anyStatus: fc.Arbitrary<Status> = fc
  .record({
    state: anyState,
    description: hostile,
    creator: hostile,
    environment: hostile,
    logUrl: url,
    environmentUrl: url,
  })
  .map(({ state, ...more }) => status(state, more));
const anyNote: fc.Arbitrary<Note> = fc.oneof(
  fc.constantFrom(...notes),
  fc.record({ key: hostile, at: hostile, kind: fc.constant('merged' as const), message: hostile }),
  fc.record({ key: hostile, at: hostile, kind: fc.constant('unheard' as const), error: hostile }),
  fc.record({
    key: hostile,
    at: hostile,
    kind: fc.constant('called-off' as const),
    by: fc.record({ id: hostile, name: hostile }),
  }),
);
const anyView: fc.Arbitrary<ParentView> = fc.record({
  deployment: anyDeployment,
  status: fc.option(anyStatus, { nil: undefined }),
  notes: fc.array(anyNote, { maxLength: 3 }),
  tookMs: fc.option(ms, { nil: undefined }),
  logUrl: url,
  environmentUrl: url,
});
const anyManner: fc.Arbitrary<Manner> = fc.record({
  loud: fc.boolean(),
  mention: fc.boolean(),
  late: fc.boolean(),
  tookMs: ms,
});

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  anyView.map((one) => parentMessage(one)),
  fc.tuple(anyDeployment, anyStatus, anyManner).map(([one, said, how]) => lineMessage(one, statusLine(said), how)),
  fc.tuple(anyDeployment, anyNote).map(([one, note]) => lineMessage(one, noteLine(note), plainly)),
  fc.record({ words, buttons, refusal: hostile }).map(answerMessage),
);

/** What may be live: people and rooms by well-formed ids, http(s) links, the time of a late status. */
const live =
  /^(?:@[UW][A-Z0-9]+|#[CDG][A-Z0-9]+|https?:\/\/[^<>|\s]+\|[^<>\n]*|!date\^\d+\^[^|<>]+\|[\d-]+ [\d:]+ UTC)$/;

test('whatever others wrote, nothing but what we meant is live, and Slack takes it', async () => {
  await fc.assert(
    fc.asyncProperty(anyMessage, async (message) => {
      for (const text of marked(message)) {
        for (const [, entity = ''] of text.matchAll(/<([^>]*)>?/g)) expect(entity).toMatch(live);
        // No stray bracket, no control or bidirectional character, no half of a pair.
        expect(text.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/u);
      }
      expect([...message.text].length).toBeLessThanOrEqual(limits.text);
      expect(JSON.stringify(message)).not.toMatch(/javascript:alert|file:\/\/\/etc[^"]*\|/);
      await shown(message);
    }),
    { numRuns: Number(process.env.RUNS ?? 300) },
  );
}, 60_000);

test('text by others has no live formatting: a person reads it as it was written, or a look-alike', async () => {
  const read = async (text: string) => shown(answerMessage({ words: say`a ${text} b` }));
  expect(await read('<!channel>')).toBe('a <!channel> b');
  expect(await read('feature_x_y and _z_')).toBe('a feature_x_y and ˍzˍ b');
  expect(await read('&lt;b&gt; & <b>')).toBe('a &lt;b&gt; & <b> b');
  for (const mark of ['*', '~', '`']) expect(await read(`${mark}x${mark}`)).toMatch(/^a \S+x\S+ b$/);
  expect(await read(':tada:')).not.toContain(':tada:');
  expect(await read('12:30:45 http://x:80/a deploy:migrations')).toBe('a 12:30:45 http://x:80/a deploy:migrations b');
});

test('pieces of words', async () => {
  const message = answerMessage({
    words: say`${bold('Now')} ${code('a`b_c*')}: ${link('see', 'https://x.test/a|b')} ${link('not', 'javascript:1')} ${person(ann)} ${room(ops)} ${list(['a', 'b', 'c'])}`,
  });
  expect(JSON.stringify(message.blocks)).toContain(
    '*Now* `aˋb_c*`: <https://x.test/a%7Cb|see> not <@U0ANN> <#C0OPS> a, b or c',
  );
  expect(await shown(message)).toContain('Now aˋb_c*: see (https://x.test/a%7Cb) not @ann #ops a, b or c');
  expect(message.text).toContain('Now aˋb_c∗: see not <@U0ANN>');
});
