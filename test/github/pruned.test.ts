import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Kept, pruner } from '../../src/github/pruned.ts';
import { listening, post } from './webhook-target.ts';

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is to be left of a parsed object. */
const left = (value: Members, kept: Kept): Members =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const within = Object.hasOwn(kept, name) ? kept[name] : undefined;
      if (!within) return [];
      return [[name, within === true || !isObject(inner) ? inner : left(inner, within)]];
    }),
  );

const names = fc.constantFrom('id', 'url', 'state', 'payload', 'repository', 'full_name', 'ü', '');
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', 'a', 'ü', '🟢', '\n', '\u2028') }),
  fc.string({ unit: 'binary' }),
);
const { value: values, object: objects } = fc.letrec<{ value: unknown; object: Members; plain: unknown }>((tie) => ({
  plain: fc.oneof(texts, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
  value: fc.oneof({ depthSize: 'small' }, tie('plain'), fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  object: fc.dictionary(fc.oneof({ arbitrary: names, weight: 4 }, texts), tie('value'), { noNullPrototype: true }),
}));
const { kept: keeps } = fc.letrec<{ kept: Kept }>((tie) => ({
  kept: fc.dictionary(names, fc.oneof(fc.constant(true as const), tie('kept')), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}));
const spaces = fc.constantFrom(undefined, 1, '\t', '\r\n ');

describe('of the text of an object', () => {
  test('what is named is left, and nothing else', () => {
    fc.assert(
      fc.property(objects, keeps, spaces, (given, kept, space) => {
        const pruned = pruner(kept)(Buffer.from(JSON.stringify(given, null, space)));
        expect(JSON.parse(String(pruned))).toEqual(JSON.parse(JSON.stringify(left(given, kept))));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a part is none, nor is one with something behind it', () => {
    fc.assert(
      fc.property(objects, keeps, fc.nat(), texts, (given, kept, cut, more) => {
        const whole = Buffer.from(JSON.stringify(given));
        const prune = pruner(kept);
        // What is left over from the one before is no part of the next.
        prune(whole);
        expect(prune(whole.subarray(0, cut % whole.length))).toBeUndefined();
        if (/[^ \t\r\n]/.test(more)) expect(prune(Buffer.from(`${JSON.stringify(given)}${more}`))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  test('what is no object, or no text at all, is for somebody else', () => {
    const prune = pruner({ id: true });
    fc.assert(
      fc.property(values, (value) => {
        const pruned = prune(Buffer.from(JSON.stringify(value)));
        expect(pruned === undefined).toBe(!isObject(value));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const pruned = prune(Buffer.from(bytes));
        if (pruned) expect(pruned.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test('none too long', () => {
    const prune = pruner({ id: true });
    const long = (length: number) => Buffer.from(JSON.stringify({ id: 1, x: 'x'.repeat(length) }));
    expect(String(prune(long(50_000)))).toBe('{"id":1}');
    expect(prune(long(70_000))).toBeUndefined();
  });
});

describe('a webhook', () => {
  const file = new URL('../fixtures/github/webhook-examples.json', import.meta.url);
  const { examples } = JSON.parse(readFileSync(file, 'utf8')) as { examples: { name: string; examples: Members[] }[] };
  const sent = examples.flatMap(({ name, examples }) => examples.map((example) => [name, example] as const));

  /** What the bot makes of an event. A form's payload is not pruned. */
  async function madeOf(event: string, payload: object, isForm: boolean) {
    const made: unknown[] = [];
    const keep = async (what: unknown) => made.push(what) > 0;
    const bot = await listening({ isWanted: () => true, appeared: keep, runEnded: keep, pullRequestClosed: keep });
    const json = JSON.stringify(payload);
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const body = isForm ? new URLSearchParams({ payload: json }).toString() : json;
    const { status } = await post(bot.url, body, { 'x-github-event': event, 'content-type': type });
    const stored = [...bot.stored.values()].map(({ receivedAt, ...one }) => one);
    return { status, made, stored, counted: bot.counted };
  }

  test.each(sent)('is as good as read whole: %s', async (event, payload) => {
    const pruned = await madeOf(event, payload, false);
    expect(pruned).toEqual(await madeOf(event, payload, true));
    expect(pruned.status).toBe(200);
  });

  test('of more than may be pruned is taken all the same', async () => {
    const [, status] = sent.find(([event]) => event === 'deployment_status') ?? [];
    const { counted } = await madeOf('deployment_status', { ...status, filler: 'x'.repeat(100_000) }, false);
    expect(counted).toEqual(['deployment_status recorded']);
  });
});
