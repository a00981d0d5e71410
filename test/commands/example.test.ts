/**
 * The test to copy for a command of your own: put the command in commands/<word>.ts (or a folder named by COMMANDS_DIR),
 * copy this file to test/commands/<word>.test.ts, and import yours instead of the one written out here. A test types a
 * line and looks at what the person would read.
 */
import { expect, test } from 'vitest';
import { type CommandFile, code, environmentNamed, nearest, Refusal, say } from '../../src/commands.ts';
import { typing } from './typing.ts';

const environments: CommandFile = {
  name: 'environments',
  aliases: ['envs'],
  summary: 'Says where an app can be deployed to.',
  usage: ['environments <app> [--short]'],
  examples: [{ line: 'environments hello', means: 'every environment of hello' }],
  options: { short: { type: 'boolean', alias: 's', summary: 'names only' } },
  async run({ words: [name = '', extra], options }, { apps, answer }) {
    const app = apps.find(name);
    if (!app || extra !== undefined) {
      const near =
        app?.name ??
        nearest(
          name,
          apps.all().map((each) => each.name),
        ) ??
        'hello';
      const line = `environments ${near}`;
      throw new Refusal(
        app ? 'extra-words' : 'unknown-app',
        say`I can list one app that I know. Try ${code(`/deploy ${line}`)}.`,
        [{ label: near, line }],
      );
    }
    const names = app.environments.map((environment) => environment.name).join(', ');
    if (options.short) return answer(say`${names}`);
    const production = environmentNamed(app, 'production');
    await answer(
      say`${code(app.name)} goes to ${names}${production ? say`; ${code('production')} is one of them` : ''}.`,
    );
  },
};

const type = typing([environments]);

test('says where an app goes', async () => {
  const { said, refused } = await type('environments hello');
  expect(said.join()).toContain('staging, production');
  expect(refused).toBeUndefined();
});

test('knows its alias and its option', async () => {
  expect((await type('envs Hello -s')).said).toEqual(['staging, production, review, review/pr-12']);
});

test('says no in words, with a way out', async () => {
  const { said, refused, buttons } = await type('environments helo');
  expect(refused).toBe('unknown-app');
  expect(said.join()).toContain('/deploy environments hello');
  expect(buttons).toEqual(['environments hello']);
});

test('refuses an option that it does not have', async () => {
  expect(await type('environments hello --shrt')).toMatchObject({
    refused: 'unknown-option',
    said: [expect.stringContaining('environments hello --short')],
  });
});
