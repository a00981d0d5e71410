import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, Note, Origin, Status } from '../../src/deploy/deployment.ts';
import type { Manner } from '../../src/deploy/ports.ts';
import type { ParentView } from '../../src/deploy/story.ts';
import { bold, code, lines as inLines, link, type Piece, person, room, type Words } from '../../src/deploy/words.ts';
import { limits } from '../../src/slack/limits.ts';
import { answerMessage, lineMessage, type Message, parentMessage, shownMessage } from '../../src/slack/messages.ts';
import { deployment, noteLine, notes, plainly, stages, states, status, statusLine } from './deployments.ts';
import { type Poster, startPoster } from './posted.ts';
import { ann, ops } from './scene.ts';

let poster: Poster;

beforeAll(async () => {
  poster = await startPoster();
});
afterAll(() => poster.stop());

/** All text in it that Slack reads for mark-up. */
const marked = ({ text, blocks }: Message): string[] => [text, ...deepTexts(blocks)];

function deepTexts(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(deepTexts);
}

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
  hostile.map(inLines),
  fc.tuple(hostile, url).map(([label, to]) => link(label, to)),
  hostile.map(person),
  hostile.map(room),
);
const words: fc.Arbitrary<Words> = fc.array(piece, { maxLength: 8 });
const button = fc.record({ label: hostile, line: hostile, confirming: fc.boolean(), danger: fc.boolean() });
const buttons = fc.array(button, { maxLength: 30 });
const anyState = fc.oneof(fc.constantFrom(...states), hostile);

const anyOrigin: fc.Arbitrary<Origin> = fc.record({
  kind: fc.constantFrom('rollback', 'promote', 'redeploy'),
  id: fc.nat(),
  ref: hostile,
  sha: hostile,
  environment: hostile,
  url,
  change: fc.record({
    live: fc.record({ id: fc.nat(), ref: hostile, sha: hostile, url }),
    comes: fc.nat(),
    goes: fc.nat(),
    commits: fc.array(fc.record({ sha: hostile, title: hostile, author: hostile }), { maxLength: 10 }),
    url,
  }),
});

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
    origin: fc.option(anyOrigin, { nil: undefined }),
    pullRequest: fc.option(fc.record({ number: fc.nat(), title: hostile, url }), { nil: undefined }),
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
  fc.record({
    key: hostile,
    at: hostile,
    kind: fc.constant('cancelled' as const),
    by: fc.record({ id: hostile, name: hostile }),
    status: fc.integer(),
    run: fc.record({ kind: fc.constant('refused' as const), words, url }),
  }),
  fc.record({
    key: hostile,
    at: hostile,
    kind: fc.constant('repeated' as const),
    as: fc.constantFrom('rollback' as const, 'promote' as const, 'redeploy' as const),
    by: fc.record({ id: hostile, name: hostile }),
    id: fc.nat(),
    environment: hostile,
    ref: hostile,
    url,
  }),
  fc.record({
    key: hostile,
    at: hostile,
    kind: fc.constant('not-inactive' as const),
    pullRequest: fc.nat(),
    words,
  }),
  fc.record({
    key: hostile,
    at: hostile,
    kind: fc.constant('deleted' as const),
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
  fc.tuple(hostile, words, buttons).map(([text, said, offered]) => {
    const place = { team: 'T1', room: ops, roomName: 'ops' };
    return shownMessage(
      { id: '1', text, prefix: '/deploy', place, user: { id: ann } },
      { words: said, buttons: offered },
    );
  }),
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
      await poster.shown(message);
    }),
    { numRuns: 300 },
  );
}, 60_000);
