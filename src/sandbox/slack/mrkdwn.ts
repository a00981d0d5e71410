/** What ids are called in this workspace. */
export interface Names {
  user(id: string): string | undefined;
  channel(id: string): string | undefined;
  /** How inline code looks; without marks when left out. */
  code?(text: string): string;
}

/**
 * Slack's mark-up as the text that a person reads: mentions by name, `label (url)` for links, the marks of bold, italic,
 * strike-through and code gone, `&amp;` `&lt;` `&gt;` unescaped. A mention that rings everybody's bell reads
 * `@channel!`, `@here!` or `@everyone!`, with the exclamation mark, which the mere words never have.
 */
export function shownMrkdwn(text: string, names: Names): string {
  // Entities first, behind characters that no text has, for marks may enclose them; unescaping last, for what was
  // escaped is never mark-up.
  const pieces: string[] = [];
  const kept = text.replace(/<([^<>\n]+)>/g, (_whole, inside: string) => {
    pieces.push(shownEntity(inside, names));
    return `\uE000${pieces.length - 1}\uE001`;
  });
  return unescaped(
    withoutMarks(kept, names).replace(/\uE000(\d+)\uE001/g, (_whole, index: string) => pieces[Number(index)] ?? ''),
  );
}

function shownEntity(inside: string, names: Names): string {
  const [target = '', label] = splitOnce(inside, '|');
  if (target.startsWith('@')) return `@${names.user(target.slice(1)) ?? label ?? target.slice(1)}`;
  if (target.startsWith('#')) return `#${label || (names.channel(target.slice(1)) ?? target.slice(1))}`;
  if (target.startsWith('!')) return shownSpecial(target.slice(1), label);
  // Angle brackets around anything else are just that.
  if (!/^[a-z][a-z\d+.-]*:/i.test(target)) return `<${inside}>`;
  return label === undefined || label === target ? target : `${label} (${target})`;
}

function shownSpecial(command: string, label: string | undefined): string {
  if (/^(channel|here|everyone)$/.test(command)) return `@${command}!`;
  if (command.startsWith('subteam^')) return `@${(label ?? command.slice('subteam^'.length)).replace(/^@/, '')}!`;
  return label ?? `<${command}>`;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Marks count only around words: the underscores of `snake_case_name` are letters. */
function withoutMarks(text: string, names: Names): string {
  return text
    .split(/(```[\s\S]+?```|`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? withoutFence(part, names) : withoutEmphasis(part)))
    .join('');
}

function withoutFence(code: string, names: Names): string {
  if (code.startsWith('```')) return code.slice(3, -3).replace(/^\n|\n$/g, '');
  const inside = code.slice(1, -1);
  return names.code?.(inside) ?? inside;
}

function withoutEmphasis(text: string): string {
  return ['*', '_', '~'].reduce((rest, mark) => {
    const m = `\\${mark}`;
    return rest.replace(
      new RegExp(`(?<![\\w${m}])${m}(?=[^\\s${m}])([^\\n${m}]*[^\\s${m}])${m}(?![\\w${m}])`, 'g'),
      '$1',
    );
  }, text);
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Standard Markdown, as a `markdown` block holds it, without its commonest marks. */
export function shownMarkdown(text: string): string {
  return text
    .replace(/^#{1,6}\s+/gm, '')
    .replace(/!?\[([^\]\n]*)\]\(([^)\s]+)\)/g, '$1 ($2)')
    .replace(/\*\*([^*\n]+)\*\*/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1');
}
