import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { understand } from '../../src/commands.ts';
import type { App, Apps } from '../../src/deploy/apps.ts';
import { whatIsWrongWithRef } from '../../src/deploy/ref.ts';
import { Refusal } from '../../src/deploy/refusal.ts';
import { type DeployRequest, parseDeploy, printDeploy } from '../../src/deploy/request.ts';
import { typed } from '../../src/slack/typed.ts';
import { listedOnly, noApps, ownerIsApp, ownerIsAppWithUnlisted, withUnlisted } from './apps.ts';
import { ask, commands } from './asking.ts';

const catalogues = [listedOnly, withUnlisted, ownerIsApp, ownerIsAppWithUnlisted, noApps];
const catalogue = fc.constantFrom(...catalogues);

/** Pieces of lines that somebody might type, well and badly. */
const fragment = fc.oneof(
  fc.constantFrom('hello', 'acme', 'mono', 'web', 'zeta', 'site', 'widgets', 'wordpress', 'free', '1e10', 'tools'),
  fc.constantFrom(
    'to',
    'in',
    'ON',
    'staging',
    'prod',
    'review/pr-12',
    'production',
    'topic',
    'deploy',
    'deploy:x',
    'help',
  ),
  fc.constantFrom(
    '/',
    '@',
    '#',
    '!',
    ' ',
    ' ',
    ' ',
    ',',
    ':',
    '-',
    '--',
    '=',
    '"',
    "'",
    '\\',
    '—',
    '“',
    '’',
    '\0',
    '\n',
    '\u200b',
  ),
  fc.constantFrom(
    '--force',
    '-f',
    '--set',
    'k=v',
    '--host',
    '--payload',
    '{"a":1}',
    '--no-',
    'auto-merge',
    '--require',
    '--task',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '--__proto__',
    '<@U1|ann>',
    '<#C1|ops>',
    '<http://x.y|x.y>',
    '&amp;',
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ maxLength: 4, unit: 'binary' }),
);
const line = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.array(fragment, { maxLength: 14 }).map((pieces) => pieces.join('')),
  fc.array(fragment, { maxLength: 10 }).map((pieces) => pieces.join(' ')),
);

function tryToDeploy(text: string, apps: Apps): DeployRequest | undefined {
  try {
    const { command, args } = understand(text, commands);
    return command.name === 'deploy' ? parseDeploy(args, apps, ['deploy', 'status', 'help']) : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

describe('whatever is typed', () => {
  test('is understood or refused, and breaks nothing', () => {
    fc.assert(
      fc.property(line, catalogue, (text, apps) => {
        tryToDeploy(text, apps);
        tryToDeploy(typed(text), apps);
      }),
      { numRuns: 3000 },
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('and understood means the same again when printed', () => {
    fc.assert(
      fc.property(line, catalogue, (text, apps) => {
        const request = tryToDeploy(text, apps);
        if (request) expect(ask(printDeploy(request, apps), apps)).toEqual(request);
      }),
      { numRuns: 3000 },
    );
  });
});

const word = (letters: string): fc.Arbitrary<string> =>
  fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...letters) });

const ref = fc
  .oneof(
    word('abcXYZ019-_./@#'),
    word('abc/@#!\'"`$%&()<>|;=,{}—’é🚀'),
    fc.constantFrom('to', 'deploy', 'help', '--force', '-f', '!', 'hello', 'acme/hello', 'true', '0123', '1e10'),
    fc.string({ minLength: 1, maxLength: 10 }),
  )
  .filter((text) => whatIsWrongWithRef(text) === undefined && !text.endsWith('!'));

const host = word('abc019._:').filter((text) => /^[a-c0-9_]/.test(text));
const anyText = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'ab "\'\\=-{}$—“é🚀!') });
const reserved = ['user', 'room_id', 'name', 'hosts', 'notify', 'deckhand', '__proto__'];
const payload = fc
  .dictionary(word('abcdefz._'), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 4, noNullPrototype: true })
  .filter((object) => Object.keys(object).every((key) => !reserved.includes(key)))
  // What JSON can't say (-0, undefined) can't be typed.
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

const unlistedApps = (apps: Apps): App[] =>
  apps.unlisted
    ? ['acme/tools', 'acme/free-range', 'acme/help', 'acme/1e10x', 'acme/to'].map((name) => apps.unlistedApp(name))
    : [];

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

function requestIn(apps: Apps): fc.Arbitrary<DeployRequest> {
  return fc
    .constantFrom(...apps.all(), ...unlistedApps(apps))
    .chain((app) => {
      const adHoc = word('abc019.-').filter((name) => /^[a-c0-9]/.test(name));
      const environment =
        app.environments.length > 0
          ? fc.constantFrom(...app.environments)
          : adHoc.map((name) => ({ name, aliases: [], githubEnvironment: name }));
      return fc.record({
        app: fc.constant(app),
        whence: fc.oneof(
          fc.constant({}),
          ref.map((text) => ({ ref: text })),
          fc.nat(99999).map((number) => ({ pullRequest: number + 1 })),
        ),
        environment: maybe(environment),
        hosts: fc.uniqueArray(host, { maxLength: 3 }),
        task: maybe(word('abcXYZ019._-:/').filter((text) => /^[a-cX-Z0-9]/.test(text))),
        checks: fc.oneof(
          fc.record({ force: fc.constant(true), autoMerge: maybe(fc.constant(false)) }),
          fc.record({
            force: fc.constant(false),
            autoMerge: maybe(fc.boolean()),
            require: maybe(fc.uniqueArray(word('abc/-.1'), { minLength: 1, maxLength: 3 })),
          }),
        ),
        description: maybe(anyText.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '')),
        payload: maybe(payload),
        transient: maybe(fc.constant(true)),
        production: maybe(fc.boolean()),
        dryRun: fc.boolean(),
      });
    })
    .map(({ whence, checks, ...others }) => ({ ...others, ...whence, ...checks }));
}

describe('a request', () => {
  test.each([
    ['listed apps', listedOnly],
    ['unlisted repositories', withUnlisted],
    ['an owner who is an app', ownerIsApp],
  ])('reads back as itself when it is printed: %s', (_, apps) => {
    fc.assert(
      fc.property(requestIn(apps), (request) => {
        expect(ask(printDeploy(request, apps), apps)).toEqual(request);
      }),
      { numRuns: 700 },
    );
  });

  test('keeps a ref, a host, a task and an environment that look like numbers as they were typed', () => {
    const number = fc
      .oneof(
        fc.nat().map(String),
        fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String),
        fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
        fc.nat(99999).map((n) => `0${n}`),
        fc.nat().map((n) => `0x${n.toString(16)}`),
        fc.tuple(fc.nat(9), fc.nat(300)).map(([a, b]) => `${a}e${b}`),
        fc.constantFrom('Infinity', 'NaN', 'true', 'false', 'null', 'undefined', '1_000', '0b1', '0o7'),
      )
      .filter((text) => /^\w[\w.-]*$/.test(text) && whatIsWrongWithRef(text) === undefined);
    fc.assert(
      fc.property(number, (n) => {
        expect(ask(`free/${n} to ${n}x/${n} --task ${n} --host ${n}h --set k=${n}`, listedOnly)).toMatchObject({
          ref: n,
          environment: { name: `${n}x` },
          hosts: [n, `${n}h`],
          task: n,
          payload: { k: n },
        });
        expect(ask(`free@${n} --force`, listedOnly).ref).toBe(n);
      }),
    );
  });
});
