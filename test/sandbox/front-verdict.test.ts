import { describe, expect, test } from 'vitest';
import { readCommandLine, readLine } from '../../src/sandbox/front/options.ts';
import { judge, type LineFacts } from '../../src/sandbox/front/verdict.ts';

const long = 20_000;
const timeout = 60_000;
const nothing: LineFacts = {
  refused: false,
  waitsForButton: false,
  wasPressed: false,
  isSummedUp: false,
  answeredPrivately: false,
  answeredAfterPress: false,
  answeredForAll: false,
  answeredPublicly: false,
  creations: [],
  checksPending: false,
  deployments: [],
  quiet: long,
};
const good = { name: 'main to staging', state: 'success', succeeded: true, isTold: true };

describe('when a line is finished', () => {
  const cases: [string, Partial<LineFacts>, 0 | 1 | undefined][] = [
    ['nothing has come yet', {}, undefined],
    ['nothing has come for a minute', { quiet: 61_000 }, 1],
    ['a private answer', { answeredPrivately: true }, 0],
    ['a private answer, just now', { answeredPrivately: true, quiet: 50 }, undefined],
    ['a refusal', { answeredPrivately: true, refused: true }, 1],
    ['a confirming button', { answeredPrivately: true, waitsForButton: true }, 1],
    ['an answer for everybody', { answeredForAll: true, answeredPublicly: true, quiet: 700 }, 0],
    ['a public answer', { answeredPublicly: true, quiet: 25_000 }, 0],
    ['a public message alone', { answeredPublicly: true, quiet: 2_000 }, undefined],
    ['done, said to the person and in a thread', { answeredPrivately: true, answeredPublicly: true, quiet: 2_000 }, 0],
    ['the same, just now', { answeredPrivately: true, answeredPublicly: true, quiet: 800 }, undefined],
    ['a public message, and GitHub is being asked', { answeredPublicly: true, creations: [0] }, undefined],
    ['GitHub says no', { answeredPublicly: true, creations: [409] }, 1],
    ['GitHub merges first', { answeredPublicly: true, creations: [202] }, undefined],
    [
      'GitHub merges first, and the checks are not in',
      { answeredPublicly: true, creations: [202, 409], checksPending: true },
      undefined,
    ],
    ['GitHub merges first, and the checks are red', { answeredPublicly: true, creations: [202, 409] }, 1],
    ['GitHub says no, just now', { answeredPublicly: true, creations: [409], quiet: 400 }, undefined],
    ['GitHub says no, and it is summed up', { creations: [409], isSummedUp: true, quiet: 400 }, 1],
    ['a press was answered, just now', { answeredPrivately: true, wasPressed: true, quiet: 800 }, undefined],
    [
      'a press was answered in a message of its own',
      { answeredPrivately: true, wasPressed: true, answeredAfterPress: true, quiet: 2_000 },
      0,
    ],
    ['a press was answered', { answeredPrivately: true, wasPressed: true, quiet: 25_000 }, 0],
    ['an ambiguous answer', { answeredPublicly: true, creations: [502] }, undefined],
    ['a deployment succeeded', { creations: [201], deployments: [good] }, 0],
    ['it succeeded, the bot may still be editing', { creations: [201], deployments: [good], quiet: 400 }, undefined],
    ['it succeeded, and that is summed up', { deployments: [good], isSummedUp: true, quiet: 400 }, 0],
    ['it succeeded but the thread lacks it', { deployments: [{ ...good, isTold: false }] }, undefined],
    ['it failed', { deployments: [{ ...good, state: 'failure', succeeded: false }] }, 1],
    ['an error', { deployments: [{ ...good, state: 'error', succeeded: false }] }, 1],
    ['it is on its way', { deployments: [{ ...good, state: 'in_progress', succeeded: false }] }, undefined],
    ['a newer one has taken over', { deployments: [{ ...good, state: 'inactive' }] }, 0],
    ['called off before it succeeded', { deployments: [{ ...good, state: 'inactive', succeeded: false }] }, 1],
    ['success, then failure', { deployments: [{ ...good, state: 'failure' }] }, 1],
    ['one of two failed', { deployments: [good, { ...good, state: 'failure', succeeded: false }] }, 1],
    ['the bot is gone', { botEnded: 'with exit code 1', quiet: 0 }, 1],
  ];
  test.each(cases)('%s', (_name, facts, code) => {
    expect(judge({ ...nothing, ...facts }, timeout)?.code).toBe(code);
  });

  test('a line that is given up says where it stands', () => {
    const stuck = { name: 'main to staging', state: 'queued', succeeded: false, isTold: true };
    const verdict = judge({ ...nothing, deployments: [stuck], quiet: timeout }, timeout);
    expect(verdict?.because).toContain('main to staging is still queued');
    const merged = judge({ ...nothing, creations: [202], quiet: timeout }, timeout);
    expect(merged?.because).toContain('merged but not deployed');
  });
});

describe('the command line', () => {
  test('defaults', () => {
    expect(readCommandLine([])).toEqual({
      run: {
        lines: [],
        yes: false,
        repo: undefined,
        person: 'ann',
        place: 'deploys',
        timeout: 60_000,
        verbose: false,
      },
    });
  });

  test('lines keep their order', () => {
    const read = readCommandLine(['--exec', '/deploy hello', '--yes', '--exec', '@deckhand help', '--in', '#random']);
    expect(read).toMatchObject({ run: { lines: ['/deploy hello', '@deckhand help'], yes: true, place: 'random' } });
  });

  test.each([
    [['--frobnicate'], '--frobnicate'],
    [['--exec'], '--exec'],
    [['--exec', 'deploy hello'], '/deploy hello/topic-branch'],
    [['--exec', '/deployment hello'], '/deploy hello/topic-branch'],
    [['/deploy hello'], '--exec "/deploy hello"'],
    [['--as', 'zoe'], 'ann, bob, gus'],
    [['--in', 'nowhere'], 'ann-bob'],
    [['--in', 'ann-bob', '--as', 'gus'], 'gus is not in it'],
    [['--timeout', 'soon'], 'soon'],
    [['--timeout', '0'], 'seconds'],
  ])('%j is one clear sentence', (args, part) => {
    const read = readCommandLine(args);
    expect(read).toHaveProperty('mistake');
    expect('mistake' in read && read.mistake).toContain(part);
    expect('mistake' in read && read.mistake).not.toContain('\n');
  });

  test('what a line is', () => {
    expect(readLine(' /deploy  hello to staging ')).toEqual({ command: 'hello to staging' });
    expect(readLine('/deploy')).toEqual({ command: '' });
    expect(readLine('@deckhand hello')).toEqual({ mention: '@deckhand hello' });
    expect(readLine('@deckhands hello')).toBeUndefined();
    expect(readLine('hello')).toBeUndefined();
  });
});
