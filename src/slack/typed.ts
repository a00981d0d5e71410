/**
 * What somebody meant to type, given what Slack delivers: Slack's mark-up and escapes are undone, then what phones and
 * word processors do to quotes, dashes and spaces. To be applied once, to what a person typed; never to the line behind
 * a button, which is already as it should be.
 */
export function typed(text: string): string {
  // NUL is used as a placeholder below; typed by somebody it is a character that the grammar refuses.
  const words = straightened(unescaped(withoutMarkup(text.replaceAll('\0', '\uFFFD'))));
  return dashed(outOfBackticks(words.trim()));
}

/**
 * `<@U1|ann>` → `@ann`, `<#C1|ops>` → `#ops`, `<!subteam^S1|@team>` → `@team`, `<http://x.y|x.y>` → `x.y`. The label is
 * what the person saw; without one the id stays, which the grammar refuses politely.
 */
function withoutMarkup(text: string): string {
  return text
    .replace(/<([@#!])([^<>|\s]+)(?:\|([^<>]*))?>/g, (_, kind: string, id: string, label?: string) => {
      const sign = kind === '#' ? '#' : '@';
      return sign + (label || id).replace(/^[@#]/, '');
    })
    .replace(/<((?:https?|mailto|tel|ftp):[^<>|\s]*)(?:\|([^<>]*))?>/g, (_, url: string, label?: string) => {
      return label || url.replace(/^(?:mailto|tel):/, '');
    });
}

/** Slack escapes these three and no others. In one pass, so that `&amp;lt;` is the text `&lt;`. */
function unescaped(text: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>' };
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => characters[name] ?? '');
}

/** Straight quotes and plain spaces. An apostrophe between two letters is no quote and stays as it is: don’t. */
function straightened(text: string): string {
  return (
    text
      .replace(/«\s?|\s?»/g, '"')
      .replace(/[“”„‟″]/g, '"')
      .replace(/(?<=\p{L})’(?=\p{L})/gu, '\0')
      .replace(/[‘’‚‛′]/g, "'")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it stands for the apostrophes above
      .replace(/\x00/g, '’')
      .replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
      // Zero-width spaces, soft hyphens and marks of direction: nobody sees them, and no name is known with them.
      .replace(/[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, '')
  );
}

/** A line that was copied out of a code span comes with its backticks. */
function outOfBackticks(text: string): string {
  const [, inside] = /^`{1,3}([^`]+)`{1,3}$/.exec(text) ?? [];
  return inside?.trim() ?? text;
}

/**
 * Dashes at the start of a word, which phones make of two hyphens: `—force` → `--force`, `–f` → `-f`. Inside a word they
 * may be part of a branch’s name, and inside quotes of a sentence: both stay.
 */
function dashed(text: string): string {
  return text.replace(
    /"(?:\\[\s\S]|[^"\\])*(?:"|$)|'[^']*(?:'|$)|(?<=^|\s)[-‐‑–—―−]+(?=(\S*))/g,
    (match, word?: string) => {
      if (/^["']|^-+$/.test(match)) return match;
      return word !== undefined && /^\p{L}$/u.test(word) ? '-' : '--';
    },
  );
}
