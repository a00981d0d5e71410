import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { webhookReader } from '../../src/github/repeated.ts';

interface Examples {
  examples: { name: string; examples: object[] }[];
}
const fixture = new URL('../fixtures/github/webhook-examples.json', import.meta.url);
const { examples } = JSON.parse(readFileSync(fixture, 'utf8')) as Examples;
const bodies = examples.flatMap(({ examples }) => examples.map((example) => JSON.stringify(example)));

/** What is left of any payload when all repositories and people in it are their names. */
function names(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(names);
  const { full_name, default_branch, login } = value as Record<string, unknown>;
  if (typeof full_name === 'string') return { full_name, default_branch };
  if (typeof login === 'string') return { login };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, names(inner)]));
}

/** `undefined` stands for what is no JSON. */
function read(parse: () => unknown): unknown {
  try {
    return names(parse());
  } catch {
    return undefined;
  }
}

const filler = 'https://api.github.com/x'.repeat(25);
const person = (login: string) => ({ login, id: login.length, avatar_url: filler, site_admin: false });
const repository = (name: string, pushes: number) => ({
  ...{ id: 7, node_id: 'MDEwOlJlcG9zaXRvcnk3', full_name: `acme/${name}`, owner: person('acme'), topics: [filler] },
  ...{ pushed_at: pushes, default_branch: 'main', description: 'ä "quoted" {/x}' },
});

test('every example of GitHub’s is read as JSON is, but for what is known of people and repositories', () => {
  const reader = webhookReader();
  for (const body of [...bodies, ...bodies]) {
    expect(names(reader.read(Buffer.from(body)))).toEqual(names(JSON.parse(body)));
  }
  const last = JSON.parse(bodies.at(-1) ?? '');
  expect(reader.read(Buffer.from(JSON.stringify(last)))).toMatchObject({
    repository: { full_name: last.repository.full_name },
    sender: { login: last.sender.login },
  });
});

test('what came before is not taken apart again, and what has changed is', () => {
  const reader = webhookReader();
  const body = (pushes: number) =>
    Buffer.from(
      JSON.stringify({ sender: person('ann'), repository: repository('hello', pushes), more: filler.repeat(3) }),
    );
  expect(reader.read(body(1))).toHaveProperty('sender.avatar_url', filler);
  const brief = { sender: { login: 'ann' }, repository: { full_name: 'acme/hello', default_branch: 'main' } };
  expect(reader.read(body(1))).toEqual({ ...brief, more: filler.repeat(3) });
  expect(reader.read(body(2))).toMatchObject({ sender: brief.sender, repository: { pushed_at: 2 } });
  expect(reader.read(body(2))).toMatchObject(brief);
});

test('a repository that has changed is known again, though its owner was known before', () => {
  const reader = webhookReader();
  const body = (sender: string, pushes: number) =>
    Buffer.from(JSON.stringify({ repository: repository('hello', pushes), sender: person(sender) }));
  reader.read(body('acme', 1));
  reader.read(body('ann', 2));
  const brief = { repository: { full_name: 'acme/hello', default_branch: 'main' }, sender: { login: 'ann' } };
  expect(reader.read(body('ann', 2))).toEqual(brief);
});

test('what is written in another way than ours is read each time, and keeps nothing else from being known', () => {
  const reader = webhookReader();
  const escaped = JSON.stringify(repository('hello', 1)).replace('quoted', '\\u0026');
  const body = Buffer.from(`{"repository":${escaped},"sender":${JSON.stringify(person('ann'))}}`);
  const whole = { ...repository('hello', 1), description: 'ä "&" {/x}' };
  expect(reader.read(body)).toEqual({ repository: whole, sender: person('ann') });
  expect(reader.read(body)).toEqual({ repository: { ...whole, owner: { login: 'acme' } }, sender: { login: 'ann' } });
});

test('a payload that people wrote is kept whole, whatever it looks like', () => {
  const reader = webhookReader();
  const payload = { ...person('ann'), notify: 'C1' };
  const body = Buffer.from(JSON.stringify({ deployment: { payload }, more: filler.repeat(4) }));
  for (let time = 0; time < 3; time++) expect(reader.read(body)).toMatchObject({ deployment: { payload } });
});

test('what has not come for long is forgotten', () => {
  const reader = webhookReader();
  const body = (login: string) => Buffer.from(JSON.stringify({ sender: person(login), more: filler.repeat(3) }));
  reader.read(body('ann'));
  expect(reader.read(body('ann'))).toMatchObject({ sender: { login: 'ann' } });
  for (let other = 0; other < 400; other++) reader.read(body(`${other}`));
  expect(reader.read(body('ann'))).toHaveProperty('sender.avatar_url', filler);
});

test('a body as long as nobody needs one is read, and nothing is searched for in it', () => {
  const reader = webhookReader();
  const long = { sender: person('ann'), payload: Array.from({ length: 20_000 }, () => ({ a: { b: 1 } })) };
  for (let time = 0; time < 2; time++) expect(reader.read(Buffer.from(JSON.stringify(long)))).toEqual(long);
});

test('what is no UTF-8 is refused, whatever came before', () => {
  const reader = webhookReader();
  const body = Buffer.from(JSON.stringify({ sender: person('ann'), more: filler.repeat(3) }));
  reader.read(body);
  const broken = Buffer.from(body);
  broken[body.length - 4] = 0xff;
  expect(() => reader.read(broken)).toThrow();
});

test('any text is read as JSON is, with known parts at any place of it, in strings, and cut', () => {
  const parts = fc.constantFrom<unknown>(
    ...[person('ann'), person('bob'), repository('hello', 1), repository('hello', 2)],
    // Said in a string, and as the end of one.
    ...[JSON.stringify(person('ann')), `:${JSON.stringify({ sender: person('bob') })}`, ':{"login":"ann"', '\\":{"'],
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      parts,
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('sender', 'repository', 'payload', 'deployment', 'a'), tie('value')),
    ),
  }));
  const spoilt = fc.record({ at: fc.nat(6_000), by: fc.constantFrom('', '"', '\\', '{', '}', ':{"', ',', 'x') });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), fc.option(spoilt), (values, spoil) => {
      const reader = webhookReader();
      for (const one of values) {
        const text = JSON.stringify({ one, more: filler.repeat(4) });
        reader.read(Buffer.from(text));
        const at = spoil ? spoil.at % text.length : 0;
        const sent = spoil ? text.slice(0, at) + spoil.by + text.slice(at + 1) : text;
        expect(read(() => reader.read(Buffer.from(sent)))).toEqual(read(() => JSON.parse(sent)));
      }
    }),
    { numRuns: 500 },
  );
});
