/**
 * What the bot says, before any platform has rendered it: a list of pieces. Plain pieces are text and nothing else, so a
 * branch called `<!channel>` stays a name; whoever renders them escapes every one.
 */
export type Piece =
  | string
  | { code: string }
  | { lines: string }
  | { bold: string }
  | { link: string; url: string }
  | { person: string }
  | { room: string };

export type Words = readonly Piece[];

/**
 * Builds {@link Words} from a template: say`No app ${code(name)} here.` Strings that are put in are text, never mark-up;
 * numbers print as they are; a list of Words is put in line.
 */
export function say(texts: TemplateStringsArray, ...values: (Piece | Words | number)[]): Words {
  const pieces: Piece[] = [];
  texts.forEach((text, index) => {
    if (text !== '') pieces.push(text);
    const value = values[index];
    if (value === undefined || value === '') return;
    if (typeof value === 'number') pieces.push(String(value));
    else if (Array.isArray(value)) pieces.push(...(value as Words));
    else pieces.push(value as Piece);
  });
  return pieces;
}

/** A name or a line to type, shown in fixed width. */
export const code = (text: string): Piece => ({ code: text });
/** Whole lines in fixed width, their spaces as they are: for what machines write. They stand apart from what is around. */
export const lines = (text: string): Piece => ({ lines: text });
export const bold = (text: string): Piece => ({ bold: text });
/** A link; `url` must be http or https, anything else is rendered as its label alone. */
export const link = (label: string, url: string): Piece => ({ link: label, url });
/** Mentions somebody by their id on the chat platform. */
export const person = (id: string): Piece => ({ person: id });
/** Names a room by its id on the chat platform. */
export const room = (id: string): Piece => ({ room: id });

/** Joins with commas and a last word: `a, b or c`. */
export function list(items: readonly (Piece | Words)[], last: 'or' | 'and' = 'or'): Words {
  return items.flatMap((item, index) => {
    const before = index === 0 ? [] : [index === items.length - 1 ? ` ${last} ` : ', '];
    return [...before, ...(Array.isArray(item) ? (item as Words) : [item as Piece])];
  });
}

/** The same as text without any mark-up: for logs, notifications and terminals. */
export function plain(words: Words): string {
  return words.map(plainPiece).join('');
}

function plainPiece(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  if ('code' in piece) return piece.code;
  if ('lines' in piece) return `\n${piece.lines}\n`;
  if ('bold' in piece) return piece.bold;
  if ('link' in piece) return piece.link;
  if ('person' in piece) return `@${piece.person}`;
  return `#${piece.room}`;
}
