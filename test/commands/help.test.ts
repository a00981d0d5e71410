import { describe, expect, test } from 'vitest';
import cancel from '../../commands/cancel.ts';
import deploy from '../../commands/deploy.ts';
import help from '../../commands/help.ts';
import status from '../../commands/status.ts';
import { deployOptions, understand } from '../../src/commands.ts';
import { typing } from './typing.ts';

const commands = [cancel, deploy, help, status];
const type = typing(commands);

describe('help', () => {
  test('lists every command with its summary and one example', async () => {
    const text = (await type('help')).said.join();
    for (const { examples, summary } of commands) {
      expect(text).toContain(`/deploy ${examples[0]?.line}`);
      expect(text).toContain(summary);
    }
  });

  test.each(['', '   ', '--help', '-h', 'HELP'])('is what %j gets', async (line) => {
    expect(await type(line)).toEqual(await type('help'));
  });

  test.each([
    'help deploy',
    'deploy --help',
    'deploy -h',
    'deploy:migrate hello --help',
    'help DEPLOY',
    'help deploy:x',
  ])('%s shows usage, options and examples of deploy', async (line) => {
    const text = (await type(line)).said.join();
    for (const usage of deploy.usage) expect(text).toContain(usage);
    for (const [name, { summary }] of Object.entries(deployOptions)) {
      expect(text).toContain(name);
      expect(text).toContain(summary);
    }
    expect(text).toContain('--[no-]auto-merge');
    expect(text).toContain('--force, -f');
    for (const { line: example, means } of deploy.examples) {
      expect(text).toContain(`/deploy ${example}`);
      expect(text).toContain(means);
    }
  });

  test('shows what works in this place before each line', async () => {
    const inThread = typing(commands, {
      command: {
        id: '1',
        key: '1',
        text: 'help',
        prefix: '@deckhand',
        place: { team: 'T1', room: 'C1', roomName: 'ops', thread: '1.2' },
        user: { id: 'U1', name: 'ann' },
        at: '2024-06-10T12:00:00Z',
      },
    });
    const text = (await inThread('help')).said.join();
    expect(text).toContain('@deckhand status');
    expect(text).not.toContain('/deploy');
  });

  test('offers the nearest of a misspelt command, and all where none is near', async () => {
    expect(await type('help statsu')).toMatchObject({ refused: 'unknown-command', buttons: ['help status'] });
    const { refused, said } = await type('help xyzzy');
    expect(refused).toBe('unknown-command');
    for (const { name } of commands) expect(said.join()).toContain(name);
  });

  test('takes one word', async () => {
    expect(await type('help deploy now')).toMatchObject({ refused: 'extra-words' });
  });
});

test('every example of every command is understood as that command', () => {
  for (const command of commands) {
    for (const { line } of command.examples) {
      expect(understand(line, commands).command, line).toBe(command);
    }
  }
});
