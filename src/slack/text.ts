import { limits } from './limits.ts';

/**
 * Text in which Slack finds no formatting, emoji or quotation: look-alikes stand where it would. Branch names keep their
 * underscores, since only those at the edge of a word are formatting. Not escaped yet; see {@link within}.
 */
export function inert(plain: string): string {
  return visible(plain)
    .replace(/[*~`]/gu, (mark) => lookAlikes[mark] ?? mark)
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ')
    .replace(/:(?=[\w+'-]*[a-z][\w+'-]*:)/giu, '∶')
    .replace(/^( *)>/gmu, '$1›');
}

const lookAlikes: Record<string, string> = { '*': '∗', '~': '∼', '`': 'ˋ' };

/** Takes out what is not seen but works: control and bidirectional characters, halves of surrogate pairs. Keeps lines. */
function visible(plain: string): string {
  return inFixedWidth(plain.replace(/\r\n?|[\u2028\u2029]/gu, '\n').replace(/[^\S\n]+/gu, ' '));
}

/** The same for text whose spaces mean something. */
export function inFixedWidth(plain: string): string {
  return plain.replace(/\p{Surrogate}/gu, '\uFFFD').replace(/(?!\n)[\p{Cc}\p{Bidi_Control}\u200B\u2060\uFEFF]/gu, '');
}

export const oneLine = (plain: string): string => visible(plain).replace(/\s+/gu, ' ').trim();

/** On one line and at most `most` characters, for what others wrote. */
export function shortened(plain: string, most: number): string {
  const points = [...oneLine(plain)];
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}

/**
 * Escaped text of at most `room` characters after escaping, cut between code points and then ended by `…`. Nothing if
 * not even one character fits.
 */
export function within(plain: string, room: number): string | undefined {
  const parts = [...plain].map(escaped);
  const all = parts.join('');
  if (lengthOf(all) <= room) return all;
  let out = '';
  let left = room - 1;
  for (const part of parts) {
    left -= lengthOf(part);
    if (left < 0) break;
    out += part;
  }
  return out === '' ? undefined : `${out}…`;
}

/** Slack escapes three characters and no others (docs.slack.dev/messaging/formatting-message-text). */
function escaped(point: string): string {
  return point === '&' ? '&amp;' : point === '<' ? '&lt;' : point === '>' ? '&gt;' : point;
}

/**
 * An http(s) URL as it may stand in Slack's `<…>`, or nothing. Whatever ends a link or begins another is
 * percent-encoded, by the URL parser or here.
 */
export function safeUrl(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return undefined;
  // Somebody's name and password belong in no message, and `github.com@evil.example` misleads.
  parsed.username = '';
  parsed.password = '';
  const safe = parsed.href.replace(/[<>|"`\s\p{Cc}]/gu, (point) => encodeURIComponent(point)).replaceAll('&', '&amp;');
  return safe.length > limits.url ? undefined : safe;
}

/** Characters as Slack counts them for its limits: code points. */
export const lengthOf = (content: string): number =>
  /[\ud800-\udfff]/.test(content) ? [...content].length : content.length;
