import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Note } from '../../src/deploy/deployment.ts';
import type { Manner } from '../../src/deploy/ports.ts';
import { bold, code, lines, link, list, person, room, say } from '../../src/deploy/words.ts';
import { answerMessage, lineMessage, type Message, parentMessage } from '../../src/slack/messages.ts';
import {
  deployment,
  noteLine,
  notes,
  origin,
  otherSha,
  plainly,
  runEnded,
  sha,
  stages,
  states,
  status,
  statusLine,
  view,
} from './deployments.ts';
import { type Poster, startPoster } from './posted.ts';
import { ann, ops } from './scene.ts';

let poster: Poster;

beforeAll(async () => {
  poster = await startPoster();
});
afterAll(() => poster.stop());

const shown = (message: Message): Promise<string> => poster.shown(message);

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

  test.each([
    ['rollback', ['#42', '#41', '12 commits go, 1 commit comes', 'A warmer welcome', '11 more']],
    ['promote', ['From staging', '#41', '#42', '12 commits go, 1 commit comes']],
    ['redeploy', ['#41', 'again']],
  ] as const)('where the commit of a %s comes from', async (kind, said) => {
    const repeats = deployment({ origin: origin(kind), create: { ...deployment().create, ref: sha } });
    const text = await shown(lineMessage(repeats, noteLine({ key: 'origin', at: '', kind: 'origin' }), plainly));
    for (const words of said) expect(text).toContain(words);
    const over = await shown(parentMessage(view({ deployment: repeats, status: status('failure') })));
    expect(over).toMatch(/hello\/topic-branch/);
    expect(over).toContain('#41');
    expect(over).not.toContain(`hello/${sha}`);
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
    if (kind === 'let-go') expect(text).toContain('1 d');
    if (kind === 'run-ended') {
      expect(text).toContain('Ship it');
      expect(text).toContain('https://github.com/acme/hello/actions/runs/99');
    }
    if (kind === 'cancelled') expect(text).toMatch(/Cancelled by bob.*goes on/);
    if (kind === 'deleted') expect(text).toMatch(/Deleted on GitHub/);
    if (kind === 'broken') expect(text).toContain('01J00000000000000000000000');
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
      create: { ...create, task: 'deploy:migrations' },
      said: 'Fixes the *fire*',
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

  test('each ending of a workflow run reads differently, and none is taken for an ending of the deployment', async () => {
    const endings = ['cancelled', 'failure', 'timed_out', 'startup_failure', 'an_ending_of_2031'];
    const parents = await Promise.all(
      endings.map((conclusion) =>
        shown(parentMessage(view({ status: status('in_progress'), notes: [runEnded(conclusion)] }))),
      ),
    );
    expect(new Set(parents).size).toBe(endings.length);
    for (const parent of parents) expect(parent).toMatch(/^🟡 ann’s deploy of hello\/topic-branch to staging/);
    expect(parents[0]).toContain('was cancelled');
    expect(parents[4]).toContain('an ending of 2031');
  });

  test('a failure of the bot’s own mentions who asked, where it may', async () => {
    const broken = notes.find(({ kind }) => kind === 'broken') as Note;
    const mention = { ...plainly, mention: true };
    expect(await shown(lineMessage(deployment(), noteLine(broken), mention))).toContain('@ann');
    expect(await shown(lineMessage(deployment(), noteLine(broken), plainly))).not.toContain('@ann');
  });

  test.each(['stuck', 'let-go', 'run-ended'])('%s is over as soon as there is news', async (kind) => {
    const note = { ...(notes.find((each) => each.kind === kind) as Note), at: '2024-06-10T13:00:00.500Z' };
    const sign = async (at: string, state = 'in_progress') =>
      (await shown(parentMessage(view({ status: status(state, { createdAt: at }), notes: [note] })))).slice(0, 2);
    expect(await sign('2024-06-10T12:59:59Z')).toBe('🟡');
    expect(await sign('2024-06-10T13:00:00Z')).toBe('🟡');
    expect(await sign('2024-06-10T13:00:01Z')).toBe('🔵');
    expect(await sign('2024-06-10T12:00:00Z', 'success')).toBe('🟢');
    const late = status('in_progress', { createdAt: '2024-06-10T12:00:00Z', receivedAt: '2024-06-10T13:00:01.000Z' });
    expect(await shown(parentMessage(view({ status: late, notes: [note] })))).toMatch(/^🔵/);
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

  test('lines in fixed width stand between fences of their own, with their spaces, in as many paragraphs as it takes', async () => {
    const json = JSON.stringify(
      Array.from({ length: 150 }, (_, n) => ({ n, fence: '``` & <b>' })),
      null,
      2,
    );
    const message = answerMessage({ words: say`before ${lines(json)}after` });
    const texts = message.blocks.map((block) => (block.type === 'section' ? block.text.text : ''));
    expect(texts.length).toBeGreaterThan(1);
    // Each fence that is opened is closed in the same paragraph, and none stands in between.
    for (const text of texts) expect(text.match(/```/g)?.length ?? 0).toBe(/\{/.test(text) ? 2 : 0);
    const text = await shown(message);
    expect(text).toMatch(/^before\s[\s\S]*^ {4}"n": 149[\s\S]*^after$/m);
    expect(text).toContain(`& <b>`);
  });
});

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
