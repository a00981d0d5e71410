import { describe, expect, test } from 'vitest';
import { apps, outcomeOf } from './meaning.ts';

/** What is offered instead of a line that is not understood is that line, mended: whoever presses the button gets no other. */

/** Every verb with everything it takes; `APP` and `ENV` are misspelt below. */
const lines = [
  'APP/main! to ENV/fe1 --dry-run --description "front page"',
  'deploy:migrations APP to ENV --dry-run',
  'rollback APP in ENV',
  'rollback APP in ENV to 3 --dry-run',
  'rollback APP in ENV to #1000000001 --host fe9',
  'rollback! APP to 2 in ENV --description "it hurts"',
  'promote APP from staging to ENV --dry-run',
  'promote APP from ENV to staging --host fe1 --force',
  'destroy APP in ENV',
  'diff APP/main in ENV --limit 3',
  'diff APP#12 in ENV --show',
  'history APP/main in ENV --by ann --limit 5',
  'history APP ENV --sha 1a2b3c4',
  'list APP in ENV --task deploy --page 2',
  'where APP in ENV --show',
  'status APP ENV --show',
  'watch APP ENV',
  'unwatch APP in ENV',
];

/** The same of those that name a deployment. */
const byId = [
  'redeploy APP 1000000001 --dry-run --host fe9',
  'redeploy! APP 1000000001',
  'cancel APP 1000000001',
  'delete APP 1000000001 --inactive',
  'get APP 1000000001 --json',
  'statuses APP 1000000001 --show',
  'status APP 1000000001 --show',
  'mark APP 1000000001 failure --description "disk full" --log-url https://ci.example/ --no-auto-inactive',
];

/** Two slips are mended one after the other: the second word of the first could be a branch, too. */
const oneByOne = /^(promote|history APP ENV)/;

const typed = (line: string, app: string, environment: string) => line.replace('APP', app).replace('ENV', environment);

/** What a refusal offers, each line as it is understood. Every button has to be. */
async function offeredFor(line: string, thread = false) {
  const { refused, buttons, lines: named, meaning } = await outcomeOf(line, thread);
  expect({ line, meaning }).toEqual({ line });
  const all = await Promise.all(
    [...new Set([...buttons, ...named])].map(async (each) => ({ each, ...(await outcomeOf(each, thread)) })),
  );
  return { refused, buttons, offers: all };
}

/** One button, which means what was meant. */
async function isMended(wrong: string, right: string, thread = false): Promise<void> {
  const meant = await outcomeOf(right, thread);
  expect({ right, refused: meant.refused }).toEqual({ right });
  const { offers, buttons } = await offeredFor(wrong, thread);
  expect({ wrong, buttons }).toMatchObject({ buttons: [expect.any(String)] });
  for (const { each, meaning } of offers) expect({ each, meaning }).toEqual({ each, meaning: meant.meaning });
}

describe('a slip in one word is mended, and nothing else is changed', () => {
  test.each([...lines, ...byId])('the app: %s', async (line) => {
    await isMended(typed(line, 'helo', 'production'), typed(line, 'hello', 'production'));
  });

  test.each(lines)('the environment: %s', async (line) => {
    await isMended(typed(line, 'hello', 'prodution'), typed(line, 'hello', 'production'));
  });

  test.each(lines.filter((line) => !oneByOne.test(line)))('both: %s', async (line) => {
    await isMended(typed(line, 'helo', 'prodution'), typed(line, 'hello', 'production'));
  });

  test.each(byId)('a word too many: %s', async (line) => {
    const right = typed(line, 'hello', 'production');
    await isMended(right.replace(/( --.*)?$/, ' extra$1'), right);
  });

  test.each(lines)('a word too many: %s', async (line) => {
    const right = typed(line, 'hello', 'production');
    const meant = (await outcomeOf(right)).meaning;
    const { offers } = await offeredFor(right.replace(/( --.*)?$/, ' right now$1'));
    expect(offers).not.toEqual([]);
    for (const { each, meaning } of offers) expect({ each, meaning }).toEqual({ each, meaning: meant });
  });
});

