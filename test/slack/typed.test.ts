import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typed } from '../../src/slack/typed.ts';

describe('what a person meant to type', () => {
  test.each<[string, string]>([
    // Dashes at the start of a word
    ['hello —force', 'hello --force'],
    ['hello –force', 'hello --force'],
    ['hello ―force', 'hello --force'],
    ['hello -–force', 'hello --force'],
    ['hello —f to stg', 'hello -f to stg'],
    ['hello –f', 'hello -f'],
    ['—no-auto-merge hello', '--no-auto-merge hello'],
    ['hello — to', 'hello -- to'],
    ['hello --force -f - --', 'hello --force -f - --'],
    ['app/feat—x', 'app/feat—x'],
    ['app/–x', 'app/–x'],
    ['2024–2025', '2024–2025'],
    ['--description "a — b —c"', '--description "a — b —c"'],
    ["--description 'a —b' —force", "--description 'a —b' --force"],
    ['--description "a \\" —b" —force', '--description "a \\" —b" --force'],
    // Quotes
    ['“a b”', '"a b"'],
    ['„a b“', '"a b"'],
    ['« a b »', '"a b"'],
    ['‘a b’', "'a b'"],
    ['“don’t”', '"don’t"'],
    ['‘{“k”:1}’', `'{"k":1}'`],
    ['—description=“a — b”', '--description="a — b"'],
    // Escapes
    ['a &amp;&amp; b', 'a && b'],
    ['&lt;!channel&gt;', '<!channel>'],
    ['&amp;lt;', '&lt;'],
    ['&quot;&nbsp;', '&quot;&nbsp;'],
    // Spaces
    ['hello\u00a0to\u202fstg', 'hello to stg'],
    ['  hel\u200blo\ufeff ', 'hello'],
    ['he\u00adllo\u2060\u200e', 'hello'],
    // Mark-up
    ['<@U1|ann>', '@ann'],
    ['<@U1|@ann>', '@ann'],
    ['<@U1>', '@U1'],
    ['<@U1|>', '@U1'],
    ['<#C1|ops>', '#ops'],
    ['<#C1>', '#C1'],
    ['<!here>', '@here'],
    ['<!subteam^S1|@team>', '@team'],
    ['<http://x.y|x.y>', 'x.y'],
    ['app/<http://x.y|x.y>!', 'app/x.y!'],
    ['<https://x.y/z>', 'https://x.y/z'],
    ['<https://x.y/?a=1&amp;b=2>', 'https://x.y/?a=1&b=2'],
    ['<mailto:a@b.c|a@b.c>', 'a@b.c'],
    ['<mailto:a@b.c>', 'a@b.c'],
    ['<tel:123|1-2-3>', '1-2-3'],
    ['lock/<@U1|ann> <#C1|ops>', 'lock/@ann #ops'],
    ['a < b > c', 'a < b > c'],
    ['a <b> c', 'a <b> c'],
    ['`hello to stg`', 'hello to stg'],
    ['```hello to stg```', 'hello to stg'],
    ['hello `x` to stg', 'hello `x` to stg'],
    // Nothing to undo
    ['hello/topic-branch to staging', 'hello/topic-branch to staging'],
    ['hello/日本語 🚀', 'hello/日本語 🚀'],
    ['', ''],
  ])('%j is %j', (text, meant) => {
    expect(typed(text)).toBe(meant);
  });

  test('is text, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        typed(text);
      }),
    );
  });

  test('is left alone where it was typed on a keyboard', () => {
    const plainText = fc.string({ unit: fc.constantFrom(...'abc/-_.!@#=,{}[]:"\'\\ ') });
    fc.assert(
      fc.property(plainText, (text) => {
        expect(typed(text)).toBe(text.trim());
      }),
    );
  });

  test('is found in good time in a page of trouble', () => {
    const begun = performance.now();
    for (const piece of [' ', '<@', '<http:', '"', "'", '—', '«', '`', '&amp', '\\"', ' -'])
      typed(piece.repeat(20_000));
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
