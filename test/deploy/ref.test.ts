import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whatIsWrongWithRef } from '../../src/deploy/ref.ts';

/** Asks git itself about every name, in one go: `git check-ref-format` takes only one at a time. */
function gitTakes(refs: readonly string[]): boolean[] {
  const script = 'for ref; do git check-ref-format "refs/heads/$ref" && echo yes || echo no; done';
  const answers = execFileSync('sh', ['-c', script, 'sh', ...refs], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return answers.map((answer) => answer === 'yes');
}

/** Our answer, for comparing: git's check of a whole name knows neither of the two that `--branch` refuses. */
const weTake = (ref: string): boolean => whatIsWrongWithRef(ref) === undefined;
const onlyBranchRefuses = (ref: string): boolean => ref.startsWith('-') || ref === '@';

describe('a ref', () => {
  test.each([
    'main',
    'topic-branch',
    'feature/login',
    'dependabot/npm/@types/node',
    'v1.0.0',
    '12345678',
    '1e10',
    'a51a1bd4ad7a4d1f7b1b1f2b0a4b8f1f7f2b7b2d',
    'refs/heads/main',
    'überarbeitung',
    '日本語',
    '🚀',
    'a@b',
    'a{b',
    'a!b',
    "it's",
    '<!channel>',
    'lock',
    'a.locked',
    'a.lock.b',
    '@a',
    'a/@',
    '#12',
  ])('%s is one', (ref) => {
    expect(whatIsWrongWithRef(ref)).toBeUndefined();
    expect(gitTakes([ref])).toEqual([true]);
  });

  test.each([
    '',
    '@',
    '-',
    '-rf',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.',
    'a..b',
    'a.lock',
    'a.lock/b',
    'a@{1}',
    'a b',
    'a\tb',
    'a\nb',
    'a\x7fb',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
  ])('%j is none, and git agrees', (ref) => {
    expect(whatIsWrongWithRef(ref)).toBeTruthy();
    expect(gitTakes([ref])).toEqual([onlyBranchRefuses(ref)]);
  });

  test('of half a character, a NUL or a page of text is none, and git can’t even be asked', () => {
    for (const ref of ['a\ud800', 'a\0b', 'x'.repeat(300)]) expect(whatIsWrongWithRef(ref)).toBeTruthy();
  });

  test('is whatever git takes', () => {
    const piece = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom('/', '.', '..', '@', '{', '@{', '.lock', '-', '//', '~', '^', ':', '?', '*'),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom('[', ']', '\\', ' ', '\x01', '\x1f', '\x7f', '\x80', '\u00a0', '\u2028', 'é', '🚀'),
      },
      {
        weight: 8,
        arbitrary: fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom(...'abcLOCK019_#!$%&()+,;<=>|\'"`') }),
      },
    );
    const refs = fc
      .sample(
        fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('')),
        400,
      )
      .filter((ref) => !onlyBranchRefuses(ref));
    const git = gitTakes(refs);
    const different = refs.filter((ref, index) => weTake(ref) !== git[index]);
    expect(different).toEqual([]);
  });
});
