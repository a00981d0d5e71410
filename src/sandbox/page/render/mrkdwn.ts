import { type Child, h, outward } from './vnode.ts';

/** Who reads, and what ids are called. */
export interface Reader {
  /** The id of whoever reads: what mentions them stands out. */
  me: string;
  user(id: string): string | undefined;
  room(id: string): string | undefined;
  /** A time as the reader writes it. `format` is Slack's, with `{date_short_pretty}` and the like in it. */
  date(seconds: number, format: string): string;
}

/**
 * Slack's mark-up as elements: bold, italics, strike-through, code, quotations, links, mentions and dates. Everything
 * else is text. Source: docs.slack.dev/messaging/formatting-message-text. `verbatim`: bare addresses are no links.
 */
export function mrkdwn(text: string, reader: Reader, verbatim = false): Child[] {
  // What stands in angle brackets may hold marks that are none, and may stand between marks: a character that no text
  // has stands for it meanwhile.
  const entities: Child[] = [];
  const keep = (entity: Child) => String.fromCodePoint(firstPlace + entities.push(entity) - 1);
  let marked = text.replaceAll(/[\u{F0000}-\u{FFFFD}]/gu, '�');
  marked = marked.replaceAll(/<([^<>\n]+)>/g, (_whole, inside: string) => keep(entity(inside, reader)));
  if (!verbatim) {
    marked = marked.replaceAll(
      /https?:\/\/[^\s<>\u{F0000}-\u{FFFFD}]*[^\s<>.,:;!?)'"*_~`\u{F0000}-\u{FFFFD}]/gu,
      (url) => keep(outward(unescaped(url), unescaped(url))),
    );
  }
  const filled = (part: string): Child[] =>
    part
      .split(/([\u{F0000}-\u{FFFFD}])/u)
      .flatMap((piece, index) => (index % 2 === 1 ? [entities[placeOf(piece)] ?? ''] : signs(unescaped(piece))))
      .filter((piece) => piece !== '');
  return quoted(marked, filled);
}

/** Text with its pictures apart: the fonts of text may have poor drawings of them. */
function signs(text: string): Child[] {
  return text
    .split(/(\p{Emoji_Presentation}\uFE0F?)/u)
    .map((piece, index) => (index % 2 === 1 ? h('span', { class: 'emoji' }, piece) : piece));
}

/** A plane of private use, in which each character can stand for one entity. */
const firstPlace = 0xf0000;
const placeOf = (character: string): number => (character.codePointAt(0) ?? 0) - firstPlace;

type Fill = (part: string) => Child[];

/** Lines that begin with `>` are set off, as one quotation where they follow one another. */
function quoted(text: string, fill: Fill): Child[] {
  const parts = text.split(/(^&gt; ?.*(?:\n&gt; ?.*)*\n?)/m);
  return parts.flatMap((part, index): Child[] =>
    index % 2 === 0
      ? fenced(part, fill)
      : [h('blockquote', {}, ...fenced(part.replace(/\n$/, '').replaceAll(/^&gt; ?/gm, ''), fill))],
  );
}

function fenced(text: string, fill: Fill): Child[] {
  return text.split(/(```[\s\S]+?```|`[^`\n]+`)/).flatMap((part, index): Child[] => {
    if (index % 2 === 0) return emphasized(part, fill);
    return part.startsWith('```')
      ? [h('pre', {}, ...fill(part.slice(3, -3).replaceAll(/^\n|\n$/g, '')))]
      : [h('code', {}, ...fill(part.slice(1, -1)))];
  });
}

const marks = { '*': 'strong', _: 'em', '~': 's' } as const;
type Mark = keyof typeof marks;

/** Marks count only around words: the underscores of `snake_case_name` are letters. */
const emphasis = new RegExp(
  ['*', '_', '~']
    .map((mark) => `\\${mark}`)
    .map((m) => `(?<![\\w${m}])${m}(?=[^\\s${m}])[^\\n${m}]*[^\\s${m}]${m}(?![\\w${m}])`)
    .join('|'),
);

function emphasized(text: string, fill: Fill): Child[] {
  const found = emphasis.exec(text);
  if (!found) return fill(text);
  const [whole] = found;
  const tag = marks[whole[0] as Mark];
  return [
    ...fill(text.slice(0, found.index)),
    h(tag, {}, ...emphasized(whole.slice(1, -1), fill)),
    ...emphasized(text.slice(found.index + whole.length), fill),
  ];
}

function entity(inside: string, reader: Reader): Child {
  const [target = '', label] = splitOnce(inside);
  if (target.startsWith('@')) {
    const id = target.slice(1);
    return mention(`@${reader.user(id) ?? unescaped(label ?? id)}`, id === reader.me);
  }
  if (target.startsWith('#')) {
    const id = target.slice(1);
    return h('span', { class: 'mention' }, `#${unescaped(label || '') || (reader.room(id) ?? id)}`);
  }
  if (target.startsWith('!')) return special(target.slice(1), label, reader);
  // Angle brackets around anything else are just that.
  if (!/^[a-z][a-z\d+.-]*:/i.test(target)) return `<${unescaped(inside)}>`;
  return outward(unescaped(target), unescaped(label ?? target));
}

function special(command: string, label: string | undefined, reader: Reader): Child {
  if (/^(channel|here|everyone)$/.test(command)) return mention(`@${command}`, true);
  if (command.startsWith('subteam^')) return mention(unescaped(label ?? `@${command.slice(8)}`), false);
  const [, seconds, format, url] = /^date\^(\d{1,11})\^([^^]+)(?:\^(.+))?$/.exec(command) ?? [];
  if (seconds === undefined || format === undefined) return unescaped(label ?? `<${command}>`);
  const iso = new Date(Number(seconds) * 1000).toISOString();
  const time = h('time', { datetime: iso, title: unescaped(label ?? iso) }, reader.date(Number(seconds), format));
  return url === undefined ? time : outward(unescaped(url), time);
}

function mention(name: string, isMe: boolean): Child {
  return h('span', { class: isMe ? 'mention me' : 'mention' }, name);
}

function splitOnce(inside: string): [string, string?] {
  const at = inside.indexOf('|');
  return at < 0 ? [inside] : [inside.slice(0, at), inside.slice(at + 1)];
}

/** Slack escapes three characters and no others. */
export function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
