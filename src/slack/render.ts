import type { Piece, Words } from '../deploy/words.ts';
import { limits } from './limits.ts';
import { inert, inFixedWidth, lengthOf, oneLine, safeUrl, within } from './text.ts';

/** How pieces come out: with Slack's mark-up, or without for notifications and screen readers. */
type Style = 'mrkdwn' | 'fallback';

/**
 * Words as Slack's mrkdwn, at most `most` characters. Only mark-up that Words ask for is live: whatever else stands in
 * them is shown as text. What is too long ends in `…`, never in the middle of a link.
 */
export function mrkdwn(words: Words, most: number = limits.section): string {
  return rendered(words, most, 'mrkdwn');
}

/** The same without bold, code and links, for the `text` beside blocks. People are still mentioned by their ids. */
export function fallback(words: Words, most: number = limits.section): string {
  return rendered(words, most, 'fallback');
}

function rendered(words: Words, most: number, style: Style): string {
  let out = '';
  let room = most;
  for (const piece of words) {
    const next = renderPiece(piece, room, style);
    if (next === undefined) return room > 0 && !out.endsWith('…') ? `${out}…` : out;
    out += next;
    room -= lengthOf(next);
  }
  return out;
}

/** A piece within `room` characters, or nothing if none of it fits. */
function renderPiece(piece: Piece, room: number, style: Style): string | undefined {
  if (typeof piece === 'string') return within(inert(piece), room);
  const bare = style === 'fallback';
  // In fixed width nothing but the backtick is mark-up, and names must stay as they are copied from here.
  if ('code' in piece) return wrapped(bare ? inert(piece.code) : piece.code.replaceAll('`', 'ˋ'), '`', room, bare);
  if ('lines' in piece) return fenced(inFixedWidth(piece.lines), room, bare);
  if ('bold' in piece) return wrapped(inert(piece.bold), '*', room, bare);
  if ('link' in piece) return linkWithin(piece, room, bare);
  if ('person' in piece) return named(piece.person, '@', personId, room);
  // Slack would show the id of a direct message as a private channel.
  if (/^D[A-Z0-9]+$/.test(piece.room)) return within('a direct message', room);
  return named(piece.room, '#', roomId, room);
}

/** A live mention for a well-formed id, plain text for anything else. */
function named(id: string, sign: '@' | '#', wellFormed: RegExp, room: number): string | undefined {
  return wellFormed.test(id) ? whole(`<${sign}${id}>`, room) : within(oneLine(inert(sign + id)), room);
}

const personId = /^[UW][A-Z0-9]+$/;
const roomId = /^[CDG][A-Z0-9]+$/;

function wrapped(content: string, mark: string, room: number, bare: boolean): string | undefined {
  const line = oneLine(content);
  if (line === '') return '';
  if (bare) return within(line, room);
  const inner = within(line, room - 2 * mark.length);
  return inner === undefined ? undefined : mark + inner + mark;
}

/** Between fences nothing but the fence is mark-up. */
function fenced(text: string, room: number, bare: boolean): string | undefined {
  const fence = '```';
  if (bare) return within(inert(`\n${text}\n`), room);
  const inner = within(text.replaceAll('`', 'ˋ'), room - 2 * fence.length - 2);
  return inner === undefined ? undefined : `${fence}\n${inner}\n${fence}`;
}

function linkWithin(piece: { link: string; url: string }, room: number, bare: boolean): string | undefined {
  const label = oneLine(inert(piece.link));
  const url = safeUrl(piece.url);
  const bareLabel = within(label, room);
  if (bare || url === undefined || label === '' || lengthOf(label) > limits.url) return bareLabel;
  return whole(`<${url}|${within(label, 2 * limits.section)}>`, room) ?? bareLabel;
}

const whole = (content: string, room: number): string | undefined => (lengthOf(content) <= room ? content : undefined);
