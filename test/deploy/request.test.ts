import { describe, expect, test } from 'vitest';
import type { Apps } from '../../src/deploy/apps.ts';
import { Refusal } from '../../src/deploy/refusal.ts';
import { type DeployRequest, printDeploy } from '../../src/deploy/request.ts';
import { typed } from '../../src/slack/typed.ts';
import { listedOnly, ownerIsApp, ownerIsAppWithUnlisted, withUnlisted } from './apps.ts';
import { ask, outcome, refusal } from './asking.ts';
import { type Expected, table } from './request.table.ts';

/** A request as the table says it: what was asked for, and nothing that was not. */
function inShort(
  { app, pullRequest, environment, hosts, force, dryRun, ...others }: DeployRequest,
  apps: Apps,
): Expected {
  const said = {
    app: app.name,
    ...(!apps.find(app.name) && { repository: app.repository }),
    ...(pullRequest !== undefined && { pr: pullRequest }),
    ...(environment && { to: environment.name }),
    ...(hosts.length > 0 && { hosts: [...hosts] }),
    ...others,
    ...(force && { force }),
    ...(dryRun && { dryRun }),
  };
  return said as Expected;
}

describe.each(table)('$about', ({ apps, rows }) => {
  test.each(rows.map(([line, expected]) => ({ line, expected })))('$line', ({ line, expected }) => {
    const came = outcome(typed(line), apps);
    expect(came instanceof Refusal ? came.code : inShort(came, apps)).toEqual(expected);
  });
});

test('the table is as long as it should be', () => {
  expect(table.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(150);
});

describe('what is printed', () => {
  const requests = table.flatMap(({ apps, rows }) =>
    rows.filter(([, expected]) => typeof expected !== 'string').map(([line]) => ({ line, apps })),
  );
  test.each(requests)('$line reads back as the same request', ({ line, apps }) => {
    const request = ask(typed(line), apps);
    expect(ask(printDeploy(request, apps), apps)).toEqual(request);
  });
});

describe('a refusal', () => {
  const refused = table.flatMap(({ apps, rows }) =>
    rows.filter(([, expected]) => typeof expected === 'string').map(([line]) => ({ line, apps })),
  );

  test.each(refused)('of $line says what to type instead', ({ line, apps }) => {
    const { words, buttons } = refusal(typed(line), apps);
    expect(words.some((piece) => typeof piece === 'object' && 'code' in piece)).toBe(true);
    for (const button of buttons) expect(button.line).not.toMatch(/^\//);
  });

  test.each(refused)('of $line gives only examples that are understood', ({ line, apps }) => {
    const { words, buttons } = refusal(typed(line), apps);
    const examples = words.flatMap((piece) => (typeof piece === 'object' && 'code' in piece ? [piece.code] : []));
    const lines = examples.filter((example) => example.startsWith('/deploy ') && !example.includes('…'));
    for (const example of [
      ...lines.map((each) => each.slice('/deploy '.length)),
      ...buttons.map((each) => each.line),
    ]) {
      if (/^(help|status|deploy)\b/.test(example) || apps.all().length === 0) continue;
      expect(outcome(example, apps), example).not.toBeInstanceOf(Refusal);
    }
  });

  const lines = (line: string, apps: Apps): string[] => refusal(line, apps).buttons.map((button) => button.line);

  test('offers every reading, in a spelling that has only one', () => {
    expect(lines('zeta/site/topic to stg', listedOnly)).toEqual([
      'zeta@site/topic to staging',
      'site/topic to staging',
    ]);
    expect(lines('acme/hello to stg --force', ownerIsApp)).toEqual([
      'acme@hello to staging --force',
      'hello to staging --force',
    ]);
    expect(lines('acme/tools', ownerIsAppWithUnlisted)).toEqual(['acme@tools', 'tools']);
  });

  test('offers every app of a repository', () => {
    expect(lines('acme/mono/topic to stg', listedOnly)).toEqual(['web/topic to staging', 'api/topic to staging']);
    expect(lines('mono@topic', withUnlisted)).toEqual(['web/topic', 'api/topic']);
  });

  test('offers the nearest app, environment and command', () => {
    expect(lines('helo/topic to stg -f', listedOnly)).toEqual(['hello/topic to staging --force']);
    expect(lines('hlelo#12', listedOnly)).toEqual(['hello#12']);
    expect(lines('widgets/wordpres@v1', listedOnly)).toEqual(['blog/v1']);
    expect(lines('wordpress/topic', listedOnly)).toEqual(['blog/topic']);
    expect(lines('hello/topic to stagign', listedOnly)).toEqual(['hello/topic to staging']);
    expect(lines('hello to productoin/fe1', listedOnly)).toEqual(['hello to production/fe1']);
    expect(lines('statsu', listedOnly)).toEqual(['status']);
  });

  test('offers the word that was missing', () => {
    expect(lines('hello staging', listedOnly)).toEqual(['hello to staging']);
    expect(lines('hello/topic at staging', listedOnly)).toEqual(['hello/topic to staging']);
    expect(lines('hello topic', listedOnly)).toEqual(['hello/topic']);
    expect(lines('free/topic production', listedOnly)).toEqual(['free/topic to production']);
  });

  test('names the option that was nearly typed, and the words that are too many', () => {
    expect(refusal('hello --forse', listedOnly).message).toContain('hello --force');
    expect(refusal('hello --no-automerge=1', listedOnly).message).toContain('--no-auto-merge');
    expect(refusal('hello to staging right now', listedOnly).message).toMatch(/right.*now/);
  });

  test('is what a page of text gets', () => {
    expect(refusal(`hello --description "${'x'.repeat(9000)}"`, listedOnly).code).toBe('too-long');
    const deep = `${'['.repeat(3900)}${']'.repeat(3900)}`;
    const request = ask(`hello --payload '{"k":${deep}}'`, listedOnly);
    expect(printDeploy(request, listedOnly)).toContain(deep);
  });

  test('stays short whatever was typed', () => {
    for (const line of [
      'x'.repeat(4000),
      `hello/${'y'.repeat(4000)}`,
      `hello to ${'z'.repeat(4000)}`,
      `hello ${'w '.repeat(2000)}`,
    ]) {
      expect(refusal(line, listedOnly).message.length).toBeLessThan(1500);
    }
  });
});

describe('a name that only nearly is', () => {
  test('can be given a spelling without a catalogue entry for it', () => {
    expect(ask('tools/topic', withUnlisted).app.repository).toBe('acme/tools');
    expect(printDeploy(ask('tools/topic', withUnlisted), withUnlisted)).toBe('acme/tools/topic');
  });
});
