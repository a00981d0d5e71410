import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mrkdwn, type Reader } from '../../../src/sandbox/page/render/mrkdwn.ts';
import type { Child, VNode } from '../../../src/sandbox/page/render/vnode.ts';
import { html, words } from './html.ts';

const reader: Reader = {
  me: 'U0ANN',
  user: (id) => ({ U0ANN: 'ann', U0BOB: 'bob' })[id],
  room: (id) => ({ C0DEPLOYS: 'deploys' })[id],
  date: (seconds, format) => `${format} of ${seconds}`,
};
const shown = (text: string, verbatim = true) => html(mrkdwn(text, reader, verbatim));
const anchor = (href: string, label: string) =>
  `<a href="${href}" target="_blank" rel="noopener noreferrer">${label}</a>`;

describe('mark-up', () => {
  test.each([
    ['*bold* _it_ ~gone~', '<strong>bold</strong> <em>it</em> <s>gone</s>'],
    ['*bold and _both_*', '<strong>bold and <em>both</em></strong>'],
    ['`a_b*c*`', '<code>a_b*c*</code>'],
    ['```\none\n*two*\n```', '<pre>one\n*two*</pre>'],
    ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
    ['* not * bold', '* not * bold'],
    ['a &lt;b&gt; &amp;amp; c', 'a &lt;b&gt; &amp;amp; c'],
    ['&gt; said\n&gt; so\nno', '<blockquote>said\nso</blockquote>no'],
    ['🟢 done', '<span class="emoji">🟢</span> done'],
    ['*<https://x.test/a_b_|it>*', `<strong>${anchor('https://x.test/a_b_', 'it')}</strong>`],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('people and rooms are called by their names; whoever reads stands out', () => {
    expect(shown('<@U0ANN> <@U0BOB> <#C0DEPLOYS> <#C9|ops>')).toBe(
      '<span class="mention me">@ann</span> <span class="mention">@bob</span> <span class="mention">#deploys</span> <span class="mention">#ops</span>',
    );
    expect(shown('<!channel>')).toBe('<span class="mention me">@channel</span>');
  });

  test('nothing that can be written stands for something else', () => {
    expect(shown('\u{F0000}<@U0BOB>')).toBe('�<span class="mention">@bob</span>');
  });

  test('dates are the reader’s', () => {
    expect(shown('<!date^1718000000^{date_short} at {time}|long ago>')).toBe(
      '<time datetime="2024-06-10T06:13:20.000Z" title="long ago">{date_short} at {time} of 1718000000</time>',
    );
  });

  test('links go out, learn nothing, and are http or https', () => {
    expect(shown('<https://x.test/?a=1&amp;b=2|Log>')).toBe(anchor('https://x.test/?a=1&amp;b=2', 'Log'));
    expect(shown('<http://x.test/>')).toBe(anchor('http://x.test/', 'http://x.test/'));
    for (const url of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'file:///etc/passwd']) {
      expect(shown(`<${url}|press>`)).toBe('<span>press</span>');
    }
  });

  test('bare addresses are links in what people write, and are not where the text is verbatim', () => {
    expect(shown('see https://x.test/a.', false)).toBe(`see ${anchor('https://x.test/a', 'https://x.test/a')}.`);
    expect(shown('see https://x.test/a.')).toBe('see https://x.test/a.');
  });
});

const marks = ['*', '_', '~', '`', '```', '<', '>', '|', '&lt;', '&gt;', '&amp;', '\n', ' ', 'a', '"', "'", '/', '🟢'];
const nasty = [
  ...['<@U0ANN>', '<!channel>', '<!date^1^{date}|x>', '<!date^99999999999^{date}|x>', '<https://x.test|y>'],
  ...[
    '<javascript:alert(1)|y>',
    '<script>',
    'https://x.test/',
    '\u{F0000}',
    '\u{F0001}',
    '<img src=x onerror=alert(1)>',
  ],
];
const hostile = fc.array(fc.constantFrom(...marks, ...nasty), { maxLength: 30 }).map((parts) => parts.join(''));
const allowed = ['a', 'blockquote', 'code', 'em', 'pre', 's', 'span', 'strong', 'time'];

function every(children: readonly Child[]): VNode[] {
  return children.flatMap((child) => (typeof child === 'string' ? [] : [child, ...every(child.children)]));
}

/** What must not come of any text. */
function isWrong({ tag, attributes }: VNode): boolean {
  if (!allowed.includes(tag) || Object.keys(attributes).some((name) => name.startsWith('on'))) return true;
  if (tag !== 'a') return 'href' in attributes;
  return !/^https?:/.test(String(attributes.href)) || attributes.rel !== 'noopener noreferrer';
}

test('whatever is written, only these elements come of it, and only web addresses are linked', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), fc.boolean(), (text, verbatim) => {
      return !every(mrkdwn(text, reader, verbatim)).some(isWrong);
    }),
    { numRuns: 300 },
  );
});

test('text without marks is read as it was written', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'Z', '9', ' ', '.', '🟢', 'é', '&amp;', '&lt;', '&gt;') });
  fc.assert(
    fc.property(plain, (text) => {
      const read = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
      // At the beginning it is a quotation.
      return text.startsWith('&gt;') || words(mrkdwn(text, reader, true)) === read;
    }),
  );
});