describe('the order of the words, and words that are left out', () => {
  test.each([
    ['rollback hello to 2 in production', 'rollback hello in production to 2'],
    ['rollback hello production to 2', 'rollback hello in production to 2'],
    ['history hello/main staging', 'history hello/main in staging'],
    ['diff hello/topic-branch production', 'diff hello/topic-branch in production'],
    ['mark success 1000000001', 'mark 1000000001 success'],
    ['mark 1000000001 In-Progress', 'mark 1000000001 in_progress'],
    ['rollback! hello', 'rollback hello --force'],
  ])('%s is understood', async (line, same) => {
    const outcome = await outcomeOf(line);
    expect(outcome.meaning).toBeDefined();
    expect(outcome.meaning).toEqual((await outcomeOf(same)).meaning);
  });

  test.each([
    ['rollback hello production 2', 'rollback hello in production to 2'],
    ['rollback hello to production', 'rollback hello in production'],
    ['rollback hello to production to 3 --dry-run', 'rollback hello in production to 3 --dry-run'],
    ['rollback hello in production to 3 extra', 'rollback hello in production to 3'],
    ['history hello main', 'history hello/main'],
    ['promote hello/main from staging to production --dry-run', 'promote hello from staging to production --dry-run'],
    ['promote hello from staging/fe1 to production', 'promote hello from staging to production'],
    ['where hello/main in production', 'where hello in production'],
    ['where hello in production/fe1 --show', 'where hello in production --show'],
    ['destroy hello! in review', 'destroy hello in review'],
    ['promote hello staging production --dry-run', 'promote hello from staging to production --dry-run'],
    ['promote hello from staging prod', 'promote hello from staging to production'],
    ['promote hello staging to production --host fe1', 'promote hello from staging to production --host fe1'],
    ['promote hello production', 'promote hello to production'],
  ])('%s: one is offered', async (wrong, right) => {
    const meant = (await outcomeOf(right)).meaning;
    expect(meant).toBeDefined();
    const { offers } = await offeredFor(wrong);
    expect(offers).not.toEqual([]);
    for (const { each, meaning } of offers) expect({ each, meaning }).toEqual({ each, meaning: meant });
  });

  test.each([
    ['destroy hello in review extra', 'review'],
    ['status hello in staging production', 'staging'],
    ['rollback hello in production to v1.0.0', 'production'],
    ['rollback hello in production to', 'production'],
    ['rollback hello/main in production', 'production'],
  ])('%s: the lines that are offered stay in %s', async (line, environment) => {
    const { offers } = await offeredFor(line);
    expect(offers).not.toEqual([]);
    for (const { each, meaning } of offers) {
      expect({ each, ...meaning }).toMatchObject({ asked: [{ app: 'hello', environment }] });
    }
  });

  test('where a branch is named behind to, it is offered as a deployment', async () => {
    const { offers } = await offeredFor('rollback hello in production to v1.0.0 --dry-run');
    const deploy = offers.find(({ meaning }) => meaning?.verb === 'deploy');
    expect(deploy?.meaning?.asked).toMatchObject([{ ref: 'v1.0.0', environment: 'production', dryRun: true }]);
  });

  test('the other environment of a promotion is not offered', async () => {
    const { offers } = await offeredFor('promote hello from production to nowhere --dry-run');
    const asked = offers.map(({ meaning }) => meaning?.asked);
    expect(asked).toMatchObject([
      [{ from: 'production', to: 'staging', extras: { dryRun: true } }],
      [{ from: 'production', to: 'review', extras: { dryRun: true } }],
    ]);
  });

  test('where there is no other, nothing is', async () => {
    expect((await offeredFor('promote handbook from production to stagin')).offers).toEqual([]);
  });

  test('a promotion to production asks, and its button promises no more than was typed', async () => {
    const { offers } = await offeredFor('promote hello from staging --dry-run --host fe1');
    expect(offers).toMatchObject([
      { meaning: { asked: [{ from: 'staging', to: 'production', extras: { dryRun: true, hosts: ['fe1'] } }] } },
    ]);
  });

  test('which app is asked with the rest of the line', async () => {
    const { offers } = await offeredFor('rollback in production to 3 --dry-run');
    expect(offers.map(({ meaning }) => meaning?.asked)).toMatchObject(
      apps
        .all()
        .map(({ name }) => [{ app: name, environment: 'production', to: { back: 3 }, extras: { dryRun: true } }]),
    );
  });

  test('and only those that have such an environment are offered', async () => {
    expect((await offeredFor('diff in staging --limit 3')).buttons).toEqual(['diff hello in staging --limit 3']);
    expect((await offeredFor('diff in qa')).offers).not.toEqual([]);
  });

  test('destroy offers what goes away again', async () => {
    const { buttons } = await offeredFor('destroy');
    expect(buttons).toEqual(['destroy hello in review']);
  });

  test('elsewhere an environment alone may be that of any app', async () => {
    expect((await outcomeOf('where staging')).refused).toBe('unknown-app');
  });

  test('where asks with in, as one would say it', async () => {
    expect((await outcomeOf('where stagin')).lines.join()).not.toMatch(/ to /);
  });
});

describe('in the thread of a deployment to production', () => {
  test.each([
    ['where staging', 'where hello in staging'],
    ['where STG --show', 'where hello in staging --show'],
    ['history staging --limit 3', 'history hello in staging --limit 3'],
    ['status staging', 'status hello in staging'],
    ['diff staging', 'diff hello in staging'],
    ['rollback staging to 2', 'rollback hello in staging to 2'],
    ['destroy review', 'destroy hello in review'],
    ['where handbook', 'where handbook'],
    ['where in staging', 'where hello in staging'],
    ['history in staging --limit 3', 'history hello in staging --limit 3'],
    ['list in staging', 'list hello in staging'],
    ['status in staging', 'status hello in staging'],
    ['diff in staging', 'diff hello in staging'],
    ['diff', 'diff hello in production'],
    ['diff hello/topic-branch', 'diff hello/topic-branch in production'],
    ['rollback to 2', 'rollback hello in production to 2'],
    ['rollback in staging to 2', 'rollback hello in staging to 2'],
    ['rollback to 2 in staging', 'rollback hello in staging to 2'],
    ['promote to staging', 'promote hello from production to staging'],
    ['destroy', 'destroy hello in production'],
  ])('%s is understood', async (line, same) => {
    const outcome = await outcomeOf(line, true);
    expect(outcome.meaning).toBeDefined();
    expect(outcome.meaning).toEqual((await outcomeOf(same)).meaning);
  });

  test('a branch behind to is offered as a deployment to where that went', async () => {
    const { offers } = await offeredFor('rollback to topic-branch', true);
    for (const { each, meaning } of offers) {
      expect({ each, ...meaning }).toMatchObject({ asked: [{ environment: 'production' }] });
    }
  });
});
