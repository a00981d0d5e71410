/**
 * libsql reads a text only up to its first NUL, and writes U+FFFD for half of a surrogate pair: two different keys from
 * outside could become one. So control characters and lone surrogates are stored as SUBSTITUTE (U+001A) and four hex
 * digits. Every text comes back as it was; ordinary ones are stored as they are, readable with `sqlite3`.
 */
const substitute = '\u001a';
const unstorable = /[\p{Cc}\p{Cs}]/u;
const everyUnstorable = /[\p{Cc}\p{Cs}]/gu;

export function escapeText(text: string): string {
  if (!unstorable.test(text)) return text;
  return text.replace(everyUnstorable, (char) => substitute + char.charCodeAt(0).toString(16).padStart(4, '0'));
}

export function unescapeText(text: string): string {
  const [first = '', ...escaped] = text.split(substitute);
  return (
    first + escaped.map((part) => String.fromCharCode(Number.parseInt(part.slice(0, 4), 16)) + part.slice(4)).join('')
  );
}
